"""When a patient is asked what: after every dose, and by the calendar as long as the treatment runs (policy section 9).

Days are local days of the patient and are counted on the calendar, hours after a dose are hours that really pass; so
neither depends on daylight saving.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from treatment.policy import Policy


class Kind(StrEnum):
    """The kinds of check-in, the most pressing first."""

    AFTER = "after"  # 2 h after the dose: help needed, sitter still there
    DAY = "day"  # 24 h after the dose: side effects, mood, C-SSRS
    SCORES = "scores"  # PHQ-9 and GAD-7, and the scales of the indication
    MONTH = "month"  # bladder, substances, blood pressure


class Phase(StrEnum):
    """How the treatment stands, as far as asking goes."""

    BEFORE = "before"  # no dose yet
    RUNNING = "running"  # doses are taken, also while they are tapered
    RESTING = "resting"  # paused or stopped, still in care
    ENDED = "ended"  # discharged, or agreement taken back, or so long ago that a new evaluation comes first


BASE = ("phq9", "gad7")
# Which scale an indication adds, in the order in which they are asked.
BY_INDICATION = (("ptsd", "pcl5"), ("chronic_pain", "peg"))


@dataclass(frozen=True)
class DueTimes:
    """When the check-in is asked for, asked again by SMS, and turned into a task for a coordinator."""

    due_at: datetime
    second_reminder_at: datetime
    follow_up_at: datetime


@dataclass(frozen=True)
class CareFacts:
    """What the rhythm is decided on; every date is a local day, None where there was none.

    `last_scores` is the last time the questionnaires were answered, in the intake too.
    """

    today: date
    in_care: bool
    indications: frozenset[str] = frozenset()
    first_session: date | None = None
    last_session: date | None = None
    next_session: date | None = None
    last_scores: date | None = None
    sessions_since_scores: int = 0
    last_month: date | None = None
    open_kinds: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Due:
    """One check-in to open: its local day, what it asks, and the code of why."""

    kind: Kind
    day: date
    why: str
    instruments: tuple[str, ...] = ()


def chased(due_at: datetime, policy: Policy) -> DueTimes:
    """Asked again 24 h after it fell due, a task for a coordinator after 48 h; hours that really pass."""
    rule = policy.check_in
    return DueTimes(
        due_at,
        due_at + timedelta(hours=rule.second_reminder_hours),
        due_at + timedelta(hours=rule.follow_up_hours),
    )


def after_dose(kind: Kind, started_at: datetime, policy: Policy) -> DueTimes:
    """The two check-ins of a dose: 2 h and 24 h after it, each chased like any other."""
    hours = {Kind.AFTER: policy.check_in.after_hours, Kind.DAY: policy.check_in.due_hours}[kind]
    return chased(started_at + timedelta(hours=hours), policy)


def on_day(day: date, zone: str, policy: Policy) -> DueTimes:
    """What falls due on a day is asked in its morning, on the patient's clock."""
    morning = datetime.combine(day, time(policy.check_in.local_hour), tzinfo=ZoneInfo(zone))
    return chased(morning.astimezone(UTC), policy)


def look_again_at(today: date, zone: str) -> datetime:
    """The first moment of the next local day: when the rhythm is looked at again."""
    return datetime.combine(today + timedelta(days=1), time(0), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def phase_of(facts: CareFacts, policy: Policy) -> Phase:
    """Where the treatment stands. A taper still takes doses and runs; a pause and a stop rest until discharge."""
    if not facts.in_care:
        return Phase.ENDED
    if facts.last_session is None:
        return Phase.BEFORE
    since = (facts.today - facts.last_session).days
    if facts.next_session is not None or since <= policy.check_in.resting_after_days:
        return Phase.RUNNING
    return Phase.RESTING if since <= policy.dosing.new_evaluation_after_weeks * 7 else Phase.ENDED


def instruments_for(indications: Iterable[str]) -> tuple[str, ...]:
    """PHQ-9 and GAD-7 of everybody; PCL-5 where PTSD, PEG where chronic pain is what is treated."""
    own = set(indications)
    return (*BASE, *(scale for indication, scale in BY_INDICATION if indication in own))


def due_now(facts: CareFacts, policy: Policy) -> tuple[Due, ...]:
    """What is to be opened today, at most one of a kind; nothing falls due on the day of a dose itself."""
    phase = phase_of(facts, policy)
    day = facts.today + timedelta(days=1) if facts.last_session == facts.today else facts.today
    found = []
    why = _scores_due(facts, phase, day, policy)
    if why and Kind.SCORES not in facts.open_kinds:
        found.append(Due(Kind.SCORES, day, why, instruments_for(facts.indications)))
    if Kind.MONTH not in facts.open_kinds and _month_due(facts, phase, day, policy):
        found.append(Due(Kind.MONTH, day, "monthly"))
    return tuple(found)


def questionnaire_due(*, sessions_since: int, days_since: int | None, policy: Policy) -> bool:
    """The outer limit: PHQ-9 and GAD-7 every 2 sessions and at least every 14 days; due when there was none yet."""
    rule = policy.check_in
    if days_since is None:
        return True
    return sessions_since >= rule.questionnaire_every_sessions or days_since >= rule.questionnaire_every_days


def _scores_due(facts: CareFacts, phase: Phase, day: date, policy: Policy) -> str:
    """The code of why the questionnaires are due; empty when they are not."""
    since = (day - facts.last_scores).days if facts.last_scores is not None else None
    if phase in (Phase.RUNNING, Phase.RESTING):
        sessions = facts.sessions_since_scores if phase is Phase.RUNNING else 0
        if questionnaire_due(sessions_since=sessions, days_since=since, policy=policy):
            return "never" if since is None else "outer_limit"
        weekly = phase is Phase.RUNNING and since is not None and since >= policy.check_in.questionnaire_weekly_days
        return "weekly" if weekly else ""
    return "before_first" if phase is Phase.BEFORE and _old_before_first(facts, day, policy) else ""


def _old_before_first(facts: CareFacts, day: date, policy: Policy) -> bool:
    """The score before the first dose is what all others are compared with: within a week of it, and not old."""
    rule = policy.check_in
    if facts.next_session is None or facts.last_scores is None:
        return False
    near = (facts.next_session - day).days <= rule.questionnaire_weekly_days
    return near and (day - facts.last_scores).days >= rule.questionnaire_every_days


def _month_due(facts: CareFacts, phase: Phase, day: date, policy: Policy) -> bool:
    since = facts.last_month or facts.first_session
    if phase not in (Phase.RUNNING, Phase.RESTING) or since is None:
        return False
    return (day - since).days >= policy.check_in.monthly_days


def closes(kind: Kind, phase: Phase) -> bool:
    """Whether an open check-in is over because the treatment is; those of a dose are asked whatever happened."""
    return phase is Phase.ENDED and kind in (Kind.SCORES, Kind.MONTH)


def reminder_covers(due_at: datetime, reminded_at: datetime | None, now: datetime, policy: Policy) -> bool:
    """Whether a text of the last 24 h asked for this one too: several that are due get one reminder, not several."""
    if reminded_at is None or now - reminded_at >= timedelta(hours=policy.check_in.second_reminder_hours):
        return False
    return due_at <= reminded_at
