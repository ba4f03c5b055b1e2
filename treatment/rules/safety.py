"""From the dose to the release (house policy, section 9): phases, alerts, and when the sitter may release."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason


class Phase(StrEnum):
    """Where the patient is in the effect window of the product."""

    HOLD = "hold"
    DISSOLVE = "dissolve"
    PEAK = "peak"
    FADING = "fading"
    BALANCE = "balance"
    REST = "rest"


@dataclass(frozen=True)
class Window:
    """Effect window of a product, minutes from the start (policy 8: 0-15, 15-45, 45-75, 75-120)."""

    hold: int
    dissolve_until: int
    peak_until: int
    fading_until: int
    balance_until: int


@dataclass(frozen=True)
class Measured:
    """One reading during or after the session, mmHg."""

    taken_at: datetime
    systolic: int
    diastolic: int


@dataclass(frozen=True)
class SessionFacts:
    """A started session. `baseline` is the last reading before the dose; `released_at` is the sitter's release."""

    started_at: datetime
    baseline: Measured | None
    readings: tuple[Measured, ...] = ()
    sitter_checks: tuple[datetime, ...] = ()
    released_at: datetime | None = None


@dataclass(frozen=True)
class ReleaseAnswers:
    """What the sitter says; None means not answered."""

    oriented: bool | None = None
    walking: bool | None = None


@dataclass(frozen=True)
class Release:
    """Whether the sitter may release, why not, and from when."""

    allowed: bool
    reasons: tuple[Reason, ...]
    possible_from: datetime


