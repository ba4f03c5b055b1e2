"""To whom something can be handed over: prescribers for whom it would wait as well."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from harmoniously.core.accounts.models import Clinician, Licence, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.common import clock
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work.services import Item

BY_LICENCE = frozenset({Kind.APPLICATION, Kind.INFORMATION, Kind.SECOND, Kind.REFILL, Kind.RENEWAL})
# Also whoever cares for the patient, or only they.
BY_CARE = frozenset(Kind) - {Kind.APPLICATION, Kind.INFORMATION, Kind.SECOND}


def colleagues(item: Item, by: User, now: datetime) -> list[Clinician]:
    """Whom to offer, by name; two queries. What is offered is asked once more when it is handed over."""
    allowed = Q()
    if item.kind in BY_CARE:
        allowed |= Q(pk__in=care_of(item.patient, at=now).values("clinician"))
    if item.kind in BY_LICENCE:
        allowed |= Q(pk__in=_licensed(item, now))
    rows = Clinician.objects.select_related("user").filter(allowed, user__is_active=True, user__role=Role.PRESCRIBER)
    if item.kind is Kind.SECOND:
        rows = rows.exclude(pk=item.row.prescriber_id)
    return list(rows.exclude(user=by).order_by("display_name"))


def _licensed(item: Item, now: datetime) -> list[object]:
    """Clinicians with a licence that is good today, in the zone each lives by, where the patient is."""
    state = item.row.visit_state if item.kind is Kind.SECOND else item.patient.state
    rows = Licence.objects.filter(state=state).values_list("clinician", "clinician__zone", "expires_on")
    return [pk for pk, zone, until in rows if until >= clock.today(zone, now)]
