"""What treatment remembers: formulary, chart, prescription, shipments, plan, sessions, sitter, check-ins."""

from treatment.models.checkin import CheckIn
from treatment.models.formulary import Form, Product, SwallowOrSpit
from treatment.models.plan import DoseSession, Plan, SessionStatus, Vital, VitalPhase
from treatment.models.prescription import Chart, PdmpResult, Prescription, PrescriptionStatus, Shipment, ShipmentStatus
from treatment.models.sitter import SitterCheck, SitterInvitation

__all__ = [
    "Chart",
    "CheckIn",
    "DoseSession",
    "Form",
    "PdmpResult",
    "Plan",
    "Prescription",
    "PrescriptionStatus",
    "Product",
    "SessionStatus",
    "Shipment",
    "ShipmentStatus",
    "SitterCheck",
    "SitterInvitation",
    "SwallowOrSpit",
    "Vital",
    "VitalPhase",
]
