"""Questions about cases: what waits, in which order, and what a decision has to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, DateTimeField, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing.models import Charge
from billing.prices import Purpose
from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.selectors import states_licensed
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.common import clock
from harmoniously.core.questions.models import Assessment
from intake import selectors as intake
from intake.models import EligibilityDecision
from telemedicine.models import Appointment, Review
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR, Standing
from telemedicine.reviews.rules.triage import LADDER, VISIT_SOON, Urgency

UNDECIDED = (Review.Status.OPEN, Review.Status.CLAIMED, Review.Status.ASKED)


def clinician_of(user: User) -> Clinician | None:
    """The clinician record of an account; remembered on the account for the request."""
    return getattr(user, "clinician", None)


def licensed_states(user: User, now: datetime) -> list[str]:
    """The states whose patients this person may review today (in their own zone); empty without a clinician record."""
    clinician = clinician_of(user)
    if clinician is None:
        return []
    return states_licensed(clinician, on=clock.today(clinician.zone, now))


def review_queue(user: User, now: datetime) -> QuerySet[EligibilityDecision]:
    """The cases that wait for a prescriber licensed where the patient is, the most urgent first.

    Each row is a decision with `rung` (an `Urgency`), `waiting_since`, `visit_completed`, `next_visit_at`, `on_hold`
    (the level or an empty string) and its `review` when somebody has claimed it. Sealed columns stay closed.
    """
    waiting = awaiting(now).filter(patient__state__in=licensed_states(user, now))
    return waiting.select_related("patient", "review__clinician").order_by("rung", "waiting_since", "pk")


def awaiting(now: datetime) -> QuerySet[EligibilityDecision]:
    """Every case without a final word, with what its place in the queue depends on. Not ordered."""
    open_cases = intake.decisions_awaiting_review().filter(Q(review__isnull=True) | Q(review__status__in=UNDECIDED))
    return open_cases.annotate(
        crisis_hold=_hold_of(LADDER[0][1]),
        held=_hold_of(LADDER[1][1]),
        visit_completed=Exists(
            _visits().filter(status=Appointment.Status.COMPLETED, starts_at__gte=now - VISIT_COUNTS_FOR)
        ),
        next_visit_at=Subquery(_next_visits(now).values("starts_at")[:1], output_field=DateTimeField()),
        waiting_since=Coalesce("submission__submitted_at", "decided_at"),
    ).annotate(rung=_rung(now))


def _hold_of(levels: tuple[str, ...]) -> Exists:
    return Exists(SafetyHold.objects.filter(patient=OuterRef("patient"), cleared_at__isnull=True, level__in=levels))


def _visits() -> QuerySet[Appointment]:
    return Appointment.objects.filter(patient=OuterRef("patient"), kind=Appointment.Kind.EVALUATION)


def _next_visits(now: datetime) -> QuerySet[Appointment]:
    # A visit that has just begun is still the next one.
    begun = now - timedelta(hours=1)
    return _visits().filter(status=Appointment.Status.BOOKED, starts_at__gte=begun).order_by("starts_at")


def _rung(now: datetime) -> Case:
    """The same ladder as `triage.urgency`, in SQL."""
    crisis, held, priority = LADDER
    return Case(
        When(Q(crisis_hold=True) | Q(suicide_risk__in=crisis[2]), then=Value(Urgency.CRISIS.value)),
        When(held=True, then=Value(Urgency.HELD.value)),
        When(suicide_risk__in=priority[2], then=Value(Urgency.PRIORITY.value)),
        When(review__status=Review.Status.ASKED, then=Value(Urgency.WITH_PATIENT.value)),
        When(visit_completed=True, then=Value(Urgency.DECISION_DUE.value)),
        When(next_visit_at__lte=now + VISIT_SOON, then=Value(Urgency.VISIT_SOON.value)),
        default=Value(Urgency.WAITING.value),
        output_field=IntegerField(),
    )


def newest_decision(patient: Patient) -> EligibilityDecision | None:
    """What the rules last said about a patient, with its review and who holds it."""
    rows = EligibilityDecision.objects.filter(patient=patient, is_current=True)
    return rows.select_related("patient__user", "submission", "review__clinician").first()


def paid_patients(patient_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these patients have paid for their evaluation and did not get it back."""
    paid = Charge.objects.filter(
        patient__in=patient_ids, purpose=Purpose.EVALUATION, status=Charge.Status.PAID, refund__isnull=True
    )
    return set(paid.values_list("patient_id", flat=True))


def visits_of(patient: Patient) -> list[Appointment]:
    """The visits of a patient that were at least booked, newest first."""
    rows = Appointment.objects.filter(patient=patient).exclude(status=Appointment.Status.HELD)
    return list(rows.select_related("clinician").order_by("-starts_at")[:10])


def scores_of(patient: Patient) -> list[Assessment]:
    """The scored answers of a patient, oldest first; an incomplete score is no score."""
    scored = Assessment.objects.filter(
        patient=patient, total__isnull=False, instrument__in=[Assessment.Instrument.PHQ9, Assessment.Instrument.GAD7]
    )
    return list(scored.order_by("-taken_at")[:60])[::-1]


def outcome_for(patient: Patient) -> Review | None:
    """The newest word a prescriber gave a patient, or None while there is none."""
    rows = Review.objects.filter(patient=patient, status=Review.Status.DECIDED).select_related("clinician")
    return rows.order_by("-decided_at").first()


def completed_visit(patient: Patient, now: datetime) -> Appointment | None:
    """The latest first visit that took place recently enough to decide on."""
    visits = Appointment.objects.filter(
        patient=patient,
        kind=Appointment.Kind.EVALUATION,
        status=Appointment.Status.COMPLETED,
        starts_at__gte=now - VISIT_COUNTS_FOR,
    )
    return visits.select_related("clinician").order_by("-starts_at").first()


def standing(decision: EligibilityDecision, user: User, now: datetime) -> Standing:
    """The facts an approval depends on, read at the moment of the decision."""
    hold = active_hold(decision.patient)
    return Standing(
        outcome=decision.outcome,
        licensed=decision.patient.state in licensed_states(user, now),
        visit_completed=completed_visit(decision.patient, now) is not None,
        hold=hold.level if hold else None,
        open_information=frozenset(
            finding["code"] for finding in decision.findings if finding["tier"] == "information"
        ),
    )
