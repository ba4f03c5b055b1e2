"""The week of every clinician as coordinators see it: who is seen when, what is held, and what is still free."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Licence, Patient
from harmoniously.core.accounts.roles import CLINICIAN_ROLES
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.common import clock
from harmoniously.core.common.states import STATE_CHOICES
from telemedicine.models import Appointment, AvailabilityRule, DateHours, TimeOff
from telemedicine.models.appointment import Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Calendar, Obstacle, Span, VisitKind
from telemedicine.selectors import LOOK_BACK, as_date_hours, as_limits, as_weekly_hours, roles_for
from telemedicine.staff_standing import Shown, shown, span_words
from telemedicine.week import span_of

DAYS = 7
MOMENT = timedelta(microseconds=1)
MOST_STATES = 6
WORKS = Q(user__is_active=True, user__role__in=CLINICIAN_ROLES)
Hours = TypeVar("Hours", slots.WeeklyHours, slots.DateHours)
Owned = TypeVar("Owned", Appointment, AvailabilityRule, DateHours, TimeOff)


@dataclass(frozen=True)
class Filters:
    """What somebody wants to see of the week; nothing chosen is everything that takes time."""

    clinician: UUID | None = None
    kind: VisitKind | None = None
    state: str = ""
    cancelled: bool = False

    @property
    def kinds(self) -> list[VisitKind]:
        return [self.kind] if self.kind else list(VisitKind)


@dataclass(frozen=True)
class Cell:
    """One clinician's day. `free` are stretches such as "9:00 am–11:15 am"."""

    day: date
    is_today: bool
    visits: list[Shown] = field(default_factory=list)
    misfits: dict[UUID, Obstacle] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    away: list[TimeOff] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.visits or self.free or self.away)


@dataclass(frozen=True)
class Row:
    """One clinician's week, and the states in which they may see patients."""

    clinician: Clinician
    cells: list[Cell]
    states: list[str]

    @property
    def licensed(self) -> str:
        """Where, as it fits beside the name."""
        if not self.states:
            return _("No licence")
        if len(self.states) == len(STATE_CHOICES):
            return _("Licensed in every state")
        if len(self.states) > MOST_STATES:
            return _("Licensed in %(count)s states") % {"count": len(self.states)}
        return _("Licensed in %(states)s") % {"states": ", ".join(self.states)}

    @property
    def total(self) -> int:
        return sum(len(cell.visits) for cell in self.cells)


def seeing_patients() -> list[Clinician]:
    """The clinicians who have hours, by name: the rows of the grid. With them whoever has none any more, or left, and
    still has visits: somebody has to move those."""
    booked = Exists(Appointment.objects.booked().filter(clinician=OuterRef("pk")))
    found = Clinician.objects.filter((WORKS & _has_hours()) | booked)
    return list(found.select_related("user", "working_limits").order_by("display_name"))


def _has_hours() -> Q:
    own = {"clinician": OuterRef("pk")}
    return Q(Exists(AvailabilityRule.objects.filter(**own))) | Q(Exists(DateHours.objects.filter(**own)))


@dataclass(frozen=True)
class People:
    """With whom a visit can be booked: who has hours or cares for the patient, by name.

    `own` are those who care for the patient, `served` the states in which somebody may hold such a visit today.
    """

    everybody: list[Clinician]
    own: list[Clinician]
    served: set[str]


def people_to_see(kind: VisitKind, patient: Patient | None, now: datetime) -> People:
    """Everybody who works here and may be asked for. One query."""
    own = {"clinician": OuterRef("pk")}
    good = Q(licences__expires_on__gte=now.date())
    cares = Exists(care_of(patient, at=now).filter(**own)) if patient else Value(False)
    rows = (
        Clinician.objects.filter(WORKS)
        .select_related("user")
        .annotate(cares=cares, states=ArrayAgg("licences__state", filter=good, distinct=True, default=Value([])))
    )
    people: list[Any] = list(rows.filter(_has_hours() | Q(cares=True)).order_by("display_name"))
    able = [who for who in people if who.user.role in roles_for(kind)]
    return People(people, [who for who in people if who.cares], {state for who in able for state in who.states})


