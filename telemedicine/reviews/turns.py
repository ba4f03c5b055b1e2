"""Whose turn it is on a case: what the patient sent that nobody has looked at, and what is still waited for from them.

A question ends when the patient wrote, and a visit in person when somebody recorded it. Neither keeps a case out of
sight for ever: an answer that does not come in time, and a visit that nobody recorded in its own, bring it back.
"""

from __future__ import annotations

from datetime import datetime

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
_OPEN = {"recorded_at__isnull": True, "ended_at__isnull": True}


def in_person_waits() -> QuerySet[InPersonVisit]:
    """The visits in person that a prescriber wants and that nobody has recorded; not of a treatment that ended."""
    return InPersonVisit.objects.filter(this_course("required_at"), **_OPEN)


def arrived() -> Q:
    """Cases about which something came that nobody has looked at: an answer, what was asked for, a document."""
    return wrote() | handed_in() | sent()


def wrote() -> Q:
    """Cases that wait for the patient, who wrote: an answer, that the visit in person took place, or anything else."""
    asked = Review.objects.filter(Exists(_waiting_messages("asked_at")), status=Status.ASKED)
    met = InPersonVisit.objects.filter(Exists(_waiting_messages("required_at")), **_OPEN)
    in_person = Q(review__status=Status.IN_PERSON, patient__in=met.values("patient"))
    return Q(pk__in=asked.values("decision")) | in_person


def handed_in() -> Q:
    """Cases in nobody's hands about which the patient gave what was asked for, or newer answers."""
    newer = Review.objects.filter(status__in=IN_HAND, decision__is_current=False).values("patient")
    unseen = Q(review__isnull=True) | Q(review__status=Status.OPEN)
    own = "patient__eligibility_decisions"
    settled = InformationRequest.objects.filter(
        status=RequestStatus.ANSWERED, answered_at__gte=F(f"{own}__decided_at"), **{f"{own}__is_current": True}
    )
    return Q(patient__in=newer) | (Q(pk__in=settled.values(f"{own}__pk")) & unseen)


def sent() -> Q:
    """Cases with a document that came after somebody took them up, asked or required a visit: they have looked then."""
    own = "patient__eligibility_decisions"
    taken, asked = f"{own}__review__claimed_at", f"{own}__review__asked_at"
    looked = (Q(**{f"{own}__review__isnull": True}) | Q(**{f"{taken}__lt": F("handed_in_at")})) & (
        Q(**{f"{asked}__isnull": True}) | Q(**{f"{asked}__lt": F("handed_in_at")})
    )
    newest = {f"{own}__is_current": True, "handed_in_at__gt": F(f"{own}__decided_at")}
    before = in_person_waits().filter(patient=OuterRef("patient"), required_at__gte=OuterRef("handed_in_at"))
    return Q(pk__in=papers_shown().filter(looked, ~Exists(before), **newest).values(f"{own}__pk"))


def in_time(now: datetime) -> Q:
    """Cases whose question has time left for its answer."""
    return Q(review__answer_due_at__isnull=True) | Q(review__answer_due_at__gt=now)


def answered() -> Q:
    """Cases whose question the patient answered, whether or not anybody has looked.

    Who answered and heard from us since waits for the decision, not for another answer.
    """
    heard = Review.objects.filter(Exists(wrote_to_us("patient", "asked_at")), status=Status.ASKED)
    return Q(pk__in=heard.values("decision"))


def unanswered() -> QuerySet[Review]:
    """Reviews with a question that the patient has not answered, also one beside a visit in person."""
    visit = InPersonVisit.objects.filter(patient=OuterRef("patient"), required_at__lte=OuterRef("asked_at"), **_OPEN)
    asked = Q(status=Status.ASKED) | Q(Exists(visit), status=Status.IN_PERSON)
    return Review.objects.filter(asked, ~Exists(wrote_to_us("patient", "asked_at")))


def wrote_to_us(patient: str, after: str) -> QuerySet[Message]:
    """What the patient of the row outside wrote about their health after a moment of it."""
    rows = Message.objects.filter(patient=OuterRef(patient), from_patient=True, thread__topic__in=CLINICAL)
    return rows.filter(sent_at__gt=OuterRef(after))


def _waiting_messages(after: str) -> QuerySet[Message]:
    """Of these what waits for our answer."""
    return wrote_to_us("patient", after).filter(thread__waiting_since__isnull=False)


def visit_in_time(now: datetime) -> Q:
    """Cases that wait for a visit in person: not for longer than it takes, and for no answer beside it that is late.

    Whoever asked since knows how it stands, so that the time begins anew with a question.
    """
    late, required = now - IN_PERSON_WITHIN, "patient__in_person_visits__required_at"
    still = {f"patient__in_person_visits__{name}": value for name, value in {**_OPEN, "isnull": False}.items()}
    soon, heard = Q(answer_due_at__gt=now), Q(Exists(wrote_to_us("patient", "asked_at")))
    no_silence = Q(asked_at__isnull=True) | Q(asked_at__lt=F(required)) | soon | heard
    young = Q(**{f"{required}__gt": late}) | Q(asked_at__gt=late) | soon
    rows = Review.objects.filter(no_silence, young, status=Status.IN_PERSON, **still)
    return Q(pk__in=rows.values("decision"))
