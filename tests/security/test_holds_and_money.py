"""A safety hold stops every way to money, medicine and sessions, also the staff's; nobody pays for a refusal."""

from copy import deepcopy
from dataclasses import replace
from datetime import time, timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from billing import services as billing
from billing.models import Charge, Refund
from billing.prices import Purpose
from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, HoldLevel
from harmoniously.core.alerts.selectors import case_held
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.seeding.answers import Circumstances
from harmoniously.nonprod.seeding.life import Life, begin_life
from intake import services as intake
from intake.models import Outcome
from telemedicine.models import Appointment
from telemedicine.reviews import services as reviews
from telemedicine.reviews.refusals import give_back_after_refusals
from telemedicine.reviews.rules.triage import Urgency
from telemedicine.services import booking
from tests import cast
from tests.telemedicine.cases import case_queue
from treatment.models import DoseSession, Prescription, SessionStatus, Shipment
from treatment.services import gate, parcels, plans, prescriptions, sessions

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(world, django_db_blocker):
    start = clock.now() - timedelta(days=3)
    with django_db_blocker.unblock(), transaction.atomic():
        life = begin_life(world.life.practice, 7, Circumstances(), start=start, seed=7, state="CA")
        life.decision = life.hand_in()
        yield life
        transaction.set_rollback(True)


@pytest.fixture
def payer(told):
    """Somebody else, whose answers may go to review and who has not paid; told once, copied for each test."""
    life = deepcopy(told)
    life.now = clock.now()
    return life


def hold(patient: Patient):
    return alerts.open_hold(patient=patient, level=HoldLevel.HIGH, about="test", by=SYSTEM, now=clock.now())


def refused(act, code):
    with pytest.raises(RuleViolation) as refusal:
        act()
    assert refusal.value.code == code


# What a hold stops


def test_a_hold_stops_a_new_payment_and_one_that_was_open_before(payer):
    by, now = payer.patient.user, payer.now
    charge = billing.open_charge(patient=payer.patient, purpose=Purpose.EVALUATION, by=by, now=now)
    billing.start_checkout(charge=charge, by=by, now=now)
    hold(payer.patient)
    refused(lambda: billing.open_charge(patient=payer.patient, purpose=Purpose.EVALUATION, by=by, now=now), "on_hold")
    refused(lambda: billing.start_checkout(charge=charge, by=by, now=now), "on_hold")
    client = cast.signed_in(by)
    for answer in (
        client.post("/evaluation/"),
        client.post(f"/billing/charges/{charge.pk}/pay/"),
        client.get(f"/billing/charges/{charge.pk}/leave/"),
    ):
        assert "Refresh" not in answer.headers
        assert answer.status_code == 302
        assert "leave" not in answer["Location"]


@pytest.mark.parametrize("who", ["patient", "coordinator", "clinician"])
def test_a_hold_stops_booking_for_everybody(payer, world, who):
    payer.pay()
    visit = payer.book()
    booking.cancel(appointment=visit, by=payer.patient.user, now=payer.now)
    hold(payer.patient)
    people = {
        "patient": payer.patient.user,
        "coordinator": world.life.practice.coordinator,
        "clinician": payer.clinician.user,
    }
    wish = {"patient": payer.patient, "clinician": visit.clinician, "starts_at": visit.starts_at, "kind": visit.kind}
    for verb in (booking.hold, booking.book):
        refused(lambda verb=verb: verb(**wish, by=people[who], now=payer.now), "safety_hold")


def test_a_hold_stops_confirming_a_time_that_was_chosen_before(payer):
    payer.pay()
    free = payer.book()
    booking.cancel(appointment=free, by=payer.patient.user, now=payer.now)
    chosen = booking.hold(
        patient=payer.patient,
        clinician=free.clinician,
        starts_at=free.starts_at,
        kind=free.kind,
        by=payer.patient.user,
        now=payer.now,
    )
    hold(payer.patient)
    refused(lambda: booking.confirm(appointment=chosen, by=payer.patient.user, now=payer.now), "safety_hold")


