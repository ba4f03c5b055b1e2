"""Which time suits somebody who waits, and how long it is kept for them. Pure; instants are aware UTC datetimes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

KEPT_FOR = timedelta(hours=2)  # [house] of waking time
SHORTEST = timedelta(minutes=30)  # [house] of waking time: less is no fair chance to answer
LEAD_TIME = timedelta(hours=2)  # as for every patient: to find a quiet room
WAKES, SLEEPS = time(8), time(21)  # on the patient's clock, the hours in which texts are sent
FIND_ONE_AFTER = timedelta(days=7)  # [house] nothing came free by itself: a person looks for a time
UNANSWERED = 3  # so many offers without an answer end the waiting: others wait behind


@dataclass(frozen=True, slots=True)
class Wish:
    """What suits: weekdays (Monday is 0, none: any), wall times of the patient, before the visit they have."""

    zone: str
    weekdays: Collection[int]
    starts: time
    ends: time
    before: datetime | None = None


def suits(wish: Wish, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a time is one of those that were asked for; it must end before the visit that it would replace."""
    local = starts_at.astimezone(ZoneInfo(wish.zone))
    if wish.weekdays and local.weekday() not in wish.weekdays:
        return False
    return wish.starts <= local.time() < wish.ends and (wish.before is None or ends_at <= wish.before)


def is_met(wish: Wish, starts_at: datetime, ends_at: datetime, *, offered: datetime | None) -> bool:
    """Whether a visit they got is what they wait for: then the waiting ends.

    It is when it is no later than the time that is offered to them, or when it suits and is earlier than the visit
    they had. A first booking is not: whoever takes a late time meanwhile goes on waiting for an earlier one.
    """
    if offered is not None and starts_at <= offered:
        return True
    return wish.before is not None and suits(wish, starts_at, ends_at)


def kept_until(now: datetime, starts_at: datetime, zone: str) -> datetime | None:
    """Until when a time is kept: two waking hours from now, and two hours before it starts at the latest.

    None when less than half a waking hour would remain: then it is not offered, and anybody may book it.
    """
    latest = starts_at - LEAD_TIME
    until = _after_waking(now, KEPT_FOR, zone)
    if until > latest:
        until = latest
        if _after_waking(now, SHORTEST, zone) > latest:
            return None
    return until


def weeks_waited(asked_at: datetime, now: datetime) -> int:
    """How often a person should have looked for a time: once a week."""
    return max(now - asked_at, timedelta(0)) // FIND_ONE_AFTER


def _after_waking(now: datetime, wanted: timedelta, zone: str) -> datetime:
    """The moment at which so much time between 08:00 and 21:00 on the wall of the zone has passed."""
    place = ZoneInfo(zone)
    at = now
    while True:
        day = at.astimezone(place).date()
        opens = datetime.combine(day, WAKES, tzinfo=place).astimezone(UTC)
        closes = datetime.combine(day, SLEEPS, tzinfo=place).astimezone(UTC)
        begins = max(at, opens)
        if begins + wanted <= closes:
            return begins + wanted
        wanted -= max(closes - begins, timedelta(0))
        at = datetime.combine(day + timedelta(days=1), time(0), tzinfo=place).astimezone(UTC)
