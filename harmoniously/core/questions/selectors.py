"""Reading what patients answered in the instruments."""

from django.db.models import QuerySet

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions.models import Assessment


def scored(patient: Patient, instrument: str) -> QuerySet[Assessment]:
    """The patient's complete answers to one instrument (its key), the oldest first."""
    return Assessment.objects.filter(patient=patient, instrument=instrument, total__isnull=False).order_by("taken_at")
