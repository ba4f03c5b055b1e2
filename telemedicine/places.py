"""Where patients said they are, for whoever sends help."""

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.presenting import Place
from telemedicine.models import Appointment


def stated_place(patient: Patient) -> Place | None:
    """Where the patient said they are at the newest visit."""
    row = Appointment.objects.filter(patient=patient, location_at__isnull=False).order_by("-location_at").first()
    return Place(row.location, row.location_at, _("Video visit")) if row is not None else None
