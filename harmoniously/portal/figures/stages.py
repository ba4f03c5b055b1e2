"""Where each patient of the practice stands, as counts: one query, whatever the size of the practice."""

from datetime import datetime

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import CaseHold, SafetyHold
from intake.models import EligibilityDecision, Submission, SubmissionStatus
from intake.selectors import FOR_REVIEW
from telemedicine.models import Review
from telemedicine.reviews.turns import IN_HAND
from telemedicine.selectors import this_course
from treatment.models import Chart, DoseSession, PhaseChoice, Prescription, PrescriptionStatus


class Stage(models.TextChoices):
    """The stages in the order in which somebody goes through them."""

    SIGNED_UP = "signed_up", _("Signed up, nothing begun")
    BEGUN = "begun", _("Answering the questions")
    SUBMITTED = "submitted", _("Handed in, waits for a prescriber")
    IN_REVIEW = "in_review", _("Being reviewed")
    APPROVED = "approved", _("Approved, no session yet")
    INDUCTION = "induction", _("Induction")
    DUE = "due", _("Review after the induction")
    MAINTENANCE = "maintenance", _("Maintenance")
    TAPER = "taper", _("Taper")
    PAUSED = "paused", _("Paused or on hold")
    NOT_TREATED = "not_treated", _("Not treated here")
    ENDED = "ended", _("Treatment ended")


_PHASES = {
    PhaseChoice.REVIEW: Stage.DUE,
    PhaseChoice.MAINTENANCE: Stage.MAINTENANCE,
    PhaseChoice.TAPER: Stage.TAPER,
}


def by_stage(now: datetime) -> dict[Stage, int]:
    """How many patients stand in each stage; everybody in exactly one, and every stage is there."""
    rows = Patient.objects.filter(created_at__lte=now).order_by().annotate(stage=_stage()).values("stage")
    found = dict(rows.annotate(number=Count("pk")).values_list("stage", "number"))
    return {stage: found.get(stage.value, 0) for stage in Stage}


def _stage() -> Case:
    chart = _of(Chart.objects.filter(closed_at__isnull=True))
    paused = Q(Exists(_of(Prescription.objects.filter(status=PrescriptionStatus.PAUSED))))
    paused |= Q(Exists(_of(SafetyHold.objects.filter(cleared_at__isnull=True))))
    paused |= Q(Exists(_of(CaseHold.objects.filter(ended_at__isnull=True))))
    taken = DoseSession.objects.filter(prescription__chart__closed_at__isnull=True, status__in=DoseSession.TAKEN)
    decision = EligibilityDecision.objects.filter(this_course("decided_at"), is_current=True, outcome__in=FOR_REVIEW)
    waiting = _of(decision.filter(Q(review__isnull=True) | Q(review__status=Review.Status.OPEN)))
    looked_at = _of(decision.filter(review__status__in=IN_HAND))
    phases = [When(Exists(chart.filter(status=phase)), then=Value(stage.value)) for phase, stage in _PHASES.items()]
    return Case(
        When(Exists(chart) & paused, then=Value(Stage.PAUSED.value)),
        *phases,
        When(Exists(chart) & Exists(_of(taken)), then=Value(Stage.INDUCTION.value)),
        When(Exists(chart), then=Value(Stage.APPROVED.value)),
        When(Exists(looked_at), then=Value(Stage.IN_REVIEW.value)),
        When(Exists(waiting), then=Value(Stage.SUBMITTED.value)),
        When(Exists(_of(Submission.objects.filter(status=SubmissionStatus.DRAFT))), then=Value(Stage.BEGUN.value)),
        When(Exists(_of(Chart.objects.all())), then=Value(Stage.ENDED.value)),
        When(Exists(_of(EligibilityDecision.objects.all())), then=Value(Stage.NOT_TREATED.value)),
        default=Value(Stage.SIGNED_UP.value),
        output_field=CharField(),
    )


def _of(rows: QuerySet[models.Model]) -> QuerySet[models.Model]:
    return rows.order_by().filter(patient=OuterRef("pk"))