def test_a_hold_stops_shipments_signatures_and_sending(world):
    by, now = world.life.clinician.user, clock.now()
    order = Prescription.objects.get(patient=world.patient)
    units, sent = 2, Shipment.objects.filter(patient=world.patient)
    before = sent.count()
    hold(world.patient)
    refused(lambda: parcels.order_shipment(prescription=order, units=units, by=by, now=now), "safety_hold")
    again = replace(prescriptions.order_of(order), pdmp_checked_at=now)
    draft = prescriptions.draft_prescription(patient=world.patient, order=again, by=by, now=now)
    refused(lambda: prescriptions.sign_prescription(prescription=draft, by=by, now=now), "safety_hold")
    assert sent.count() == before


def test_an_order_that_was_signed_before_the_hold_is_not_sent(payer):
    payer.pay()
    payer.visit(payer.book())
    payer.approve(payer.decision)
    order = payer.prescribe()
    hold(payer.patient)
    refused(lambda: payer.hand_over(order), "safety_hold")
    order.refresh_from_db()
    assert order.status == "signed"


def test_a_hold_that_comes_after_the_release_stops_the_start(world):
    session = DoseSession.objects.get(pk=world.ahead.pk)
    world.life.now = session.starts_at - timedelta(minutes=20)
    with time_machine.travel(world.life.now, tick=False):
        ready = world.life.answer_gate(session)
        assert ready.status == SessionStatus.RELEASED
        hold(world.patient)
        now = world.life.now
        refused(lambda: sessions.start_session(session=ready, by=world.patient.user, now=now), "held")
    session.refresh_from_db()
    assert (session.status, session.started_at) == (SessionStatus.HELD, None)


# Nobody pays for a refusal; nobody names a price


def test_what_a_form_adds_about_price_state_or_person_changes_nothing(payer, world):
    """BUG-03"""
    extra = {
        "id": str(world.patient.pk),
        "patient": str(world.patient.pk),
        "amount_cents": "1",
        "price_cents": "1",
        "currency": "XXX",
        "status": "paid",
        "paid_at": "2026-01-01",
        "gateway": "other",
    }
    assert cast.signed_in(payer.patient.user).post("/evaluation/", extra).status_code == 302
    charge = Charge.objects.get(patient=payer.patient)
    assert (charge.amount_cents, charge.currency, charge.status, charge.paid_at) == (14_900, "USD", "created", None)
    assert (charge.gateway, str(charge.pk) == extra["id"]) == ("embedded", False)


def test_whoever_was_declined_is_not_asked_to_pay_again(payer):
    payer.pay()
    payer.visit(payer.book())
    payer.decline(payer.decision)
    client = cast.signed_in(payer.patient.user)
    for answer in (client.get("/evaluation/"), client.post("/evaluation/"), client.post("/evaluation/")):
        assert (answer.status_code, answer["Location"]) == (302, "/visits/decision/")
    assert Charge.objects.filter(patient=payer.patient).count() == 1
    assert Refund.objects.filter(charge__patient=payer.patient).count() == 1


def test_ux_08_whoever_paid_or_is_approved_is_not_asked_to_pay_or_to_choose_a_visit(payer):
    def result(after=timedelta(0)):
        with time_machine.travel(payer.now + after, tick=False):
            return cast.signed_in(payer.patient.user).get("/intake/result/").content.decode()

    assert all(words in result() for words in ("you pay the evaluation fee", "Choose one on or before"))
    assert "Choose one on or before" not in result(after=timedelta(days=60))  # the day has passed
    client = cast.signed_in(payer.patient.user)
    assert client.get("/evaluation/").status_code == 200
    payer.pay()
    assert client.get("/evaluation/")["Location"] == "/home/"
    assert "Done: you paid the evaluation fee" in result()
    payer.visit(payer.book())
    payer.approve(payer.decision)
    page = result()
    assert "Your prescriber approved treatment" in page and 'href="/treatment/"' in page
    assert "you pay the evaluation fee" not in page and "not an approval" not in page
    # Newer answers that speak against nothing need no second fee.
    intake.amend(patient=payer.patient, reason="changed", by=payer.patient.user, now=payer.now)
    payer.hand_in()
    charge = Charge.objects.get(patient=payer.patient)
    billing.refund_in_full(patient=charge.patient, purpose=charge.purpose, reason_code="test", by=SYSTEM, now=payer.now)
    with time_machine.travel(payer.now, tick=False):
        client = cast.signed_in(payer.patient.user)
        assert [client.get("/evaluation/")["Location"], client.post("/evaluation/")["Location"]] == ["/home/"] * 2


