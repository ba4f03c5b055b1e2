"""Visits that the tests of booking and of moving both begin with."""

from datetime import datetime, timedelta
from typing import Any

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.notifications.models import Notification, State
from telemedicine.models import Appointment
from telemedicine.services import book
from tests.cast import NOON, make_patient
from tests.telemedicine.conftest import TOMORROW, pay_evaluation

QUARTER = timedelta(minutes=15)


def book_first(
    patient: Patient,
    clinician: Clinician,
    *,
    starts_at: datetime = TOMORROW,
    by: Any = None,
    now: datetime = NOON,
    kind: str = "evaluation",
) -> Appointment:
    """The first visit, booked by the patient unless somebody else does."""
    return book(patient=patient, clinician=clinician, starts_at=starts_at, kind=kind, by=by or patient.user, now=now)


def another_paying() -> Patient:
    """Another patient, who has paid too."""
    patient = make_patient("third@example.com", legal_name="Max Third")
    pay_evaluation(patient)
    return patient


def pending(appointment: Appointment) -> set[tuple[str, str, datetime]]:
    """Template, channel and moment of every message about a visit that is still to go."""
    rows = Notification.objects.filter(about=appointment.about, state=State.PENDING)
    return {(row.template, row.channel, row.due_at) for row in rows}
