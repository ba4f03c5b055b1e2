"""Visits that the treatment asks for (policy 8): opened by themselves, booked, and closed by the visit."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.common.rounds import each
from telemedicine import may_book
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules.visits import CLOSES_AFTER
from treatment import policy as policies
from treatment.models import Chart, DueVisit
from treatment.selecting.visits import charts_changed, charts_to_look_at
from treatment.services import visits as treatment

# A first visit is also one in which the patient is seen; a therapist's visit is not one with a prescriber.
MEETS = {Kind.CHECK_IN: ("check_in",), Kind.EVALUATION: ("check_in", "evaluation")}


def visits_held(patient: Patient) -> list[datetime]:
    """When the visits with a prescriber began that took place."""
    rows = Appointment.objects.for_patient(patient).filter(kind__in=list(MEETS), status=Status.COMPLETED)
    return [started or planned for started, planned in rows.values_list("started_at", "starts_at")]


def bring_up_to_date(*, patient: Patient, by: Actor, now: datetime) -> DueVisit | None:
    """What is due for one patient, as the calendar and the visits have it now; None without an open chart."""
    chart = charts_to_look_at(now).filter(patient=patient).first()
    if chart is None:
        return None
    with transaction.atomic():
        due = treatment.bring_up_to_date(chart=chart, visits_held=visits_held(patient), by=by, now=now)
        if due is not None:
            _tie(due, by=by, now=now)
    return due


def _tie(due: DueVisit, *, by: Actor, now: datetime) -> None:
    """Tie it to a visit that is booked or going on, or offer it where the patient may book."""
    ahead = _booked_for(due, now)
    if ahead is not None:
        treatment.booked(due=due, appointment=ahead.pk, by=by, now=now)
        return
    if due.status == DueVisit.Status.BOOKED:
        treatment.let_go(due=due, by=by, now=now)
    if may_book.booking_stop(due.patient, now) is None:
        treatment.offer(due=due, by=by, now=now)


def _booked_for(due: DueVisit, now: datetime) -> Appointment | None:
    kinds = [kind for kind, met in MEETS.items() if due.kind in met]
    # Also one that began and lasts longer than planned, and one that can still begin: nobody is asked to book another.
    stands = Q(ends_at__gt=now) | Q(starts_at__gt=now - CLOSES_AFTER) | Q(started_at__isnull=False)
    ahead = Appointment.objects.for_patient(due.patient).booked().filter(stands, kind__in=kinds)
    return ahead.order_by("starts_at").first()


def after_booking(*, due: DueVisit | None, appointment: Appointment, by: Actor, now: datetime) -> None:
    """A visit was booked, cancelled, missed or held: what is due follows in the same transaction."""
    if due is None or due.kind not in MEETS.get(Kind(appointment.kind), ()):
        return
    if appointment.status == Status.BOOKED:
        treatment.booked(due=due, appointment=appointment.pk, by=by, now=now)
    elif appointment.status == Status.COMPLETED:
        treatment.held(due=due, began=appointment.started_at or appointment.starts_at, by=by, now=now)
    elif due.appointment == appointment.pk:
        treatment.let_go(due=due, by=by, now=now)


def after_unbooking(*, due: DueVisit | None, visits: Collection[UUID], by: Actor, now: datetime) -> None:
    """Bookings were taken back: what is due waits as before, or is met by the visit that met it before."""
    if due is None or due.appointment not in visits:
        return
    treatment.unbooked(due=due, by=by, now=now)
    other = _booked_for(due, now)
    if other is not None:
        treatment.booked(due=due, appointment=other.pk, by=by, now=now)


def sweep(*, now: datetime, everybody: bool = False) -> int:
    """Who had a session lately, has a visit due, or was not seen for long; or every patient in treatment.

    Asked again it changes nothing. Returns how many visits wait.
    """
    weeks = policies.load().dosing.new_evaluation_after_weeks
    charts = charts_to_look_at(now) if everybody else charts_changed(now, unseen_since=now - timedelta(weeks=weeks))

    def look(chart: Chart) -> bool:
        return bring_up_to_date(patient=chart.patient, by=SYSTEM, now=now) is not None

    return each(charts.iterator(), look)
