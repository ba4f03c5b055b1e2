"""Where the medicine is: shipments, what became of units at home, and what a prescriber must read about it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.prescription import Prescription


class ShipmentStatus(models.TextChoices):
    """Where one parcel is. Only one that has not left the pharmacy can be called off; that it had left shows later."""

    ORDERED = "ordered", _("Ordered")
    FILLED = "filled", _("Filled")
    SHIPPED = "shipped", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    LOST = "lost", _("Lost on the way")
    RETURNED = "returned", _("Came back to the pharmacy")
    CANCELLED = "cancelled", _("Called off")


class Shipment(BaseModel):
    """Units sent for one prescription; together never more than its quantity, lost ones included (I2, by trigger)."""

    Status = ShipmentStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        ShipmentStatus.ORDERED: {ShipmentStatus.FILLED, ShipmentStatus.DELIVERED, ShipmentStatus.CANCELLED},
        ShipmentStatus.FILLED: {ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED, ShipmentStatus.CANCELLED},
        ShipmentStatus.SHIPPED: {ShipmentStatus.DELIVERED, ShipmentStatus.LOST, ShipmentStatus.RETURNED},
        # It turned up after all.
        ShipmentStatus.LOST: {ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED},
        ShipmentStatus.RETURNED: {ShipmentStatus.DELIVERED},
        # It had left before the pharmacy heard of it.
        ShipmentStatus.CANCELLED: {ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED},
        # A mistake: back to where it was.
        ShipmentStatus.DELIVERED: {
            ShipmentStatus.ORDERED,
            ShipmentStatus.FILLED,
            ShipmentStatus.SHIPPED,
            ShipmentStatus.LOST,
            ShipmentStatus.RETURNED,
            ShipmentStatus.CANCELLED,
        },
    }
    AT_PHARMACY = (ShipmentStatus.ORDERED, ShipmentStatus.FILLED)
    COMING = (*AT_PHARMACY, ShipmentStatus.SHIPPED)
    # Left the pharmacy and not with the patient.
    AWAY = (ShipmentStatus.SHIPPED, ShipmentStatus.LOST, ShipmentStatus.RETURNED)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="shipments")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="shipments")
    number = models.PositiveSmallIntegerField()
    units = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=ShipmentStatus.choices, default=ShipmentStatus.ORDERED)
    ordered_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    carrier = models.CharField(max_length=40, blank=True, default="")
    tracking = EncryptedTextField(null=True, blank=True)
    received_by = EncryptedTextField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prescription", "number"], name="treatment_shipment_numbered"),
            models.CheckConstraint(condition=Q(units__gte=1), name="treatment_shipment_not_empty"),
            models.CheckConstraint(
                condition=Q(status="delivered", delivered_at__isnull=False)
                | ~Q(status="delivered") & Q(delivered_at__isnull=True),
                name="treatment_shipment_delivered_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="shipped") | Q(shipped_at__isnull=False) & ~Q(carrier=""),
                name="treatment_shipment_shipped_how",
            ),
        ]

    def __str__(self) -> str:
        return f"shipment {self.number}, {self.get_status_display()}"


class EntryKind(models.TextChoices):
    """What became of units that were delivered, beside being taken in a session."""

    RETURNED = "returned", _("Given back")
    DESTROYED = "destroyed", _("Destroyed")
    LOST = "lost", _("Lost")
    COUNT = "count", _("Counted")
    ASKED = "asked", _("More asked for")


class LedgerEntry(BaseModel):
    """One line that somebody wrote about units at home. Added only: a mistake is mended by a new count.

    `units` left the ledger's "at home" with it; a count notes how many fewer (or, below zero, more) there were than
    expected. `days_left` is how long what was at home would have lasted when more was asked for.
    """

    Kind = EntryKind

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="ledger_entries")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    units = models.SmallIntegerField()
    counted = models.PositiveSmallIntegerField(null=True, blank=True)
    days_left = models.PositiveSmallIntegerField(null=True, blank=True)
    note = EncryptedTextField(blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ledger_entries_written")
    # Of the form it came from: the same form posted twice is one entry (I9).
    form_token = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["returned", "destroyed", "lost"], units__gte=1)
                | Q(kind="count", counted__isnull=False)
                | Q(kind="asked", units=0, days_left__isnull=False),
                name="treatment_ledgerentry_units",
            ),
            models.CheckConstraint(
                condition=Q(kind="count") | Q(counted__isnull=True), name="treatment_ledgerentry_counted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"


class SupplyFlag(BaseModel):
    """Units that nobody can account for, or more asked for too early: no session until a prescriber has read it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="supply_flags")
    code = models.CharField(max_length=32)
    facts = EncryptedJSONField(default=dict)
    # The entry it came from: it is raised once for each.
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="flags")
    raised_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="supply_flags_read"
    )
    read_note = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-raised_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "code"], name="treatment_supplyflag_once"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__gte=F("raised_at"), read_by__isnull=False),
                name="treatment_supplyflag_read_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.code
