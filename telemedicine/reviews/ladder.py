"""The ladder of triage in SQL: on which rung a case stands, and what a rung asks of the rows.

The same order as the pure rule (telemedicine/reviews/rules/triage.py); a test compares both.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import case_holds
from harmoniously.core.common import clock
from intake.models import EligibilityDecision
from intake.requests.models import InformationRequest, RequestStatus
from intake.requests.selectors import papers_shown
from telemedicine.models import Appointment, Message, Review, Topic
from telemedicine.reviews.rules.approval import VISIT_COUNTS_FOR
from telemedicine.reviews.rules.triage import CASE, LADDER, RISKS, VISIT_SOON, Urgency, last_late_day
from telemedicine.selectors import this_course

# Somebody has the case and acts on it, or waits for the patient.
IN_HAND = (Review.Status.CLAIMED, Review.Status.ASKED, Review.Status.IN_PERSON)
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
    danger = [When(_dangerous(holds, risks), then=Value(rung.value)) for rung, holds, risks in LADDER]
    soon = coming_visits(now).filter(starts_at__lte=now + VISIT_SOON)
    held, late = visits_held(now), promised_before(now)
    over = Q(patient__in=held.filter(starts_at__lt=late).values("patient"), decided_at__lt=late)
    asked = Q(review__status=Review.Status.ASKED)
    return Case(
        *danger,
        When((asked & arrived()) | Q(pk__in=_wrote_beside().values("decision")), then=Value(Urgency.ARRIVED.value)),
        When(with_patient(now), then=Value(Urgency.WITH_PATIENT.value)),
        When(asked | Q(review__status=Review.Status.IN_PERSON) | over, then=Value(Urgency.LATE.value)),
        When(patient__in=held.values("patient"), then=Value(Urgency.DECISION_DUE.value)),
        When(arrived(), then=Value(Urgency.ARRIVED.value)),
        When(patient__in=soon.values("patient"), then=Value(Urgency.VISIT_SOON.value)),
        default=Value(Urgency.WAITING.value),
        output_field=IntegerField(),
    )


def _waiting_since() -> Coalesce:
    return Coalesce("submission__submitted_at", "decided_at")


def arrived() -> Q:
    """Cases about which something came that nobody has looked at: an answer, what was asked for, a document."""
    asked = Review.objects.filter(status=Review.Status.ASKED, patient__threads__topic=Topic.HEALTH)
    wrote = asked.filter(patient__threads__waiting_since__gt=F("asked_at")).values("decision")
    wrote_beside = _wrote_beside().values("decision")
    newer = Review.objects.filter(status__in=IN_HAND, decision__is_current=False).values("patient")
    unseen = Q(review__isnull=True) | Q(review__status=Review.Status.OPEN)
    own = "patient__eligibility_decisions"
    current = {f"{own}__is_current": True}
    answered = InformationRequest.objects.filter(
        status=RequestStatus.ANSWERED, answered_at__gte=F(f"{own}__decided_at"), **current
    )
    untaken = Q(**{f"{own}__review__isnull": True}) | Q(**{f"{own}__review__claimed_at__lt": F("handed_in_at")})
    sent = papers_shown().filter(untaken, handed_in_at__gt=F(f"{own}__decided_at"), **current)
    handed_in = Q(pk__in=answered.values(f"{own}__pk")) & unseen
    wrote_to_us = Q(pk__in=wrote) | Q(pk__in=wrote_beside)
    return wrote_to_us | Q(patient__in=newer) | handed_in | Q(pk__in=sent.values(f"{own}__pk"))


def with_patient(now: datetime) -> Q:
    """Cases in which it is the patient's turn: a visit in person is to take place, or a question has time left.

    A question that is asked while the visit is waited for, and not answered in time, ends the patient's turn.
    """
    in_time = Q(review__answer_due_at__isnull=True) | Q(review__answer_due_at__gt=now)
    wrote = Message.objects.filter(patient=OuterRef("patient"), from_patient=True, sent_at__gt=OuterRef("asked_at"))
    silent = _asked_beside().filter(~Exists(wrote), answer_due_at__lte=now).values("decision")
    in_person = Q(review__status=Review.Status.IN_PERSON) & ~Q(pk__in=silent)
    return in_person | (Q(review__status=Review.Status.ASKED) & in_time)


def _asked_beside() -> QuerySet[Review]:
    """Reviews with a question that was asked while a visit in person is waited for; an earlier one is over."""
    visit = "patient__in_person_visits"
    still = {f"{visit}__recorded_at__isnull": True, f"{visit}__ended_at__isnull": True}
    return Review.objects.filter(status=Review.Status.IN_PERSON, asked_at__gte=F(f"{visit}__required_at"), **still)


def _wrote_beside() -> QuerySet[Review]:
    """Of these, whose patient wrote since and waits for our answer."""
    return _asked_beside().filter(
        patient__threads__topic=Topic.HEALTH, patient__threads__waiting_since__gt=F("asked_at")
    )


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
