"""What treatment remembers: formulary, chart, prescription, supply, plan, sessions, sitter, check-ins."""

from treatment.models.adverse import ENDINGS, AdverseEvent, AdverseEventNote, EventStatus, SubmittedVia
from treatment.models.checkin import CheckIn
from treatment.models.discharge import Discharge, DischargeReason, Leftover, Transfer
from treatment.models.formulary import Form, Pharmacy, PriceClass, Product, SwallowOrSpit
from treatment.models.handling import Handover, HandoverMethod, Pause
from treatment.models.journal import JournalEntry, JournalShare
from treatment.models.phase import PhaseChange, PhaseChoice, PhaseReason
from treatment.models.plan import DoseSession, Plan, Preparation, SessionStatus, SkipReason, Vital, VitalPhase
from treatment.models.prescription import Chart, PdmpResult, Prescription, PrescriptionStatus
from treatment.models.refill import RefillRequest
from treatment.models.report import Report, ReportCode
from treatment.models.sitter import SitterCheck, SitterInvitation
from treatment.models.supply import EntryKind, LedgerEntry, Shipment, ShipmentStatus, SupplyFlag
from treatment.models.titration import TitrationProposal
from treatment.models.visits import DueVisit
from treatment.models.watching import SessionEvent, SessionEventKind

__all__ = [
    "ENDINGS",
    "AdverseEvent",
    "AdverseEventNote",
    "Chart",
    "CheckIn",
    "Discharge",
    "DischargeReason",
    "DoseSession",
    "EntryKind",
    "DueVisit",
    "EventStatus",
    "Form",
    "Handover",
    "HandoverMethod",
    "LedgerEntry",
    "Pause",
    "JournalEntry",
    "JournalShare",
    "Leftover",
    "PdmpResult",
    "Pharmacy",
    "PhaseChange",
    "PhaseChoice",
    "PhaseReason",
    "Plan",
    "Preparation",
    "Prescription",
    "PrescriptionStatus",
    "PriceClass",
    "Product",
    "RefillRequest",
    "SessionEvent",
    "SessionEventKind",
    "Report",
    "ReportCode",
    "SessionStatus",
    "Shipment",
    "ShipmentStatus",
    "SitterCheck",
    "SitterInvitation",
    "SubmittedVia",
    "SupplyFlag",
    "SkipReason",
    "SwallowOrSpit",
    "TitrationProposal",
    "Transfer",
    "Vital",
    "VitalPhase",
]
