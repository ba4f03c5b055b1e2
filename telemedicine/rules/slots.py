"""Which times can be offered: weekly hours minus what is taken, on the clock the clinician lives by.

Pure: no database, no Django, no clock. Instants are aware UTC datetimes; weekly hours are wall times in the
clinician's zone, so "09:00 on Mondays" stays 09:00 through every change of the clocks.

On the two odd days a year:
- a wall time that the clocks jump over (02:30 in spring) is not offered, because nobody could keep it;
- a wall time that happens twice (01:30 in autumn) is offered once, the first time round.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo


class VisitKind(StrEnum):
    """What a visit is for. The values are stored."""

    EVALUATION = "evaluation"
    CHECK_IN = "check_in"
    INTEGRATION = "integration"


DURATION = {  # [house]
    VisitKind.EVALUATION: timedelta(minutes=45),
    VisitKind.CHECK_IN: timedelta(minutes=25),
    VisitKind.INTEGRATION: timedelta(minutes=50),
}
GRID = timedelta(minutes=15)  # [house] visits start on the quarter hours counted from the start of the working hours
LEAD_TIME = timedelta(hours=2)  # [house] what a patient needs to find a quiet room, and a clinician to read the case
HOLD = timedelta(minutes=10)  # how long a chosen time is kept for a patient who has not confirmed yet
NEAREST = 3  # alternatives offered when a time has gone

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open stretch of time [starts_at, ends_at), aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Working hours on one weekday (Monday is 0), wall time of the clinician, for these kinds of visit."""

    weekday: int
    starts: time
    ends: time
    kinds: frozenset[VisitKind]


@dataclass(frozen=True, slots=True)
class Calendar:
    """One clinician's availability. `licensed_through` is the last local day on which the licence is valid."""

    clinician_id: UUID
    zone: str
    hours: tuple[WeeklyHours, ...]
    busy: tuple[Span, ...]
    licensed_through: date


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that can be booked: ordered by instant, then by clinician so the order never wobbles."""

    starts_at: datetime
    ends_at: datetime
    clinician_id: UUID


def free_slots(calendars: Iterable[Calendar], *, kind: VisitKind, window: Span, earliest: datetime) -> tuple[Slot, ...]:
    """All free starts of this kind inside the window, none before `earliest` (now plus the lead time), in order."""
    starts_from = max(window.starts_at, earliest)
    found: set[Slot] = set()
    for calendar in calendars:
        found.update(_free_in(calendar, kind, Span(starts_from, window.ends_at)))
    return tuple(sorted(found))


def is_offered(calendar: Calendar, *, kind: VisitKind, starts_at: datetime, earliest: datetime) -> bool:
    """True when exactly this start is free and inside the hours: the same rule that draws the page."""
    window = Span(starts_at, starts_at + timedelta(microseconds=1))
    return any(
        slot.starts_at == starts_at for slot in free_slots([calendar], kind=kind, window=window, earliest=earliest)
    )


def nearest(slots: Sequence[Slot], wanted: datetime, count: int = NEAREST) -> tuple[Slot, ...]:
    """The `count` different start times closest to the wanted one, in order of time."""
    by_start = {slot.starts_at: slot for slot in reversed(slots)}
    closest = sorted(by_start.values(), key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))
    return tuple(sorted(closest[:count]))


def one_per_start(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """One slot for each start: a patient chooses a time, and the first free clinician in a stable order gives it."""
    chosen: dict[datetime, Slot] = {}
    for slot in slots:
        chosen.setdefault(slot.starts_at, slot)
    return tuple(chosen.values())


def _free_in(calendar: Calendar, kind: VisitKind, window: Span) -> Iterator[Slot]:
    zone = ZoneInfo(calendar.zone)
    taken = _merged(calendar.busy)
    taken_until = [span.ends_at for span in taken]
    duration = DURATION[kind]
    hours = [span for span in calendar.hours if kind in span.kinds]
    for day in _local_days(window, zone):
        if day > calendar.licensed_through:
            return
        for span in hours:
            if span.weekday != day.weekday():
                continue
            for starts_at in _starts(day, span, zone, duration):
                if not window.starts_at <= starts_at < window.ends_at:
                    continue
                ends_at = starts_at + duration
                following = bisect_left(taken_until, starts_at + timedelta(microseconds=1))
                if following == len(taken) or taken[following].starts_at >= ends_at:
                    yield Slot(starts_at, ends_at, calendar.clinician_id)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same time taken, without overlaps, in order."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.starts_at):
        if merged and span.starts_at <= merged[-1].ends_at:
            merged[-1] = Span(merged[-1].starts_at, max(merged[-1].ends_at, span.ends_at))
        else:
            merged.append(span)
    return merged


def _local_days(window: Span, zone: ZoneInfo) -> Iterator[date]:
    day = window.starts_at.astimezone(zone).date()
    last = window.ends_at.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _starts(day: date, hours: WeeklyHours, zone: ZoneInfo, duration: timedelta) -> Iterator[datetime]:
    """Every start on the grid whose visit ends within the hours, as UTC instants."""
    closes_at = _closing(day, hours.ends, zone)
    wall, last_wall = datetime.combine(day, hours.starts), datetime.combine(day, hours.ends)
    steady = _is_steady(day, zone)
    starts_at = wall.replace(tzinfo=zone).astimezone(UTC)
    while wall < last_wall:
        if not steady:
            starts_at = wall.replace(tzinfo=zone).astimezone(UTC)
        if starts_at + duration <= closes_at and (steady or _exists(wall, starts_at, zone)):
            yield starts_at
        wall += GRID
        starts_at += GRID


def _is_steady(day: date, zone: ZoneInfo) -> bool:
    """Whether the clocks stay as they are all day, as on all but two days a year: then instants run beside the wall."""
    midnight = datetime.combine(day, time(0), tzinfo=zone)
    return midnight.utcoffset() == (midnight + _DAY).utcoffset()


def _exists(wall: datetime, instant: datetime, zone: ZoneInfo) -> bool:
    return instant.astimezone(zone).replace(tzinfo=None) == wall


def _closing(day: date, ends: time, zone: ZoneInfo) -> datetime:
    """When the hours end. An end that happens twice or never closes at the earlier reading: never past the hours."""
    wall = datetime.combine(day, ends, tzinfo=zone)
    return min(wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
