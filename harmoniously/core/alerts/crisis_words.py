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

# What makes "be here" and "go on" about a day's plans: a time, a place of the practice, an outing. Nothing shorter,
# as "here at all", "here in this world" and "go on the way things are" begin with the same little words.
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PLANS = (
    rf"(?! (?:late|early|(?:at|by|before|after|until|till|from) (?:\d+|noon|midnight|{_DAY}|the (?:clinic|office))"
    rf"|on (?:the \d+\w*|\d+|{_DAY})|in (?:time|the (?:clinic|office|waiting room))"
    r"|for (?:the|my|a|our|this) (?:visit|appointment|session|meeting|call|treatment|dose|check ?in))\b)"
)
_OUTING = (
    rf"(?! (?:{_DAY}|the \d+\w*|(?:(?:the|a|my|our|this|that) (?:\w+ )?)?"
    r"(?:trip|walk|hike|holiday|vacation|cruise|date|run|ride|drive|diet|visit|tour))\b)"
)
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
    never been|would be)(?: never| not)? (?:dead|gone|born|alive|here)
better off (?:dead|without me|if i (?:was|were|am) (?:dead|gone))
(?:no|any) reason (?:to live|to go on|for living|to stay alive|to be alive)
(?:nothing|not much|little) (?:left )?to live for
(?:no|any|much|whats the|what is the) point (?:in|of|to) (?:living|life|being alive|going on|carrying on)
(?:dont|do not|cant|cannot|can not|never|hardly) (?:see|have|find|feel|know)(?: a| any| one| much| the| single)* (?:
    reason|point|purpose|sense) (?:to|for|in|of) (?:live|living|life|be alive|being alive|go on|going on|stay alive)
(?:no|lost|lose|losing|lack|without|dont have|do not have)(?: my| the| any| all| much)* will to (?:live|go on)
(?:dont|do not|not sure|no longer)(?: really| even| know| think| believe| feel| that| if| whether)*
    (?: i)(?: really| even| still)* (?:want|wanted|wanna)(?: to)? (?:
    live|be alive|exist|wake up|be around|be here<plans>|go on<outing>)
(?:want|wants|wanted|wanna|wish|ready|going|gonna|need|plan|planning)(?: to| i could| just)* end it(?! (?:early|
    earlier|sooner|all)\b)
(?:feel|feels|felt|feeling) like (?:dying|ending it)
(?:want|wants|wanted|wish|wished|need)(?: for)? (?:(?:it|this|all of it|all of this|all this) all|all of (?:it|this)|
    everything|life) to (?:end|stop|be over)|(?:want|wanted|wish|wished) it (?:was|were)? ?all over
no way out(?! (?:of the|of this (?:page|form|app|site)))
done (?:with )?(?:living|life|being alive)
(?:dont|doesnt|do not|didnt|not|never|no longer) (?:really |even )?(?:want|wanted|wanting|wish|
    wanna)(?: to)? (?:live|be alive|exist|wake up|be around|be here<plans>|
    go on<outing>)
(?:not|never) (?:wake|waking) up(?: again)?
(?:cant|cannot|can not|couldnt) (?:go on<outing>|
    keep (?:living|going like this)|(?:take it|take this|do this|live|live like this) any ?(?:more|longer))
(?:should|deserve to|could|might as well)(?: just)? (?:die|be dead)
(?:nobody|no one|noone) would (?:miss|notice|care)
(?:happier|better|easier)(?: off)? without me
(?:sleep|asleep) forever
(?:have|got|bought|load|loaded) (?:a|the|my) (?:gun|pistol|rifle|rope|noose)
life (?:is|isnt|is not|was|feels)(?: not)? (?:not )?(?:worth living|worth it|pointless)
(?:not|isnt|never) worth (?:living|being alive)
(?:dont|do not|didnt|never) deserve to (?:live|be alive|exist)
(?:been|started|began|keep|kept) cutting again
(?:wont|will not|not going to|not gonna) be (?:around|alive|here) (?:for )?(?:much|very|any) ?(?:much )?longer
(?:want|wanted|need) (?:it|this|everything|(?:all )?(?:the|this|my) (?:pain|suffering|hurt|hurting)) to (?:end|stop|
    be over|go away) (?:forever|for good|for ever)
(?:drive|driving|drove|crash|crashing|steer|steering|swerve|swerving)(?: (?:my|the|this) (?:car|truck|bike))? (?:into|
    off|in front of) (?:a|the|an) (?:tree|bridge|wall|cliff|river|lake|train|truck|overpass)
