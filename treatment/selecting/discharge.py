"""Questions about the end of a treatment and the letters."""

from django.db.models import Exists, OuterRef, QuerySet

from harmoniously.core.accounts.models import Patient
from treatment.models import Chart, Discharge, Transfer


def standing_discharges() -> QuerySet[Discharge]:
    """Of patients whose treatment ended and who have not begun a new one, the newest first."""
    going_on = Chart.objects.filter(patient=OuterRef("patient"), closed_at__isnull=True)
    return Discharge.objects.filter(~Exists(going_on)).order_by("-discharged_at")


def discharge_of(patient: Patient) -> Discharge | None:
    """How the treatment ended, while no new one has begun. One query."""
    return standing_discharges().filter(patient=patient).select_related("clinician").first()


def discharges_of(patient: Patient) -> QuerySet[Discharge]:
    """All of them, newest first: the letters stay."""
    return Discharge.objects.filter(patient=patient).select_related("clinician")


def transfers_of(patient: Patient) -> QuerySet[Transfer]:
    """Every permission that was given, newest first."""
    return Transfer.objects.filter(patient=patient).select_related("document", "made_by__clinician")


def chart_to_tell_of(patient: Patient) -> Chart | None:
    """The chart that a letter is about: the open one, else the last."""
    return Chart.objects.filter(patient=patient).order_by("-opened_at").first()
