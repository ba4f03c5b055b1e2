"""What a patient can book, and why not: what comes before a visit, and what stands against it."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Subquery

from billing.prices import Purpose
from billing.selectors import standing_charges
from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import HoldLevel, SafetyHold
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from intake.models import EligibilityDecision, Outcome
from telemedicine.models import Appointment, Review
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import this_course
from treatment.rules.visits import DueKind
from treatment.selecting.visits import waiting_visit


class Place(NamedTuple):
    """Where a patient stands on the way to a visit: of the treatment, or of the application, that goes on."""

    # What the rules said of the newest answers; None before the first.
    outcome: str | None
    # These answers were handed in before a treatment that has ended.
    ended: bool
    # A prescriber declined them, and no treatment goes on all the same.
    turned_down: bool
    # The fee of the first visit is paid and kept.
    paid: bool
    # The first visit took place.
    seen: bool
    # A high risk waits for a clinician.
    high_risk: bool


def place_of(patient: Patient) -> Place:
    """The same from one query."""
    own = {"patient": OuterRef("pk")}
    current = EligibilityDecision.objects.filter(**own, is_current=True)
    approved = Review.objects.filter(this_course("decided_at"), **own, outcome=Review.Outcome.APPROVED)
    declined = current.filter(refusal__isnull=False)
    seen = Appointment.objects.filter(this_course("starts_at"), **own, kind=Kind.EVALUATION, status=Status.COMPLETED)
    found = Patient.objects.filter(pk=patient.pk).values_list(
        Subquery(current.values("outcome")[:1]),
        Exists(current.exclude(this_course("decided_at"))),
        ExpressionWrapper(Exists(declined) & ~Exists(approved), BooleanField()),
        Exists(standing_charges().filter(**own, purpose=Purpose.EVALUATION)),
        Exists(seen),
        Exists(SafetyHold.objects.filter(**own, cleared_at__isnull=True, level=HoldLevel.HIGH)),
    )
    return Place(*found.get())


def kinds_open_to(patient: Patient, place: Place | None = None) -> list[VisitKind]:
    """What a patient can book: first the first visit; after it, follow-ups and integration, and a new one when due.

    `place` is that of `place_of`, where it was read already.
    """
    if not (place or place_of(patient)).seen:
        return [VisitKind.EVALUATION]
    if evaluation_asked_for(patient):
        return [VisitKind.EVALUATION, VisitKind.INTEGRATION]
    return [VisitKind.CHECK_IN, VisitKind.INTEGRATION]


def evaluation_asked_for(patient: Patient) -> bool:
    """Whether the treatment asks for a new evaluation (policy 8): part of the treatment, so nothing is paid for it."""
    due = waiting_visit(patient)
    return due is not None and due.kind == DueKind.EVALUATION


def booking_stop(patient: Patient, now: datetime, place: Place | None = None) -> str | None:
    """Why a patient cannot book now, or None. `place` is that of `place_of`, where it was read already.

    "safety_hold", "consent_missing", "turned_down", "treatment_ended", "no_case", "unpaid" or "already_booked".
    """
    place = place or place_of(patient)
    if place.high_risk:
        return "safety_hold"
    if not consents.in_force(patient, Activity.BOOKING, now):
        return "consent_missing" if place.outcome else "no_case"
    if place.seen:
        return "turned_down" if place.turned_down else None
    if not place.paid:
        return _before_the_fee(place) or "unpaid"
    ahead = Appointment.objects.for_patient(patient).booked().filter(kind=Kind.EVALUATION, ends_at__gt=now)
    return "already_booked" if ahead.exists() else None


def _before_the_fee(place: Place) -> str | None:
    """What stands before the fee of a first visit; who was declined has it back, so it is asked of whoever owes it."""
    if place.ended:
        return "treatment_ended"
    if place.turned_down:
        return "turned_down"
    return None if place.outcome == Outcome.ELIGIBLE_FOR_REVIEW else "no_case"


def once_approved(patient: Patient) -> bool:
    """Whether a prescriber approved a treatment that has not ended: the fee was for that and stays paid (I6)."""
    rows = Review.objects.filter(this_course("decided_at"), patient=patient, outcome=Review.Outcome.APPROVED)
    return rows.exists()
