"""Questions about availability and visits. A week of offers costs three queries, however many clinicians."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import DateField, Exists, OuterRef, PositiveSmallIntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast

from harmoniously.core.accounts.models import Clinician, Licence, Patient, User
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, Role
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.common import clock
from telemedicine.models import Appointment, AvailabilityRule, DateHours, TimeOff, WorkingLimits
from telemedicine.models.appointment import Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Calendar, Limits, Slot, Span, VisitKind, WeeklyHours
from treatment.models import Discharge

SEARCH = timedelta(days=14)  # how far ahead of a taken time the nearest free ones are looked for
LOOK_BACK = timedelta(hours=26)  # more than any local day, so that a day is counted whole


@dataclass(frozen=True)
class Offer:
    """A bookable time with the person who gives it."""

    slot: Slot
    clinician: Clinician

    @property
    def starts_at(self) -> datetime:
        return self.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.slot.ends_at


@dataclass(frozen=True)
class Ignoring:
    """Time that does not count as taken: the patient's own hold, or the visit that is being moved."""

    patient: Patient | None = None
    appointment: Appointment | None = None


NOTHING_IGNORED = Ignoring()
# Calendars that were read at once, and the clinicians whose they are.
Read = tuple[list[Calendar], dict[UUID, Clinician]]
AWAY = "away"


@dataclass(frozen=True)
class Taken:
    """What takes a clinician's time, and the starts of the visits that took place."""

    away: list[Span] = field(default_factory=list)
    visits: list[Span] = field(default_factory=list)
    done: list[datetime] = field(default_factory=list)


def offers(
    *,
    kind: VisitKind,
    state: str,
    window: Span,
    now: datetime,
    lead: timedelta = slots.LEAD_TIME,
    clinicians: Collection[UUID] | None = None,
    ignoring: Ignoring = NOTHING_IGNORED,
) -> list[Offer]:
    """Every free start in the window with each clinician licensed in the state, by time. Three queries."""
    read = calendars_of(kind=kind, state=state, windows=[window], now=now, clinicians=clinicians, ignoring=ignoring)
    return _offers_in(read, kind, window, now + lead)


def _offers_in(read: Read, kind: VisitKind, window: Span, earliest: datetime) -> list[Offer]:
    calendars, people = read
    found = slots.free_slots(calendars, kind=kind, window=window, earliest=earliest)
    return [Offer(slot, people[slot.clinician_id]) for slot in found]


def one_per_time(found: Iterable[Offer]) -> list[Offer]:
    """One clinician for each time: the one with the most free starts among these, so that work spreads evenly."""
    listed = list(found)
    room: dict[UUID, int] = {}
    for offer in listed:
        room[offer.clinician.pk] = room.get(offer.clinician.pk, 0) + 1
    listed.sort(key=lambda offer: (offer.starts_at, -room[offer.clinician.pk], offer.clinician.pk))
    chosen: dict[datetime, Offer] = {}
    for offer in listed:
        chosen.setdefault(offer.starts_at, offer)
    return list(chosen.values())


def nearest_offers(
    *,
    wanted: datetime,
    kind: VisitKind,
    state: str,
    now: datetime,
    lead: timedelta = slots.LEAD_TIME,
    ignoring: Ignoring = NOTHING_IGNORED,
    read: Read | None = None,
    fits: Callable[[Offer], bool] = lambda offer: True,
) -> list[Offer]:
    """The free times closest to one that has gone, in order, of those that fit.

    In calendars that were read with `around(wanted)`, else in three queries.
    """
    window = around(wanted, now)
    if read is None:
        read = calendars_of(kind=kind, state=state, windows=[window], now=now, ignoring=ignoring)
    found = filter(fits, _offers_in(read, kind, window, now + lead))
    by_time = {offer.starts_at: offer for offer in one_per_time(found)}
    return [by_time[slot.starts_at] for slot in slots.nearest([offer.slot for offer in by_time.values()], wanted)]


def around(wanted: datetime, now: datetime) -> Span:
    """Where the nearest free times are looked for."""
    return Span(max(now, wanted - LOOK_BACK), max(now, wanted) + SEARCH)


