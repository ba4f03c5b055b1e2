"""When sessions happen: the same hour on the patient's clock, at least 72 real hours apart."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason

_HORIZON_DAYS = 400


class Frequency(StrEnum):
    """How often a session is ordered (policy 8: induction 1-2 a week, maintenance weekly to monthly)."""

    TWICE_WEEKLY = "twice_weekly"
    WEEKLY = "weekly"
    EVERY_TWO_WEEKS = "every_two_weeks"
    MONTHLY = "monthly"


# Days from one session to the next, used in turn.
GAPS = {
    Frequency.TWICE_WEEKLY: (3, 4),
    Frequency.WEEKLY: (7,),
    Frequency.EVERY_TWO_WEEKS: (14,),
    Frequency.MONTHLY: (28,),
}


@dataclass(frozen=True)
class Wishes:
    """What the patient can do: an hour on their own clock, and the days that do not work.

    `no_weekdays` counts Monday as 0; `away` holds first and last day of each absence, both included.
    """

    zone: str
    hour: time
    first_day: date | None = None
    no_weekdays: frozenset[int] = frozenset()
    away: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Slot:
    """One planned session: the local day it belongs to and the moment."""

    day: date
    starts_at: datetime


@dataclass(frozen=True)
class Calendar:
    """The planned sessions, and why there are fewer than asked for (empty when there are not)."""

    slots: tuple[Slot, ...]
    reasons: tuple[Reason, ...] = field(default=())


def local_moment(day: date, hour: time, zone: str) -> datetime:
    """That hour of that day on the wall of the zone, as UTC.

    An hour that daylight saving skips moves by the jump; of an hour that happens twice it is the first.
    """
    return datetime.combine(day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def possible(day: date, wishes: Wishes) -> bool:
    """Whether the patient can do this day."""
    if day.weekday() in wishes.no_weekdays:
        return False
    return not any(first <= day <= last for first, last in wishes.away)


def check_move(starts_at: datetime, others: Iterable[datetime], *, now: datetime, policy: Policy) -> tuple[Reason, ...]:
    """Why a session may not be at this moment: it is past, or closer than 72 hours to another one."""
    found = []
    if starts_at <= now:
        found.append(reason("session_in_past", Weight.REFUSE))
    hours = policy.interval.minimum_hours
    if any(abs(starts_at - other) < timedelta(hours=hours) for other in others):
        found.append(reason("session_too_close", Weight.REFUSE, policy.source("interval.minimum_hours"), hours=hours))
    return tuple(found)


def _in_turn(last_session_at: datetime | None, frequency: Frequency, zone: str) -> date:
    """The day on which the next session has its turn, when the patient does not ask for another one."""
    if last_session_at is None:
        return date.min
    return last_session_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=GAPS[frequency][0])


def plan(
    *,
    count: int,
    frequency: Frequency,
    wishes: Wishes,
    not_before: datetime,
    last_session_at: datetime | None,
    last_day: date,
    policy: Policy,
    fits: Callable[[date, Sequence[date]], bool] = lambda _day, _planned: True,
) -> Calendar:
    """`count` sessions after `not_before` (the medicine has arrived, and it is not past), none after `last_day`.

    The gap is counted in days on the calendar, then pushed on until 72 hours really lie between and the day works;
    `fits` says whether the phase of the treatment allows a day beside those that are planned already.
    """
    if not_before.tzinfo is None:
        raise ValueError("not_before needs a zone")
    minimum = timedelta(hours=policy.interval.minimum_hours)
    first_day = wishes.first_day or _in_turn(last_session_at, frequency, wishes.zone)
    day = max(first_day, not_before.astimezone(ZoneInfo(wishes.zone)).date())
    end = min(last_day, day + timedelta(days=_HORIZON_DAYS))
    slots: list[Slot] = []
    previous = last_session_at
    while len(slots) < count and day <= end:
        moment = local_moment(day, wishes.hour, wishes.zone)
        rested = previous is None or moment - previous >= minimum
        works = moment > not_before and rested and possible(day, wishes)
        if works and fits(day, [slot.day for slot in slots]):
            slots.append(Slot(day, moment))
            previous = moment
            gaps = GAPS[frequency]
            day += timedelta(days=gaps[(len(slots) - 1) % len(gaps)])
        else:
            day += timedelta(days=1)
    if len(slots) < count:
        missing = reason(
            "plan_shorter", Weight.NOTE, policy.source("law.refill_months"), planned=len(slots), asked=count
        )
        return Calendar(tuple(slots), (missing,))
    return Calendar(tuple(slots))
