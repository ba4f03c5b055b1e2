"""Whose turn it is on a case: what the patient sent that nobody has looked at, and what is still waited for from them.

A question ends when the patient wrote, and a visit in person when somebody recorded it. Neither keeps a case out of
sight for ever: an answer that does not come in time, and a visit that nobody recorded in its own, bring it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from intake.requests.models import InformationRequest, RequestStatus
from intake.requests.selectors import papers_shown
from telemedicine.models import InPersonVisit, Message, Review, Topic
from telemedicine.models.message import ADMINISTRATIVE
from telemedicine.reviews.rules.verdicts import IN_PERSON_WITHIN
from telemedicine.selectors import this_course

Status = Review.Status
# Somebody has the case and acts on it, or waits for the patient.
IN_HAND = (Status.CLAIMED, Status.ASKED, Status.IN_PERSON)
# What the prescriber reads; the rest of the messages is the coordinators'.
CLINICAL = tuple(topic for topic in Topic if topic not in ADMINISTRATIVE)
_VISIT, _OPEN = "patient__in_person_visits", {"recorded_at__isnull": True, "ended_at__isnull": True}
_STILL = {f"{_VISIT}__isnull": False} | {f"{_VISIT}__{name}": value for name, value in _OPEN.items()}


def in_person_waits() -> QuerySet[InPersonVisit]:
    """The visits in person that a prescriber wants and that nobody has recorded; not of a treatment that ended."""
    return InPersonVisit.objects.filter(this_course("required_at"), **_OPEN)


def arrived() -> Q:
    """Cases about which something came that nobody has looked at: an answer, what was asked for, a document."""
    newer = Review.objects.filter(status__in=IN_HAND, decision__is_current=False).values("patient")
    unseen = Q(review__isnull=True) | Q(review__status=Status.OPEN)
    own = "patient__eligibility_decisions"
    current = {f"{own}__is_current": True}
    settled = InformationRequest.objects.filter(
        status=RequestStatus.ANSWERED, answered_at__gte=F(f"{own}__decided_at"), **current
    )
    handed_in = Q(pk__in=settled.values(f"{own}__pk")) & unseen
    sent = papers_shown().filter(_unlooked(f"{own}__review"), handed_in_at__gt=F(f"{own}__decided_at"), **current)
    before = in_person_waits().filter(patient=OuterRef("patient"), required_at__gte=OuterRef("handed_in_at"))
    papers = Q(pk__in=sent.filter(~Exists(before)).values(f"{own}__pk"))
    wrote = Q(pk__in=_answered(waits=True)) | Q(pk__in=_wrote_instead())
    return wrote | Q(patient__in=newer) | handed_in | papers


def _unlooked(review: str) -> Q:
    """Papers that came after somebody took the case up, and after they asked: whoever does either has looked."""
    taken = Q(**{f"{review}__isnull": True}) | Q(**{f"{review}__claimed_at__lt": F("handed_in_at")})
    return taken & (Q(**{f"{review}__asked_at__isnull": True}) | Q(**{f"{review}__asked_at__lt": F("handed_in_at")}))


def unanswered() -> QuerySet[Review]:
    """Reviews with a question that the patient has not answered, also one beside a visit in person."""
    beside = Review.objects.filter(status=Status.IN_PERSON, asked_at__gte=F(f"{_VISIT}__required_at"), **_STILL)
    asked = Q(status=Status.ASKED) | Q(pk__in=beside.values("pk"))
    return Review.objects.filter(asked, ~Exists(wrote_to_us("patient", "asked_at")))


def answered() -> Q:
    """Cases whose question the patient answered, whether or not anybody has looked."""
    return Q(pk__in=_answered())


def with_patient(now: datetime) -> Q:
    """Cases in which it is the patient's turn: a question has time left, or a visit in person is to take place.

    Who answered and heard from us since waits for the decision, not for another answer.
    """
    in_time = Q(review__answer_due_at__isnull=True) | Q(review__answer_due_at__gt=now)
    asked = Q(review__status=Status.ASKED) & in_time & ~answered()
    return asked | Q(pk__in=_visit_in_time(now))


def wrote_to_us(patient: str, after: str) -> QuerySet[Message]:
    """What the patient of the row outside wrote about their health after a moment of it."""
    rows = Message.objects.filter(patient=OuterRef(patient), from_patient=True, thread__topic__in=CLINICAL)
    return rows.filter(sent_at__gt=OuterRef(after))


def _answered(*, waits: bool = False) -> QuerySet[Any]:
    """Cases with an answer; with one that waits for ours."""
    rows = Review.objects.filter(status=Status.ASKED, **_wrote_after("asked_at", waits=waits))
    return rows.values("decision")


def _wrote_instead() -> QuerySet[Any]:
    """Cases that wait for a visit in person whose patient wrote: that it took place, or anything else."""
    wrote = _wrote_after(f"{_VISIT}__required_at", waits=True)
    return Review.objects.filter(status=Status.IN_PERSON, **_STILL, **wrote).values("decision")


def _wrote_after(moment: str, *, waits: bool) -> dict[str, Any]:
    said = "patient__messages__"
    wrote = {f"{said}from_patient": True, f"{said}thread__topic__in": CLINICAL, f"{said}sent_at__gt": F(moment)}
    return wrote | ({f"{said}thread__waiting_since__isnull": False} if waits else {})


def _visit_in_time(now: datetime) -> QuerySet[Any]:
    """Cases that wait for a visit in person: not for longer than it takes, and for no answer beside it that is late.

    Whoever asked since knows how it stands, so that the time begins anew with a question.
    """
    late, required = now - IN_PERSON_WITHIN, f"{_VISIT}__required_at"
    in_time, wrote = Q(answer_due_at__gt=now), Q(Exists(wrote_to_us("patient", "asked_at")))
    no_silence = Q(asked_at__isnull=True) | Q(asked_at__lt=F(required)) | in_time | wrote
    young = Q(**{f"{required}__gt": late}) | Q(asked_at__gt=late) | in_time
    return Review.objects.filter(no_silence, young, status=Status.IN_PERSON, **_STILL).values("decision")
