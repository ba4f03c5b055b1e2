"""Who is on call when: plain decisions, no Django, no clock, no database.

The weekly rota says it, in the zone of each entry; an exception for some days stands in place of the rota. Whoever
accepted the duty last holds it until the next person accepts, also after the shift has ended, and also where there is
no rota [house]: a hand-over that nobody confirmed leaves two people told, never nobody. The person whom the rota names
is told from the first minute of the shift, accepted or not. Where the rota names nobody, the first of the on-call list
is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Weekly:
    """One entry of the rota: a weekday (0 is Monday), from an hour until another, of the next day if not later."""

    person: UUID
    weekday: int
    starts: time
    ends: time
    zone: str


@dataclass(frozen=True, order=True)
class Shift:
    """One person's duty from a moment until another."""

    starts_at: datetime
    ends_at: datetime
    person: UUID


def _moment(day: date, hour: time, zone: str) -> datetime:
    """That hour on the wall there. An hour that the clocks skip moves by the jump; of one that comes twice, the first.

    Where one shift ends and the next begins on the same hour, both are the same moment: no clock change makes a gap.
    """
    return datetime.combine(day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shifts(
    weekly: Iterable[Weekly], exceptions: Iterable[Shift], *, since: datetime, until: datetime
) -> tuple[Shift, ...]:
    """Every shift that touches the time from `since` to `until`; an exception stands in place of the rota."""
    special = sorted(shift for shift in exceptions if shift.starts_at < until and shift.ends_at > since)
    usual = [shift for entry in weekly for shift in _of(entry, since, until)]
    for taken in special:
        usual = [part for shift in usual for part in _without(shift, taken)]
    return tuple(sorted([*usual, *special]))


def _of(entry: Weekly, since: datetime, until: datetime) -> Iterable[Shift]:
    zone = ZoneInfo(entry.zone)
    day = since.astimezone(zone).date() - 2 * DAY
    last = until.astimezone(zone).date()
    while day <= last:
        if day.weekday() == entry.weekday:
            over = day + DAY if entry.ends <= entry.starts else day
            starts_at, ends_at = _moment(day, entry.starts, entry.zone), _moment(over, entry.ends, entry.zone)
            if starts_at < until and ends_at > since:
                yield Shift(starts_at, ends_at, entry.person)
        day += DAY


def _without(shift: Shift, taken: Shift) -> Iterable[Shift]:
    """What is left of a shift beside the time of an exception."""
    if shift.starts_at < min(shift.ends_at, taken.starts_at):
        yield Shift(shift.starts_at, min(shift.ends_at, taken.starts_at), shift.person)
    if max(shift.starts_at, taken.ends_at) < shift.ends_at:
        yield Shift(max(shift.starts_at, taken.ends_at), shift.ends_at, shift.person)


def gaps(found: Sequence[Shift], *, since: datetime, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The times from `since` to `until` in which no shift is."""
    empty, covered = [], since
    for shift in sorted(found):
        if shift.starts_at > covered:
            empty.append((covered, min(shift.starts_at, until)))
        covered = max(covered, shift.ends_at)
    if covered < until:
        empty.append((covered, until))
    return tuple(pair for pair in empty if pair[0] < pair[1])


@dataclass(frozen=True)
class Duty:
    """Who is told first now, whom the rota names, who holds the duty, and whether the rota names nobody."""

    first: tuple[UUID, ...]
    named: tuple[Shift, ...]
    holder: UUID | None
    gap: bool

    @property
    def awaited(self) -> tuple[Shift, ...]:
        """Shifts that began and that nobody accepted."""
        return tuple(shift for shift in self.named if shift.person != self.holder) if not self._held else ()

    @property
    def _held(self) -> bool:
        return any(shift.person == self.holder for shift in self.named)


def on_duty(
    found: Iterable[Shift], *, in_use: bool, holder: UUID | None, listed: Sequence[UUID], now: datetime
) -> Duty:
    """Who is on call at `now`.

    `found` are the shifts around now, `in_use` whether there is a rota at all (without one nobody is missing from it),
    `holder` whoever accepted last, `listed` the on-call list in order.
    """
    named = tuple(shift for shift in found if shift.starts_at <= now < shift.ends_at)
    gap = in_use and not named
    people = [shift.person for shift in named] or list(listed[:1])
    if holder is not None:
        people.append(holder)
    return Duty(tuple(dict.fromkeys(people)), named, holder, gap)


def order(first: Sequence[UUID], listed: Sequence[UUID]) -> tuple[tuple[UUID, ...], ...]:
    """The order of the telling: those on duty together, then the others of the list one after the other."""
    rest = tuple((person,) for person in listed if person not in first)
    return (tuple(first), *rest) if first else rest