(?:crash|crashing|wreck|wrecking) (?:my|the) (?:car|truck|bike) on purpose
voices? (?:that )?(?:tell|telling|tells|told|say|saying|says) (?:me |i should |to )*(?:kill|hurt|die|harm|end|jump|cut)
(?:tired|sick) of (?:living|being alive|life)
(?:want|wants|wanted|wanna|wish)(?: to| i could)* (?:disappear|cease to exist)
(?:a|such a|just a) burden (?:to|on|for) (?:everyone|everybody|you all|my|others|people|them)
(?:jump|jumping|jumped) (?:off|from|in front)
(?:suicide|goodbye|farewell) (?:note|letter)s?
(?:over ?dos(?:e|ed|es|ing)|od ?d|oding)
(?:take|took|taking|taken|swallow|swallowed|swallowing) (?:them all|all (?:of )?(?:my|the|them|these) ?(?:pills?|
    tablets?|lozenges?|troches?|meds|medicines?|medications?|capsules?|doses)|every (?:single )?(?:pill|tablet|
    lozenge|troche)|(?:(?:a|an|the|my) )?(?:whole|entire|full) (?:\w+ )?(?:bottle|box|pack|packet|bag|jar|strip|
    supply|prescription))
(?:drink|drank|drunk|drinking|swallow|swallowed|swallowing) (?:(?:some|the|my|a) )?(?:\w+ )?(?:bleach|antifreeze|
    poison|drain cleaner|lye)
(?:took|taken|had) (?:two|2|both|three|3)(?: of my| of the)? doses (?:today|tonight|at once|together|at the same time|
    in (?:one|a) (?:day|night|row)|this (?:morning|evening|afternoon))
(?:take|took|taking|taken|swallow|swallowed|swallowing) (?:(?:way |far )?too many|so many|a lot of|lots of|loads of|
    a bunch of|a handful of|handfuls of|dozens of)<pills>
(?:took|taken|swallowed) (?:about |like |around |nearly |almost |over |more than |maybe |just )*(?:[34]|three|four|
    several|some|a few|a couple|a bunch)(?: or (?:[345]|three|four|five))?<pills><told>
(?:took|taken|swallowed) (?:an? |one |two |some |[12] )?extra<pills>
(?:took|taken|swallowed) (?:an? |one |two |some |[12] )?(?:extra|double) (?:of )?(?:my |the )?(?:doses?|pills?|
    tablets?|lozenges?|troches?)|(?:took|taken) (?:twice|three times) (?:my|the) dose
(?:took|taken|swallowed) (?:about |like |around |nearly |almost |over |more than |my |the |all )*(?:[5-9]|\d\d+|five|
    six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|
    a hundred|a dozen|half a dozen)<pills>
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
mejor (?:yo )?(?:estaria |estoy |estar |estuviera |si estuviera )?muert[oa]
dormir(?:me)? y (?:ya )?(?:no|nunca|jamas) (?:volver a )?(?:despertar|levantar)(?:me)?
(?:la vida|mi vida|vivir) (?:ya )?no (?:vale la pena|tiene sentido)|no vale la pena vivir
no (?:le )?(?:veo|encuentro|hallo) (?:el |ningun )?sentido a (?:la vida|mi vida|vivir|seguir viviendo)
voces (?:que )?me (?:dicen|ordenan|piden) que (?:me )?(?:mate|muera|haga dano|corte|tire)
(?:tome|trague|tomado|tragado|tomarme|tragarme) (?:toda (?:la|una) caja|todo (?:el|un) (?:frasco|bote|paquete))
(?:hacerme|hacer me|me hago|me hice|me haga|haciendome) dano
(?:lastimarme|me lastimo|me lastime|herirme|autolesi\w*|autolastim\w*)
(?:cortarme|me corto|me corte|cortandome)(?! (?:el|la|las|los) (?:pelo|cabello|unas|barba))
(?:ahorcarme|colgarme|me ahorco|me cuelgo|pegarme un tiro|dispararme|envenenarme|ahogarme)
(?:tirarme|lanzarme|arrojarme|me tiro|me lanzo) (?:de|del|al|a|por|desde|bajo)
sobredosis
(?:tomar|tomarme|tome|me tome|tragar|tragarme) (?:todas|todos|toda la caja|todo el frasco) (?:las|los|
    mis) (?:pastillas|tabletas|pildoras|medicinas|medicamentos|trociscos)
(?:tome|trague|tomado|tragado|tomarme|tragarme) (?:como |unas |casi |mas de )*(?:much[oa]s|demasiad[oa]s|un monton de|
    un punado de|[5-9]|\d\d+|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|veinte|treinta|
    cuarenta|cincuenta|cien)(?: de)?(?: mis| las| los| esas)? (?:pastillas|tabletas|pildoras|trociscos)
(?:tome|trague|tomado|tragado|tomarme|tragarme) (?:como |casi |mas de )*(?:[34]|tres|cuatro|vari[oa]s|algun[oa]s|
    un[oa]s(?: cuant[oa]s)?)(?: de)? (?:pastillas|tabletas|pildoras|trociscos)<dicho>
(?:tome|trague|tomado|tragado) (?:una |dos )?(?:pastillas?|tabletas?|pildoras?|trociscos?|dosis) (?:extra|de mas)|
    (?:tome|tomado) (?:el )?doble (?:de )?(?:la |mi )?dosis
