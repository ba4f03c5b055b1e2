"""Requests for the next supply that wait for a prescriber."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common import clock
from telemedicine.refills import renewal
from telemedicine.reviews.selectors import clinician_of
from treatment.models import DueVisit, RefillRequest
from treatment.selecting.refills import waiting_requests

Waits = TypeVar("Waits", bound=Model)


def queue(user: User, now: datetime) -> QuerySet[RefillRequest]:
    """Requests of patients in the prescriber's states, or in the prescriber's care, the longest waiting first."""
    return _mine(waiting_requests(now), user, now)


def _mine(rows: QuerySet[Waits], user: User, now: datetime) -> QuerySet[Waits]:
    clinician = clinician_of(user)
    if clinician is None:
        return rows.none()
    today = clock.today(clinician.zone, now)
    licensed = Licence.objects.filter(clinician=clinician, expires_on__gte=today, state=OuterRef("patient__state"))
    cared = care_relations(user, at=now).filter(patient=OuterRef("patient"))
    return rows.filter(Exists(licensed) | Exists(cared))


def renewals(user: User, now: datetime) -> QuerySet[DueVisit]:
    """New evaluations after a long pause that wait for a prescriber's word, by the same rule."""
    return _mine(renewal.evaluated(), user, now)
