"""The ladder of triage in SQL: on which rung a case stands, and what a rung asks of the rows.

The same order as the pure rule (telemedicine/reviews/rules/triage.py); a test compares both.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from harmoniously.core.common import clock
from intake.models import EligibilityDecision
from telemedicine.models import Appointment, Review
from telemedicine.reviews import turns
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR
from telemedicine.reviews.rules.triage import CASE, LADDER, RISKS, VISIT_SOON, Urgency, last_late_day
from telemedicine.selectors import this_course

JUST_BEGUN = timedelta(hours=1)
# Who is in treatment meets the prescriber at follow-up visits.
MEETINGS = (Appointment.Kind.EVALUATION, Appointment.Kind.CHECK_IN)


def ranked(cases: QuerySet[EligibilityDecision], now: datetime) -> QuerySet[Any]:
    """With what the place of a case in the queue depends on: `rung`, `risk` and `waiting_since`."""
    return cases.annotate(
        rung=_rung(now),
        risk=Case(
            *(When(suicide_risk=risk, then=Value(place)) for risk, place in RISKS.items()),
            default=Value(RISKS["moderate"]),
            output_field=IntegerField(),
        ),
        waiting_since=_waiting_since(),
    )


def _rung(now: datetime) -> Case:
    """The same ladder as `triage.urgency`, in SQL. Each "in" is one set that is looked up, not a query for each row."""
    danger = [When(_dangerous(holds, risks), then=_at(rung)) for rung, holds, risks in LADDER]
    soon = coming_visits(now).filter(starts_at__lte=now + VISIT_SOON)
    held, late = visits_held(now), promised_before(now)
    over = Q(patient__in=held.filter(starts_at__lt=late).values("patient"), decided_at__lt=late)
    asked, in_person = Q(review__status=Review.Status.ASKED), Q(review__status=Review.Status.IN_PERSON)
    unanswered = Case(When(turns.in_time(now), then=_at(Urgency.WITH_PATIENT)), default=_at(Urgency.LATE))
    return Case(
        *danger,
        When(turns.wrote() | ((asked | in_person) & turns.sent()), then=_at(Urgency.ARRIVED)),
        When(turns.visit_in_time(now), then=_at(Urgency.WITH_PATIENT)),
        When(asked & ~turns.answered(), then=unanswered),
        When(in_person | over, then=_at(Urgency.LATE)),
        When(patient__in=held.values("patient"), then=_at(Urgency.DECISION_DUE)),
        When(turns.handed_in() | turns.sent(), then=_at(Urgency.ARRIVED)),
        When(patient__in=soon.values("patient"), then=_at(Urgency.VISIT_SOON)),
        default=_at(Urgency.WAITING),
        output_field=IntegerField(),
    )


def _at(rung: Urgency) -> Value:
    return Value(rung.value)


def _waiting_since() -> Coalesce:
    return Coalesce("submission__submitted_at", "decided_at")


def promised_before(now: datetime) -> datetime:
    """What was decided on before this moment, after a visit before it, was promised an answer by now."""
    day = last_late_day(clock.today(clock.PRACTICE_ZONE, now)) + timedelta(days=1)
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(clock.PRACTICE_ZONE))


def held_by(levels: tuple[str, ...]) -> Q:
    """Rows of patients who are under a hold of one of these levels, as the ladder names them."""
    found = Q(patient__in=open_holds().filter(level__in=levels).values("patient")) if levels else Q()
    return found | Q(patient__in=case_holds().values("patient")) if CASE in levels else found


def _dangerous(holds: tuple[str, ...], risks: tuple[str, ...]) -> Q:
    return (Q(suicide_risk__in=risks) if risks else Q()) | held_by(holds)


def open_holds() -> QuerySet[SafetyHold]:
    return SafetyHold.objects.filter(cleared_at__isnull=True)


def visits_begun(now: datetime) -> QuerySet[Appointment]:
    """First visits that took place or are going on, recent enough to decide on."""
    visits = Appointment.objects.filter(kind=Appointment.Kind.EVALUATION, starts_at__gte=now - VISIT_COUNTS_FOR)
    return visits.filter(this_course("starts_at")).filter(
        Q(status=Appointment.Status.COMPLETED) | Q(started_at__isnull=False)
    )


def visits_held(now: datetime) -> QuerySet[Appointment]:
    """Visits with a prescriber that took place recently enough to decide on."""
    visits = Appointment.objects.filter(kind__in=MEETINGS, status=Appointment.Status.COMPLETED)
    return visits.filter(this_course("starts_at"), starts_at__gte=now - VISIT_COUNTS_FOR)


def coming_visits(now: datetime) -> QuerySet[Appointment]:
    """First visits that are booked; one that has just begun is still to come."""
    visits = Appointment.objects.filter(kind=Appointment.Kind.EVALUATION, status=Appointment.Status.BOOKED)
    return visits.filter(starts_at__gte=now - JUST_BEGUN)
