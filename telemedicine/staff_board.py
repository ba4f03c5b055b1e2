"""The day of the practice as it goes: who waits now, who is late, what is going on, and what comes next."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common import clock
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import Span
from telemedicine.rules.standing import PRESSING, Standing
from telemedicine.selectors import LOOK_BACK
from telemedicine.staff_grid import Filters, licences_of, visits_in
from telemedicine.staff_standing import Shown, shown
from telemedicine.week import midnight

# Who waits for somebody, whoever that is; the counts of the board's first line.
WAITS = {Standing.WAITING, Standing.TELEPHONE, Standing.LEFT, Standing.BLOCKED}


@dataclass(frozen=True)
class Column:
    """One clinician's day; `next` is the visit that comes next."""

    clinician: Clinician
    visits: list[Shown]
    next: Shown | None


@dataclass(frozen=True)
class Board:
    """A day. `pressing` is what somebody has to look at now, the most pressing first."""

    day: date
    pressing: list[Shown]
    columns: list[Column]
    waiting: int
    late: int
    going_on: int
    ahead: int
    # Visits ahead whose clinician has no licence then where the patient will be.
    unlicensed: frozenset[UUID]

    @property
    def total(self) -> int:
        return sum(len(column.visits) for column in self.columns)


def board_of(clinicians: Collection[Clinician], day: date, zone: str, now: datetime, filters: Filters) -> Board:
    """The visits of a day on the wall of `zone`, by clinician and time. Three queries.

    A visit that was never closed stays on today's board for a day, whatever its date.
    """
    people = {who.pk: who for who in clinicians if filters.clinician in (None, who.pk)}
    is_today = day == clock.today(zone, now)
    span = Span(midnight(day, zone), midnight(day + timedelta(days=1), zone))
    window = Span(now - LOOK_BACK, span.ends_at) if is_today else span
    lines = [
        line
        for line in shown(visits_in(window, list(people), now=now, cancelled=filters.cancelled), now)
        if span.starts_at <= line.visit.starts_at < span.ends_at
        or (line.standing in {Standing.NOT_CLOSED, Standing.GOING_ON} and line.visit.starts_at < span.starts_at)
    ]
    if filters.kind:
        lines = [line for line in lines if line.visit.kind == filters.kind]
    by_person: dict[UUID, list[Shown]] = {}
    for line in lines:
        by_person.setdefault(line.visit.clinician_id, []).append(line)
    pressing = [line for line in lines if line.presses] if is_today else []
    ahead = [line for line in lines if line.visit.status == Status.BOOKED and line.visit.starts_at > now]
    return Board(
        day=day,
        pressing=sorted(pressing, key=lambda line: (PRESSING.index(line.standing), line.since or line.visit.starts_at)),
        columns=[
            Column(who, by_person[pk], _next(by_person[pk], now)) for pk, who in people.items() if pk in by_person
        ],
        waiting=sum(line.standing in WAITS for line in lines),
        late=sum(line.standing == Standing.LATE for line in lines),
        going_on=sum(line.standing == Standing.GOING_ON for line in lines),
        ahead=len(ahead),
        unlicensed=_unlicensed(ahead, licences_of(people.values(), day - timedelta(days=1))),
    )


def _unlicensed(ahead: Iterable[Shown], licences: Mapping[UUID, Mapping[str, date]]) -> frozenset[UUID]:
    found = set()
    for visit in (line.visit for line in ahead if line.visit.place):
        until = licences.get(visit.clinician_id, {}).get(visit.place)
        if until is None or clock.today(visit.clinician.zone, visit.starts_at) > until:
            found.add(visit.pk)
    return frozenset(found)


def _next(lines: list[Shown], now: datetime) -> Shown | None:
    return next((line for line in lines if line.visit.status == Status.BOOKED and line.visit.starts_at > now), None)
