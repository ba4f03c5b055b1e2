"""Whose turn it is on a case: a question, an answer, a visit in person, and what brings each back to the prescriber."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from harmoniously.core.alerts.models import FollowUp
from telemedicine.conversation.services import Words, begin, reply
from telemedicine.models import Message, Review, Thread
from telemedicine.reviews import services, telling
from telemedicine.reviews.deciding import preview
from telemedicine.reviews.deciding import services as deciding
from telemedicine.reviews.rules.triage import Urgency
from telemedicine.work import sources
from telemedicine.work.lines import Reader, lines
from tests.cast import NOON
from tests.telemedicine.cases import case_queue, make_decision, make_visit

pytestmark = pytest.mark.django_db
REASON = "Two adequate trials failed; blood pressure is controlled."
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
IN_PERSON = {"reason": REASON, "words": "The law asks for it.", "more": {"place": "Bay Clinic", "we_call": True}}


@pytest.fixture
def seen(patient, prescriber):
    """A claimed case after the first visit."""
    made = make_decision(patient)
    make_visit(patient, prescriber)
    services.claim(decision=made, by=prescriber.user, now=NOON)
    return made


def rung(prescriber, at) -> int:
    return case_queue(prescriber.user, at).get().rung


def confirmed_at(case, prescriber, now, kind, **told: Any) -> None:
    row = deciding.write(decision=case, kind=kind, by=prescriber.user, now=now, **told)
    deciding.confirm(verdict=row, seen=preview.shown(row, now).mark, by=prescriber.user, now=now)
    deciding.sweep(now=now + 11 * SECOND)


def test_a_question_beside_a_visit_in_person_comes_back_too(seen, patient, prescriber):
    """What is promised before it is sent; one from before that visit was required is over."""
    confirmed_at(seen, prescriber, NOON, "ask", words="Which dose do you take now?", more={"days": 3})
    confirmed_at(seen, prescriber, NOON + HOUR, "in_person", **IN_PERSON)
    earlier = Review.objects.get().answer_due_at
    assert telling.answered([str(Review.objects.get().pk)], earlier), "of that one nobody is reminded"
    assert rung(prescriber, earlier + SECOND) == Urgency.WITH_PATIENT
    confirmed_at(seen, prescriber, NOON + 2 * HOUR, "ask", words="And how often?", more={"days": 7})
    due = Review.objects.get().answer_due_at
    assert not telling.answered([str(Review.objects.get().pk)], due), "the reminder that was promised goes out"
    assert [rung(prescriber, due + wait) for wait in (-SECOND, SECOND)] == [Urgency.WITH_PATIENT, Urgency.LATE]
    thread, spoken = Message.objects.first().thread, NOON + 3 * HOUR
    reply(thread=thread, words=Words("Twice a week.", uuid4()), by=patient.user, now=spoken)
    assert {rung(prescriber, at) for at in (spoken, due + SECOND)} == {Urgency.ARRIVED}
    last = thread.messages.last().pk
    reply(thread=thread, words=Words("Thank you.", uuid4(), None, last), by=prescriber.user, now=spoken + HOUR)
    assert {rung(prescriber, at) for at in (spoken + HOUR, due + SECOND)} == {Urgency.WITH_PATIENT}


def test_a_visit_in_person_that_nobody_recorded_comes_back(seen, patient, prescriber):
    """To whoever required it, whoever was to arrange it; at once when the patient writes, and later when they are
    asked how it stands."""
    month = timedelta(days=30)
    confirmed_at(seen, prescriber, NOON, "in_person", **{**IN_PERSON, "more": {"place": "", "we_call": False}})
    assert not FollowUp.objects.exists()
    assert [rung(prescriber, NOON + month + wait) for wait in (-SECOND, SECOND)] == [
        Urgency.WITH_PATIENT,
        Urgency.LATE,
    ]
    [line] = lines(sources.ordered(prescriber.user, NOON + month), Reader(prescriber.user, "UTC", NOON + month))
    assert ("nobody has recorded" in line.why, line.since) == (True, "30 days")
    asked, back = NOON + month, NOON + 2 * month
    told = Words("I was there on Tuesday.", uuid4())
    begin(patient=patient, topic="health", words=told, by=patient.user, now=asked)
    assert rung(prescriber, asked) == Urgency.ARRIVED
    confirmed_at(seen, prescriber, asked, "ask", words="With whom, and on which day?", more={"days": 3})
    reply(thread=Message.objects.first().thread, words=Words("Dr Fay.", uuid4()), by=patient.user, now=asked + HOUR)
    assert rung(prescriber, asked + HOUR) == Urgency.ARRIVED, "also where an earlier word of theirs is still unread"
    Thread.objects.update(waiting_since=None)
    assert [rung(prescriber, back + wait) for wait in (-SECOND, SECOND)] == [Urgency.WITH_PATIENT, Urgency.LATE]


def test_an_answer_is_one_beside_an_older_message_that_waits_and_ends_the_patients_turn(seen, patient, prescriber):
    begun = begin(patient=patient, topic="health", words=Words("May I eat?", uuid4()), by=patient.user, now=NOON)
    confirmed_at(seen, prescriber, NOON + HOUR, "ask", words="Which dose do you take now?", more={"days": 30})
    assert rung(prescriber, NOON + HOUR) == Urgency.WITH_PATIENT
    answer = reply(thread=begun.thread, words=Words("Ten.", uuid4()), by=patient.user, now=NOON + 2 * HOUR)
    assert rung(prescriber, NOON + 2 * HOUR) == Urgency.ARRIVED
    thanks = Words("Thank you. I decide tomorrow.", uuid4(), None, answer.pk)
    reply(thread=begun.thread, words=thanks, by=prescriber.user, now=NOON + 3 * HOUR)
    assert rung(prescriber, NOON + 3 * HOUR) == Urgency.DECISION_DUE
    assert rung(prescriber, NOON + timedelta(days=20)) == Urgency.LATE
    later = NOON + timedelta(days=20)
    [line] = lines(sources.ordered(prescriber.user, later), Reader(prescriber.user, "UTC", later))
    assert "promised two working days" in line.why
