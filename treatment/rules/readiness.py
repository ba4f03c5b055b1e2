"""The gate before a dose (house policy, section 9): released, wait, or held, item by item, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from treatment.policy import GatePolicy, Policy
from treatment.rules.reasons import Reason, Weight, heaviest, reason

_ITEMS = "house policy 9: no dose is released unless all pass"
SAFE_RISKS = frozenset({"none", "low"})
_HOURS_A_WEEK = 7 * 24


class GateVerdict(StrEnum):
    """RELEASED: the dose may be taken. WAIT: something is missing or has to be repeated. HELD: no dose today."""

    RELEASED = "released"
    WAIT = "wait"
    HELD = "held"


@dataclass(frozen=True)
class Reading:
    """One blood pressure reading, mmHg, with the heart rate in beats a minute."""

    taken_at: datetime
    systolic: int
    diastolic: int
    heart_rate: int


@dataclass(frozen=True)
class GateFacts:
    """What is known on the day; None means not answered. `rounds` holds the readings of each round, oldest first.

    `risk` is the level of the C-SSRS since last contact: none, low, moderate, high, incomplete.
    `hours_since_last` is None when there was no session yet. `hours_unseen` counts from the last session or, when it is
    later, from the newest approval by a prescriber.
    """

    sitter_confirmed: bool | None = None
    sitter_adult: bool | None = None
    sitter_reachable: bool | None = None
    address_confirmed: bool | None = None
    food_ok: bool | None = None
    liquids_ok: bool | None = None
    alcohol_or_cannabis: bool | None = None
    new_medicine: bool | None = None
    illness: bool | None = None
    pregnancy_possible: bool | None = None
    will_not_drive: bool | None = None
    risk: str | None = None
    prescription_valid: bool = False
    sessions_at_home: int = 0
    hours_since_last: float | None = None
    hours_unseen: float = 0
    safety_hold: bool = False
    case_hold: bool = False
    consents_in_force: bool = False
    sign_to_review: bool = False
    supply_to_review: bool = False
    unreleased_session: bool = False
    licensed_there: bool = False
    seated: bool | None = None
    rounds: tuple[tuple[Reading, ...], ...] = ()


@dataclass(frozen=True)
class Pressure:
    """What the readings say; `repeat_from` is set when a further round is due."""

    verdict: GateVerdict
    reasons: tuple[Reason, ...]
    repeat_from: datetime | None = None
    repeat_until: datetime | None = None


@dataclass(frozen=True)
class Gate:
    """The verdict, every reason, and when to try again where that helps."""

    verdict: GateVerdict
    reasons: tuple[Reason, ...]
    repeat_from: datetime | None = None
    repeat_until: datetime | None = None


def _urgent(readings: Sequence[Reading], rule: GatePolicy, policy: Policy) -> list[Reason]:
    """Readings that end the day at once, in whatever round they were taken."""
    found = []
    top = max(reading.systolic for reading in readings)
    low = max(reading.diastolic for reading in readings)
    facts = {"systolic": top, "diastolic": low}
    if top >= rule.emergency_systolic or low >= rule.emergency_diastolic:
        found.append(reason("bp_emergency", Weight.REFUSE, policy.source("gate.emergency_systolic"), **facts))
    elif top >= rule.clinician_systolic or low >= rule.clinician_diastolic:
        found.append(reason("bp_clinician", Weight.REFUSE, policy.source("gate.clinician_systolic"), **facts))
    rates = [reading.heart_rate for reading in readings]
    if min(rates) < rule.heart_rate_low:
        found.append(reason("heart_rate_low", Weight.REFUSE, policy.source("gate.heart_rate_low"), rate=min(rates)))
    if max(rates) > rule.heart_rate_high:
        found.append(reason("heart_rate_high", Weight.REFUSE, policy.source("gate.heart_rate_high"), rate=max(rates)))
    return found


def round_passes(readings: Sequence[Reading], rule: GatePolicy) -> bool:
    """Whether every reading of a round is at or under the limits."""
    return all(
        reading.systolic <= rule.systolic_limit and reading.diastolic <= rule.diastolic_limit for reading in readings
    )


def assess_pressure(rounds: Sequence[Sequence[Reading]], policy: Policy) -> Pressure:
    """Two readings a round, each at or under 140/90; else 10-15 minutes' wait, at most two repeats; then no dose."""
    rule = policy.gate
    taken = [tuple(readings) for readings in rounds if readings]
    everything = [reading for readings in taken for reading in readings]
    if not everything:
        return Pressure(GateVerdict.WAIT, (reason("bp_missing", Weight.ASK, policy.source("gate.readings_per_round")),))
    urgent = _urgent(everything, rule, policy)
    if urgent:
        return Pressure(GateVerdict.HELD, tuple(urgent))
    newest = taken[-1]
    if len(newest) < rule.readings_per_round:
        missing = reason("bp_second_reading", Weight.ASK, policy.source("gate.readings_per_round"))
        return Pressure(GateVerdict.WAIT, (missing,))
    if round_passes(newest, rule):
        return Pressure(GateVerdict.RELEASED, ())
    facts = {
        "systolic": max(reading.systolic for reading in newest),
        "diastolic": max(reading.diastolic for reading in newest),
    }
    if len(taken) > rule.repeats:
        high = reason("bp_still_high", Weight.REFUSE, policy.source("gate.repeats"), **facts)
        return Pressure(GateVerdict.HELD, (high,))
    last = max(reading.taken_at for reading in newest)
    again = reason("bp_repeat", Weight.ASK, policy.source("gate.repeat_after_minutes"), **facts)
    return Pressure(
        GateVerdict.WAIT,
        (again,),
        repeat_from=last + timedelta(minutes=rule.repeat_after_minutes),
        repeat_until=last + timedelta(minutes=rule.repeat_before_minutes),
    )


