"""The doors to submissions, decisions and consents: each decides, writes the read into the trail, and answers 404."""

from typing import Any
from uuid import UUID

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.doors import door, through
from harmoniously.core.documents.models import SignedDocument
from intake.models import EligibilityDecision, Submission
from intake.selectors import current_submission, draft_of, latest_decision


def own_decision(user: Any, patient: Patient) -> EligibilityDecision | None:
    """The decision that counts of the patient who is signed in, through the door."""
    found = latest_decision(patient)
    return None if found is None else through(user, found)


def document_for(user: Any, pk: str | UUID) -> SignedDocument:
    """A signed consent, one that was taken back, or the signed answers."""
    kinds = SignedDocument.objects.filter(kind__regex=r"^(consent\.|withdrawal\.|intake\.)")
    return door(user, kinds.select_related("patient__user"), pk)


def own_draft(user: Any, patient: Patient) -> Submission | None:
    """The draft of the patient who is signed in, through the door."""
    draft = draft_of(patient)
    return None if draft is None else through(user, draft)


def own_submission(user: Any, patient: Patient) -> Submission | None:
    """The draft or what was handed in, of the patient who is signed in, through the door."""
    found = current_submission(patient)
    return None if found is None else through(user, found)
