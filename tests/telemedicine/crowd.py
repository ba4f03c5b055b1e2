"""Many people who all want one time, and the database without what keeps them apart."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from harmoniously.core.accounts.models import Patient
from telemedicine.models import Appointment, VisitChange
from telemedicine.models.appointment import CLINICIAN_CONSTRAINT
from tests.cast import make_patient
from tests.telemedicine.conftest import pay_evaluation

no_overlap = importlib.import_module("telemedicine.migrations.0002_no_overlap")


def crowd(size: int) -> list[Patient]:
    """Patients who have paid for their first visit."""
    patients = [make_patient(f"p{number}@example.com", legal_name=f"Person {number}") for number in range(size)]
    for patient in patients:
        pay_evaluation(patient)
    return patients


@contextmanager
def unguarded() -> Iterator[None]:
    """The table without its promise, which is given back whatever happens; no appointment is left then."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE telemedicine_appointment DROP CONSTRAINT {CLINICIAN_CONSTRAINT}")
    try:
        yield
    finally:
        VisitChange.objects.all().delete()
        Appointment.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(no_overlap.EXCLUSION.format(name=CLINICIAN_CONSTRAINT, column="clinician_id"))
