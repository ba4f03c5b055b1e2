"""Nobody pays for a refusal: what is paid, or may still be paid, ends when new answers end the case (invariant I6).

A prescriber's refusal gives the fee back at once (services.decline). This is the other way to be refused: somebody has
paid, changes their answers, and the rules now say that treatment at home is not possible. No prescriber ever sees that.
And a payment that began in the very moment of a prescriber's refusal, after it had looked for payments, ends here too.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from billing import services as billing
from billing.models import Charge
from billing.prices import Purpose
from billing.rules import OPEN, ChargeStatus
from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common.rounds import each
from intake.models import EligibilityDecision, Outcome
from telemedicine.models import Appointment, Review
from telemedicine.selectors import this_course
from telemedicine.services import booking
from telemedicine.services.locks import lock_care

BATCH = 50
REASON = "not_eligible"


def give_back_after_refusals(*, now: datetime) -> int:
    """Refund or close the evaluation fee of whom the rules refuse, and cancel the visit it was for; how many."""

    def give_back(patient: Patient) -> bool:
        with transaction.atomic():
            lock_care(patient)
            if not _refused_with_money().filter(pk=patient.pk).exists():
                return False  # corrected, or decided otherwise, while this waited
            billing.refund_in_full(patient=patient, purpose=Purpose.EVALUATION, reason_code=REASON, by=SYSTEM, now=now)
            for visit in _coming(patient):
                booking.cancel(appointment=visit, by=SYSTEM, now=now, reason_code=REASON)
        return True

    return each(list(_refused_with_money()[:BATCH]), give_back)


def _refused_with_money() -> QuerySet[Patient]:
    """Refused by the rules or a prescriber, not in a treatment that one approved, with a fee that is open or kept."""
    own = {"patient": OuterRef("pk")}
    refused = EligibilityDecision.objects.filter(
        Q(outcome=Outcome.NOT_ELIGIBLE) | Q(review__outcome__in=[Review.Outcome.DECLINED, Review.Outcome.REFERRED]),
        **own,
        is_current=True,
    )
    approved = Review.objects.filter(this_course("decided_at"), **own, outcome=Review.Outcome.APPROVED)
    kept = Q(status__in=OPEN) | Q(status=ChargeStatus.PAID, used_up_at__isnull=True)
    live = Charge.objects.filter(kept, **own, purpose=Purpose.EVALUATION, refund__isnull=True)
    return Patient.objects.filter(Exists(refused), Exists(live), ~Exists(approved)).order_by("pk")


def _coming(patient: Patient) -> QuerySet[Appointment]:
    return Appointment.objects.with_people().filter(
        patient=patient,
        kind=Appointment.Kind.EVALUATION,
        status__in=[Appointment.Status.HELD, Appointment.Status.BOOKED],
        started_at__isnull=True,
    )
