"""The door to something that waits, for whoever is to claim it, give it back or hand it over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import record
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work import sources
from telemedicine.work.services import Item


def item_for(user: User, kind: str, pk: UUID, now: datetime) -> Item:
    """What waits for this person, by the rule of the queue; Http404 for everybody else, and for what is done."""
    if kind not in set(Kind):
        raise Http404
    named = Kind.APPLICATION if kind == Kind.INFORMATION else Kind(kind)
    row = sources.waiting(user, now)[named].select_related("patient__user").filter(pk=pk).first()
    if row is None:
        raise Http404
    record(actor=user, action="work.viewed", now=now, subject=row)
    return Item(named, row)
