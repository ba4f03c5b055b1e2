"""Parcels that are not with their patient yet: who, where, how far; nothing of what is in them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from treatment.models import Handover, Pharmacy, Prescription, PrescriptionStatus, Shipment, ShipmentStatus
from treatment.rules.supply import LATE_AT_PHARMACY, LATE_ON_WAY, late_from
from treatment.selecting.stops import stopped_since

MOST_ROWS = 200


def underway(user: User, now: datetime) -> list[tuple[Shipment, bool]]:
    """Parcels that wait at a pharmacy or are on their way, oldest first; lost ones of orders that stand stay listed.

    With each, whether it is at the pharmacy and has to stay there for now.
    """
    rows = Shipment.objects.filter(
        Q(status__in=Shipment.AT_PHARMACY, prescription__status__in=Prescription.STANDING)
        | Q(status=ShipmentStatus.SHIPPED)
        | Q(status=ShipmentStatus.LOST, prescription__status__in=Prescription.STANDING)
    )
    if not can(user, Permission.VIEW_PEOPLE):
        rows = rows.filter(patient__in=care_relations(user, at=now).values("patient"))
    found = list(rows.select_related("patient__user", "prescription").order_by("ordered_at", "pk")[:MOST_ROWS])
    stopped = stopped_since({row.patient_id for row in found}, now=now)
    return [(row, _stays(row, stopped)) for row in found]


def _stays(row: Shipment, stopped: Collection[UUID]) -> bool:
    paused = row.prescription.status == PrescriptionStatus.PAUSED
    return row.status in Shipment.AT_PHARMACY and (paused or row.patient_id in stopped)


def to_stop(now: datetime) -> dict[UUID, datetime]:
    """Parcels at a pharmacy of patients whose treatment stands still, and since when.

    Only those about which nobody was asked to call there since it began.
    """
    calls = _calls().order_by("-opened_at")
    given = Exists(Handover.objects.filter(prescription=OuterRef("prescription")))
    rows = Shipment.objects.filter(given, status__in=Shipment.AT_PHARMACY)
    found = list(rows.order_by("ordered_at").values_list("pk", "patient", Subquery(calls.values("opened_at")[:1])))
    stopped = stopped_since({patient for _pk, patient, _asked in found}, now=now)
    return {
        pk: since
        for pk, patient, asked in found
        if (since := stopped.get(patient)) is not None and (asked is None or asked < since)
    }


def late(now: datetime) -> dict[UUID, tuple[str, datetime]]:
    """Parcels that should have left the pharmacy, or arrived: where each is, and from when it is late.

    What has to stay there is not late. Only those about which nobody was asked yet where they are now.
    """
    given = Handover.objects.filter(prescription=OuterRef("prescription")).order_by("-at")
    rows = Shipment.objects.annotate(given_at=Subquery(given.values("at")[:1])).filter(
        Q(
            ~Exists(_asked("late")),
            status__in=Shipment.AT_PHARMACY,
            given_at__lte=now - LATE_AT_PHARMACY,
            ordered_at__lte=now - LATE_AT_PHARMACY,
            prescription__status__in=Prescription.STANDING,
        )
        | Q(~Exists(_asked("late_on_way")), status=ShipmentStatus.SHIPPED, shipped_at__lte=now - LATE_ON_WAY)
    )
    found = list(rows.select_related("prescription"))
    stopped = stopped_since({row.patient_id for row in found}, now=now) if found else {}
    ready = {row.pk: max(row.ordered_at, row.given_at or row.ordered_at) for row in found}
    since = {row.pk: late_from(row.status, ready_at=ready[row.pk], shipped_at=row.shipped_at) for row in found}
    return {row.pk: (row.status, at) for row in found if (at := since[row.pk]) is not None and not _stays(row, stopped)}


def _asked(stage: str) -> QuerySet[FollowUp]:
    about = Concat(Value(f"{stage}:"), Cast(OuterRef("pk"), CharField()))
    return FollowUp.objects.filter(kind=FollowUpKind.SHIPMENT_LATE, about=about)


def called_about() -> QuerySet[Shipment]:
    """Parcels about which somebody was asked to call a pharmacy: those there, and those called off that "may go"."""
    going = Q(status=ShipmentStatus.CANCELLED) & Exists(_calls("released").exclude(state=FollowUpState.CLOSED))
    there = Q(status__in=Shipment.AT_PHARMACY) & Exists(_calls())
    rows = Shipment.objects.filter(there | going)
    return rows.select_related("patient", "prescription__patient", "prescription__chart").order_by("ordered_at")


def may_go_again(shipment: Shipment) -> bool:
    """Whether a pharmacy that keeps it waits to be told that it may go; ask only of one that nothing stops."""
    calls = FollowUp.objects.filter(kind=FollowUpKind.PARCEL, about=f"released:{shipment.pk}")
    return shipment.status in Shipment.AT_PHARMACY and calls.exclude(state=FollowUpState.CLOSED).exists()


def _calls(what: str = "shipment") -> QuerySet[FollowUp]:
    about = Concat(Value(f"{what}:"), Cast(OuterRef("pk"), CharField()))
    return FollowUp.objects.filter(kind=FollowUpKind.PARCEL, about=about)


def pharmacy_of(shipment: Shipment) -> Pharmacy | None:
    """The pharmacy that the order was last handed over to."""
    given = Handover.objects.filter(prescription=shipment.prescription_id).select_related("pharmacy")
    newest = given.order_by("-at").first()
    return newest.pharmacy if newest else None
