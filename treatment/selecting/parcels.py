"""Parcels that are not with their patient yet: who, where, how far; nothing of what is in them."""

from datetime import datetime

from django.db.models import Q, QuerySet

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_relations
from treatment.models import Handover, Pharmacy, Prescription, Shipment, ShipmentStatus

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
    return rows.select_related("patient__user", "prescription").order_by("ordered_at", "pk")[:MOST_ROWS]


def pharmacy_of(shipment: Shipment) -> Pharmacy | None:
    """The pharmacy that the order was last handed over to."""
    given = Handover.objects.filter(prescription=shipment.prescription_id).select_related("pharmacy")
    newest = given.order_by("-at").first()
    return newest.pharmacy if newest else None
