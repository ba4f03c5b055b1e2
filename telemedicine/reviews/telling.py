"""What others ask about a case: the order form about the newest answers, the dispatcher whether a question is open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Subquery

from harmoniously.core.accounts.models import Patient
from intake.models import EligibilityDecision
from telemedicine.models import Appointment
from telemedicine.reviews.turns import unanswered
from treatment.rules.today import Found
from treatment.said import CaseSaid

# What the reminder of a question belongs to.
QUESTION = "question"


def newest_case(patient: Patient) -> CaseSaid | None:
    """The answers that count with their findings, and the state that the patient named at the newest visit."""
    begun = Appointment.objects.filter(patient=patient, started_at__isnull=False, location_at__isnull=False)
    newest = begun.order_by("-started_at")
    rows = EligibilityDecision.objects.filter(patient=patient, is_current=True).annotate(
        visit=Subquery(newest.values("pk")[:1]), visit_location=Subquery(newest.values("location")[:1])
    )
    decision = rows.first()
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
    # Sealed for its own row: only as that row it opens. Empty before the first visit.
    visit = Appointment(pk=decision.visit, location=decision.visit_location)
    return CaseSaid(decision.decided_at, decision.facts, findings, str((visit.location or {}).get("state", "")))


def answered(keys: Collection[str], _at: datetime) -> Collection[str]:
    """Of these reviews those whose question is answered or settled: nobody is reminded of it any more."""
    still = unanswered().filter(pk__in=keys).values_list("pk", flat=True)
    return set(keys) - {str(key) for key in still}
