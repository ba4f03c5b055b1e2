"""The doors to referrals and to what was given elsewhere."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.doors import door
from harmoniously.core.audit.services import record
from telemedicine.models import Elsewhere, Referral


def _rows() -> Any:
    return Referral.objects.select_related("patient__user", "clinician__user", "document")


def referral_for(user: Any, pk: UUID, *, action: str | None = None) -> Referral:
    """A referral with its letter: the patient's own, or of a patient in the clinician's care."""
    found: Referral = door(user, _rows(), pk, action=action)
    return found


def outcome_for(user: User, pk: UUID, now: datetime) -> Referral:
    """A referral to note what became of it: coordinators see whose it is and where it stands, never where it went."""
    if can(user, Permission.VIEW_CLINICAL):
        return referral_for(user, pk)
    found: Referral | None = _rows().filter(pk=pk).first() if can(user, Permission.WORK_FOLLOW_UPS) else None
    if found is None:
        raise Http404
    record(actor=user, action="referral.outcome_opened", now=now, subject=found)
    return found


def elsewhere_for(user: Any, pk: UUID) -> Elsewhere:
    """One treatment that was given elsewhere."""
    return door(user, Elsewhere.objects.select_related("patient__user"), pk)