def calendars_of(
    *,
    kind: VisitKind,
    state: str,
    windows: Sequence[Span],
    now: datetime,
    clinicians: Collection[UUID] | None = None,
    ignoring: Ignoring = NOTHING_IGNORED,
) -> Read:
    """The calendars of everybody who may see a patient in this state, as the pure rule wants them. Three queries.

    They are whole in the windows; of what lies between these nothing is known.
    """
    licences = _licences(kind, state, windows, clinicians)
    people = {licence.clinician_id: licence.clinician for licence in licences}
    hours, dates = _hours(people, kind, windows)
    taken = _taken(people, windows, now, ignoring)
    calendars = [
        Calendar(
            clinician_id=pk,
            zone=person.zone,
            hours=tuple(hours[pk]),
            busy=tuple(taken[pk].away),
            licensed_through=_licensed_through(licences, pk),
            dates=tuple(dates[pk]),
            visits=tuple(taken[pk].visits),
            done=tuple(taken[pk].done),
            limits=as_limits(getattr(person, "working_limits", None)),
        )
        for pk, person in people.items()
    ]
    return calendars, people


def room_of(clinician: Clinician, span: Span, *, now: datetime, ignoring: Ignoring) -> Calendar | None:
    """What stands around a time, for a clinician who asks for room around visits; None for one who does not."""
    limits = as_limits(WorkingLimits.objects.filter(clinician=clinician).first())
    if limits == slots.NO_LIMITS:
        return None
    taken = _taken([clinician.pk], [span], now, ignoring)[clinician.pk]
    return Calendar(
        clinician_id=clinician.pk,
        zone=clinician.zone,
        hours=(),
        busy=(),
        licensed_through=date.max,
        visits=tuple(taken.visits),
        done=tuple(taken.done),
        limits=limits,
    )


def roles_for(kind: VisitKind) -> frozenset[Role]:
    """Who may hold visits of a kind; whoever took up another role holds none, whatever hours they left."""
    return CLINICIAN_ROLES if kind == VisitKind.INTEGRATION else frozenset({Role.PRESCRIBER})


def as_weekly_hours(row: AvailabilityRule) -> WeeklyHours:
    """A row of weekly hours as the pure rule wants it."""
    return WeeklyHours(row.weekday, row.starts, row.ends, _kinds(row.kinds))


def as_date_hours(row: DateHours) -> slots.DateHours:
    """The hours of a date as the pure rule wants them."""
    return slots.DateHours(row.day, row.starts, row.ends, _kinds(row.kinds), row.instead)


def _kinds(names: Iterable[str]) -> frozenset[VisitKind]:
    return frozenset(VisitKind(name) for name in names)


def as_limits(row: WorkingLimits | None) -> Limits:
    """What a clinician asks for around visits, as the pure rule wants it."""
    if row is None:
        return slots.NO_LIMITS
    before, after = timedelta(minutes=row.minutes_before), timedelta(minutes=row.minutes_after)
    return Limits(before, after, row.daily_maximum)


def _hours(
    people: Collection[UUID], kind: VisitKind, windows: Sequence[Span]
) -> tuple[dict[UUID, list[WeeklyHours]], dict[UUID, list[slots.DateHours]]]:
    """The weekly hours for a kind, and those of single dates. One query.

    The latter whatever their kind: other hours for one kind stand instead of all weekly ones.
    """
    weekly: dict[UUID, list[WeeklyHours]] = {pk: [] for pk in people}
    dates: dict[UUID, list[slots.DateHours]] = {pk: [] for pk in people}
    days = Q()
    for window in windows:
        days |= Q(day__range=((window.starts_at - LOOK_BACK).date(), (window.ends_at + LOOK_BACK).date()))
    every = AvailabilityRule.objects.filter(clinician__in=list(people), kinds__contains=[kind.value])
    single = DateHours.objects.filter(days, clinician__in=list(people))
    no_day, no_weekday = Cast(Value(None), DateField()), Cast(Value(None), PositiveSmallIntegerField())
    rows = every.values_list("clinician_id", "starts", "ends", "kinds", "weekday", no_day, Value(False)).union(
        single.values_list("clinician_id", "starts", "ends", "kinds", no_weekday, "day", "instead"), all=True
    )
    for clinician_id, starts, ends, kinds, weekday, day, instead in rows:
        if day is None:
            weekly[clinician_id].append(WeeklyHours(weekday, starts, ends, _kinds(kinds)))
        else:
            dates[clinician_id].append(slots.DateHours(day, starts, ends, _kinds(kinds), instead))
    return weekly, dates


def _licences(
    kind: VisitKind, state: str, windows: Sequence[Span], clinicians: Collection[UUID] | None
) -> list[Licence]:
    # A day of slack: which local day it is depends on the clinician's zone, and the rule looks at that day exactly.
    first_day = (min(window.starts_at for window in windows) - LOOK_BACK).date()
    found = Licence.objects.select_related("clinician__user", "clinician__working_limits").filter(
        state=state, expires_on__gte=first_day, clinician__user__is_active=True
    )
    found = found.filter(clinician__user__role__in=roles_for(kind))
    if clinicians is not None:
        found = found.filter(clinician__in=clinicians)
    return list(found.order_by("clinician_id"))


