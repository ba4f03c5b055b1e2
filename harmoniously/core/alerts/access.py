"""The doors to alerts, holds and follow-ups. Whoever may take an alert may open any: the person on call need not know
the patient yet. Every opening is recorded."""

from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts import selectors
from harmoniously.core.alerts.models import Alert, FollowUp, SafetyHold
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock

Row = TypeVar("Row", Alert, SafetyHold, FollowUp)


def alert_for(user: User, pk: UUID) -> Alert:
    """The alert, with what its page asks of it, for whoever may acknowledge alerts; else Http404."""
    return _opened(user, Permission.ACKNOWLEDGE_ALERTS, selectors.alerts_opened(clock.now()), pk)


def hold_for(user: User, pk: UUID) -> SafetyHold:
    """The safety hold, for whoever reviews cases; else Http404."""
    return _opened(user, Permission.REVIEW_CASES, SafetyHold.objects.select_related("patient__user"), pk)


def follow_up_for(user: User, pk: UUID) -> FollowUp:
    """The follow-up, for whoever works them; else Http404."""
    return _opened(user, Permission.WORK_FOLLOW_UPS, FollowUp.objects.select_related("patient__user", "owner"), pk)


def _opened(user: User, permission: Permission, rows: QuerySet[Row], pk: UUID) -> Row:
    if not can(user, permission):
        raise Http404
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    record(actor=user, action=f"{row._meta.model_name}.viewed", now=clock.now(), subject=row)
    return row