def visits_in(
    window: Span, clinicians: Collection[UUID], *, now: datetime, cancelled: bool = False
) -> list[Appointment]:
    """What stands in the clinicians' time: booked, over, held; cancelled visits when they are asked for."""
    shown_ones = [Status.BOOKED, Status.COMPLETED, Status.NO_SHOW]
    wanted = Q(status__in=shown_ones) | Q(status=Status.HELD, held_until__gt=now)
    if cancelled:  # not a choice that was let go: that was never a visit
        wanted |= Q(status=Status.CANCELLED, held_until__isnull=True)
    rows = Appointment.objects.filter(
        wanted, clinician__in=clinicians, ends_at__gt=window.starts_at, starts_at__lt=window.ends_at
    )
    rows = rows.select_related("patient__user", "clinician__user", "held_by").defer("location")
    return list(rows.order_by("starts_at", "id"))


def rows_of(
    clinicians: list[Clinician], monday: date, zone: str, now: datetime, filters: Filters = Filters()
) -> list[Row]:
    """A row for each clinician, a cell for each day on the wall of `zone`. Six queries, however many clinicians."""
    licences = licences_of(clinicians, monday)
    people = [who for who in clinicians if _is_wanted(who, filters, licences)]
    keys = [who.pk for who in people]
    window = span_of(monday, zone)
    around = Span(window.starts_at - LOOK_BACK, window.ends_at + LOOK_BACK)
    visits = visits_in(around, keys, now=now, cancelled=filters.cancelled)
    calendars = calendars_by_clinician(people, _licensed_through(licences, filters.state), visits, around)
    days = [monday + timedelta(days=offset) for offset in range(DAYS)]
    today = clock.today(zone, now)
    cells = {(pk, day): Cell(day, day == today) for pk in keys for day in days}
    for line in shown([visit for visit in visits if filters.kind in (None, visit.kind)], now):
        cell = cells.get((line.visit.clinician_id, clock.today(zone, line.visit.starts_at)))
        if cell is None:
            continue
        cell.visits.append(line)
        wrong = misfit_of(line.visit, calendars[line.visit.clinician_id][0], licences, now)
        if wrong is not None:
            cell.misfits[line.visit.pk] = wrong
    for pk, (calendar, away) in calendars.items():
        for stretch in _free(calendar, window, filters, now):
            cell = cells.get((pk, clock.today(zone, stretch.starts_at)))
            if cell is not None:
                cell.free.append(span_words(stretch.starts_at, stretch.ends_at, zone))
        for row in away:
            last = clock.today(zone, row.ends_at - MOMENT)  # until midnight is not the day after
            for day in days:
                if clock.today(zone, row.starts_at) <= day <= last:
                    cells[pk, day].away.append(row)
    return [Row(who, [cells[who.pk, day] for day in days], sorted(licences.get(who.pk, {}))) for who in people]


def misfit_of(
    visit: Appointment, calendar: Calendar, licences: dict[UUID, dict[str, date]], now: datetime
) -> Obstacle | None:
    """Why a visit ahead cannot take place as it is booked."""
    if visit.status != Status.BOOKED or visit.starts_at <= now:
        return None
    # Where nobody knows yet in which state the patient will be, the licence says nothing; the hours do.
    until = licences.get(visit.clinician_id, {}).get(visit.place) if visit.place else date.max
    return slots.misfit(calendar, VisitKind(visit.kind), Span(visit.starts_at, visit.ends_at), until)


def licences_of(clinicians: Iterable[Clinician], monday: date) -> dict[UUID, dict[str, date]]:
    """Until when each may see patients where, of the licences that are good on the Monday."""
    found: dict[UUID, dict[str, date]] = {}
    for row in Licence.objects.filter(clinician__in=[who.pk for who in clinicians], expires_on__gte=monday):
        own = found.setdefault(row.clinician_id, {})
        own[row.state] = max(row.expires_on, own.get(row.state, row.expires_on))
    return found