no (?:puedo|aguanto|soporto) (?:seguir (?:asi|viviendo)|mas(?! (?:tarde|temprano|que|de|a las|el|la|los|las)))
(?:cansad[oa]|hart[oa]) de (?:vivir|la vida)
(?:quiero|quisiera) desaparecer
(?:soy|ser) (?:una carga|un estorbo)
(?:carta|nota) de (?:despedida|suicidio)
(?:no estoy|no me siento|no me encuentro) (?:a salvo|segur[oa])|(?:estoy|corro) en peligro|corro peligro
(?:matarlo|matarla|matarlos|matar a (?:alguien|mi|el|ella)|hacerle dano a)
"""


# [house] What is swallowed. From five up a count rings whatever is said beside it: no dose has so many. Three, four and
# "some" may be a dose, and may be the beginning of the end: they ring as well, as a false alarm costs a look and a miss
# a life, except as what was ordered or is taken every day. One and two, and "my three lozenges", are how it should be;
# a day full of doses would ring for nothing, and a list that always rings is not heard.
_PILLS = r"(?: of)?(?: (?!mg|mcg|milligrams?)\w+)? (?:pills?|tablets?|lozenges?|troches?|capsules?)"
# What says so stands close behind the count: further away it may be about anything.
_TOLD = (
    r"(?!(?:(?: \w+){0,2} (?:as|like|how) (?:i was |you |my doctor )?(?:prescribed|directed|told|instructed|ordered|"
    r"planned|agreed|usual|always|said)|(?: \w+)? (?:daily|(?:a|per|each|every) (?:day|night|week|morning|evening))"
    r"|(?: \w+){0,2} (?:for|before|in|during) (?:(?:the|my|our|this|each|a) )?(?:\w+ )?(?:session|dose|treatment|"
    r"headache|migraine|cold|fever|nausea|allergy|allergies))\b)"
)
_DICHO = (
    r"(?!(?: \w+){0,2} (?:como (?:me |siempre|de costumbre|indic|recet|usted|el doctor|la doctora)"
    r"|(?:para|antes de|en) (?:la|mi|cada|esta) (?:sesion|dosis|migrana)|para el dolor de cabeza)"
    r"|(?: \w+)? (?:al dia|por dia|diari[oa]|cada (?:dia|noche|manana|semana)))"
)


def _phrases(*listed: str) -> str:
    whole = re.sub(r"\n +", "", "".join(listed))
    meanings = {"<plans>": _PLANS, "<outing>": _OUTING, "<pills>": _PILLS, "<told>": _TOLD, "<dicho>": _DICHO}
    for name, meant in meanings.items():
        whole = whole.replace(name, meant)
    return "|".join(line for line in whole.splitlines() if line)


_ANY = re.compile(r"(?<![a-z0-9])(?:" + _phrases(ENGLISH, SPANISH) + r")(?![a-z0-9])")
_APOSTROPHES = re.compile(r"['’‘ʼ`´′＇]")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
# "k i l l", "s.u.i.c.i.d.e": single letters, all set apart by the same sign.
_SPELLED = re.compile(r"(?<![a-z0-9])[a-z]([ .*_-])[a-z](?:\1[a-z])+(?![a-z0-9])")
# "su1cide", "k!ll": digits and signs for letters, inside a word that has letters.
_MIXED = re.compile(r"(?<![a-z0-9@$!|])[0-9@$!|]*[a-z][a-z0-9@$!|]*[a-z0-9@$]")
_MEANT = str.maketrans("01345@$!|", "oieasasii")
# Letters of other alphabets that look the same, and letters that have no accent to take off.
_ALIKE = str.maketrans("аеорсухіѕјкмтнαεοικντρυıłøđ", "aeopcyxisjkmthaeoikvtpuilod")
# As it is typed in a hurry.
_TYPED = (
    (re.compile(r"\b(?:k|q)iero\b"), "quiero"),
    (re.compile(r"\b2 (?=(?:die|live|be|kill|end|go)\b)"), "to "),
    (re.compile(r"\bsui cid"), "suicid"),
    (re.compile(r"\bkillmyself\b"), "kill myself"),
)


def suggests_crisis(text: str) -> bool:
    """Whether a clinician should read this at once. Case, accents, apostrophes and line breaks make no difference."""
    return any(_ANY.search(form) for form in _forms(text))


def _forms(text: str) -> set[str]:
    """What may be meant: small letters without accents, words apart by one space ("Don’t\nWANT" is "dont want")."""
    # Apostrophes first: taken apart, an accent that stands alone ("don´t") is a space.
    split = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold().translate(_ALIKE)
    bare = "".join(char for char in split if unicodedata.category(char) not in ("Mn", "Me"))
    # What nobody sees stands inside a word (a soft hyphen), or in place of the space between two.
    shown = ("".join(unseen if unicodedata.category(char) == "Cf" else char for char in bare) for unseen in ("", " "))
    read = {form for one in shown for form in (one, _SPELLED.sub(lambda found: found[0].replace(found[1], ""), one))}
    read |= {_MIXED.sub(lambda found: found[0].translate(_MEANT), form) for form in read}
    forms = {_NOT_LETTERS.sub(" ", form).strip() for form in read}
    for typed, meant in _TYPED:
        forms |= {typed.sub(meant, form) for form in forms}
    # "killll myself", "diiie": letters that were held down count once, or twice where two belong there.
    return forms | {_STRETCHED.sub(kept, form) for form in forms for kept in (r"\1", r"\1\1")}