def check_repeat_time(rounds: Sequence[Sequence[Reading]], *, taken_at: datetime, policy: Policy) -> tuple[Reason, ...]:
    """Whether a new round may begin now: not before 10 minutes; after 15 it still counts, with a note."""
    pressure = assess_pressure(rounds, policy)
    if pressure.repeat_from is None or pressure.repeat_until is None:
        return ()
    if taken_at < pressure.repeat_from:
        minutes = policy.gate.repeat_after_minutes
        return (reason("bp_repeat_early", Weight.REFUSE, policy.source("gate.repeat_after_minutes"), minutes=minutes),)
    if taken_at > pressure.repeat_until:
        return (reason("bp_repeat_late", Weight.NOTE, policy.source("gate.repeat_before_minutes")),)
    return ()


# field -> (the answer that passes, code when it does not, weight when it does not)
_QUESTIONS: dict[str, tuple[bool, str, Weight]] = {
    "sitter_adult": (True, "sitter_not_adult", Weight.REFUSE),
    "sitter_confirmed": (True, "sitter_not_confirmed", Weight.ASK),
    "sitter_reachable": (True, "sitter_not_reachable", Weight.ASK),
    "address_confirmed": (True, "address_not_confirmed", Weight.ASK),
    "food_ok": (True, "fasting_not_met", Weight.ASK),
    "liquids_ok": (True, "liquids_not_met", Weight.ASK),
    "will_not_drive": (True, "driving_planned", Weight.ASK),
    "seated": (True, "not_seated", Weight.ASK),
    "alcohol_or_cannabis": (False, "alcohol_or_cannabis", Weight.REFUSE),
    "new_medicine": (False, "new_medicine", Weight.REFUSE),
    "illness": (False, "illness", Weight.REFUSE),
    "pregnancy_possible": (False, "pregnancy_possible", Weight.REFUSE),
}


