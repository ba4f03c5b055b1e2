"""Questions about availability, visits and messages. A week of offers costs four queries, however many clinicians."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from billing.selectors import evaluation_paid
from harmoniously.core.accounts.models import Clinician, Licence, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.alerts.models import HoldLevel
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.common import clock
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from intake.selectors import applies_again
from telemedicine.models import Appointment, AvailabilityRule, Message, TimeOff
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Calendar, Slot, Span, VisitKind, WeeklyHours
from treatment.models import Discharge
from treatment.rules.visits import DueKind
from treatment.selecting.visits import waiting_visit

SEARCH = timedelta(days=14)  # how far ahead of a taken time the nearest free ones are looked for
LOOK_BACK = timedelta(days=1)


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
    """Every free start in the window with each clinician licensed in the state, by time. Four queries."""
    calendars, people = calendars_of(
        kind=kind, state=state, window=window, now=now, clinicians=clinicians, ignoring=ignoring
    )
    found = slots.free_slots(calendars, kind=kind, window=window, earliest=now + lead)
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
    clinicians: Collection[UUID] | None = None,
    ignoring: Ignoring = NOTHING_IGNORED,
) -> list[Offer]:
    """The free times closest to one that has gone, in order."""
    window = Span(max(now, wanted - LOOK_BACK), max(now, wanted) + SEARCH)
    found = offers(kind=kind, state=state, window=window, now=now, lead=lead, clinicians=clinicians, ignoring=ignoring)
    by_time = {offer.starts_at: offer for offer in one_per_time(found)}
    return [by_time[slot.starts_at] for slot in slots.nearest([offer.slot for offer in by_time.values()], wanted)]


def calendars_of(
    *,
    kind: VisitKind,
    state: str,
    window: Span,
    now: datetime,
    clinicians: Collection[UUID] | None = None,
    ignoring: Ignoring = NOTHING_IGNORED,
) -> tuple[list[Calendar], dict[UUID, Clinician]]:
    """The calendars of everybody who may see a patient in this state, as the pure rule wants them."""
    licences = _licences(kind, state, window, clinicians)
    people = {licence.clinician_id: licence.clinician for licence in licences}
    hours: dict[UUID, list[WeeklyHours]] = {pk: [] for pk in people}
    for rule in AvailabilityRule.objects.filter(clinician__in=people, kinds__contains=[kind.value]):
        hours[rule.clinician_id].append(
            WeeklyHours(rule.weekday, rule.starts, rule.ends, frozenset(VisitKind(name) for name in rule.kinds))
        )
    busy = _busy(people, window, now, ignoring)
    calendars = [
        Calendar(pk, person.zone, tuple(hours[pk]), tuple(busy[pk]), _licensed_through(licences, pk))
        for pk, person in people.items()
    ]
    return calendars, people


def _licences(kind: VisitKind, state: str, window: Span, clinicians: Collection[UUID] | None) -> list[Licence]:
    # A day of slack: which local day it is depends on the clinician's zone, and the rule looks at that day exactly.
    first_day = (window.starts_at - LOOK_BACK).date()
    found = Licence.objects.select_related("clinician__user").filter(
        state=state, expires_on__gte=first_day, clinician__user__is_active=True
    )
    if kind != VisitKind.INTEGRATION:
        found = found.filter(clinician__user__role=Role.PRESCRIBER)
    if clinicians is not None:
        found = found.filter(clinician__in=clinicians)
    return list(found.order_by("clinician_id"))


def _licensed_through(licences: Iterable[Licence], clinician_id: UUID) -> date:
    return max(licence.expires_on for licence in licences if licence.clinician_id == clinician_id)


def _busy(people: Collection[UUID], window: Span, now: datetime, ignoring: Ignoring) -> dict[UUID, list[Span]]:
    busy: dict[UUID, list[Span]] = {pk: [] for pk in people}
    # A visit that starts in the window may end after it.
    until = window.ends_at + max(slots.DURATION.values())
    overlapping = Q(clinician__in=list(people), ends_at__gt=window.starts_at, starts_at__lt=until)
    for row in TimeOff.objects.filter(overlapping).values_list("clinician_id", "starts_at", "ends_at"):
        busy[row[0]].append(Span(row[1], row[2]))
    taken = Appointment.objects.taking_time().filter(overlapping)
    taken = taken.exclude(status=Status.HELD, held_until__lte=now)
    if ignoring.patient is not None:
        taken = taken.exclude(status=Status.HELD, patient=ignoring.patient)
    if ignoring.appointment is not None:
        taken = taken.exclude(pk=ignoring.appointment.pk)
    for row in taken.values_list("clinician_id", "starts_at", "ends_at"):
        busy[row[0]].append(Span(row[1], row[2]))
    return busy


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


def evaluation_of(patient: Patient) -> Appointment | None:
    """The first visit that is booked or took place, newest first."""
    wanted = [Status.BOOKED, Status.COMPLETED]
    found = Appointment.objects.for_patient(patient).filter(kind=Kind.EVALUATION, status__in=wanted)
    return found.with_people().order_by("-starts_at").first()


def held_by(patient: Patient, now: datetime) -> Appointment | None:
    """The time the patient chose and has not confirmed yet."""
    return Appointment.objects.for_patient(patient).filter(status=Status.HELD, held_until__gt=now).first()


def kinds_open_to(patient: Patient) -> list[VisitKind]:
    """What a patient can book: first the first visit; after it, follow-ups and integration, and a new one when due."""
    seen = Appointment.objects.for_patient(patient).filter(kind=Kind.EVALUATION, status=Status.COMPLETED)
    if not seen.filter(this_course("starts_at")).exists():
        return [VisitKind.EVALUATION]
    if evaluation_asked_for(patient):
        return [VisitKind.EVALUATION, VisitKind.INTEGRATION]
    return [VisitKind.CHECK_IN, VisitKind.INTEGRATION]


def evaluation_asked_for(patient: Patient) -> bool:
    """Whether the treatment asks for a new evaluation (policy 8): part of the treatment, so nothing is paid for it."""
    due = waiting_visit(patient)
    return due is not None and due.kind == DueKind.EVALUATION


def own_clinicians(patient: Patient, now: datetime) -> list[UUID]:
    """The keys of the clinicians who care for the patient now."""
    return list(care_of(patient, at=now).values_list("clinician_id", flat=True))


def booking_stop(patient: Patient, now: datetime, *, kinds: list[VisitKind] | None = None) -> str | None:
    """Why a patient cannot book now, or None.

    "safety_hold", "consent_missing", "treatment_ended", "unpaid" or "already_booked". `kinds` are those of
    `kinds_open_to`, where they were read already.
    """
    hold = active_hold(patient)
    if hold is not None and hold.level == HoldLevel.HIGH:
        return "safety_hold"
    if not consents.in_force(patient, Activity.BOOKING, now):
        return "consent_missing"
    if (kinds or kinds_open_to(patient)) != [VisitKind.EVALUATION]:
        return None
    if not evaluation_paid(patient):
        return "treatment_ended" if applies_again(patient) else "unpaid"
    ahead = Appointment.objects.for_patient(patient).booked().filter(kind=Kind.EVALUATION, ends_at__gt=now)
    return "already_booked" if ahead.exists() else None


def schedule(*, window: Span, clinicians: Collection[UUID] | None = None) -> QuerySet[Appointment]:
    """What stands in the clinicians' week: everything but cancelled visits and holds, by time."""
    shown = [Status.BOOKED, Status.COMPLETED, Status.NO_SHOW]
    found = Appointment.objects.with_people().filter(
        status__in=shown, ends_at__gt=window.starts_at, starts_at__lt=window.ends_at
    )
    if clinicians is not None:
        found = found.filter(clinician__in=clinicians)
    return found.order_by("starts_at", "id")


