"""The one door to a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import door
from intake.models import EligibilityDecision
from telemedicine.models import Review
from telemedicine.reviews import selectors
from telemedicine.reviews.rules.approval import APPROVABLE


def case_for(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    """What the rules last said about a patient, for a prescriber who may decide it or cares for the patient.

    Before the decision there is no care relation yet: a licence where the patient is opens the case while it waits,
    and having reviewed it keeps it open. Everybody else gets Http404, and the refusal is recorded.
    """
    decision = selectors.case_of(patient_id, user, now)
    if decision is None:
        raise Http404
    if can(user, Permission.REVIEW_CASES) and (_waits_for(decision) or _reviewed_by(user, decision)):
        audit.record(actor=user, action="case.viewed", now=now, subject=decision)
        return decision
    door(user, EligibilityDecision.objects.select_related("patient__user"), decision.pk, action="case.viewed")
    return decision


def _waits_for(decision: Any) -> bool:
    """Whether the case waits and the reader has a licence where the patient is."""
    review: Review | None = getattr(decision, "review", None)
    waits = decision.outcome in APPROVABLE and (review is None or review.status in selectors.UNDECIDED)
    return waits and bool(decision.licensed)


def _reviewed_by(user: User, decision: EligibilityDecision) -> bool:
    review: Review | None = getattr(decision, "review", None)
    return bool(review and review.clinician and review.clinician.user_id == user.pk)
