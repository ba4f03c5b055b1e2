"""Which times can be offered: weekly hours and those of single dates minus what is taken, on the clinician's clock.

Pure: no database, no Django, no clock. Instants are aware UTC datetimes; weekly hours are wall times in the
clinician's zone, so "09:00 on Mondays" stays 09:00 through every change of the clocks.

On the two odd days a year:
- a wall time that the clocks jump over (02:30 in spring) is not offered, because nobody could keep it;
- a wall time that happens twice (01:30 in autumn) is offered once, the first time round.

Between two visits of one clinician lies at least what they need after one (the note) and before the next (the case).
No day holds more visits than the clinician's maximum, counted on their own calendar.
"""

from bisect import bisect_left
from collections import Counter
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
class DateHours:
    """Working hours of one date, beside the weekly ones of that day or, with `instead`, in their place."""

    day: date
    starts: time
    ends: time
    kinds: frozenset[VisitKind]
    instead: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a clinician asks for around visits, and how many a day they see at most (None: as many as fit)."""

    before: timedelta = timedelta(0)
    after: timedelta = timedelta(0)
    daily_maximum: int | None = None

    @property
    def gap(self) -> timedelta:
        """What lies at least between the end of one visit and the start of the next."""
        return self.after + self.before


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Calendar:
    """One clinician's availability. `licensed_through` is the last local day on which the licence is valid.

    `busy` is time off. `visits` are held or booked: they take time, with the gap around it, and count towards the
    day's maximum. `done` are the starts of visits that took place: they only count.
    """

    clinician_id: UUID
    zone: str
    hours: tuple[WeeklyHours, ...]
    busy: tuple[Span, ...]
    licensed_through: date
    dates: tuple[DateHours, ...] = ()
    visits: tuple[Span, ...] = ()
    done: tuple[datetime, ...] = ()
    limits: Limits = NO_LIMITS


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


class Obstacle(StrEnum):
    """Why a time cannot be had: codes, which the page of the clinic puts into words."""

    NOTICE = "notice"
    UNLICENSED = "unlicensed"
    AWAY = "away"
    OUTSIDE_HOURS = "outside_hours"
    OFF_GRID = "off_grid"
    TAKEN = "taken"
    NO_ROOM = "no_room"
    FULL_DAY = "full_day"


def obstacles(calendar: Calendar, *, kind: VisitKind, starts_at: datetime, earliest: datetime) -> tuple[Obstacle, ...]:
    """Everything that keeps a visit from starting then; nothing exactly when `is_offered` says that it can be had."""
    span = Span(starts_at, starts_at + DURATION[kind])
    zone, gap = ZoneInfo(calendar.zone), calendar.limits.gap
    day = starts_at.astimezone(zone).date()
    hours = list(_hours_of(calendar, day, kind))
    on_grid = any(starts_at in _starts(day, starts, ends, zone, DURATION[kind]) for starts, ends in hours)
    within = on_grid or any(
        _opening(day, starts, zone) <= span.starts_at and span.ends_at <= _closing(day, ends, zone)
        for starts, ends in hours
    )
    overlapped = any(overlap(visit, span) for visit in calendar.visits)
    too_near = any(overlap(Span(visit.starts_at - gap, visit.ends_at + gap), span) for visit in calendar.visits)
    found = {
        Obstacle.NOTICE: starts_at < earliest,
        Obstacle.UNLICENSED: day > calendar.licensed_through,
        Obstacle.AWAY: any(overlap(away, span) for away in calendar.busy),
        Obstacle.OUTSIDE_HOURS: not within,
        Obstacle.OFF_GRID: within and not on_grid,
        Obstacle.TAKEN: overlapped,
        Obstacle.NO_ROOM: too_near and not overlapped,
        Obstacle.FULL_DAY: day in _full_days(calendar),
    }
    return tuple(obstacle for obstacle, there in found.items() if there)


def misfit(calendar: Calendar, kind: VisitKind, span: Span, licensed_through: date | None) -> Obstacle | None:
    """Why a visit that is booked already cannot stay: hours, time off or the licence changed since. None: it can.

    `licensed_through` is that of the state where the patient will be, None without any.
    """
    if licensed_through is None or span.starts_at.astimezone(ZoneInfo(calendar.zone)).date() > licensed_through:
        return Obstacle.UNLICENSED
    if is_within_hours(calendar, kind, span):
        return None
    return Obstacle.AWAY if any(overlap(away, span) for away in calendar.busy) else Obstacle.OUTSIDE_HOURS


def open_stretches(
    calendar: Calendar, *, day: date, kinds: Iterable[VisitKind], earliest: datetime
) -> tuple[Span, ...]:
    """What is free of a clinician's day, in stretches long enough for one of the kinds; none before `earliest`."""
    zone, gap = ZoneInfo(calendar.zone), calendar.limits.gap
    if day > calendar.licensed_through or day in _full_days(calendar):
        return ()
    taken = _merged((*calendar.busy, *(Span(visit.starts_at - gap, visit.ends_at + gap) for visit in calendar.visits)))
    found: set[Span] = set()
    for kind in kinds:
        for starts, ends in _hours_of(calendar, day, kind):
            opens, closes = max(_opening(day, starts, zone), earliest), _closing(day, ends, zone)
            for away in [*taken, Span(closes, closes)]:
                until = min(away.starts_at, closes)
                if until - opens >= DURATION[kind]:
                    found.add(Span(opens, until))
                opens = max(opens, away.ends_at)
    return tuple(_merged(found))


