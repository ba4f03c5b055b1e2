"""What treatment remembers: formulary, chart, prescription, supply, plan, sessions, sitter, check-ins."""

from treatment.models.checkin import CheckIn
from treatment.models.formulary import Form, Pharmacy, PriceClass, Product, SwallowOrSpit
from treatment.models.handling import Handover, HandoverMethod, Pause
from treatment.models.journal import JournalEntry, JournalShare
from treatment.models.plan import DoseSession, Plan, SessionStatus, Vital, VitalPhase
from treatment.models.prescription import Chart, PdmpResult, Prescription, PrescriptionStatus
from treatment.models.sitter import SitterCheck, SitterInvitation
from treatment.models.supply import EntryKind, LedgerEntry, Shipment, ShipmentStatus, SupplyFlag

__all__ = [
    "Chart",
    "CheckIn",
    "DoseSession",
    "EntryKind",
    "Form",
    "Handover",
    "HandoverMethod",
    "LedgerEntry",
    "Pause",
    "JournalEntry",
    "JournalShare",
    "PdmpResult",
    "Pharmacy",
    "Plan",
    "Prescription",
    "PrescriptionStatus",
    "PriceClass",
    "Product",
    "SessionStatus",
    "Shipment",
    "ShipmentStatus",
    "SitterCheck",
    "SitterInvitation",
    "SupplyFlag",
    "SwallowOrSpit",
    "Vital",
    "VitalPhase",
]