def turned_down(life: Life) -> None:
    """The patient opens the answers again, changes one, and the rules refuse."""
    intake.amend(patient=life.patient, reason="changed", by=life.patient.user, now=life.now)
    life.story = Circumstances(mind=("mania_current",))
    assert life.hand_in().outcome == Outcome.NOT_ELIGIBLE


def test_a_fee_is_given_back_when_new_answers_end_the_case(payer):
    """I6: no prescriber ever sees such a case, so nobody else would give it back."""
    charge = payer.pay()
    visit = payer.book()
    turned_down(payer)
    assert give_back_after_refusals(now=payer.now) == 1
    assert give_back_after_refusals(now=payer.now) == 0
    assert Refund.objects.get(charge=charge).amount_cents == 14_900
    assert Appointment.objects.get(pk=visit.pk).status == "cancelled"


def test_a_payment_page_that_is_still_open_closes_when_new_answers_end_the_case(payer):
    by = payer.patient.user
    charge = billing.open_charge(patient=payer.patient, purpose=Purpose.EVALUATION, by=by, now=payer.now)
    turned_down(payer)
    assert give_back_after_refusals(now=payer.now) == 1
    charge.refresh_from_db()
    assert charge.status == "abandoned"


def test_who_is_in_treatment_keeps_what_was_agreed_whatever_new_answers_say(world):
    world.life.now = clock.now()
    turned_down(world.life)
    assert give_back_after_refusals(now=clock.now()) == 0


def test_policy_9_a_treatment_waits_for_a_prescriber_when_newer_answers_speak_against_it(world):
    """Any exclusion that appears: an alert, the queue, no shipment, no order, no session, until somebody approves."""
    life, by, patient = world.life, world.life.clinician.user, world.patient
    life.now = clock.now()
    turned_down(life)
    alert = Alert.objects.get(patient=patient, kind="case_worse")
    assert Notification.objects.filter(about=f"alert:{alert.pk}", recipient=by).exists()
    row = case_queue(by, life.now).get(patient=patient)
    assert (row.outcome, Urgency(row.rung)) == ("not_eligible", Urgency.STOPPED)
    page = cast.signed_in(by, second_factor=True).get(reverse("admin:case", args=[patient.pk])).content.decode()
    assert "Treatment stopped" in page
    client = cast.signed_in(patient.user)
    for address in ("/intake/result/", "/treatment/", "/home/"):
        assert "Your treatment is stopped for now" in client.get(address).content.decode(), address

    order = Prescription.objects.get(patient=patient)
    refused(lambda: parcels.order_shipment(prescription=order, units=2, by=by, now=life.now), "case_hold")
    again = replace(prescriptions.order_of(order), pdmp_checked_at=life.now)
    draft = prescriptions.draft_prescription(patient=patient, order=again, by=by, now=life.now)
    refused(lambda: prescriptions.sign_prescription(prescription=draft, by=by, now=life.now), "case_hold")
    wishes = plans.PlanWishes(hour=time(18, 0))
    refused(lambda: plans.plan_sessions(prescription=order, wishes=wishes, by=by, now=life.now), "case_hold")
    session = DoseSession.objects.get(pk=world.ahead.pk)
    at = session.starts_at - timedelta(minutes=20)
    with time_machine.travel(at, tick=False):
        answers = {"sitter_adult": True, "sitter_reachable": True}
        held, _gate = gate.answer_gate(session=session, page="sitter", answers=answers, by=patient.user, now=at)
        assert held.status == SessionStatus.HELD

    # Corrected answers bring no dose back by themselves: a prescriber has to approve them.
    life.story = Circumstances()
    draft = intake.amend(patient=patient, reason="mistake", note="It was my sister.", by=patient.user, now=life.now)
    decision = life.hand_in()
    assert case_held(patient)
    life.approve(decision)
    assert not case_held(patient)
    parcels.order_shipment(prescription=order, units=2, by=by, now=life.now)


def test_a_second_refusal_or_approval_adds_nothing(payer):
    payer.pay()
    payer.visit(payer.book())
    payer.decline(payer.decision)
    by = payer.clinician.user
    reviews.decline(decision=payer.decision, reason="Home situation not suitable.", words="", by=by, now=payer.now)
    refused(lambda: reviews.approve(decision=payer.decision, reason="x" * 20, by=by, now=payer.now), "decided")
    assert Refund.objects.filter(charge__patient=payer.patient).count() == 1
