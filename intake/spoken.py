"""The sentences of findings in the reader's language.

The rules are plain Python and speak English, and a decision keeps what it said. So a finding is translated when it is
shown: each of its sentences stands in the catalogue, whole or with places for a name or a number. Where one sentence is
unknown the whole finding stays in English and says so, because half a sentence about safety is worse than none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from harmoniously.core.accounts import languages

BREAK = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")
SLOT = re.compile(r"%\((\w+)\)s")
LONGEST = 4  # how many pieces one sentence may have been cut into, by the points in a name


@dataclass(frozen=True, slots=True)
class Told:
    """A text and the language that it is in."""

    text: str
    language: str


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return BREAK.split(text.strip())


def told(text: str) -> Told:
    """A finding's text for the reader: in their language, or in English where that cannot be said whole."""
    language = languages.current()
    if language == languages.ENGLISH:
        return Told(text, language)
    said = _spoken(sentences(text))
    return Told(" ".join(said), language) if said is not None else Told(text, languages.ENGLISH)


def _spoken(pieces: Sequence[str]) -> list[str] | None:
    if not pieces:
        return []
    for size in range(1, min(LONGEST, len(pieces)) + 1):
        said = _sentence(" ".join(pieces[:size]))
        rest = _spoken(pieces[size:]) if said is not None else None
        if said is not None and rest is not None:
            return [said, *rest]
    return None


def _known(text: str) -> str | None:
    said = gettext(text)
    return said if said != text else None


def _sentence(text: str) -> str | None:
    whole = _known(text)
    if whole is not None:
        return whole
    for pattern, shape in _shapes():
        found = pattern.fullmatch(text)
        said = {name: _filled(name, value) for name, value in found.groupdict().items()} if found else {"": None}
        if None not in said.values():
            return gettext(shape) % said
    return None


def _filled(name: str, value: str) -> str | None:
    if name == "plain":
        # A word may be the same in both languages, but only one of ours or an abbreviation.
        return _known(value) or (value if value in SHAPES or value.isupper() else None)
    if name == "names":
        return gettext(" or ").join(value.split(" or "))
    return gettext(value) if value.startswith(("a ", "an ")) else value


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    # The one that says most first: "trouble with …" before "…".
    shapes = sorted((shape for shape in SHAPES if SLOT.search(shape)), key=lambda shape: -len(SLOT.sub("", shape)))
    return tuple((_pattern(shape), shape) for shape in shapes)


