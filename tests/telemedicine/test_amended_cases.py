"""A question to the patient, their amended answers, and what becomes of the review: walked through the pages."""

import pytest
from django.urls import reverse

from harmoniously.core.audit.models import AuditEvent
from intake.models import EligibilityDecision
from telemedicine.models import Message, Review
from tests.intake.walk import ZOLOFT, Walker, make_draft
from tests.telemedicine.cases import decide

pytestmark = pytest.mark.django_db


def page(name: str, patient) -> str:
    return reverse(f"admin:{name}", args=[patient.pk])


@pytest.fixture
def asked(patient, patient_client, prescriber_client) -> Review:
    """A case that needs information, claimed and asked about."""
    make_draft(patient, {"antidepressants": [ZOLOFT]})
    patient_client.post("/intake/check/")
    decision = EligibilityDecision.objects.get(patient=patient)
    assert decision.outcome == "needs_information"
    prescriber_client.post(page("claim_case", patient), {"decision": decision.pk})
    decide(prescriber_client, "ask_patient", patient, {"decision": decision.pk, "words": "Did you take another one?"})
    review = Review.objects.get()
    assert review.status == "asked"
    return review


def amend(client) -> None:
    walker = Walker(client)
    walker.amend()
    walker.add("antidepressants", {**ZOLOFT, "medicine": "Effexor", "dose": "225"})
    walker.post("antidepressants", {"more": "no"})
    assert client.post("/intake/check/")["Location"] == "/intake/result/"


def test_the_result_says_what_to_bring_and_how_to_add_it(asked, patient_client) -> None:
    shown = patient_client.get("/intake/result/").content.decode()
    assert "What we need from you" in shown
    assert "/intake/change/" in shown


def test_the_question_reaches_the_patient(asked, patient_client) -> None:
    assert Message.objects.count() == 1
    assert (
        "Did you take another one?"
        in patient_client.get(
            reverse("telemedicine:message_thread", args=[Message.objects.get().thread_id])
        ).content.decode()
    )


def test_amended_answers_bring_a_new_decision_into_the_queue(asked, patient, patient_client, prescriber_client) -> None:
    amend(patient_client)
    newest = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert newest.outcome == "eligible_for_review"
    assert newest.pk != asked.decision_id
    assert page("case", patient) in prescriber_client.get(reverse("admin:review_queue")).content.decode()


def test_what_was_decided_on_the_old_answers_is_not_saved(asked, patient, patient_client, prescriber_client) -> None:
    amend(patient_client)
    late = {
        "decision": asked.decision_id,
        "outcome": "declined",
        "reason": "No second adequate trial so far.",
        "words": "We cannot offer it now.",
    }
    reply = prescriber_client.post(page("decline_case", patient), late)
    assert reply.status_code == 409
    assert "changed their answers" in reply.content.decode()
    assert not Review.objects.filter(status="decided").exists()


def test_taking_up_the_new_answers_replaces_the_old_review(asked, patient, patient_client, prescriber_client) -> None:
    amend(patient_client)
    newest = EligibilityDecision.objects.get(patient=patient, is_current=True)
    prescriber_client.post(page("claim_case", patient), {"decision": newest.pk})
    assert dict(Review.objects.values_list("decision", "status")) == {
        asked.decision_id: "replaced",
        newest.pk: "claimed",
    }
    assert AuditEvent.objects.filter(action="review.replaced").exists()