def minutes_since(started_at: datetime, now: datetime) -> int:
    """Whole minutes since the start, never below 0."""
    return max(0, int((now - started_at).total_seconds() // 60))


def phase_at(window: Window, minutes: int) -> Phase:
    """The phase at that minute; each ends just before its limit."""
    steps = (
        (window.hold, Phase.HOLD),
        (window.dissolve_until, Phase.DISSOLVE),
        (window.peak_until, Phase.PEAK),
        (window.fading_until, Phase.FADING),
        (window.balance_until, Phase.BALANCE),
    )
    return next((phase for until, phase in steps if minutes < until), Phase.REST)


def reading_alerts(reading: Measured, baseline: Measured | None, policy: Policy) -> tuple[Reason, ...]:
    """Alert at 180/110 and over, or a rise of 40 systolic or 25 diastolic and over the start."""
    rule, found = policy.session, []
    facts = {"systolic": reading.systolic, "diastolic": reading.diastolic}
    if reading.systolic >= rule.alert_systolic or reading.diastolic >= rule.alert_diastolic:
        found.append(reason("session_bp_high", Weight.REFUSE, policy.source("session.alert_systolic"), **facts))
    if baseline is not None:
        rise = (reading.systolic - baseline.systolic, reading.diastolic - baseline.diastolic)
        if rise[0] >= rule.alert_rise_systolic or rise[1] >= rule.alert_rise_diastolic:
            source = policy.source("session.alert_rise_systolic")
            found.append(reason("session_bp_rise", Weight.REFUSE, source, **facts))
    return tuple(found)


def told_limits(baseline: Measured | None, policy: Policy) -> tuple[int, int]:
    """From which systolic and diastolic a reading tells the clinician; what a page without a network goes by."""
    rule = policy.session
    if baseline is None:
        return rule.alert_systolic, rule.alert_diastolic
    return (
        min(rule.alert_systolic, baseline.systolic + rule.alert_rise_systolic),
        min(rule.alert_diastolic, baseline.diastolic + rule.alert_rise_diastolic),
    )


def reading_advice(reading: Measured, baseline: Measured | None, policy: Policy) -> str:
    """What the people in the room are told at once: "reading_emergency" (911), "reading_told", or "" for nothing."""
    if reading.systolic >= policy.gate.emergency_systolic or reading.diastolic >= policy.gate.emergency_diastolic:
        return "reading_emergency"
    return "reading_told" if reading_alerts(reading, baseline, policy) else ""


def release_limits(baseline: Measured | None, policy: Policy) -> tuple[int, int] | None:
    """The lowest and the highest systolic with which the sitter may release; None where the start is not known."""
    within = policy.session.release_systolic_within
    return (baseline.systolic - within, baseline.systolic + within) if baseline else None


def next_check_due(facts: SessionFacts, policy: Policy) -> datetime:
    """When the sitter's next check is due: 15 minutes after the last one, or after the start."""
    last = max((facts.started_at, *facts.sitter_checks))
    return last + timedelta(minutes=policy.session.sitter_check_minutes)


def missed_check_at(facts: SessionFacts, *, now: datetime, policy: Policy) -> datetime | None:
    """When the newest of the checks that nobody made counted as missed (a silent sitter misses many), or None."""
    missed = next_check_due(facts, policy) + timedelta(minutes=policy.session.sitter_check_grace_minutes)
    if now <= missed:
        return None
    every = timedelta(minutes=policy.session.sitter_check_minutes)
    # Missed when its time is over, not just up: the last whole step before now.
    return missed + (-((missed - now) // every) - 1) * every


def session_alerts(facts: SessionFacts, *, now: datetime, policy: Policy) -> tuple[Reason, ...]:
    """Everything about a started session that a clinician has to know now."""
    rule = policy.session
    found = [alert for reading in facts.readings for alert in reading_alerts(reading, facts.baseline, policy)]
    if facts.released_at is not None:
        return tuple(found)
    missed = missed_check_at(facts, now=now, policy=policy)
    if missed is not None:
        source = policy.source("session.sitter_check_minutes")
        after = len(facts.sitter_checks)
        found.append(reason("sitter_check_missed", Weight.REFUSE, source, after=after, missed_at=missed.isoformat()))
    if now - facts.started_at >= timedelta(minutes=rule.no_release_minutes):
        source = policy.source("session.no_release_minutes")
        found.append(reason("no_release", Weight.REFUSE, source, minutes=rule.no_release_minutes))
    return tuple(found)


def _pressure_reasons(facts: SessionFacts, possible_from: datetime, policy: Policy) -> list[Reason]:
    late = [reading for reading in facts.readings if reading.taken_at >= possible_from]
    source = policy.source("session.release_systolic_within")
    limits = release_limits(facts.baseline, policy)
    if not late or facts.baseline is None or limits is None:
        return [reason("release_reading_missing", Weight.ASK, source)]
    newest = max(late, key=lambda reading: reading.taken_at)
    if not limits[0] <= newest.systolic <= limits[1]:
        start, within = facts.baseline.systolic, policy.session.release_systolic_within
        return [reason("release_systolic", Weight.REFUSE, source, systolic=newest.systolic, start=start, within=within)]
    return []


def release_conditions(facts: SessionFacts, answers: ReleaseAnswers, *, now: datetime, policy: Policy) -> Release:
    """From 120 minutes, oriented, walking, and the systolic of a reading since then within 20 of the start."""
    rule = policy.session
    possible_from = facts.started_at + timedelta(minutes=rule.release_from_minutes)
    found: list[Reason] = []
    if now < possible_from:
        source = policy.source("session.release_from_minutes")
        found.append(reason("release_too_early", Weight.REFUSE, source, minutes=rule.release_from_minutes))
    for name in ("oriented", "walking"):
        answer = getattr(answers, name)
        if answer is None:
            found.append(reason("unanswered", Weight.ASK, item=name))
        elif not answer:
            found.append(reason(f"not_{name}", Weight.REFUSE, policy.source("session.release_from_minutes")))
    found += _pressure_reasons(facts, possible_from, policy)
    return Release(not found, tuple(found), possible_from)


def vitals_due(facts: SessionFacts, *, now: datetime, policy: Policy) -> str:
    """Which reading is asked for now: "first" (40-60 min), "release" (from 120 min until one allows it), or ""."""
    rule = policy.session
    first_from = facts.started_at + timedelta(minutes=rule.first_vitals_from_minutes)
    release_from = facts.started_at + timedelta(minutes=rule.release_from_minutes)
    if now >= release_from:
        return "release" if _pressure_reasons(facts, release_from, policy) else ""
    if now >= first_from:
        return "" if any(reading.taken_at >= first_from for reading in facts.readings) else "first"
    return ""
