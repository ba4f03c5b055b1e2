"""The door to a decision that is being made: whoever writes it, through the door of the case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from harmoniously.core.accounts.models import User
from intake.models import EligibilityDecision
from telemedicine.models import Verdict
from telemedicine.reviews.access import case_for


def verdict_for(user: User, patient_id: UUID, pk: UUID, now: datetime) -> Verdict:
    """What this person wrote about this patient; Http404 for everybody else."""
    case_for(user, patient_id, now)
    found = _own(user, pk).filter(patient=patient_id).first()
    if found is None:
        raise Http404
    return found


def own_text(user: User, decision: EligibilityDecision, pk: UUID) -> Verdict | None:
    """What this person wrote about the patient of a case that they have opened."""
    return _own(user, pk).filter(patient=decision.patient_id).first()


def _own(user: User, pk: UUID) -> QuerySet[Verdict]:
    rows = Verdict.objects.select_related("patient__user", "by", "review__clinician", "review__decision")
    return rows.filter(pk=pk, by=user)