def _licensed_through(licences: Iterable[Licence], clinician_id: UUID) -> date:
    return max(licence.expires_on for licence in licences if licence.clinician_id == clinician_id)


def _taken(people: Collection[UUID], windows: Sequence[Span], now: datetime, ignoring: Ignoring) -> dict[UUID, Taken]:
    """What takes a clinician's time around the windows: whole local days, to count the visits on each. One query."""
    found = {pk: Taken() for pk in people}
    near = Q()
    for window in windows:
        near |= Q(ends_at__gt=window.starts_at - LOOK_BACK, starts_at__lt=window.ends_at + LOOK_BACK)
    near &= Q(clinician__in=list(people))
    visits = Appointment.objects.filter(near, status__in=[Status.HELD, Status.BOOKED, Status.COMPLETED])
    visits = visits.exclude(status=Status.HELD, held_until__lte=now)
    if ignoring.patient is not None:
        visits = visits.exclude(status=Status.HELD, patient=ignoring.patient)
    if ignoring.appointment is not None:
        visits = visits.exclude(pk=ignoring.appointment.pk)
    away = TimeOff.objects.filter(near).values_list("clinician_id", Value(AWAY), "starts_at", "ends_at")
    rows = away.union(visits.values_list("clinician_id", "status", "starts_at", "ends_at"), all=True)
    for clinician_id, what, starts_at, ends_at in rows:
        if what == Status.COMPLETED:
            found[clinician_id].done.append(starts_at)
        else:
            taken = found[clinician_id].away if what == AWAY else found[clinician_id].visits
            taken.append(Span(starts_at, ends_at))
    return found


# Visits


def licensed_in(clinician: Clinician, state: str, *, at: datetime) -> bool:
    """Whether the clinician may practise in a state at a moment; the last day counts, on the clinician's calendar."""
    day = clock.today(clinician.zone, at)
    return Licence.objects.filter(clinician=clinician, state=state, expires_on__gte=day).exists()


def next_appointment(patient: Patient, now: datetime) -> Appointment | None:
    """The booked visit that comes next, or is going on."""
    booked = Appointment.objects.for_patient(patient).booked().with_people()
    return booked.filter(ends_at__gt=now).order_by("starts_at").first()


def visits_of(patient: Patient) -> QuerySet[Appointment]:
    """Every visit of a patient that was ever booked, newest first."""
    return (
        Appointment.objects.for_patient(patient)
        .exclude(status=Status.HELD)
        .exclude(status=Status.CANCELLED, held_until__isnull=False)
        .with_people()
        .order_by("-starts_at")
    )


def this_course(moment: str) -> Q:
    """Rows of a patient whose `moment` lies after the end of every treatment that has ended.

    Whoever applies again after a discharge pays, is seen and is decided on anew.
    """
    ended = Discharge.objects.filter(patient=OuterRef("patient"), discharged_at__gte=OuterRef(moment))
    return ~Q(Exists(ended))


def held_by(patient: Patient, now: datetime) -> Appointment | None:
    """The time the patient chose and has not confirmed yet; not one that is offered to them as they wait."""
    held = Appointment.objects.for_patient(patient).filter(status=Status.HELD, held_until__gt=now)
    return held.filter(offered__isnull=True).first()


def clinicians_of(patient: Patient, now: datetime) -> QuerySet[Clinician]:
    """The clinicians who care for the patient now, by name."""
    own = care_of(patient, at=now).values("clinician_id")
    return Clinician.objects.select_related("user").filter(pk__in=own).order_by("display_name")


def states_served(kind: VisitKind, now: datetime) -> set[str]:
    """The states in which somebody may hold a visit of this kind today."""
    found = Licence.objects.filter(expires_on__gte=now.date(), clinician__user__is_active=True)
    found = found.filter(clinician__user__role__in=roles_for(kind))
    return set(found.values_list("state", flat=True))


def unfinished(*, clinician: Clinician, now: datetime) -> QuerySet[Appointment]:
    """Booked visits whose time is over and that nobody has marked as held or missed."""
    return Appointment.objects.booked().with_people().filter(clinician=clinician, ends_at__lte=now)


def holds_visit(user: User, pk: UUID) -> bool:
    """Whether the visit is this clinician's own."""
    return Appointment.objects.filter(pk=pk, clinician__user=user).exists()
