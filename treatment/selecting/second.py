"""Drafts over the ceiling: who else may sign them off (house policy 8)."""

from datetime import datetime
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet

from harmoniously.core.accounts.models import Licence
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.common import clock
from treatment import policy as policies
from treatment.models import Prescription, PrescriptionStatus


def may_sign_off(user: Any, now: datetime) -> QuerySet[Prescription]:
    """The drafts over the ceiling that no second prescriber has signed off and this prescriber may, the oldest first.

    Not the own ones, and only with a licence, today, where the patient is at the visit.
    """
    waiting = Prescription.objects.select_related("patient", "product", "prescriber")
    clinician = getattr(user, "clinician", None)
    if clinician is None or not can(user, Permission.PRESCRIBE):
        return waiting.none()
    today = clock.today(clinician.zone, now)
    licensed = Licence.objects.filter(clinician=clinician, expires_on__gte=today).values("state")
    dose = ExpressionWrapper(F("strength_mg") * F("units_per_session"), output_field=DecimalField())
    waiting = waiting.filter(
        status=PrescriptionStatus.DRAFT, second_prescriber__isnull=True, visit_state__in=licensed
    ).exclude(prescriber=clinician)
    over = policies.load().dosing.second_prescriber_above_mg
    return waiting.alias(dose=dose).filter(dose__gt=over).order_by("created_at")