def overlap(one: Span, other: Span) -> bool:
    """Whether two stretches share any time."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


class Part(StrEnum):
    """A part of the day on somebody's wall."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


NOON, DUSK = time(12), time(17)


def in_part(starts_at: datetime, zone: str, part: Part | None) -> bool:
    """Whether a time begins in that part of the day there: until noon, until five, or later."""
    if part is None:
        return True
    wall = starts_at.astimezone(ZoneInfo(zone)).time()
    if wall < NOON:
        return part == Part.MORNING
    return part == (Part.AFTERNOON if wall < DUSK else Part.EVENING)


def has_room(calendar: Calendar, span: Span) -> bool:
    """Whether the limits allow one more visit: far enough from the others, and not one too many on its day."""
    gap = calendar.limits.gap
    if any(visit.starts_at < span.ends_at + gap and span.starts_at < visit.ends_at + gap for visit in calendar.visits):
        return False
    return span.starts_at.astimezone(ZoneInfo(calendar.zone)).date() not in _full_days(calendar)


def is_within_hours(calendar: Calendar, kind: VisitKind, span: Span) -> bool:
    """Whether a visit lies in the hours of its kind and outside time off, whatever else is booked."""
    zone = ZoneInfo(calendar.zone)
    day = span.starts_at.astimezone(zone).date()
    if any(away.starts_at < span.ends_at and span.starts_at < away.ends_at for away in calendar.busy):
        return False
    return any(
        _opening(day, starts, zone) <= span.starts_at and span.ends_at <= _closing(day, ends, zone)
        for starts, ends in _hours_of(calendar, day, kind)
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
    gap = calendar.limits.gap
    taken = _merged((*calendar.busy, *(Span(visit.starts_at - gap, visit.ends_at + gap) for visit in calendar.visits)))
    taken_until = [span.ends_at for span in taken]
    duration = DURATION[kind]
    full = _full_days(calendar)
    for day in _local_days(window, zone):
        if day > calendar.licensed_through:
            return
        if day in full:
            continue
        for starts, ends in _hours_of(calendar, day, kind):
            for starts_at in _starts(day, starts, ends, zone, duration):
                if not window.starts_at <= starts_at < window.ends_at:
                    continue
                ends_at = starts_at + duration
                following = bisect_left(taken_until, starts_at + timedelta(microseconds=1))
                if following == len(taken) or taken[following].starts_at >= ends_at:
                    yield Slot(starts_at, ends_at, calendar.clinician_id)


def _hours_of(calendar: Calendar, day: date, kind: VisitKind) -> Iterator[tuple[time, time]]:
    """The hours of one date for a kind of visit: its own ones, and the weekly ones unless others stand instead."""
    own = [hours for hours in calendar.dates if hours.day == day]
    if not any(hours.instead for hours in own):
        weekday = day.weekday()
        for weekly in calendar.hours:
            if weekly.weekday == weekday and kind in weekly.kinds:
                yield weekly.starts, weekly.ends
    for hours in own:
        if kind in hours.kinds:
            yield hours.starts, hours.ends


def _full_days(calendar: Calendar) -> frozenset[date]:
    """The local days on which the clinician sees as many as they see in a day."""
    most = calendar.limits.daily_maximum
    if most is None:
        return frozenset()
    zone = ZoneInfo(calendar.zone)
    starts = (*(visit.starts_at for visit in calendar.visits), *calendar.done)
    counted = Counter(start.astimezone(zone).date() for start in starts)
    return frozenset(day for day, count in counted.items() if count >= most)


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


def _starts(day: date, starts: time, ends: time, zone: ZoneInfo, duration: timedelta) -> Iterator[datetime]:
    """Every start on the grid whose visit ends within the hours, as UTC instants."""
    closes_at = _closing(day, ends, zone)
    wall, last_wall = datetime.combine(day, starts), datetime.combine(day, ends)
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


def _opening(day: date, starts: time, zone: ZoneInfo) -> datetime:
    """When the hours begin. A beginning that the clocks jump over is the first step of the grid behind the jump."""
    wall = datetime.combine(day, starts)
    while not _exists(wall, found := wall.replace(tzinfo=zone).astimezone(UTC), zone):
        wall += GRID
    return found


def _closing(day: date, ends: time, zone: ZoneInfo) -> datetime:
    """When the hours end. An end that happens twice or never closes at the earlier reading: never past the hours."""
    wall = datetime.combine(day, ends, tzinfo=zone)
    return min(wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
