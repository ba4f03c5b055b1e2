"""Two prescribers, or two clicks, at the same moment: one thing happens (BUG-25, FI-08)."""

from datetime import timedelta
from threading import Event
from time import sleep

import pytest

from billing.models import Charge, Refund
from billing.prices import Purpose
from billing.services import open_charge
from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common.errors import Conflict
from harmoniously.portal import taking_back
from telemedicine.models import Review, WorkClaim
from telemedicine.reviews import services
from telemedicine.reviews.deciding import preview
from telemedicine.reviews.deciding import services as deciding
from telemedicine.reviews.rules.triage import Kind
from telemedicine.work import services as work
from telemedicine.work.services import Item
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_decision, make_paid, make_visit
from tests.threads import at_once
from treatment.models import Chart, CheckIn

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Two adequate trials failed; blood pressure is controlled."


def test_six_prescribers_claim_one_case_and_one_has_it(patient):
    people = [cast.make_clinician(f"prescriber{number}@example.com") for number in range(6)]
    case = make_decision(patient)
    results = at_once(
        *(lambda person=person: services.claim(decision=case, by=person.user, now=NOON) for person in people)
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 5 + ["Review"]
    assert Review.objects.get(decision=case).clinician in people
    assert CareRelation.objects.filter(patient=patient).count() == 1


def test_sec15_what_is_pressed_while_consent_is_taken_back_waits_and_is_refused(patient, prescriber, monkeypatch):
    case = make_decision(patient)
    services.claim(decision=case, by=prescriber.user, now=NOON)
    make_visit(patient, prescriber, starts_at=NOON - timedelta(hours=3))
    written, tell = Event(), taking_back._tell

    def linger(*args, **kwargs):
        tell(*args, **kwargs)
        written.set()  # everything is written, nothing is committed
        sleep(0.3)

    monkeypatch.setattr(taking_back, "_tell", linger)

    def approve():
        written.wait(5)
        return services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)

    def pay():
        written.wait(5)
        return open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)

    _event, approved, charge = at_once(
        lambda: taking_back.take_back(patient=patient, kind="privacy", by=patient.user, now=NOON), approve, pay
    )
    assert [getattr(found, "code", found) for found in (approved, charge)] == ["consent_taken_back", "consent_missing"]
    assert not Chart.objects.exists() and not Charge.objects.exists()


def test_an_approval_and_a_refusal_at_once_are_one_decision(patient, prescriber):
    case = make_decision(patient)
    services.claim(decision=case, by=prescriber.user, now=NOON)
    make_visit(patient, prescriber, starts_at=NOON - timedelta(hours=3))
    make_paid(patient)

    def approve():
        return services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)

    def decline():
        return services.decline(decision=case, reason=REASON, words="Not now.", by=prescriber.user, now=NOON)

    results = at_once(approve, approve, decline, decline)
    review = Review.objects.get(decision=case)
    assert sum(isinstance(result, Conflict) for result in results) == 2
    assert StatusChange.objects.filter(subject__endswith=str(review.pk), after="decided").count() == 1
    assert Chart.objects.count() == (1 if review.outcome == "approved" else 0)
    assert Refund.objects.count() == (1 if review.outcome == "declined" else 0)


def test_an_undo_and_the_dispatcher_meet_and_one_of_them_has_its_way(patient, prescriber):
    """In the moment in which both are allowed: either nothing happened, or everything did and the undo is refused."""
    case = make_decision(patient)
    make_paid(patient)
    services.claim(decision=case, by=prescriber.user, now=NOON)
    told = {"reason": REASON, "words": "Not now.", "more": {"again": 0, "letter": None}}
    row = deciding.write(decision=case, kind="decline", by=prescriber.user, now=NOON, **told)
    mark = preview.shown(row, NOON).mark
    twice = at_once(*[lambda: deciding.confirm(verdict=row, seen=mark, by=prescriber.user, now=NOON)] * 2)
    assert [result.status for result in twice] == ["confirmed"] * 2
    tenth = NOON + timedelta(seconds=10)
    undo = at_once(
        lambda: deciding.undo(verdict=row, by=prescriber.user, now=tenth),
        lambda: deciding.carry_out(verdict=row, now=tenth, at_once=True),
        lambda: deciding.carry_out(verdict=row, now=tenth, at_once=True),
    )
    row.refresh_from_db()
    refunds = Refund.objects.count()
    assert (row.status, refunds, isinstance(undo[0], Conflict)) in {("undone", 0, False), ("in_effect", 1, True)}
    assert undo[1:].count(True) == refunds
    assert Review.objects.get().status == ("decided" if refunds else "claimed")


def test_six_prescribers_take_one_check_in_and_one_has_it(patient):
    """Everything but an application: its claim is one row, and the database allows one that is open."""
    people = [cast.make_clinician(f"prescriber{number}@example.com") for number in range(6)]
    for person in people:
        cast.take_into_care(patient, person, NOON)
    due = {"due_at": NOON, "second_reminder_at": NOON + timedelta(hours=1), "follow_up_at": NOON + timedelta(hours=2)}
    told = CheckIn.objects.create(
        patient=patient, kind="month", day=NOON.date(), flagged=True, flagged_at=NOON, policy_version="2026.1", **due
    )
    item = Item(Kind.CHECK_IN, told)
    results = at_once(*(lambda person=person: work.claim(item=item, by=person.user, now=NOON) for person in people))
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 5 + ["NoneType"]
    [claim] = WorkClaim.objects.all()
    assert claim.clinician == people[results.index(None)]