def seeing_patients() -> list[Clinician]:
    """The clinicians who have weekly hours, by name: the rows of the schedule."""
    found = Clinician.objects.filter(user__is_active=True, availability_rules__isnull=False)
    return list(found.select_related("user").distinct().order_by("display_name"))


def time_off_in(*, window: Span) -> list[TimeOff]:
    """Absences that touch the window."""
    return list(TimeOff.objects.filter(ends_at__gt=window.starts_at, starts_at__lt=window.ends_at))


def hours_of(clinicians: Collection[UUID]) -> list[AvailabilityRule]:
    """The weekly hours of these clinicians, in order."""
    return list(AvailabilityRule.objects.filter(clinician__in=clinicians).order_by("weekday", "starts"))


def unfinished(*, clinician: Clinician, now: datetime) -> QuerySet[Appointment]:
    """Booked visits whose time is over and that nobody has marked as held or missed."""
    return Appointment.objects.booked().with_people().filter(clinician=clinician, ends_at__lte=now)


def holds_visit(user: User, pk: UUID) -> bool:
    """Whether the visit is this clinician's own."""
    return Appointment.objects.filter(pk=pk, clinician__user=user).exists()


# Messages


def thread(patient: Patient) -> QuerySet[Message]:
    """The whole thread, oldest first."""
    return Message.objects.for_patient(patient).select_related("author", "author__clinician")


def unread_for_patient(patient: Patient) -> int:
    """How many messages of the care team the patient has not opened."""
    return Message.objects.for_patient(patient).unread_by_patient().count()


def threads_for(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients who have a thread, unread and newest first, with `unread`, `latest_at` and `oldest_unread_at`."""
    unread = Q(messages__from_patient=True, messages__read_at__isnull=True)
    return (
        patients.filter(messages__isnull=False)
        .annotate(unread=Count("messages", filter=unread), latest_at=Max("messages__sent_at"))
        .select_related("user")
        .order_by("-unread", "-latest_at")
    )


def unread_threads() -> QuerySet[Patient]:
    """Patients with a message that nobody of the care team has opened: for the worklist."""
    return threads_for(Patient.objects.filter(pk__in=Message.objects.unread_by_team().values("patient")))
