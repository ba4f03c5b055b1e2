"""The day after (house policy, section 9): when to ask, when to ask again, and which answers a person must read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason

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
# House policy 9, "stop and refer to the prescriber": no session until one has read them.
STOP_CODES = frozenset({"mania_signs", "psychosis_signs", "phq9_worse"})
MOODS = ("much_better", "better", "same", "worse", "much_worse")


@dataclass(frozen=True)
class DueTimes:
    """When the check-in is asked for, asked again by SMS, and turned into a task for a coordinator."""

    due_at: datetime
    second_reminder_at: datetime
    follow_up_at: datetime


@dataclass(frozen=True)
class CheckInAnswers:
    """Answers of one check-in; a missing side effect is unanswered. `risk` is the C-SSRS level since last contact."""

    side_effects: Mapping[str, int]
    mood: str | None
    risk: str | None
    mania_signs: bool | None
    psychosis_signs: bool | None
    phq9_before: int | None = None
    phq9_now: int | None = None


@dataclass(frozen=True)
class CheckInFlags:
    """`crisis` leads to the crisis page at once; `hold` stops sessions; every reason is read by a person."""

    crisis: bool
    hold: bool
    reasons: tuple[Reason, ...]


def due_times(started_at: datetime, policy: Policy) -> DueTimes:
    """24 h after the dose; again 24 h after that; a follow-up task 48 h after it was due."""
    rule = policy.check_in
    due_at = started_at + timedelta(hours=rule.due_hours)
    return DueTimes(
        due_at,
        due_at + timedelta(hours=rule.second_reminder_hours),
        due_at + timedelta(hours=rule.follow_up_hours),
    )


def _side_effect_reasons(ratings: Mapping[str, int], policy: Policy) -> list[Reason]:
    rule, found = policy.check_in, []
    for name in SIDE_EFFECTS:
        rating = ratings.get(name)
        if rating is None:
            found.append(reason("side_effect_unanswered", Weight.ASK, effect=name))
        elif name in _BLADDER and rating >= rule.flag_bladder_from:
            source = policy.source("check_in.flag_bladder_from")
            found.append(reason("bladder_sign", Weight.REFUSE, source, effect=name, rating=rating))
        elif name in _RED and rating >= rule.flag_red_side_effect_from:
            source = policy.source("check_in.flag_red_side_effect_from")
            found.append(reason("side_effect_severe", Weight.REFUSE, source, effect=name, rating=rating))
        elif rating >= rule.flag_side_effect_from:
            source = policy.source("check_in.flag_side_effect_from")
            found.append(reason("side_effect_severe", Weight.REFUSE, source, effect=name, rating=rating))
    return found


def _mood_reasons(answers: CheckInAnswers) -> list[Reason]:
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


def phq9_worse(before: int | None, now: int | None, policy: Policy) -> bool:
    """A rise of 5 points or more (section 3); unknown when either is missing, and then not claimed."""
    return before is not None and now is not None and now - before >= policy.check_in.phq9_worsening


def questionnaire_due(*, sessions_since: int, days_since: int | None, policy: Policy) -> bool:
    """PHQ-9 and GAD-7 every 2 sessions and at least every 14 days; due when there was none yet."""
    rule = policy.check_in
    if days_since is None:
        return True
    return sessions_since >= rule.questionnaire_every_sessions or days_since >= rule.questionnaire_every_days


def check_in_flags(answers: CheckInAnswers, policy: Policy) -> CheckInFlags:
    """Which answers a person must read. An unanswered item is a reason too, never silence."""
    found = _side_effect_reasons(answers.side_effects, policy) + _mood_reasons(answers)
    source = "house policy 4: C-SSRS since last contact"
    if answers.risk == "high":
        found.append(reason("risk_high", Weight.REFUSE, source))
    elif answers.risk == "moderate":
        found.append(reason("risk_moderate", Weight.REFUSE, source))
    elif answers.risk == "low":
        found.append(reason("risk_low", Weight.NOTE, source))
    elif answers.risk != "none":
        found.append(reason("risk_incomplete", Weight.REFUSE, source))
    if phq9_worse(answers.phq9_before, answers.phq9_now, policy):
        found.append(reason("phq9_worse", Weight.REFUSE, policy.source("check_in.phq9_worsening")))
    stops = {"mania_signs", "psychosis_signs", "risk_high", "risk_moderate", "risk_incomplete"}
    codes = {item.code for item in found}
    return CheckInFlags(crisis="risk_high" in codes, hold=bool(codes & stops), reasons=tuple(found))
