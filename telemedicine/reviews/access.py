"""The one door to a case, and through it to its earlier versions and signed documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import door, may_read
from harmoniously.core.documents.models import SignedDocument
from intake.models import EligibilityDecision
from telemedicine.models import Review
from telemedicine.reviews import selectors
from telemedicine.reviews.versions import history_of


def case_for(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    """What the rules last said about a patient, for a prescriber who may decide it or cares for the patient.

    Before the decision there is no care relation yet: a licence where the patient is opens the case while it waits,
    and having reviewed it keeps it open. Everybody else gets Http404, and the refusal is recorded.
    """
    return _case(user, patient_id, now, "case.viewed")


def case_to_print_for(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    """The same for paper: what leaves the screen is told apart in the trail."""
    return _case(user, patient_id, now, "case.printed")


def case_to_compare_for(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    """The same with every version, two of which are held beside each other."""
    return _case(user, patient_id, now, "case.compared")


def _case(user: User, patient_id: UUID, now: datetime, action: str) -> EligibilityDecision:
    """The same with `reads`: whether the treatment is open to the reader, too, in care or in an emergency."""
    decision: Any = _current(user, patient_id, now)
    if _may_review(user, decision):
        decision.reads = may_read(user, decision.patient, clinical=True, at=now, cares=decision.in_care)
        audit.record(actor=user, action=action, now=now, subject=decision)
        return cast(EligibilityDecision, decision)
    door(user, EligibilityDecision.objects.select_related("patient__user"), decision.pk, action=action)
    decision.reads = True
    return cast(EligibilityDecision, decision)


def version_for(
    user: User, patient_id: UUID, decision_id: UUID, now: datetime, *, action: str = "decision.viewed"
) -> EligibilityDecision:
    """One version of what a patient handed in and what was decided from it, for whoever may open the case."""
    current = _current(user, patient_id, now)
    found = next((row for row in history_of(current) if row.pk == decision_id), None)
    if found is None:
        raise Http404
    if _may_review(user, current):
        audit.record(actor=user, action=action, now=now, subject=found)
        return found
    door(user, EligibilityDecision.objects.select_related("patient__user"), found.pk, action=action)
    return found


def document_for(user: User, patient_id: UUID, document_id: UUID, now: datetime) -> SignedDocument:
    """A signed consent or the signed answers of a patient, for whoever may open the case."""
    rows = SignedDocument.objects.filter(patient=patient_id, kind__regex=r"^(consent\.|withdrawal\.|intake\.)")
    rows = rows.select_related("patient__user")
    action = "signeddocument.viewed"
    if not _may_review(user, _current(user, patient_id, now)):
        return door(user, rows, document_id, action=action)
    row = rows.filter(pk=document_id).first()
    if row is None:
        raise Http404
    audit.record(actor=user, action=action, now=now, subject=row)
    return row


def _current(user: User, patient_id: UUID, now: datetime) -> EligibilityDecision:
    decision = selectors.case_of(patient_id, user, now)
    if decision is None:
        raise Http404
    return decision


def _may_review(user: User, decision: EligibilityDecision) -> bool:
    return can(user, Permission.REVIEW_CASES) and (_waits_for(decision) or _reviewed_by(user, decision))


def _waits_for(decision: Any) -> bool:
    """Whether the case waits, as the queue has it, and the reader has a licence where the patient is."""
    return bool(decision.waits and decision.licensed)


def _reviewed_by(user: User, decision: EligibilityDecision) -> bool:
    review: Review | None = getattr(decision, "review", None)
    return bool(review and review.clinician and review.clinician.user_id == user.pk)