def _licensed_through(licences: dict[UUID, dict[str, date]], state: str) -> dict[UUID, date]:
    """Until when there is anything free of each: in the state that is asked for, else anywhere."""
    return {pk: own.get(state, date.min) if state else max(own.values()) for pk, own in licences.items()}


def _is_wanted(who: Clinician, filters: Filters, licences: dict[UUID, dict[str, date]]) -> bool:
    if filters.clinician is not None and who.pk != filters.clinician:
        return False
    if filters.state and filters.state not in licences.get(who.pk, {}):
        return False
    return filters.kind is None or who.user.role in roles_for(filters.kind)


def calendars_by_clinician(
    people: list[Clinician], licensed_through: dict[UUID, date], visits: list[Appointment], around: Span
) -> dict[UUID, tuple[Calendar, list[TimeOff]]]:
    """Each clinician's calendar as the pure rule wants it, with the absences. Three queries.

    Whoever left, or took up another role, has no hours: nothing of theirs is free, and no visit can stay.
    """
    keys = [who.pk for who in people]
    holds = {who.pk: _held_by(who) for who in people}
    working = [pk for pk, kinds in holds.items() if kinds]
    absences = TimeOff.objects.filter(clinician__in=keys, ends_at__gt=around.starts_at, starts_at__lt=around.ends_at)
    days = (around.starts_at.date(), around.ends_at.date())
    away = _by_clinician(absences)
    weekly = _by_clinician(AvailabilityRule.objects.filter(clinician__in=working).order_by("weekday", "starts"))
    dates = _by_clinician(DateHours.objects.filter(clinician__in=working, day__range=days))
    taken = _by_clinician(visits)
    return {
        who.pk: (
            Calendar(
                clinician_id=who.pk,
                zone=who.zone,
                hours=tuple(_of_kinds(as_weekly_hours(row), holds[who.pk]) for row in weekly.get(who.pk, ())),
                dates=tuple(_of_kinds(as_date_hours(row), holds[who.pk]) for row in dates.get(who.pk, ())),
                busy=tuple(Span(row.starts_at, row.ends_at) for row in away.get(who.pk, ())),
                visits=tuple(
                    Span(row.starts_at, row.ends_at)
                    for row in taken.get(who.pk, ())
                    if row.status in (Status.HELD, Status.BOOKED)
                ),
                done=tuple(row.starts_at for row in taken.get(who.pk, ()) if row.status == Status.COMPLETED),
                licensed_through=licensed_through.get(who.pk, date.min),
                limits=as_limits(getattr(who, "working_limits", None)),
            ),
            away.get(who.pk, []),
        )
        for who in people
    }


def _held_by(who: Clinician) -> frozenset[VisitKind]:
    """The kinds of visit that somebody may hold."""
    return frozenset(kind for kind in VisitKind if who.user.is_active and who.user.role in roles_for(kind))


def _of_kinds(hours: Hours, kinds: frozenset[VisitKind]) -> Hours:
    return replace(hours, kinds=hours.kinds & kinds)


def _by_clinician(rows: Iterable[Owned]) -> dict[UUID, list[Owned]]:
    found: dict[UUID, list[Owned]] = {}
    for row in rows:
        found.setdefault(row.clinician_id, []).append(row)
    return found


def _free(calendar: Calendar, window: Span, filters: Filters, now: datetime) -> list[Span]:
    """What of the week can still be booked, from now on."""
    first, last = (clock.today(calendar.zone, at) for at in (window.starts_at, window.ends_at))
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    today = clock.today(calendar.zone, now)
    return [
        stretch
        for day in days
        if day >= today
        for stretch in slots.open_stretches(calendar, day=day, kinds=filters.kinds, earliest=now)
    ]
