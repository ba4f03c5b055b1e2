"""One thing of every kind that waits for a prescriber."""

import uuid
from datetime import timedelta

import pytest

from telemedicine.conversation.services import Words, reply
from telemedicine.models import Thread
from telemedicine.reviews import services as reviews
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work import sources
from telemedicine.work.lines import Reader, lines
from telemedicine.work.reading import Show, read
from telemedicine.work.services import Item
from tests import cast
from tests.telemedicine.cases import make_decision
from tests.treatment.conftest import FACTS, START, Case
from treatment.models import (
    AdverseEvent,
    Chart,
    CheckIn,
    DueVisit,
    LedgerEntry,
    Prescription,
    RefillRequest,
    SupplyFlag,
)
from treatment.services import open_chart

HOUR = timedelta(hours=1)
NOW = START + timedelta(days=1)


def flagged(patient, at, *, stops, day=0):
    """A check-in of the month with a flag, as the rules leave it."""
    due = at - timedelta(days=2)
    moments = {"due_at": due, "second_reminder_at": due + HOUR, "follow_up_at": due + 2 * HOUR}
    flags = [{"code": "phq9_worse", "facts": {"before": "10", "now": "16"}}]
    return CheckIn.objects.create(
        patient=patient, kind="month", day=due.date() - timedelta(days=day), status="answered", answered_at=at,
        flags=flags, flagged=True, flagged_at=at, stops=stops, policy_version="2026.1", **moments,
    )  # fmt: skip


@pytest.fixture
def everything(case):
    """One thing of every kind, for the prescriber of the case."""
    patient, doctor = case.patient, case.prescriber
    first = case.planned()[0]
    order = first.prescription
    type(first).objects.filter(pk=first.pk).update(status="held", held_at=NOW - 2 * HOUR)
    flagged(patient, NOW - HOUR, stops=False)
    flagged(patient, NOW - 3 * HOUR, stops=True, day=1)
    entry = LedgerEntry.objects.create(
        patient=patient, prescription=order, kind="lost", units=1, at=NOW - HOUR, by=doctor.user,
        form_token=uuid.uuid4(),
    )  # fmt: skip
    SupplyFlag.objects.create(
        patient=patient, code="units_lost", facts={"units": "1"}, entry=entry, raised_at=NOW - HOUR
    )
    AdverseEvent.objects.create(
        patient=patient, token=uuid.uuid4(), reporter=patient.user, onset_at=NOW - 5 * HOUR, known_at=NOW - 4 * HOUR,
        judgement={"term": "fainting"}, look_due_at=NOW, status="open",
    )  # fmt: skip
    RefillRequest.objects.create(
        patient=patient, prescription=order, requested_at=NOW - 5 * HOUR, requested_by=patient.user,
        policy_version="2026.1",
    )  # fmt: skip
    chart = Chart.objects.get(patient=patient)
    DueVisit.objects.create(
        patient=patient, chart=chart, kind="evaluation", status="done", due_since=START, overdue_at=START + HOUR,
        done_at=NOW - HOUR, policy_version="2026.1",
    )  # fmt: skip
    colleague = cast.make_clinician("colleague@example.com", display_name="Dr Alex Colleague")
    theirs = Case(cast.make_patient("second@example.com"), colleague)
    cast.take_into_care(theirs.patient, colleague, START)
    Prescription.objects.filter(pk=drafted(theirs).pk).update(strength_mg=300, units_per_session=2)
    new, asked = cast.make_patient("new@example.com"), cast.make_patient("asked@example.com")
    make_decision(new, at=NOW - 6 * HOUR)
    answered(asked, doctor)
    return case


def drafted(theirs):
    open_chart(patient=theirs.patient, facts=FACTS, by=theirs.prescriber.user, now=START)
    return theirs.draft()


def answered(patient, doctor):
    """A question that the patient answered: it waits for whoever asked."""
    decision = make_decision(patient, at=NOW - 9 * HOUR)
    reviews.claim(decision=decision, by=doctor.user, now=NOW - 8 * HOUR)
    about = {"question": "Which dose exactly?", "form_token": uuid.uuid4(), "by": doctor.user}
    reviews.ask(decision=decision, now=NOW - 7 * HOUR, **about)
    thread = Thread.objects.get(patient=patient)
    reply(thread=thread, words=Words("Ten milligrams.", uuid.uuid4()), by=patient.user, now=NOW - 2 * HOUR)


def shown(user, part="all", now=NOW):
    return lines(read(user, now, Show(part), 0, 50).rows, Reader(user, "UTC", now))


def item(user, kind, now=NOW):
    newest = "-decided_at" if kind is Kind.APPLICATION else "pk"
    [row] = sources.waiting(user, now)[kind].order_by(newest)[:1]
    return Item(kind, row)
