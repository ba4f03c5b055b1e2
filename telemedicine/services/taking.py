"""Taking a time: the checks before it, the write, and what a lost race turns into.

That no two appointments overlap is the database's promise (exclusion constraints, migration 0002). What is checked
before the write only makes the answer kinder; it never has to be right for the promise to hold. The room a clinician
asks for around visits, and their daily maximum, are looked at once more among the writers who queue up for them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from billing.selectors import evaluation_paid
from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import on_care_team
from harmoniously.core.alerts.models import HoldLevel
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.actors import SYSTEM, Actor, SystemActor
from harmoniously.core.audit.services import advance
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from telemedicine import may_book, selectors
from telemedicine.models import Appointment
from telemedicine.models.appointment import CLINICIAN_CONSTRAINT, PATIENT_CONSTRAINT, Kind, Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.selectors import Ignoring, Offer
from telemedicine.services.locks import hold_visits, line_up

DEADLOCK, LOCK_TIMEOUT = "40P01", "55P03"
CLOSE = timedelta(microseconds=1)
NO_LEAD = timedelta(0)  # the clinic may arrange a visit on the spot, over the telephone


class SlotTaken(Conflict):
    """The time is no longer free; `alternatives` are the nearest ones that are, looked for by whoever shows them.

    Who has read calendars around the time already asks `nearest` with them.
    """

    def __init__(self, message: str, code: str, nearest: Callable[..., list[Offer]]) -> None:
        super().__init__(message, code)
        self.nearest = nearest

    @property
    def alternatives(self) -> list[Offer]:
        return self.nearest()


@dataclass(frozen=True)
class Wanted:
    """Who wants to meet whom, when, for what, and in which state the patient will be."""

    patient: Patient
    clinician: Clinician
    starts_at: datetime
    kind: VisitKind
    state: str

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + slots.DURATION[self.kind]

    @property
    def moment(self) -> Span:
        """The start alone: all that has to be read to know whether it can be had."""
        return Span(self.starts_at, self.starts_at + CLOSE)


def require_may_arrange(by: Actor, patient: Patient, now: datetime) -> None:
    """Patients arrange their own visits, coordinators everybody's, clinicians those of whom they care for."""
    if isinstance(by, SystemActor):
        return
    if isinstance(by, User) and (
        by.pk == patient.user_id
        or can(by, Permission.MANAGE_SCHEDULE)
        or (can(by, Permission.VIEW_CLINICAL) and on_care_team(by, patient, at=now))
    ):
        return
    raise PermissionDenied("arrange_visit")


def is_own(by: Actor, patient: Patient) -> bool:
    """Whether the patient acts, and not somebody of the clinic."""
    return isinstance(by, User) and by.pk == patient.user_id


def lead_for(by: Actor, patient: Patient) -> timedelta:
    """Two hours for patients, none for the clinic."""
    return slots.LEAD_TIME if is_own(by, patient) else NO_LEAD


def require_safe(by: Actor, patient: Patient) -> None:
    """Raise RuleViolation("safety_hold") while a high risk waits for a clinician: a visit is not the help for that.

    Patients read where help is; staff, coordinators among them, not what was answered.
    """
    hold = active_hold(patient)
    if hold is None or hold.level != HoldLevel.HIGH:
        return
    if not is_own(by, patient):
        raise RuleViolation(_("A clinician has to speak with this patient before a visit is booked."), "safety_hold")
    raise RuleViolation(
        _(
            "Your answers worry us, and a visit some days from now is not the help you need today. "
            "A clinician will call you. If you need someone now, call or text 988, or call 911 in an emergency."
        ),
        "safety_hold",
    )


def require_agreed(by: Actor, patient: Patient, now: datetime) -> None:
    """Raise RuleViolation("consent_missing") unless care by video and the keeping of a record are agreed to."""
    require = consents.require if is_own(by, patient) else consents.require_by_clinic
    require(patient, Activity.BOOKING, now)


def require_undecided(by: Actor, patient: Patient) -> None:
    """Raise RuleViolation("turned_down") for a patient whose case was declined; the clinic may still see them."""
    if is_own(by, patient) and may_book.place_of(patient).turned_down:
        raise RuleViolation(
            _("A prescriber has decided. Read the decision: it says what you can do now."), "turned_down"
        )


