"""What the prescriber's order form needs to know of the newest answers and the last visit."""

from __future__ import annotations

from harmoniously.core.accounts.models import Patient
from telemedicine.models import Appointment
from telemedicine.reviews import selectors
from treatment.rules.today import Found
from treatment.said import CaseSaid


def newest_case(patient: Patient) -> CaseSaid | None:
    """The answers that count with their findings, and the state that the patient named at the newest visit."""
    decision = selectors.newest_decision(patient)
    if decision is None:
        return None
    findings = tuple(
        Found(
            code=row["code"],
            tier=row["tier"],
            text=row["clinician_text"],
            source=row["source"],
            medicine=str(row["facts"].get("medicine") or "") if row["code"].startswith("medicine.") else "",
        )
        for row in decision.findings
    )
    return CaseSaid(decision.decided_at, decision.facts, findings, _visit_state(patient))


def _visit_state(patient: Patient) -> str:
    """Where the patient was at the newest visit that began; empty before the first."""
    visits = Appointment.objects.filter(patient=patient, started_at__isnull=False, location_at__isnull=False)
    newest = visits.order_by("-started_at").first()
    return str((newest.location or {}).get("state", "")) if newest else ""
