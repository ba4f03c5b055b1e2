"""The supply ledger of a patient: where every unit of every prescription is, and what a prescriber must read."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum, Value

from harmoniously.core.accounts.models import Patient
from treatment.models import (
    DoseSession,
    EntryKind,
    LedgerEntry,
    Prescription,
    PrescriptionStatus,
    Shipment,
    ShipmentStatus,
    SupplyFlag,
)
from treatment.rules.ledger import Line, total

_COLUMNS = {
    ("parcel", ShipmentStatus.ORDERED): "at_pharmacy",
    ("parcel", ShipmentStatus.FILLED): "at_pharmacy",
    ("parcel", ShipmentStatus.SHIPPED): "on_the_way",
    ("parcel", ShipmentStatus.LOST): "lost_on_the_way",
    ("parcel", ShipmentStatus.DELIVERED): "delivered",
    ("session", "taken"): "taken",
    ("home", EntryKind.RETURNED): "returned",
    ("home", EntryKind.DESTROYED): "destroyed",
    ("home", EntryKind.LOST): "lost",
    ("home", EntryKind.COUNT): "missing",
}


@dataclass(frozen=True)
class Row:
    """One prescription with its counts."""

    prescription: Prescription
    line: Line


@dataclass(frozen=True)
class Ledger:
    """Every prescription that was ever signed, newest first; all together; what was written; what waits to be read."""

    rows: tuple[Row, ...]
    entries: tuple[LedgerEntry, ...]
    flags: tuple[SupplyFlag, ...]

    @property
    def total(self) -> Line:
        """All prescriptions together."""
        return total(row.line for row in self.rows)

    @property
    def balances(self) -> bool:
        """Whether every line adds up."""
        return all(row.line.balances for row in self.rows)

    @property
    def open_flags(self) -> tuple[SupplyFlag, ...]:
        """What no prescriber has read yet."""
        return tuple(flag for flag in self.flags if flag.read_at is None)

    @property
    def clean(self) -> bool:
        """Whether it adds up and nothing about it waits for a prescriber: what a refill needs."""
        return self.balances and not self.open_flags


def ledger_of(patient: Patient) -> Ledger:
    """The patient's ledger, in four queries whatever its length."""
    signed = Prescription.objects.select_related("product").filter(patient=patient, signed_at__isnull=False)
    orders = list(signed.exclude(status=PrescriptionStatus.DRAFT).order_by("-signed_at"))
    entries = tuple(LedgerEntry.objects.filter(patient=patient).select_related("by__patient", "by__clinician"))
    flags = tuple(SupplyFlag.objects.filter(patient=patient).select_related("entry", "read_by__clinician"))
    lines = _lines(orders)
    return Ledger(tuple(Row(order, lines[order.pk]) for order in orders), entries, flags)


def line_of(prescription: Prescription) -> Line:
    """The counts of one prescription."""
    return _lines([prescription])[prescription.pk]


def supply_to_review(patient: Patient) -> bool:
    """Whether something about the units at home waits until a prescriber has read it."""
    return SupplyFlag.objects.filter(patient=patient, read_at__isnull=True).exists()


def _lines(orders: Collection[Prescription]) -> dict[UUID, Line]:
    """The counts of each order, in one query."""
    keys = [order.pk for order in orders]
    counts: dict[UUID, Counter[str]] = {
        order.pk: Counter({"prescribed": order.quantity_units if order.signed_at else 0}) for order in orders
    }
    parcels = Shipment.objects.filter(prescription__in=keys).order_by().values_list("prescription", "status")
    taken = DoseSession.objects.filter(prescription__in=keys, status__in=DoseSession.TAKEN).order_by()
    said = LedgerEntry.objects.filter(prescription__in=keys).order_by().values_list("prescription", "kind")
    found = parcels.annotate(units=Sum("units"), place=Value("parcel")).union(
        taken.values_list("prescription").annotate(what=Value("taken"), units=Sum("units"), place=Value("session")),
        said.annotate(units=Sum("units"), place=Value("home")),
    )
    for key, what, units, place in found:
        column = _COLUMNS.get((place, what))
        if column is not None:
            counts[key][column] += units
    return {key: Line(**columns) for key, columns in counts.items()}
