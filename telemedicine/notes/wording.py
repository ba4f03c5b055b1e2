"""The words of a note: what each section is called, what belongs in it, and what each choice means."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.common import clock
from telemedicine.models import VisitNote
from telemedicine.notes.rules.codes import Code, Decision, Family, Wrong

TITLES: dict[str, Any] = {
    "evaluation": _("Evaluation"),
    "check_in": _("Follow-up visit"),
    "integration": _("Integration visit"),
}
# Heading and, under it in the editor, what belongs there.
SECTIONS: dict[str, tuple[Any, Any]] = {
    "history": (
        _("History"),
        _("What brings them now; course and earlier treatment with doses; medical history; family; substances."),
    ),
    "home": (_("Home and sitter"), _("Where a dose would be taken, who stays, children, stairs, firearms, driving.")),
    "interval": (
        _("Interval history"),
        _("Since the last visit: response, side effects, bladder, blood pressure, doses taken and left out, use."),
    ),
    "since": (_("Since the last session"), _("Days after the session: sleep, mood, what changed, what was hard.")),
    "themes": (_("What came up"), _("What they bring from the session, in their words where it helps.")),
    "work": (_("What we did"), _("Method and focus of this visit, and how they took it.")),
    "mental_words": (_("More about the mental state"), _("What the choices above do not say.")),
    "risk": (
        _("Risk assessment"),
        _("What they said, what raises and lowers the risk, access to means, and what was agreed for safety."),
    ),
    "assessment": (_("Assessment"), _("Diagnosis, response, how the benefit stands against the burden.")),
    "plan": (_("Plan"), _("What happens next, who does it and until when. When you see each other again.")),
}
MENTAL: dict[str, Any] = {
    "appearance": _("Appearance"),
    "behaviour": _("Behavior"),
    "speech": _("Speech"),
    "mood": _("Mood"),
    "affect": _("Affect"),
    "process": _("Thought process"),
    "content": _("Thought content"),
    "suicidal": _("Suicidal ideation"),
    "homicidal": _("Homicidal ideation"),
    "perception": _("Perception"),
    "cognition": _("Cognition"),
    "insight": _("Insight"),
    "judgement": _("Judgment"),
}
CHOICES: dict[str, Any] = {
    "kempt": _("Well kept"), "unkempt": _("Unkempt"), "unusual": _("Unusual"),
    "cooperative": _("Cooperative"), "guarded": _("Guarded"), "restless": _("Restless"), "slowed": _("Slowed"),
    "agitated": _("Agitated"), "intoxicated": _("Seems intoxicated"),
    "normal": _("Normal rate and volume"), "slow": _("Slow"), "fast": _("Fast"), "pressured": _("Pressured"),
    "quiet": _("Quiet"), "slurred": _("Slurred"),
    "even": _("Even"), "low": _("Low"), "anxious": _("Anxious"), "irritable": _("Irritable"),
    "elevated": _("Elevated"), "empty": _("Empty or numb"),
    "full": _("Full range"), "restricted": _("Restricted"), "flat": _("Flat"), "labile": _("Labile"),
    "incongruent": _("Does not fit the mood"),
    "linear": _("Linear"), "circumstantial": _("Circumstantial"), "tangential": _("Tangential"),
    "racing": _("Racing"), "disorganised": _("Disorganized"),
    "unremarkable": _("Unremarkable"), "ruminating": _("Ruminating"), "hopeless": _("Hopeless"),
    "obsessional": _("Obsessional"), "overvalued": _("Overvalued ideas"), "delusional": _("Delusional"),
    "denied": _("Denied"), "wish_to_be_dead": _("Wish to be dead"), "thoughts": _("Thoughts, no method"),
    "method": _("Thoughts with a method, no intent"), "intent": _("Thoughts with intent"),
    "plan": _("Plan"),
    "dissociation": _("Dissociation"), "illusions": _("Illusions"), "hallucinations": _("Hallucinations"),
    "intact": _("Intact, oriented"), "inattentive": _("Inattentive"), "forgetful": _("Forgetful"),
    "disoriented": _("Disoriented"),
    "good": _("Good"), "partial": _("Partial"), "poor": _("Poor"),
    "not_assessed": _("Not assessed"),
}  # fmt: skip
COULD_NOT = _("Could not be assessed")
RISK_LEVEL = _("Level of suicide risk")
WHETHER_DEALT_WITH = _("Did you deal with this risk when you cleared a hold after this visit began?")
NOT_DEALT_WITH = _("No, it is new, or I do not know yet")
RISK: dict[str, Any] = {
    "none": _("None found"),
    "low": _("Low"),
    "moderate": _("Moderate"),
    "high": _("High"),
}
DECISIONS: dict[str, Any] = {
    Decision.STRAIGHTFORWARD: _("Straightforward"),
    Decision.LOW: _("Low"),
    Decision.MODERATE: _("Moderate"),
    Decision.HIGH: _("High"),
}
FAMILIES: dict[Family, Any] = {
    Family.NEW: _("Evaluation and management, new patient"),
    Family.ESTABLISHED: _("Evaluation and management, established patient"),
    Family.ADD_ON: _("Psychotherapy beside it"),
    Family.THERAPY: _("Psychotherapy"),
    Family.DIAGNOSTIC: _("Psychiatric diagnostic evaluation"),
    Family.PROLONGED: _("Prolonged service, each 15 minutes"),
}
WRONG: dict[Wrong, Any] = {
    Wrong.UNKNOWN: _("This code does not belong to this kind of visit. Choose from the list."),
    Wrong.TWO_OF_A_KIND: _("Two of these codes exclude each other. Choose one of each kind."),
    Wrong.ADD_ON_ALONE: _("Psychotherapy beside a visit needs a code of evaluation and management with it."),
    Wrong.NOT_BESIDE: _("The diagnostic evaluation stands alone: no other code of this visit goes with it."),
    Wrong.NOT_PROLONGED: _(
        "99417 goes with 99205 from 75 minutes, or with 99215 from 55, and never beside psychotherapy."
    ),
    Wrong.OTHER_MINUTES: _(
        "Psychotherapy is coded by its minutes: 16 to 37, 38 to 52, or 53 and more. Write them down, or choose the "
        "code that they give; below 16 there is none."
    ),
}
CONTEXTS: dict[str, Any] = {
    "intake": _("questionnaire at the start"),
    "session": _("before a dose"),
    "check_in": _("check-in"),
    "report": _("report of an event"),
}
SCALE_NAMES = {"phq9": "PHQ-9", "gad7": "GAD-7", "cssrs": "C-SSRS"}


def heading_of(name: str) -> str:
    """What a section or a choice of the mental state is called."""
    if name in SECTIONS:
        return str(SECTIONS[name][0])
    return str(RISK_LEVEL if name == "risk_level" else MENTAL[name.removeprefix("mental_")])


def choice_of(name: str, value: str) -> str:
    """A choice of the mental state or of the risk, in words; nothing chosen is "Not assessed"."""
    if name == "risk_level":
        return str(RISK.get(value, ""))
    if name in ("mental_suicidal", "mental_homicidal") and value == "not_assessed":
        return str(COULD_NOT)
    return str(CHOICES.get(value, CHOICES["not_assessed"]))


# What has no minutes of its own in the table.
UNTIMED: dict[str, Any] = {
    "90791": _("90791, diagnostic evaluation without medical services"),
    "90792": _("90792, diagnostic evaluation with medical services"),
    "99417": _("99417, prolonged service, for each whole 15 minutes beyond the 60 of 99205 or the 40 of 99215"),
}


def not_raised(note: VisitNote, zone: str, *, has_cleared: bool) -> str:
    """What stands beside the risk while nothing followed from it yet; empty where nothing waits.

    `has_cleared` says whether the author cleared a hold since the visit began.
    """
    if note.raise_at is None:
        return ""
    told = gettext(
        "Nothing has been raised yet. Press the button below, or sign. By itself it happens at %(time)s."
    ) % {"time": clock.hour_words(note.raise_at, zone)}
    if not has_cleared:
        return told
    more = gettext(
        "If you dealt with it when you cleared the hold, choose that above; open this page again if it is not there."
    )
    return f"{told} {more}"


def cleared_words(hold: SafetyHold, zone: str) -> str:
    """A cleared hold, told by its level and when it was cleared; for people who may read it."""
    if hold.cleared_at is None:
        raise ValueError("a hold that is open")
    return gettext("Hold for %(level)s risk cleared %(when)s, with the contact and the safety plan on record") % {
        "level": choice_of("risk_level", hold.level).lower(),
        "when": clock.describe(hold.cleared_at, zone),
    }


def named_words(hold: SafetyHold, level: str, zone: str) -> str:
    """The choice that says with which cleared hold this level was dealt with."""
    risk = choice_of("risk_level", level).lower()
    return gettext("Yes, this %(risk)s risk: %(hold)s") % {"risk": risk, "hold": cleared_words(hold, zone)}


def code_words(code: Code) -> str:
    """A code with what gives it: "99213, 20 to 29 minutes, or low"."""
    if code.least is None:
        return str(UNTIMED[code.code])
    words = gettext("%(least)s minutes or more") if code.most is None else gettext("%(least)s to %(most)s minutes")
    what = gettext(", psychotherapy beside the visit") if code.family is Family.ADD_ON else ""
    told = f"{code.code}{what}, {words % {'least': code.least, 'most': code.most}}"
    if code.decision is None:
        return told
    level = str(DECISIONS[code.decision]).lower()
    return gettext("%(time)s, or %(level)s decision making") % {"time": told, "level": level}
