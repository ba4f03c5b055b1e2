"""What is known today beside what was approved: newer answers, medicines, blood pressure, where the patient is.

A prescriber writes an order days or months after the approval. Whatever was said or measured since then refuses, asks
for a written reason, or is worth knowing, each with its source (house policy, sections 5, 7, 9 and 10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason

_STOP = "house policy 9: stop and refer to the prescriber"
_MEDICINES = "house policy 7"
_TIERS = {
    "crisis": Weight.REFUSE,
    "exclude": Weight.REFUSE,
    "information": Weight.ASK,
    "review": Weight.ASK,
    "note": Weight.NOTE,
}


# Only told, because a signature ends it.
PAUSED = "treatment_paused"


@dataclass(frozen=True)
class Pressure:
    """One blood pressure reading before a dose or at home, mmHg, on a local day; `place` says where it is from."""

    on: date
    systolic: int
    diastolic: int
    place: str = ""


@dataclass(frozen=True)
class Found:
    """What the eligibility rules say of newer answers: tier, sentence and source; `medicine` when it names one."""

    code: str
    tier: str
    text: str
    source: str
    medicine: str = ""


@dataclass(frozen=True)
class TodayFacts:
    """What is known now. `newer` are the findings of answers that came after the approval, and `new_medicines` the
    names on their list that the approved one lacks. `reported` are days on which a new medicine or a possible pregnancy
    was answered since the approval and the newest order. States are two letters, empty when not known.
    """

    today: date
    newer: tuple[Found, ...] = ()
    new_medicines: tuple[str, ...] = ()
    reported: tuple[tuple[str, date], ...] = ()
    pressures: tuple[Pressure, ...] = ()
    visit_state: str = ""
    said_state: str = ""
    home_state: str = ""
    licensed_at_home: bool = True
    sign_to_review: bool = False
    supply_to_review: bool = False
    left_over: int = 0
    paused_on: date | None = None


@dataclass(frozen=True)
class DayMean:
    """The mean of one day's readings, mmHg."""

    on: date
    systolic: float
    diastolic: float
    place: str


def newest_days(pressures: Sequence[Pressure], *, today: date, policy: Policy) -> list[DayMean]:
    """The means of the days that are recent enough to count, newest first."""
    recent = policy.dosing.pressure_recent_days
    days = sorted({one.on for one in pressures if 0 <= (today - one.on).days <= recent}, reverse=True)
    found = []
    for day in days:
        rows = [one for one in pressures if one.on == day]
        systolic = sum(one.systolic for one in rows) / len(rows)
        diastolic = sum(one.diastolic for one in rows) / len(rows)
        found.append(DayMean(day, systolic, diastolic, rows[-1].place))
    return found


def _pressure_reasons(facts: TodayFacts, policy: Policy) -> list[Reason]:
    """Policy 5: the newest day decides; two days at 160/100 or one reading at 180/120 refuse; none recent asks."""
    rule = policy.gate
    days = newest_days(facts.pressures, today=facts.today, policy=policy)
    if not days:
        source = policy.source("dosing.pressure_recent_days")
        return [reason("pressure_missing", Weight.ASK, source, days=policy.dosing.pressure_recent_days)]
    recent = [one for one in facts.pressures if any(day.on == one.on for day in days)]
    worst = max(recent, key=lambda one: (one.systolic, one.diastolic))
    steep = max(recent, key=lambda one: (one.diastolic, one.systolic))
    for one in (worst, steep):
        if one.systolic >= rule.emergency_systolic or one.diastolic >= rule.emergency_diastolic:
            source = policy.source("gate.emergency_systolic")
            shown = {"systolic": one.systolic, "diastolic": one.diastolic, "on": one.on}
            return [reason("pressure_emergency", Weight.REFUSE, source, **shown)]
    newest = days[0]
    shown = {"systolic": _plain(newest.systolic), "diastolic": _plain(newest.diastolic), "on": newest.on}
    severe = [day.systolic >= rule.clinician_systolic or day.diastolic >= rule.clinician_diastolic for day in days[:2]]
    if len(severe) == 2 and all(severe):
        return [reason("pressure_uncontrolled", Weight.REFUSE, policy.source("gate.clinician_systolic"), **shown)]
    if newest.systolic > rule.systolic_limit or newest.diastolic > rule.diastolic_limit:
        return [reason("pressure_high", Weight.ASK, policy.source("gate.systolic_limit"), **shown)]
    return []


def _said_reasons(facts: TodayFacts) -> list[Reason]:
    found = []
    named = {one.medicine.casefold() for one in facts.newer if one.medicine}
    new = {name.casefold() for name in facts.new_medicines}
    for one in facts.newer:
        weight = _TIERS.get(one.tier, Weight.ASK)
        if one.medicine:
            # A medicine that was on the approved list was looked at then, unless it now excludes.
            if one.medicine.casefold() in new or weight is Weight.REFUSE:
                found.append(reason("medicine_new", weight, one.source, name=one.medicine, text=one.text))
        elif weight is Weight.REFUSE:
            found.append(reason("newer_answers_exclude", weight, one.source, text=one.text))
    for name in facts.new_medicines:
        if name.casefold() not in named:
            found.append(reason("medicine_new_plain", Weight.NOTE, _MEDICINES, name=name))
    for code, day in facts.reported:
        found.append(reason(f"reported_{code}", Weight.ASK, _STOP if code == "pregnancy" else _MEDICINES, on=day))
    return found


def _place_reasons(facts: TodayFacts) -> list[Reason]:
    source, found = "policy 10: licensed in the state where the patient is", []
    if facts.said_state and facts.visit_state and facts.said_state != facts.visit_state:
        shown = {"said": facts.said_state, "visit": facts.visit_state}
        found.append(reason("state_differs", Weight.ASK, source, **shown))
    if facts.home_state and not facts.licensed_at_home:
        found.append(reason("home_unlicensed", Weight.ASK, source, state=facts.home_state))
    return found


def check_today(facts: TodayFacts, policy: Policy) -> tuple[Reason, ...]:
    """Everything that today's facts say about an order."""
    found = [*_said_reasons(facts), *_pressure_reasons(facts, policy), *_place_reasons(facts)]
    if facts.sign_to_review:
        found.append(reason("sign_unread", Weight.REFUSE, _STOP))
    if facts.supply_to_review:
        found.append(reason("supply_unread", Weight.REFUSE, _STOP))
    if facts.paused_on:
        found.append(reason(PAUSED, Weight.NOTE, "the prescriber paused the treatment", on=facts.paused_on))
    if facts.left_over:
        found.append(
            reason("left_over", Weight.NOTE, "design I2: never more than was prescribed", units=facts.left_over)
        )
    return tuple(found)


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
