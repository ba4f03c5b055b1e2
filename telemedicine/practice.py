"""The visits and decisions of the practice in numbers. Counts and waits only, nobody is named."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Extract, Greatest

from harmoniously.core.alerts.rules import Spread
from harmoniously.core.audit.models import StatusChange
from intake.models import EligibilityDecision
from intake.selectors import FOR_REVIEW
from telemedicine.models import Appointment, Review
from telemedicine.models.appointment import Kind, Status

# Who cancels later than this leaves a time that hardly anybody else can take.
LATE_NOTICE = timedelta(hours=24)
PATIENT_CANCELLED = "cancelled_by_patient"


class Percentiles(Aggregate):
    """Values that were really there, by nearest rank, as `alerts.rules.spread` takes them; without any there is none.

    What is NULL is not among them.
    """

    function = "PERCENTILE_DISC"
    template = "%(function)s(ARRAY[0.5, 0.9, 1]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


@dataclass(frozen=True)
class Waits:
    """How long applications waited: how many there were, how many still wait, and the spread of both together."""

    applications: int
    waiting: int
    decision: Spread | None
    visits: int
    visit: Spread | None


def waits(since: datetime | None, now: datetime) -> Waits:
    """From the moment answers were handed in, until a prescriber decided, and until the first visit; one query.

    Of answers of the period that a prescriber decides on. What still waits counts with the time that has passed, so
    that nothing looks quick by never being done; what was replaced by newer answers counts with those.
    """
    began = F("submission__submitted_at")
    held = Appointment.objects.filter(patient=OuterRef("patient"), kind=Kind.EVALUATION, status=Status.COMPLETED)
    seen = held.filter(starts_at__gte=OuterRef("submission__submitted_at")).order_by("starts_at").values("starts_at")
    undecided = Q(is_current=True) & (Q(review__isnull=True) | ~Q(review__status=Review.Status.DECIDED))
    rows = EligibilityDecision.objects.filter(outcome__in=FOR_REVIEW, submission__submitted_at__lte=now)
    if since is not None:
        rows = rows.filter(submission__submitted_at__gte=since)
    rows = rows.filter(undecided | Q(review__status=Review.Status.DECIDED)).order_by()
    waiting = When(undecided, then=Value(now, DateTimeField()))
    rows = rows.annotate(
        decided=Coalesce("review__decided_at", Case(waiting, output_field=DateTimeField())),
        seen=Coalesce(Subquery(seen[:1], output_field=DateTimeField()), Case(waiting, output_field=DateTimeField())),
    )
    found = rows.annotate(to_decision=_seconds("decided", began), to_visit=_seconds("seen", began)).aggregate(
        applications=Count("pk"),
        waiting=Count("pk", filter=undecided),
        decision=Percentiles("to_decision"),
        visits=Count("to_visit"),
        visit=Percentiles("to_visit"),
    )
    decision, visit = _spread(found["decision"]), _spread(found["visit"])
    return Waits(found["applications"], found["waiting"], decision, found["visits"], visit)


def _seconds(until: str, since: F) -> Any:
    passed = ExpressionWrapper(F(until) - since, output_field=DurationField())
    return Greatest(Cast(Extract(passed, "epoch"), FloatField()), Value(0.0))


def _spread(seconds: list[float] | None) -> Spread | None:
    return Spread(*(timedelta(seconds=value) for value in seconds)) if seconds else None


def visits(since: datetime | None, now: datetime) -> QuerySet[Any, Any]:
    """By kind, of the visits whose time has come: held, missed, cancelled late by the patient, cancelled otherwise.

    What was never booked, or only moved to another time, is no visit here. One that still stands as booked has no
    ending yet and is left out.
    """
    label = Concat(Value("telemedicine.appointment:"), Cast(OuterRef("pk"), CharField()))
    booked_before = StatusChange.objects.filter(subject=label, before=Status.BOOKED, after=Status.CANCELLED)
    late = booked_before.filter(reason_code=PATIENT_CANCELLED, at__gt=OuterRef("starts_at") - LATE_NOTICE)
    rows = Appointment.objects.filter(starts_at__lte=now)
    if since is not None:
        rows = rows.filter(starts_at__gte=since)
    cancelled = Q(status=Status.CANCELLED, held_until__isnull=True)  # with an end it was taken back before it was told
    rows = rows.annotate(
        was_booked=Case(When(cancelled, then=Exists(booked_before)), default=Value(False)),
        was_late=Case(When(cancelled, then=Exists(late)), default=Value(False)),
    )
    return (
        rows.order_by()
        .values("kind")
        .annotate(
            first=Count("pk", filter=Q(status=Status.COMPLETED)),
            second=Count("pk", filter=Q(status=Status.NO_SHOW)),
            third=Count("pk", filter=Q(was_late=True)),
            fourth=Count("pk", filter=Q(was_booked=True, was_late=False)),
        )
        .values_list(Value("visits"), "kind", "first", "second", "third", "fourth")
    )
