"""The phases of a treatment (house policy, section 8): induction, review, maintenance, then taper or discharge.

A prescriber sets every phase. These rules say which steps are legal, how often a session may come in each, when the end
of the induction asks for a decision, and what of the past weeks does not fit the phase.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules.calendar import GAPS, Frequency
from treatment.rules.reasons import Reason, Weight, reason


class Phase(StrEnum):
    """Where a treatment stands."""

    INDUCTION = "induction"
    REVIEW = "review"
    MAINTENANCE = "maintenance"
    TAPER = "taper"
    DISCHARGED = "discharged"


# A discharged treatment never comes back: a new approval opens a new chart, which begins with the induction.
MOVES: dict[str, set[str]] = {
    Phase.INDUCTION: {Phase.REVIEW, Phase.TAPER, Phase.DISCHARGED},
    Phase.REVIEW: {Phase.INDUCTION, Phase.MAINTENANCE, Phase.TAPER, Phase.DISCHARGED},
    Phase.MAINTENANCE: {Phase.REVIEW, Phase.TAPER, Phase.DISCHARGED},
    Phase.TAPER: {Phase.REVIEW, Phase.MAINTENANCE, Phase.DISCHARGED},
}
# How often sessions may come, the most often first. Nothing is planned in the phases that are not here.
RHYTHMS: dict[Phase, tuple[Frequency, ...]] = {
    Phase.INDUCTION: (Frequency.TWICE_WEEKLY, Frequency.WEEKLY),
    Phase.MAINTENANCE: (Frequency.WEEKLY, Frequency.EVERY_TWO_WEEKS, Frequency.MONTHLY),
    Phase.TAPER: (Frequency.WEEKLY, Frequency.EVERY_TWO_WEEKS, Frequency.MONTHLY),
}
_RAREST_LAST = list(Frequency)


@dataclass(frozen=True)
class Standing:
    """The phase and the local days of the sessions that were taken since it began, in order."""

    phase: Phase
    taken: tuple[date, ...] = ()


@dataclass(frozen=True)
class Frame:
    """What the phase allows now; None where it sets no limit."""

    rhythm: Frequency
    sessions_left: int | None = None
    last_day: date | None = None


def check_planning(phase: Phase) -> tuple[Reason, ...]:
    """Why nothing may be planned in this phase; empty when something may."""
    if phase in RHYTHMS:
        return ()
    return (reason(f"phase_{phase.value}", Weight.REFUSE, "house policy 8: as the prescriber sets"),)


def rhythm_of(phase: Phase, ordered: Frequency, chosen: Frequency | None = None) -> Frequency:
    """The rarest of what the prescription says, what the prescriber chose for the phase, and the phase's most often."""
    wanted = [ordered, *([chosen] if chosen else []), RHYTHMS[phase][0]]
    return max(wanted, key=_RAREST_LAST.index)


def check_rhythm_choice(phase: Phase, chosen: Frequency, ordered: Frequency | None) -> tuple[Reason, ...]:
    """Why a prescriber may not set this rhythm: it is none of the phase's, or more often than the prescription says."""
    if chosen not in RHYTHMS.get(phase, ()):
        return (reason("rhythm_not_of_phase", Weight.REFUSE, "house policy 8: induction 1-2 a week, maintenance"),)
    if ordered is not None and _RAREST_LAST.index(chosen) < _RAREST_LAST.index(ordered):
        return (reason("rhythm_over_order", Weight.REFUSE, "21 CFR 1306.05: the directions of the order"),)
    return ()


def frame(standing: Standing, rhythm: Frequency, policy: Policy) -> Frame:
    """What is left of the phase: the induction ends after its weeks or its sessions, counted from the first one."""
    if standing.phase is not Phase.INDUCTION:
        return Frame(rhythm)
    rule = policy.phase
    left = max(0, rule.induction_sessions_most - len(standing.taken))
    return Frame(rhythm, left, induction_ends(standing.taken[0], policy) if standing.taken else None)


def induction_ends(first: date, policy: Policy) -> date:
    """The last local day of an induction whose first session was on `first`."""
    return first + timedelta(weeks=policy.phase.induction_weeks) - timedelta(days=1)


def check_rhythm(day: date, others: Iterable[date], rhythm: Frequency, policy: Policy) -> tuple[Reason, ...]:
    """Why one more session on this local day comes too often.

    Weekly rhythms count the week from Monday to Sunday, so that a session can move within its week; rarer ones allow
    a session a few days early.
    """
    rule = policy.phase
    if rhythm in (Frequency.TWICE_WEEKLY, Frequency.WEEKLY):
        twice = rhythm is Frequency.TWICE_WEEKLY
        most = rule.induction_per_week if twice else rule.maintenance_per_week
        name = "phase.induction_per_week" if twice else "phase.maintenance_per_week"
        week = day.isocalendar()[:2]
        if sum(other.isocalendar()[:2] == week for other in others) >= most:
            return (reason("week_full", Weight.REFUSE, policy.source(name), most=most),)
        return ()
    days = min(GAPS[rhythm]) - rule.early_days
    if any(abs((day - other).days) < days for other in others):
        return (reason("too_soon_for_rhythm", Weight.REFUSE, policy.source("phase.early_days"), days=days),)
    return ()


def check_frame(day: date, bounds: Frame, policy: Policy) -> tuple[Reason, ...]:
    """Why a session on this local day lies outside the phase: the induction is over by then."""
    if bounds.last_day is not None and day > bounds.last_day:
        weeks = policy.phase.induction_weeks
        return (reason("induction_over", Weight.REFUSE, policy.source("phase.induction_weeks"), weeks=weeks),)
    return ()


def review_due(standing: Standing, today: date, policy: Policy) -> tuple[Reason, ...]:
    """Whether the end of the induction asks the prescriber for a decision (ASK), or one may be made already (NOTE)."""
    if standing.phase is not Phase.INDUCTION or not standing.taken:
        return ()
    rule, count, found = policy.phase, len(standing.taken), []
    if count >= rule.induction_sessions_most:
        source = policy.source("phase.induction_sessions_most")
        found.append(reason("review_due_sessions", Weight.ASK, source, count=count))
    if today > induction_ends(standing.taken[0], policy):
        source = policy.source("phase.induction_weeks")
        found.append(reason("review_due_weeks", Weight.ASK, source, weeks=rule.induction_weeks, count=count))
    if not found and count >= rule.induction_sessions_least:
        source = policy.source("phase.induction_sessions_least")
        found.append(reason("review_possible", Weight.NOTE, source, count=count))
    return tuple(found)


def check_pace(standing: Standing, today: date, policy: Policy) -> tuple[Reason, ...]:
    """What of the sessions taken does not fit the phase: a week with too many, or too long without one."""
    rule, found = policy.phase, []
    if not standing.taken or standing.phase not in RHYTHMS:
        return ()
    induction = standing.phase is Phase.INDUCTION
    most = rule.induction_per_week if induction else rule.maintenance_per_week
    weeks = [day.isocalendar()[:2] for day in standing.taken]
    if max(weeks.count(week) for week in weeks) > most:
        found.append(reason("pace_fast", Weight.NOTE, policy.source("phase.induction_per_week"), most=most))
    longest = rule.induction_longest_days if induction else rule.maintenance_longest_days
    days = (today - standing.taken[-1]).days
    if days > longest:
        name = "phase.induction_longest_days" if induction else "phase.maintenance_longest_days"
        found.append(reason("pace_slow", Weight.NOTE, policy.source(name), days=days))
    return tuple(found)
