"""The one door to a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import door
from intake.models import EligibilityDecision
from telemedicine.models import Review
from telemedicine.reviews import selectors


def case_for(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    """What the rules last said about a patient, for a prescriber who may decide it or cares for the patient.

    Before the decision there is no care relation yet: a licence where the patient is opens the case while it waits,
    and having reviewed it keeps it open. Everybody else gets Http404, and the refusal is recorded.
    """
    patient = Patient.objects.select_related("user").filter(pk=patient_id).first()
    decision = selectors.newest_decision(patient) if patient else None
    if decision is None:
        raise Http404
    if can(user, Permission.REVIEW_CASES) and (_waits_for(user, decision, now) or _reviewed_by(user, decision)):
        audit.record(actor=user, action="case.viewed", now=now, subject=decision)
        return decision
    return door(user, EligibilityDecision.objects.select_related("patient__user"), decision.pk, action="case.viewed")


def _waits_for(user: User, decision: EligibilityDecision, now: datetime) -> bool:
    return selectors.review_queue(user, now).filter(pk=decision.pk).exists()


def _reviewed_by(user: User, decision: EligibilityDecision) -> bool:
    return Review.objects.filter(decision=decision, clinician__user=user).exists()
