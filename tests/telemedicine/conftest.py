"""Hours and payments for the cast, so that visits can be booked."""

from datetime import UTC, datetime, time

import pytest
import time_machine

from billing.models import Charge
from billing.prices import Purpose
from harmoniously.core.accounts.models import Clinician, Patient
from telemedicine.models import Appointment, AvailabilityRule
from telemedicine.models.appointment import Kind
from telemedicine.services import book
from tests.cast import NOON

# Wednesday 4 November 2026, 09:00 in Los Angeles; the next day at 10:00 there.
TOMORROW = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)


def give_hours(clinician: Clinician, *, starts: time = time(9), ends: time = time(17), weekdays=range(7)) -> None:
    """The same hours on each of the weekdays, for every kind of visit."""
    for weekday in weekdays:
        AvailabilityRule.objects.create(
            clinician=clinician, weekday=weekday, starts=starts, ends=ends, kinds=list(Kind.values)
        )


def pay_evaluation(patient: Patient) -> Charge:
    """The evaluation fee, paid."""
    return Charge.objects.create(
        patient=patient,
        purpose=Purpose.EVALUATION,
        amount_cents=14900,
        gateway="test",
        status=Charge.Status.PAID,
        paid_at=NOON,
    )


@pytest.fixture
def working(prescriber: Clinician) -> Clinician:
    give_hours(prescriber)
    return prescriber


@pytest.fixture
def paying(patient: Patient) -> Patient:
    pay_evaluation(patient)
    return patient


@pytest.fixture
def at_noon(db: None):
    """It is Wednesday 4 November 2026, 09:00 in Los Angeles; `move_to` moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(paying: Patient, working: Clinician) -> Appointment:
    """The first visit, booked for tomorrow at 10:00 in Los Angeles."""
    return book(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=paying.user, now=NOON)
