"""Which answers of a check-in a person must read (house policy, sections 4 and 9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harmoniously.core.questions.instruments import INSTRUMENTS
from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason
from treatment.rules.rhythm import Kind

SIDE_EFFECTS = (
    "dissociation",
    "dizziness",
    "sleepiness",
    "nausea",
    "vomiting",
    "headache",
    "anxiety",
    "blurred_vision",
    "unsteadiness",
    "confusion",
    "trouble_speaking",
    "bad_taste",
    "sleep_change",
    "racing_heart",
    "urinary_frequency",
    "urinary_pain",
    "urinary_blood",
)
_RED = frozenset({"confusion", "trouble_speaking"})
_BLADDER = frozenset({"urinary_frequency", "urinary_pain", "urinary_blood"})
# House policy 9, "stop and refer to the prescriber": no session until one has read them. Painful, frequent or bloody
# urine is an exclusion (policy 5), and a sign to call 911 for comes before any further dose.
STOP_CODES = frozenset(
    {
        "mania_signs",
        "psychosis_signs",
        "phq9_worse",
        "ketamine_extra",
        "pressure_urgent",
        "bladder_sign",
        "emergency_sign",
        "feeling_help",
    }
)
MOODS = ("much_better", "better", "same", "worse", "much_worse")
FEELINGS = ("well", "tired", "unwell", "help")
# House policy 9, "call 911", as far as somebody can say it of themselves.
SIGNS = ("breathing", "chest_pain", "headache", "weakness", "faint", "vomiting", "suicidal")
# New or more than before; the own medicine is asked apart.
SUBSTANCES = ("alcohol", "cannabis", "opioids", "calming", "stimulants", "other")


@dataclass(frozen=True)
class CheckInAnswers:
    """Answers of one check-in; None and a missing side effect are unanswered. `risk` is the C-SSRS level.

    `before`, `lowest` and `now` are totals of a questionnaire: the last complete one before, the best from before the
    first dose on where that was better, and this one. `unscored` were sent with an item open.
    """

    side_effects: Mapping[str, int]
    mood: str | None = None
    risk: str | None = None
    asks_risk: bool = True
    mania_signs: bool | None = None
    psychosis_signs: bool | None = None
    phq9_before: int | None = None
    phq9_lowest: int | None = None
    phq9_now: int | None = None
    unscored: tuple[str, ...] = ()
    # PHQ-9 item 9, from 0 to 3.
    self_harm: int | None = None
    feeling: str | None = None
    signs: tuple[str, ...] | None = None
    sitter_there: bool | None = None
    # Until the sitter has released the patient, nobody should be alone.
    released: bool = False
    craving: int | None = None
    ketamine_extra: bool | None = None
    substances: tuple[str, ...] | None = None
    pressure: tuple[int, int] | None = None


@dataclass(frozen=True)
class CheckInFlags:
    """`crisis` leads to the crisis page at once; `hold` stops sessions; every reason is read by a person."""

    crisis: bool
    hold: bool
    reasons: tuple[Reason, ...]

    @property
    def serious(self) -> tuple[Reason, ...]:
        """Those that go to a prescriber."""
        return tuple(item for item in self.reasons if item.weight is Weight.REFUSE)


Finder = Callable[[CheckInAnswers, Policy], list[Reason]]


def _rated(name: str, rating: int | None, policy: Policy) -> list[Reason]:
    rule = policy.check_in
    if rating is None:
        return [reason("side_effect_unanswered", Weight.ASK, effect=name)]
    code, limit = "side_effect_severe", "flag_side_effect_from"
    if name in _BLADDER:
        code, limit = "bladder_sign", "flag_bladder_from"
    elif name in _RED:
        limit = "flag_red_side_effect_from"
    if rating < getattr(rule, limit):
        return []
    return [reason(code, Weight.REFUSE, policy.source(f"check_in.{limit}"), effect=name, rating=rating)]


def _side_effects(answers: CheckInAnswers, policy: Policy) -> list[Reason]:
    return [item for name in SIDE_EFFECTS for item in _rated(name, answers.side_effects.get(name), policy)]


def _bladder(answers: CheckInAnswers, policy: Policy) -> list[Reason]:
    names = [name for name in SIDE_EFFECTS if name in _BLADDER]
    return [item for name in names for item in _rated(name, answers.side_effects.get(name), policy)]


def _mood(answers: CheckInAnswers, _policy: Policy) -> list[Reason]:
    found = []
    if answers.mood not in MOODS:
        found.append(reason("mood_unanswered", Weight.ASK))
    elif answers.mood in {"worse", "much_worse"}:
        found.append(reason("mood_worse", Weight.REFUSE, "house policy 9: worsening is read by a clinician"))
    for name in ("mania_signs", "psychosis_signs"):
        answer = getattr(answers, name)
        if answer is None:
            found.append(reason("sign_unanswered", Weight.ASK, sign=name))
        elif answer:
            found.append(reason(name, Weight.REFUSE, "house policy 9: stop and refer on mania or psychosis signs"))
    return found


def _risk(answers: CheckInAnswers, _policy: Policy) -> list[Reason]:
    source = "house policy 4: C-SSRS since last contact"
    if answers.risk == "none" or not answers.asks_risk:
        return []
    if answers.risk == "low":
        return [reason("risk_low", Weight.NOTE, source)]
    codes = {"high": "risk_high", "moderate": "risk_moderate"}
    return [reason(codes.get(answers.risk or "", "risk_incomplete"), Weight.REFUSE, source)]


def phq9_worse(before: int | None, now: int | None, policy: Policy) -> bool:
    """A rise of 5 points or more (section 3); unknown when either is missing, and then not claimed."""
    return before is not None and now is not None and now - before >= policy.check_in.phq9_worsening


def _worse(answers: CheckInAnswers, policy: Policy) -> list[Reason]:
    # A slow rise counts as a sudden one does.
    known = [total for total in (answers.phq9_before, answers.phq9_lowest) if total is not None]
    before, now = min(known, default=None), answers.phq9_now
    if not phq9_worse(before, now, policy):
        return []
    return [reason("phq9_worse", Weight.REFUSE, policy.source("check_in.phq9_worsening"), before=before, now=now)]


def _unscored(answers: CheckInAnswers, _policy: Policy) -> list[Reason]:
    source = "house policy 9: a worsening that has no score is not seen"
    names = [INSTRUMENTS[key].name for key in answers.unscored]
    return [reason("questionnaire_incomplete", Weight.REFUSE, source, instrument=name) for name in names]


def _self_harm(answers: CheckInAnswers, _policy: Policy) -> list[Reason]:
    if not answers.self_harm:
        return []
    return [reason("self_harm_item", Weight.REFUSE, "house policy 4: PHQ-9 item 9", rating=answers.self_harm)]


def _now(answers: CheckInAnswers, _policy: Policy) -> list[Reason]:
    source = "house policy 9: call 911, and no sitter before the release"
    found = []
    if answers.feeling in ("unwell", "help"):
        found.append(reason(f"feeling_{answers.feeling}", Weight.REFUSE, source))
    found += [reason("emergency_sign", Weight.REFUSE, source, sign=sign) for sign in answers.signs or ()]
    if answers.sitter_there is False and not answers.released:
        found.append(reason("sitter_gone", Weight.REFUSE, source))
    return found


def _used(answers: CheckInAnswers, policy: Policy) -> list[Reason]:
    source = policy.source("check_in.flag_craving_from")
    found = []
    if answers.craving is not None and answers.craving >= policy.check_in.flag_craving_from:
        found.append(reason("craving", Weight.REFUSE, source, rating=answers.craving))
    if answers.ketamine_extra:
        found.append(reason("ketamine_extra", Weight.REFUSE, "house policy 5: ketamine beyond what is prescribed"))
    used = "house policy 9: substances are read by a clinician"
    return [
        *found,
        *(reason("substance_more", Weight.REFUSE, used, substance=what) for what in answers.substances or ()),
    ]


def _pressure(answers: CheckInAnswers, policy: Policy) -> list[Reason]:
    """The limits of the day of a session: at or under 140 and 90 says nothing, 180 or 120 is urgent."""
    if answers.pressure is None:
        return []
    (systolic, diastolic), rule = answers.pressure, policy.gate
    if systolic >= rule.emergency_systolic or diastolic >= rule.emergency_diastolic:
        code, source = "pressure_urgent", policy.source("gate.emergency_systolic")
    elif systolic > rule.systolic_limit or diastolic > rule.diastolic_limit:
        code, source = "pressure_high", policy.source("gate.systolic_limit")
    else:
        return []
    return [reason(code, Weight.REFUSE, source, systolic=systolic, diastolic=diastolic)]


_FINDERS: Mapping[Kind, tuple[Finder, ...]] = {
    Kind.AFTER: (_now,),
    Kind.DAY: (_side_effects, _mood, _risk, _worse),
    Kind.SCORES: (_self_harm, _risk, _worse, _unscored),
    Kind.MONTH: (_bladder, _used, _pressure),
}


def check_in_flags(answers: CheckInAnswers, policy: Policy, kind: Kind = Kind.DAY) -> CheckInFlags:
    """Which answers a person must read. An unanswered item is a reason too, never silence."""
    found = [item for find in _FINDERS[kind] for item in find(answers, policy)]
    stops = {"mania_signs", "psychosis_signs", "risk_high", "risk_moderate", "risk_incomplete"}
    codes = {item.code for item in found}
    return CheckInFlags(crisis="risk_high" in codes, hold=bool(codes & stops), reasons=tuple(found))
