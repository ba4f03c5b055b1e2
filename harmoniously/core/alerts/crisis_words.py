"""Whether what somebody wrote holds words that may mean danger: a list of phrases, no Django, no clock, no database.

[house] A supplement and no watch: it finds what is said in so many words and misses what is meant between the lines,
so every page above a box says that nobody watches it. Sources of the phrases: the items of the C-SSRS (wish to be
dead, thoughts, method, intent, behaviour); the warning signs of suicide of NIMH and of the 988 Lifeline, in English and
in Spanish; the search terms of Jashinsky et al., Crisis 2014;35:51-59. A negation suppresses nothing ("I do not want
to kill myself" is read by a person), and inflections count. Single words of low mood (hopeless, sad, empty) are left
out: nearly everybody here writes them, and a list that always rings is not heard.
"""

import re
import unicodedata

# One phrase to a line; a line that is set in goes on with the one before.
ENGLISH = r"""
su[aei]?[csi]+[iy]d\w*
kill(?:s|ed|ing)?(?: off)? (?:my ?self|me|us|ourselves|our ?self)
(?:end|ends|ended|ending|take|takes|took|taking|taken) (?:my|this|our)(?: own)? li(?:fe|ves)(?! insurance)
(?:end|ended|ending) (?:it all|things|everything)
(?:hang|hanged|hanging|hung|shoot|shooting|shot|drown|drowning|drowned) my ?self
(?:cut|cutting|cuts|hurt|hurts|hurting|harm|harms|harmed|harming|burn|burned|burning|starve|starving) my ?self
(?:slit|cut|cutting|slitting) my (?:wrists?|throat|veins)
self ?(?:harm|injur|mutilat)\w*
off(?:ed|ing)? my ?self
(?:un ?alive|un ?aliving|un ?alived)
(?:kms|kys)
(?:want|wants|wanted|wanting|wish|wished|wishing|wanna|ready|going|gonna|like|need|hope|prefer|rather|plan|planning|
    planned)(?: to| i could| i would| just| simply)* (?:die|be dead|stop living|not be alive)
(?:thought|thoughts|think|thinking|thinks|dream|dreaming|talk|talking|plan|plans) (?:of|about) (?:death|dying|
    being dead|ending it|ending things|taking my life)
(?:i|im) (?:was|were|would be|am|be|better|better off)* ?better off dead
(?:wish|wished|wishing|if)(?: that| only)? (?:i|we) (?:was|were|wasnt|werent|had been|had never been|had not been|
    never been|would be) (?:dead|gone|born|alive|here)
better off (?:dead|without me|if i (?:was|were|am) (?:dead|gone))
(?:no|any) reason (?:to live|to go on|for living|to stay alive|to be alive)
(?:nothing|not much|little) (?:left )?to live for
(?:dont|doesnt|do not|didnt|not|never|no longer) (?:really |even )?(?:want|wanted|wanting|wish|
    wanna)(?: to)? (?:live|be alive|exist|wake up|be around|be here(?! (?:late|early|on|at|in|for|by))|
    go on(?! (?:the|a|my|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b))
(?:not|never) (?:wake|waking) up(?: again)?
(?:cant|cannot|can not|couldnt) (?:go on(?! (?:the|a|my|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)|
    keep (?:living|going like this)|(?:take it|take this|do this|live|live like this) any ?(?:more|longer))
(?:should|deserve to|could|might as well)(?: just)? (?:die|be dead)
(?:nobody|no one|noone) would (?:miss|notice|care)
(?:happier|better|easier)(?: off)? without me
(?:sleep|asleep) forever
(?:have|got|bought|load|loaded) (?:a|the|my) (?:gun|pistol|rifle|rope|noose)
life (?:is|isnt|is not|was|feels)(?: not)? (?:not )?(?:worth living|worth it|pointless)
(?:tired|sick) of (?:living|being alive|life)
(?:want|wants|wanted|wanna|wish)(?: to| i could)* (?:disappear|cease to exist)
(?:a|such a|just a) burden (?:to|on|for) (?:everyone|everybody|you all|my|others|people|them)
(?:jump|jumping|jumped) (?:off|from|in front)
(?:suicide|goodbye|farewell) (?:note|letter)s?
(?:over ?dos(?:e|ed|es|ing)|od ?d|oding)
(?:take|took|taking|taken|swallow|swallowed|swallowing) (?:them all|all (?:of )?(?:my|the|them|these) ?(?:pills?|
    tablets?|lozenges?|troches?|meds|medicines?|medications?|capsules?|doses)|every (?:single )?(?:pill|tablet|
    lozenge|troche)|the whole (?:bottle|box|pack))
(?:not|isnt|dont feel|doesnt feel|never) (?:feel )?safe (?:with my ?self|alone|at home|from my ?self)
im (?:not safe|in danger|unsafe)|i am (?:not safe|in danger|unsafe)
(?:kill|killing|hurt|hurting|harm|harming|shoot|shooting|stab) (?:him|her|them|someone|somebody|others|other people|
    people|everyone|my (?:wife|husband|partner|kids|children|son|daughter|baby|mother|father|mom|dad|boss))
"""
SPANISH = r"""
suicid\w*
(?:me|nos|he) (?:voy a|quiero|quisiera|queria|querido|podria|gustaria|he querido|pienso|intente|trate de) ?(?:matar|
    morir|suicidar|ahorcar|colgar|cortar|quitar la vida)
matar(?:me|se|nos)|me (?:mato|mate|matare|mataria|matara)|matando ?me
(?:quitar|quitarme|quite|quito|acabar|acabe|terminar|termine|poner fin)(?:me)? (?:con |a |de )?(?:la vida|mi vida|
    mi propia vida)
(?:acabar|terminar) con (?:todo|esto de una vez)
(?:quiero|quisiera|queria|deseo|deseaba|ganas de|prefiero|preferiria|pienso en|penso en|pensando en|voy a|
    pensamientos de|ideas de) (?:la )?(?:morir(?:me)?|muerte|estar muert[oa])
(?:no|sin|ni) (?:tengo |tener |me quedan |encuentro )?(?:ganas|razon|razones|motivos?|sentido) (?:de|para|
    por) (?:vivir|seguir viviendo|seguir adelante|la que vivir|las que vivir|los que vivir)
no (?:quiero|quisiera|queria|deseo) (?:vivir|seguir viviendo|seguir con vida|seguir aqui|estar aqui|existir|
    despertar(?:me)?|estar viv[oa])|quisiera no (?:despertar|vivir|existir|haber nacido)
ojala (?:no |nunca )?(?:estuviera muert[oa]|me muera|me muriera|despertara|hubiera nacido|despierte|me despierte)
(?:estaria|estarian|estaran|estarias|estaria todo) mejor sin mi
mejor muert[oa]
(?:la vida|mi vida|vivir) (?:ya )?no (?:vale la pena|tiene sentido)|no vale la pena vivir
(?:hacerme|hacer me|me hago|me hice|me haga|haciendome) dano
(?:lastimarme|me lastimo|me lastime|herirme|autolesi\w*|autolastim\w*)
(?:cortarme|me corto|me corte|cortandome)(?! (?:el|la|las|los) (?:pelo|cabello|unas|barba))
(?:ahorcarme|colgarme|me ahorco|me cuelgo|pegarme un tiro|dispararme|envenenarme|ahogarme)
(?:tirarme|lanzarme|arrojarme|me tiro|me lanzo) (?:de|del|al|a|por|desde|bajo)
sobredosis
(?:tomar|tomarme|tome|me tome|tragar|tragarme) (?:todas|todos|toda la caja|todo el frasco) (?:las|los|
    mis) (?:pastillas|tabletas|pildoras|medicinas|medicamentos|trociscos)
no (?:puedo|aguanto|soporto) (?:seguir (?:asi|viviendo)|mas(?! (?:tarde|temprano|que|de|a las|el|la|los|las)))
(?:cansad[oa]|hart[oa]) de (?:vivir|la vida)
(?:quiero|quisiera) desaparecer
(?:soy|ser) (?:una carga|un estorbo)
(?:carta|nota) de (?:despedida|suicidio)
(?:no estoy|no me siento|no me encuentro) (?:a salvo|segur[oa])|(?:estoy|corro) en peligro|corro peligro
(?:matarlo|matarla|matarlos|matar a (?:alguien|mi|el|ella)|hacerle dano a)
"""


def _phrases(*listed: str) -> str:
    return "|".join(line for line in re.sub(r"\n +", "", "".join(listed)).splitlines() if line)


_ANY = re.compile(r"(?<![a-z0-9])(?:" + _phrases(ENGLISH, SPANISH) + r")(?![a-z0-9])")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")


def suggests_crisis(text: str) -> bool:
    """Whether a clinician should read this at once. Case, accents, apostrophes and line breaks make no difference."""
    plain = _plain(text)
    # "killll myself", "diiie": letters that were held down count once, or twice where two belong there.
    forms = {plain, _STRETCHED.sub(r"\1", plain), _STRETCHED.sub(r"\1\1", plain)}
    return any(_ANY.search(form) for form in forms)


def _plain(text: str) -> str:
    """Small letters without accents, words set apart by one space: "Don’t\\nWANT" is "dont want"."""
    split = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in split if unicodedata.category(char) not in ("Mn", "Cf"))
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", kept)).strip()
