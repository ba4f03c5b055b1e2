"""Parcels that are not with their patient yet: who, where, how far; nothing of what is in them."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from treatment.models import Handover, Pharmacy, Prescription, PrescriptionStatus, Shipment, ShipmentStatus

MOST_ROWS = 200


def underway(user: User, now: datetime) -> QuerySet[Shipment]:
    """Parcels that wait at a pharmacy or are on their way, oldest first; lost ones of orders that stand stay listed."""
    rows = Shipment.objects.filter(
        Q(status__in=Shipment.AT_PHARMACY, prescription__status__in=Prescription.STANDING)
        | Q(status=ShipmentStatus.SHIPPED)
        | Q(status=ShipmentStatus.LOST, prescription__status__in=Prescription.STANDING)
    )
    if not can(user, Permission.VIEW_PEOPLE):
        rows = rows.filter(patient__in=care_relations(user, at=now).values("patient"))
    held = Q(*(Exists(hold) for hold in _holds()), _connector=Q.OR)
    paused = Q(prescription__status=PrescriptionStatus.PAUSED)
    rows = rows.annotate(stopped=Q(status__in=Shipment.AT_PHARMACY) & (paused | held))
    return rows.select_related("patient__user", "prescription").order_by("ordered_at", "pk")[:MOST_ROWS]


def _holds() -> tuple[QuerySet[Any], ...]:
    """The open holds of the patient of a parcel."""
    own = {"patient": OuterRef("patient")}
    return SafetyHold.objects.filter(**own, cleared_at__isnull=True), case_holds().filter(**own)


def to_stop() -> QuerySet[Shipment]:
    """Parcels at a pharmacy of patients on hold, when nobody was asked to call there since the hold was opened."""
    about = Concat(Value("shipment:"), Cast(OuterRef(OuterRef("pk")), CharField()))
    calls = FollowUp.objects.filter(kind=FollowUpKind.PARCEL, about=about, opened_at__gte=OuterRef("opened_at"))
    unasked = Q(*(Exists(hold.filter(~Exists(calls))) for hold in _holds()), _connector=Q.OR)
    given = Exists(Handover.objects.filter(prescription=OuterRef("prescription")))
    rows = Shipment.objects.select_related("patient").filter(unasked, given, status__in=Shipment.AT_PHARMACY)
    return rows.order_by("ordered_at")


def pharmacy_of(shipment: Shipment) -> Pharmacy | None:
    """The pharmacy that the order was last handed over to."""
    given = Handover.objects.filter(prescription=shipment.prescription_id).select_related("pharmacy")
    newest = given.order_by("-at").first()
    return newest.pharmacy if newest else None