def require_entitled(wanted: Wanted, now: datetime) -> None:
    """Raise RuleViolation unless a first visit is paid for or asked for by the treatment, and is the only one ahead."""
    unpaid = wanted.kind == VisitKind.EVALUATION and not evaluation_paid(wanted.patient)
    if unpaid and not may_book.evaluation_asked_for(wanted.patient):
        raise RuleViolation(_("The first visit can be booked once its fee is paid."), "unpaid")
    require_only_one(wanted, now)


def require_only_one(wanted: Wanted, now: datetime) -> None:
    """Raise RuleViolation("already_booked") for a second first visit; overlaps are the database's to refuse."""
    if wanted.kind != VisitKind.EVALUATION:
        return
    ahead = Appointment.objects.for_patient(wanted.patient).booked().filter(kind=Kind.EVALUATION, ends_at__gt=now)
    if ahead.exclude(starts_at__lt=wanted.ends_at, ends_at__gt=wanted.starts_at).exists():
        raise RuleViolation(
            _("A first visit is already booked. Move it to another time, or cancel it first."), "already_booked"
        )


def require_offered(wanted: Wanted, *, lead: timedelta, ignoring: Ignoring, now: datetime) -> None:
    """Raise unless the clinician works then, is licensed there, and has nothing else, by the rule that draws the page.

    RuleViolation("not_licensed") when the licence is what is missing, else SlotTaken with alternatives.
    """
    calendars, _people = selectors.calendars_of(
        kind=wanted.kind,
        state=wanted.state,
        windows=[wanted.moment],
        now=now,
        clinicians=[wanted.clinician.pk],
        ignoring=ignoring,
    )
    day = clock.today(wanted.clinician.zone, wanted.starts_at)
    if not calendars or day > calendars[0].licensed_through:
        raise RuleViolation(
            _("This clinician has no licence then in the state where the visit would be. Please choose another time."),
            "not_licensed",
        )
    if not slots.is_offered(calendars[0], kind=wanted.kind, starts_at=wanted.starts_at, earliest=now + lead):
        raise taken(wanted, lead=lead, ignoring=ignoring, now=now)


def taken(
    wanted: Wanted, *, lead: timedelta, ignoring: Ignoring, now: datetime, constraint: str = CLINICIAN_CONSTRAINT
) -> SlotTaken:
    """The refusal, with the way to the nearest times that are free now."""
    what: dict[str, Any] = {"wanted": wanted.starts_at, "kind": wanted.kind, "state": wanted.state}
    nearest = partial(selectors.nearest_offers, **what, now=now, lead=lead, ignoring=ignoring)
    if constraint == PATIENT_CONSTRAINT:
        return SlotTaken(_("There is already another visit at this time."), "patient_busy", nearest)
    return SlotTaken(_("This time is no longer free. Nothing was booked."), "slot_taken", nearest)


def take(
    wanted: Wanted,
    *,
    by: Actor,
    now: datetime,
    until: datetime | None = None,
    beside: bool = False,
    holder: User | None = None,
) -> Appointment:
    """Write the hold row. Raises SlotTaken when another appointment of either person overlaps.

    It is kept until `until`, else for ten minutes. `beside`: it may stand beside a visit that it would replace.
    `holder` keeps it for a caller.
    """
    try:
        with serialised(wanted), transaction.atomic():
            # Again, now that nobody else writes for this patient.
            twin = twin_of(wanted, kept_at=now)
            if twin is not None:
                return twin
            require_agreed(by, wanted.patient, now)
            if not beside:
                require_only_one(wanted, now)
            make_room(wanted, by=by, now=now)
            require_room(wanted, ignoring=Ignoring(), now=now)
            return Appointment.objects.create(
                patient=wanted.patient,
                clinician=wanted.clinician,
                kind=wanted.kind.value,
                status=Status.HELD,
                starts_at=wanted.starts_at,
                ends_at=wanted.ends_at,
                state=wanted.state,
                held_until=until or now + slots.HOLD,
                held_by=holder,
                created_at=now,
            )
    except LostRace as lost:
        twin = twin_of(wanted, kept_at=now)
        if twin is not None:
            return twin  # the same form, sent twice at once
        ignoring = Ignoring(patient=wanted.patient)
        raise taken(
            wanted, lead=lead_for(by, wanted.patient), ignoring=ignoring, now=now, constraint=lost.constraint
        ) from lost


