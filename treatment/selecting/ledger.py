"""The supply ledger of a patient: where every unit of every prescription is, and what a prescriber must read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common.columns import as_column
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

# column of a line -> (rows that count towards it, by status or kind)
_PARCELS: dict[str, Collection[str]] = {
    "at_pharmacy": Shipment.AT_PHARMACY,
    "on_the_way": (ShipmentStatus.SHIPPED,),
    "lost_on_the_way": (ShipmentStatus.LOST,),
    "came_back": (ShipmentStatus.RETURNED,),
    "delivered": (ShipmentStatus.DELIVERED,),
}
_SAID = {
    "returned": EntryKind.RETURNED,
    "destroyed": EntryKind.DESTROYED,
    "lost": EntryKind.LOST,
    "missing": EntryKind.COUNT,
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


def flags_to_read(user: User, now: datetime) -> QuerySet[SupplyFlag]:
    """What is to be read about medicine at home of this person's own patients, the oldest first."""
    cared_for = Exists(care_relations(user, at=now).filter(patient=OuterRef("patient")))
    rows = SupplyFlag.objects.filter(cared_for, read_at__isnull=True)
    return rows.select_related("patient").order_by("raised_at")


def with_lines(orders: QuerySet[Prescription]) -> QuerySet[Prescription]:
    """The orders with the rows that `line_on` counts, of which an order has few: no query more."""
    own = {"prescription": OuterRef("pk")}
    said = LedgerEntry.objects.filter(**own, kind__in=_SAID.values())
    taken = DoseSession.objects.filter(**own, status__in=DoseSession.TAKEN)
    return orders.annotate(
        parcel_units=as_column(Shipment.objects.filter(**own), "status", "units"),
        said_units=as_column(said, "kind", "units"),
        taken_units=as_column(taken, "units"),
    )


def line_on(order: Any) -> Line:
    """The counts of an order that `with_lines` read."""
    parcels = {name: _sum(order.parcel_units, "status", states) for name, states in _PARCELS.items()}
    said = {name: _sum(order.said_units, "kind", (kind,)) for name, kind in _SAID.items()}
    prescribed = order.quantity_units if order.signed_at else 0
    return Line(prescribed=prescribed, taken=sum(row["units"] for row in order.taken_units), **parcels, **said)


def _sum(rows: list[dict[str, Any]], name: str, wanted: Collection[str]) -> int:
    return sum(row["units"] for row in rows if row[name] in wanted)


def ledger_of(patient: Patient) -> Ledger:
    """The patient's ledger, in three queries whatever its length."""
    entries = tuple(LedgerEntry.objects.filter(patient=patient).select_related("by__patient", "by__clinician"))
    flags = tuple(SupplyFlag.objects.filter(patient=patient).select_related("entry", "read_by__clinician"))
    return Ledger(_rows(patient), entries, flags)


def total_of(patient: Patient) -> Line:
    """All prescriptions of a patient together, in one query."""
    return total(row.line for row in _rows(patient))


def _rows(patient: Patient) -> tuple[Row, ...]:
    signed = Prescription.objects.select_related("product").filter(patient=patient, signed_at__isnull=False)
    orders = with_lines(signed.exclude(status=PrescriptionStatus.DRAFT)).order_by("-signed_at")
    return tuple(Row(order, line_on(order)) for order in orders)


def line_of(prescription: Prescription) -> Line:
    """The counts of one prescription."""
    return line_on(with_lines(Prescription.objects.filter(pk=prescription.pk)).get())


def supply_to_review(patient: Patient) -> bool:
    """Whether something about the units at home waits until a prescriber has read it."""
    return SupplyFlag.objects.filter(patient=patient, read_at__isnull=True).exists()
