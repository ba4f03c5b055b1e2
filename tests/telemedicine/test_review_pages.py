"""The queue, the case page and the patient's page about the decision, as they answer over HTTP."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from harmoniously.core.alerts.models import Alert, SafetyHold
from harmoniously.core.audit.models import AuditEvent
from telemedicine.models import Message, Review
from telemedicine.reviews import case_file, services
from telemedicine.reviews.rules.triage import Waiting, order_key
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import CANARY, FACTS, case_queue, decide, finding, make_decision, make_paid, make_visit
from treatment.models import Chart

pytestmark = pytest.mark.django_db
REASON = "Two adequate trials failed; blood pressure is controlled."


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def page(name, patient):
    return reverse(f"admin:{name}", args=[patient.pk])


@pytest.fixture
def claimed(patient, prescriber):
    case = make_decision(patient)
    services.claim(decision=case, by=prescriber.user, now=NOON)
    make_visit(patient, prescriber)
    return case


def approval(case, **changes):
    return {"decision": case.pk, "reason": REASON, "confirmed": "on", **changes}


def test_the_queue_shows_fifty_of_many_with_few_queries(prescriber, prescriber_client, django_assert_max_num_queries):
    for number in range(55):
        someone = cast.make_patient(f"patient{number}@example.com")
        make_decision(someone, at=NOON - timedelta(hours=number))
        if number % 5 == 0:
            make_paid(someone)
            make_visit(someone, prescriber)
    with django_assert_max_num_queries(12):
        body = prescriber_client.get(reverse("admin:review_queue")).content.decode()
    assert body.count('scope="row"') == 50
    assert "Page 1 of 2" in body
    assert '<span class="count">55</span>' in body  # the menu counts the same cases
    second = prescriber_client.get(reverse("admin:review_queue"), {"page": "2"}).content.decode()
    assert second.count('scope="row"') == 5


def test_the_order_in_sql_is_the_order_of_the_rule(prescriber):
    number = 0
    for risk in ("none", "low", "moderate", "incomplete"):
        for hold in (None, "moderate", "high"):
            for visit in (None, "completed", "booked"):
                number += 1
                someone = cast.make_patient(f"patient{number}@example.com")
                make_decision(someone, risk=risk, at=NOON - timedelta(minutes=(number * 37) % 101))
                if hold:
                    SafetyHold.objects.create(patient=someone, level=hold, about="test", opened_at=NOON)
                if visit:
                    # Each at its own hour: the database holds a clinician to one visit at a time.
                    starts = NOON + timedelta(hours=number if visit == "booked" else -number)
                    make_visit(someone, prescriber, status=visit, starts_at=starts)
    rows = list(case_queue(prescriber.user, NOON))
    holds = dict(SafetyHold.objects.values_list("patient_id", "level"))
    waiting = [
        Waiting(row.suicide_risk, row.waiting_since, holds.get(row.patient_id), row.visit_completed, row.next_visit_at)
        for row in rows
    ]
    assert len(rows) == 36
    assert waiting == sorted(waiting, key=lambda case: order_key(case, NOON))


def test_the_case_page_shows_everything_a_decision_needs(
    claimed, patient, prescriber_client, django_assert_max_num_queries
):
    """UX-19"""
    prescriber_client.get(reverse("admin:index"))  # the first page of a session also writes the session
    with django_assert_max_num_queries(12):
        response = prescriber_client.get(page("case", patient))
    body = response.content.decode()
    for words in (
        "Robin",
        "High blood pressure",
        "bupropion",
        "Zoloft",
        "Counts: adequate, failed",
        "PHQ-9 16",
        "Moderately severe",
        "122/76",
    ):
        assert words in body, words
    for tier in ("For your judgement", "Notes"):
        assert tier in body
    assert response.headers["Cache-Control"].startswith("max-age=0") or "no-store" in response.headers["Cache-Control"]
    assert AuditEvent.objects.filter(action="case.viewed", patient=patient.pk).exists()


def test_a_case_goes_from_the_claim_to_the_prescription(patient, prescriber, prescriber_client):
    case = make_decision(patient)
    make_visit(patient, prescriber)
    assert prescriber_client.post(page("claim_case", patient), {"decision": case.pk}).url == page("case", patient)
    response = decide(prescriber_client, "approve_case", patient, approval(case))
    assert response.url == page("draft_prescription", patient) + "?back=case"
    again = prescriber_client.post(page("approve_case", patient), approval(case))
    assert (again.status_code, Chart.objects.count()) == (409, 1)
    assert prescriber_client.get(page("draft_prescription", patient)).status_code == 200


def test_a_refused_approval_keeps_what_was_written_and_says_why(claimed, patient, prescriber_client):
    SafetyHold.objects.create(patient=patient, level="high", about="test", opened_at=NOON)
    response = prescriber_client.post(page("approve_case", patient), approval(claimed))
    body = response.content.decode()
    assert response.status_code == 422
    assert REASON in body
    assert "high suicide risk" in body


def test_an_incomplete_approval_is_not_one(claimed, patient, prescriber_client):
    for changes in ({"reason": ""}, {"reason": "short"}, {"confirmed": ""}, {"decision": "x"}):
        data = {name: value for name, value in approval(claimed, **changes).items() if value}
        assert prescriber_client.post(page("approve_case", patient), data).status_code == 422, changes
    assert Review.objects.get(decision=claimed).status == "claimed"


def test_a_form_written_for_older_answers_decides_nothing(claimed, patient, prescriber_client):
    newer = make_decision(patient, at=NOON + timedelta(minutes=1))
    response = prescriber_client.post(page("approve_case", patient), approval(claimed))
    assert response.status_code == 409
    assert "changed their answers" in response.content.decode()
    assert not Review.objects.filter(decision=newer).exists()


def test_a_case_that_a_colleague_has_can_be_read_but_not_decided(claimed, patient):
    second = cast.make_clinician("second@example.com", display_name="Dr Second")
    client = cast.signed_in(second.user)
    body = client.get(page("case", patient)).content.decode()
    assert "Dr Jordan Sample" in body
    assert page("approve_case", patient) not in body
    response = client.post(page("approve_case", patient), approval(claimed))
    assert response.status_code == 409
    assert "Dr Jordan Sample" in response.content.decode()


def test_a_question_reaches_the_patient_and_the_case_waits(claimed, patient, patient_client, prescriber_client):
    data = {"decision": claimed.pk, "words": "Which dose do you take now?", "days": "3"}
    assert decide(prescriber_client, "ask_patient", patient, data).status_code == 302
    assert Message.objects.filter(patient=patient).count() == 1
    shown = patient_client.get(reverse("telemedicine:message_thread", args=[Message.objects.get().thread_id]))
    assert "Which dose" in shown.content.decode()
    assert "Please answer by Saturday 7 November, 11:59 pm Pacific" in shown.content.decode()
    assert "Waiting for the patient" in prescriber_client.get(page("case", patient)).content.decode()


def test_a_decline_is_told_with_why_and_what_happens_to_the_money(claimed, patient, patient_client, prescriber_client):
    assert "no decision yet" in patient_client.get(reverse("telemedicine:decision")).content.decode()
    data = {
        "decision": claimed.pk,
        "outcome": "declined",
        "reason": "secret clinical reason",
        "words": "Your heart needs a <b>check</b> first.",
        "again": "91",
    }
    assert decide(prescriber_client, "decline_case", patient, data).status_code == 302
    body = patient_client.get(reverse("telemedicine:decision")).content.decode()
    assert "Your heart needs a &lt;b&gt;check&lt;/b&gt; first." in body
    assert "goes back to your card" in body
    assert "You can apply again from" in body
    early = patient_client.post("/intake/change/", {"reason": "changed", "note": "I feel fine."})
    assert (early.status_code, "too early" in early.content.decode()) == (422, True)
    assert "secret clinical reason" not in body
    assert prescriber_client.get(page("case", patient)).status_code == 200, "who decided it may still read it"


def test_another_patient_sees_nothing_of_the_decision(claimed, prescriber, other_client):
    services.approve(decision=claimed, reason=REASON, words="canary-words", by=prescriber.user, now=NOON)
    body = other_client.get(reverse("telemedicine:decision")).content.decode()
    assert "There is no decision." in body
    assert "canary-words" not in body


def test_what_a_patient_typed_is_text_and_nothing_else(patient, prescriber, prescriber_client):
    """BUG-06"""
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    trial = {**FACTS["antidepressant_trials"][0], "medicine": attack}
    medicine = {"name": attack, "dose": attack, "frequency": "daily"}
    found = {**finding("attack", "review", name=attack), "clinician_text": attack, "source": attack}
    facts = {**FACTS, "medicines": [medicine], "antidepressant_trials": [trial]}
    make_decision(patient, facts=facts, findings=[found])
    patient.preferred_name = attack
    patient.emergency_contact = {"name": attack, "phone": attack}
    patient.save()
    for address in (page("case", patient), reverse("admin:review_queue"), reverse("admin:index")):
        body = prescriber_client.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in body
        assert "<script>alert(1)" not in body
        assert "<img src=x" not in body


def test_nothing_that_was_read_stands_in_the_trail(claimed, patient, prescriber_client):
    prescriber_client.get(page("case", patient))
    prescriber_client.get(reverse("admin:review_queue"))
    assert not AuditEvent.objects.filter(payload__contains=CANARY).exists()


def test_the_keys_lead_through_the_queue_in_its_order(prescriber, prescriber_client):
    """j and k: the most urgent first; past the ends back to the queue; a stranger's key says nothing of them."""
    people = [cast.make_patient(f"patient{number}@example.com") for number in range(3)]
    for number, someone in enumerate(people):
        make_decision(someone, at=NOON - timedelta(hours=number))
    first, second, last = reversed(people)

    def leads(name, someone_pk):
        return prescriber_client.get(reverse(f"admin:{name}"), {"at": someone_pk}).url

    assert leads("next_line", first.pk) == page("case", second)
    assert leads("previous_line", last.pk) == page("case", second)
    assert leads("next_line", last.pk) == leads("previous_line", first.pk) == reverse("admin:review_queue")
    for stranger in (uuid.uuid4(), "no key"):
        assert leads("next_line", stranger) == leads("previous_line", stranger) == page("case", first)
    assert prescriber_client.get(page("case", first)).content.count(b'rel="next"') == 1


def test_a_case_in_hand_stays_within_twelve_queries(claimed, patient, prescriber_client, django_assert_max_num_queries):
    """Design 7: with a hold, every form and the directory of places to refer to."""
    SafetyHold.objects.create(patient=patient, level="high", about="x", opened_at=NOON)
    with django_assert_max_num_queries(12):
        assert b"High suicide risk" in prescriber_client.get(page("case", patient)).content


def test_no_alert_of_a_patient_is_left_out_of_the_case(patient, prescriber):
    case = make_decision(patient)
    for number in range(6):
        about = {"kind": "session_held", "dedupe_key": str(number), "about": "x", "opened_at": NOON}
        Alert.objects.create(patient=patient, **about)
    assert len(case_file.build(case, prescriber.user, NOON).alerts) == 6