def twin_of(wanted: Wanted, *, kept_at: datetime | None = None) -> Appointment | None:
    """The same visit, already held or booked by the same patient; with `kept_at` no choice that ran out by then."""
    rows = Appointment.objects.for_patient(wanted.patient).taking_time().with_people()
    rows = rows.filter(
        clinician=wanted.clinician, starts_at=wanted.starts_at, kind=wanted.kind.value, state=wanted.state
    )
    if kept_at is not None:
        rows = rows.exclude(status=Status.HELD, held_until__lte=kept_at)
    return rows.first()


def let_expired_go(wanted: Wanted, *, now: datetime) -> None:
    """Let go of other patients' choices at this time that ran out, before the transaction that takes it."""
    held = Appointment.objects.filter(status=Status.HELD, clinician=wanted.clinician, held_until__lte=now)
    held = held.filter(starts_at__lt=wanted.ends_at, ends_at__gt=wanted.starts_at).exclude(patient=wanted.patient)
    for row in held.select_related("patient"):
        let_go(row, now=now)


def make_room(wanted: Wanted, *, by: Actor, now: datetime) -> None:
    """Let go of the patient's other choice; what is offered to them stays, unless it is at this very time."""
    own = Appointment.objects.filter(status=Status.HELD, patient=wanted.patient).select_related("patient")
    there = Q(starts_at__lt=wanted.ends_at, ends_at__gt=wanted.starts_at)
    for row in own.filter(Q(offered__isnull=True) | there).order_by("pk"):
        with suppress(Conflict):  # confirmed in this very moment: if it is in the way, the constraint says so
            advance(row, Status.CANCELLED, by=by, now=now, reason_code="other_time_chosen")


def require_room(wanted: Wanted, *, ignoring: Ignoring, now: datetime) -> None:
    """Raise LostRace when the clinician's limits leave no room; to be asked inside `serialised`, so nobody is faster.

    They bind the clinic as well: a clinician who sees six a day is not given a seventh over the telephone.
    """
    span = Span(wanted.starts_at, wanted.ends_at)
    calendar = selectors.room_of(wanted.clinician, span, now=now, ignoring=ignoring)
    if calendar is not None and not slots.has_room(calendar, span):
        raise LostRace(CLINICIAN_CONSTRAINT)


def let_go(row: Appointment, *, now: datetime) -> bool:
    """Cancel a choice that ran out; False when it was confirmed in this very moment."""
    try:
        with transaction.atomic():
            hold_visits(row.patient)
            advance(row, Status.CANCELLED, by=SYSTEM, now=now, reason_code="hold_expired")
    except Conflict:
        return False
    return True


class LostRace(Exception):
    """The database refused an overlap, or somebody else holds the row for too long."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@contextmanager
def serialised(*wanted: Wanted) -> Iterator[None]:
    """Writers for the same people queue up, so that a collision is a refusal and not a deadlock of two inserts.

    PostgreSQL lets two overlapping inserts wait for each other; the locks put them in a row. They are not what keeps
    appointments apart: without the constraint two writers both succeed, one after the other (test_double_booking).
    All are for one patient, whose queue comes first.
    """
    try:
        with transaction.atomic():
            hold_visits(wanted[0].patient)
            for clinician in sorted({str(one.clinician.pk) for one in wanted}):
                line_up(clinician)
            yield
    except IntegrityError as error:
        raise LostRace(_exclusion(error)) from error
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") not in {DEADLOCK, LOCK_TIMEOUT}:
            raise
        raise LostRace(CLINICIAN_CONSTRAINT) from error


def _exclusion(error: IntegrityError) -> str:
    """Which of the two promises was about to be broken; any other integrity error is a defect and goes on."""
    name = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
    if name not in {CLINICIAN_CONSTRAINT, PATIENT_CONSTRAINT}:
        raise error
    return name
