"""The doors to documents and requests: each decides, writes the read into the trail, and answers 404."""

from typing import Any
from uuid import UUID

from harmoniously.core.audit.doors import door
from intake.requests.models import InformationRequest, Paper


def paper_for(user: Any, pk: str | UUID) -> Paper:
    """A document: the patient's own, or of a patient in the reader's care."""
    return door(user, Paper.objects.select_related("patient__user", "upload"), pk)


def request_for(user: Any, pk: str | UUID) -> InformationRequest:
    """Something that the practice asked of a patient."""
    return door(user, InformationRequest.objects.select_related("patient__user", "decision"), pk)
