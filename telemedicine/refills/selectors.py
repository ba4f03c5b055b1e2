"""Requests for the next supply that wait for a prescriber."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from harmoniously.core.accounts.models import Licence, Patient, User
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common import clock
from telemedicine.refills import renewal
from telemedicine.reviews.rules.triage import refill_urgency
from telemedicine.reviews.selectors import clinician_of
from telemedicine.reviews.wording import REFILL_WORDS, RENEWAL_WORDS, Tagged, span
from treatment import policy as policies
from treatment.models import DueVisit, RefillRequest
from treatment.selecting.refills import waiting_requests

SHOWN = 50
Waits = TypeVar("Waits", bound=Model)


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the queue: why it is there and since when, and never a dose."""

    patient: Patient
    urgency: Tagged
    waited: str
    asked: str
    prescriber: str


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


def rows(user: User, now: datetime) -> tuple[list[Row], int]:
    """The lines of the queue, the late ones first, and how many more wait; two queries where all are shown."""
    evaluated, asked = renewals(user, now), queue(user, now)
    decide = [
        Row(row.patient, Tagged(*RENEWAL_WORDS[:2]), span(row.done_at or now, now), str(RENEWAL_WORDS[2]), "")
        for row in evaluated[:SHOWN]
    ]
    found = [_row(row, now) for row in asked[:SHOWN]]
    more = sum(listed.count() - SHOWN for listed, shown in ((evaluated, decide), (asked, found)) if len(shown) == SHOWN)
    return [*decide, *(row for _rung, row in sorted(found, key=lambda one: one[0]))], more


def _row(row: RefillRequest, now: datetime) -> tuple[int, Row]:
    asked = row.status == RefillRequest.Status.ASKED
    within = timedelta(hours=policies.load().refill.answer_hours)
    rung = refill_urgency(row.requested_at, asked=asked, within=within, now=now)
    tone, words, what = REFILL_WORDS[rung]
    line = Row(
        patient=row.patient,
        urgency=Tagged(tone, words),
        waited=span(row.requested_at, now),
        asked=str(what),
        prescriber=str(row.prescription.prescriber),
    )
    return rung.value, line