def _pattern(shape: str) -> re.Pattern[str]:
    parts = SLOT.split(shape)
    return re.compile("".join(f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


# What the rules say beside the policy's own texts, sentence by sentence. Places: `name` and `names` are medicines as
# typed or suggested, `plain` a condition or substance in the policy's words, the rest are numbers.
SHAPES: tuple[str, ...] = (
    # whole findings
    _("You told us about %(plain)s."),
    _("You told us about %(name)s."),
    _("Treatment at home is not safe for you now."),
    _("Your prescriber will talk with you about it."),
    _("Please ask your heart doctor for a letter and send it to us."),
    _("Please ask the clinician who treats you for a letter and send it to us."),
    _("It must be no more than %(days)s days old."),
    _("Tell us about your health conditions, or that you have none of them."),
    _("One of your health conditions has no name."),
    _("Tell us which one it is."),
    # medicines of today
    _("You take %(name)s every day."),
    _("You take %(name)s."),
    _("Keep taking it as prescribed and do not stop or change it on your own."),
    _("Do not stop these on your own: that can be dangerous."),
    _("Talk with the doctor who prescribes them."),
    _("Treatment at home is not safe together with it."),
    _("Do not stop it on your own."),
    _("If your doctor changes it, tell us and we will look again."),
    _("If it changes, tell us and we will look again."),
    _("If they change, tell us and we will look again."),
    _("Please finish it as prescribed and tell us when you took the last one."),
    _("Tell us how often: every day, only at times, or for a short while."),
    _("Your prescriber will look at this."),
    _("Your prescriber will look at it."),
    _(
        "An opioid and a medicine for anxiety or sleep (a benzodiazepine) together with ketamine can slow your "
        "breathing too much."
    ),
    _("We do not know the medicine “%(name)s”."),
    _("Did you mean %(names)s?"),
    _("Please check the name on the box."),
    _("Tell us every medicine and supplement you take, with its name, or that you take none."),
    _("An opioid and a sedative together with ketamine can slow your breathing too much."),
    _("Do not stop them suddenly on your own: that can be dangerous."),
    _("Talk with a doctor about it."),
    # antidepressants
    _("One of the medicines you tried has no name."),
    _("Please add it."),
    _("%(name)s helped you in part."),
    _("You told us that %(name)s helped little or not at all."),
    _("Your prescriber will talk with you about what to expect this time."),
    _("Tell us which antidepressants you have tried, or that you have tried none."),
    _("You have tried enough kinds of antidepressants."),
    _("Your prescriber looks at this together with your other answers."),
    _(
        "We need to know more about the antidepressants you have tried: the name, the dose, how many weeks you took "
        "it and how much it helped."
    ),
    _("Old records or a call to your pharmacy can help."),
    _(
        "This treatment is for people who were not helped by two different kinds of antidepressants, each taken long "
        "enough and at a full dose."
    ),
    _("What you told us does not show that yet."),
    _("If you have tried others, add them and we will look again."),
    _("an opioid"),
    _("a benzodiazepine"),
    # substances
    _("alcohol"),
    _("cannabis"),
    _("opioids"),
    _("cocaine"),
    _("stimulants"),
    _("sedatives"),
    _("ketamine"),
    _("another substance"),
    _("anxiety"),
    _("depression after a birth"),
    _("You told us about trouble with %(plain)s now."),
    _("You told us about trouble with %(plain)s."),
    _("Ketamine can be habit-forming, so treatment at home is not safe for you now."),
    _("After %(months)s months of recovery we can look again."),
    _("You told us that you used %(plain)s in the past 12 months."),
    _("Using it outside of treatment makes treatment at home unsafe now."),
    _("After 12 months without it we can look again."),
    _("You told us that you used %(plain)s in the past."),
    _("You told us that you never used %(plain)s, and also that you had trouble with it."),
    _("Tell us which is right."),
    _("You told us that you use opioids."),
    _("You told us that you use opioids every day."),
    _("With ketamine they can slow your breathing too much."),
    _("After 12 months without them we can look again."),
    _("With ketamine they can slow your breathing, so your prescriber asks."),
    _("Tell us how long you have been in recovery (%(plain)s)."),
    _("You told us that you have been in recovery (%(plain)s) for less than %(months)s months."),
    _("We need to know more about it, and after %(months)s months we can look again."),
    _("You told us that you are in recovery (%(plain)s)."),
    _("Your prescriber will talk with you about what keeps you well."),
    _("Tell us whether and how often you use %(plain)s."),
    _("Tell us whether and when you last used %(plain)s."),
    _("Tell us whether using %(plain)s causes you trouble, and how much."),
    _("Tell us about alcohol, cannabis and other substances, or that you use none."),
    _("We ask because some of them are not safe with ketamine."),
    # blood pressure
    _("One of your readings is very high."),
    _("Rest for five minutes and measure again."),
    _(
        "If it is still this high, or you have chest pain, a bad headache, trouble speaking or seeing, weakness or "
        "short breath, call 911 now."
    ),
    _("Otherwise see a doctor today."),
    _("We can look again when it is under control."),
    _("Your blood pressure was high on two days."),
    _("Ketamine raises it further for a while, so it has to come down first."),
    _("Please see your doctor."),
    _("When it is under control, send us new readings."),
    _("Your blood pressure is close to the limit for treatment."),
    _("It is measured again before each dose."),
    _("Your blood pressure is above the limit for treatment at home."),
    _("Please measure it again on another day."),
    _("Sit and rest for five minutes first."),
    _("Then send us the result."),
    _("Your prescriber looks at your blood pressure together with your age."),
    _("We need a blood pressure reading from the last %(days)s days."),
    _("A pharmacy or a home device is fine."),
    _("Tell us on which day you measured your blood pressure."),
    _("A blood pressure reading has two numbers."),
    _("Please send us both."),
    # the person
    _("We need your date of birth to go on."),
    _("Treatment at home is only for adults."),
    _("You can come back when you are 18."),
    _("A doctor or a clinic for young people can help you now."),
    _("At your age your prescriber looks closely at your health."),
    _("If you are treated, you start with a lower dose."),
    _("Your prescriber looks at your weight."),
    _("Because of your height and weight, your prescriber asks how you breathe and sleep before deciding."),
    _("Tell us your heart rate if you know it."),
    _("It is measured before any treatment."),
    _("Your heart rate is outside the usual range, so your prescriber looks at it."),
    _("Measuring it again after five minutes of rest can help."),
    _("We do not treat people in this state yet."),
    _("If you are somewhere else, tell us where."),
    _("Tell us which state you are in."),
    _("A visit can be booked only where our prescribers are licensed."),
    _("An adult you trust has to be with you during each dose."),
    _("Tell us when you have found someone, and we can go on."),
    # pregnancy
    _("Tell us whether you could be pregnant, are breastfeeding or are trying to become pregnant."),
    _("We need to know that you are not pregnant."),
    _("Please take a pregnancy test and tell us the result."),
    _("Tell us whether you are breastfeeding."),
    _("Tell us whether you are trying to become pregnant."),
    # what it is for
    _("Please answer every question of the %(title)s questionnaire, so that we can go on."),
    _("Thank you for telling us about thoughts of being better off dead or of hurting yourself."),
    _("We asked a few more questions about them."),
    _("You can call or text 988 at any time."),
    _("For %(plain)s, ketamine has been studied in small trials only."),
    _("Your prescriber will talk with you about what is known and what is not."),
    _("One of the reasons you named scores low on its questionnaire."),
    _("Your prescriber will ask about it."),
    _("Your prescriber will look at your pain records and your doctor's letter."),
    _(
        "For pain we need your pain records and a letter from the doctor who treats you, both no more than %(days)s "
        "days old."
    ),
    _("Please send them to us."),
    _("Your prescriber will ask about your pain."),
    _("Pain records and a letter from your doctor can help."),
    _("Tell us what you would like help with."),
    _("We cannot tell yet whether this treatment fits."),
    _("Please answer every question of the questionnaire."),
    _("Your answers do not show a reason for this treatment that we can treat at home."),
    _("If they do not fit how you feel, check them or tell us more."),
    _("Ketamine is not approved by the FDA for any mental health condition."),
    _("This use is off-label."),
    _("A prescriber decides whether it could be right for you."),
    # thoughts of suicide
    _("You told us about thoughts or acts that mean you need help now."),
    _("Please call or text 988, or call 911 if you are in danger."),
    _("You can also text HOME to 741741."),
    _("We have told our clinician on call, who will contact you."),
    _("This is not a refusal: we can go on with you when you are safe."),
    _("Thank you for telling us about these thoughts."),
    _("A clinician will contact you soon to talk and make a safety plan with you."),
    _("Treatment starts only after that."),
    _("If it gets worse, call or text 988 at any time."),
    _("Your prescriber will talk with you about them."),
    _("If they get stronger, call or text 988 at any time."),
    _("Some of the safety questions were not answered."),
    _("Please answer all of them, so that we can go on safely."),
    _("If you have thoughts of ending your life, call or text 988 at any time."),
    # the two-minute check
    _("About thoughts of ending your life we would ask you a few more questions first, and a clinician may call you."),
    _("You can call or text 988 at any time, also just to talk."),
    _("If you have thoughts of ending your life, please talk with someone about them."),
    _("What brings you is not on our list."),
    _("A doctor who knows you can say better than we can which care fits."),
    _("We do not treat people where you are yet."),
)