def _answer_reasons(facts: GateFacts) -> list[Reason]:
    found = []
    for name, (wanted, code, weight) in _QUESTIONS.items():
        answer = getattr(facts, name)
        if answer is None:
            found.append(reason("unanswered", Weight.ASK, _ITEMS, item=name))
        elif answer is not wanted:
            found.append(reason(code, weight, _ITEMS))
    return found


def _risk_reasons(risk: str | None) -> list[Reason]:
    """HIGH, MODERATE and incomplete hold (section 4); anything unknown is treated as unanswered, never as none."""
    source = "house policy 4: C-SSRS since last contact"
    if risk is None:
        return [reason("unanswered", Weight.ASK, source, item="risk")]
    if risk in SAFE_RISKS:
        return [reason("risk_low", Weight.NOTE, source)] if risk == "low" else []
    codes = {"high": "risk_high", "moderate": "risk_moderate"}
    return [reason(codes.get(risk, "risk_incomplete"), Weight.REFUSE, source)]


# field -> (the value that stops, code, weight, source): what stands beside the order, whatever was answered today.
_STOPS: dict[str, tuple[bool, str, Weight, str]] = {
    "safety_hold": (True, "safety_hold", Weight.REFUSE, "house policy 4: until a clinician has recorded a contact"),
    "case_hold": (True, "case_hold", Weight.REFUSE, "house policy 9: stop and refer to the prescriber"),
    "licensed_there": (False, "not_licensed_there", Weight.REFUSE, "house policy 10: licensed where the patient is"),
    # Reading and signing mends it; the gate waits for it, and a clinician is not called.
    "consents_in_force": (False, "consent_missing", Weight.ASK, "requirements ASVS 2.3.1: no dose without consent"),
    "sign_to_review": (True, "sign_to_review", Weight.REFUSE, "house policy 9: stop and refer to the prescriber"),
    "supply_to_review": (True, "supply_to_review", Weight.REFUSE, "house policy 9: stop and refer to the prescriber"),
    "unreleased_session": (True, "unreleased_session", Weight.REFUSE, "house policy 9: a missed sitter release"),
}


def _order_reasons(facts: GateFacts, policy: Policy) -> list[Reason]:
    found = [
        reason(code, weight, source)
        for name, (stops, code, weight, source) in _STOPS.items()
        if getattr(facts, name) is stops
    ]
    if not facts.prescription_valid:
        found.append(reason("prescription_not_valid", Weight.REFUSE, _ITEMS))
    if facts.sessions_at_home < 1:
        found.append(reason("no_supply", Weight.REFUSE, _ITEMS))
    hours = policy.interval.minimum_hours
    if facts.hours_since_last is not None and facts.hours_since_last < hours:
        # Waiting mends it, so it waits instead of calling a clinician; it is never released either way.
        found.append(reason("interval_too_short", Weight.ASK, policy.source("interval.minimum_hours"), hours=hours))
    weeks = policy.dosing.new_evaluation_after_weeks
    if facts.hours_unseen > weeks * _HOURS_A_WEEK:
        source = policy.source("dosing.new_evaluation_after_weeks")
        found.append(reason("evaluation_due", Weight.REFUSE, source, weeks=weeks))
    return found


def assess_gate(facts: GateFacts, policy: Policy) -> Gate:
    """All of section 9. Anything that refuses holds the session; anything missing waits; else the dose is released."""
    pressure = assess_pressure(facts.rounds, policy)
    found = (
        *_order_reasons(facts, policy),
        *_risk_reasons(facts.risk),
        *_answer_reasons(facts),
        *pressure.reasons,
    )
    worst = heaviest(found)
    if worst is Weight.REFUSE:
        return Gate(GateVerdict.HELD, found)
    if worst is Weight.ASK:
        return Gate(GateVerdict.WAIT, found, pressure.repeat_from, pressure.repeat_until)
    return Gate(GateVerdict.RELEASED, found)
