"""Answers given anew: why, and after a refusal from when (issue 3; the days stand in policies/again)."""

from datetime import timedelta

import pytest
from django.test import Client

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import Alert
from harmoniously.core.common.errors import RuleViolation
from intake import services
from intake.amending import standing
from intake.models import EligibilityDecision, Refusal, Submission
from tests.cast import NOON, make_user
from tests.intake.walk import Walker, key_of, make_draft

pytestmark = pytest.mark.django_db
CHANGE = "/intake/change/"


def refuse_for(patient: Patient, client: Client, **answers: dict[str, object]) -> EligibilityDecision:
    """Hand in answers that the rules refuse."""
    make_draft(patient, **answers)
    client.post("/intake/check/")
    found = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert found.outcome == "not_eligible"
    return found


def refusal_code(patient: Patient, days: int, reason: str = "changed", note: str = "") -> str:
    """Why a new application is refused that many days later; "" where it is taken (and not kept)."""
    now = EligibilityDecision.objects.get(patient=patient, is_current=True).decided_at + timedelta(days=days)
    try:
        services.amend(patient=patient, reason=reason, note=note, by=patient.user, now=now).delete()
    except RuleViolation as refusal:
        return refusal.code
    return ""


def test_a_reason_that_passes_is_waited_for(patient_client: Client, patient: Patient) -> None:
    refuse_for(patient, patient_client, conditions_body={"codes": ["cystitis_active"]})
    page = patient_client.get("/intake/result/").content.decode()
    assert "You can apply again from" in page
    assert "found and treated the cause" in page
    early = patient_client.post(CHANGE, {"reason": "changed"})
    assert (early.status_code, "too early" in early.content.decode()) == (422, True)
    assert [refusal_code(patient, days) for days in (6, 7)] == ["too_early", ""]


def test_a_reason_that_does_not_pass_bars_all_but_a_correction(patient_client: Client, patient: Patient) -> None:
    refused = refuse_for(patient, patient_client, conditions_heart={"codes": ["intracerebral_hemorrhage"]})
    assert "does not pass" in patient_client.get("/intake/result/").content.decode()
    never = patient_client.post(CHANGE, {"reason": "changed", "note": "long ago"})
    assert (never.status_code, "Error:" in never.content.decode()) == (422, True)
    # A correction needs its reason in words, so the page does not call them optional (UX-07).
    assert "(optional)" not in never.content.decode()
    assert refusal_code(patient, 3650) == "never"
    assert refusal_code(patient, 0, "mistake", " ") == "no_note"

    walker = Walker(patient_client)
    walker.amend("mistake", "It was my mother, not me.")
    walker.post("conditions_heart", {"codes": ["none"]})
    assert patient_client.post("/intake/check/")["Location"] == "/intake/result/"
    newest = Submission.objects.get(patient=patient, status="submitted")
    assert (newest.amends_id, newest.amend_reason) == (refused.submission_id, "mistake")
    assert newest.amend_note == "It was my mother, not me."
    assert newest.decision.outcome == "eligible_for_review"
    assert refused.submission.answers["conditions_heart"]["codes"] == ["intracerebral_hemorrhage"]


def test_answers_are_never_opened_without_a_reason(patient_client: Client, patient: Patient) -> None:
    make_draft(patient)
    patient_client.post("/intake/check/")
    assert "(optional)" in patient_client.get(CHANGE).content.decode()
    assert patient_client.post(CHANGE, {"note": "no reason"}).status_code == 422
    assert not Submission.objects.filter(status="draft").exists()
    assert standing(patient, NOON) is None
    assert key_of(patient_client.post(CHANGE, {"reason": "added"})["Location"]) == "cssrs_thoughts"
    Submission.objects.filter(status="draft").delete()
    # I3: the note is held against the words that may mean danger.
    told = patient_client.post(CHANGE, {"reason": "changed", "note": "I want to die"})
    assert (told["Location"], Alert.objects.get().kind) == ("/intake/help-now/", "crisis_words")


def test_a_prescribers_refusal_bars_until_its_day(patient_client: Client, patient: Patient) -> None:
    make_draft(patient)
    patient_client.post("/intake/check/")
    decision = EligibilityDecision.objects.get(patient=patient)
    for days in (90, 1):  # what was said first stands
        services.refuse(decision=decision, wait_days=days, by=patient.user, now=decision.decided_at)
    assert [refusal_code(patient, days) for days in (89, 90)] == ["too_early", ""]
    assert refusal_code(patient, 0, "mistake", "I meant no.") == "too_early"
    later = {"patient": patient, "changes": {}, "now": decision.decided_at}
    with pytest.raises(RuleViolation, match="when you can apply again"):
        services.resubmit(**later, by=patient.user)
    assert services.resubmit(**later, by=make_user("staff@example.com")) is None
    assert "You can apply again from" in patient_client.get(CHANGE).content.decode()


def test_a_prescriber_may_say_that_it_does_not_pass(patient_client: Client, patient: Patient) -> None:
    make_draft(patient)
    patient_client.post("/intake/check/")
    decision = EligibilityDecision.objects.get(patient=patient)
    services.refuse(decision=decision, wait_days=None, by=patient.user, now=decision.decided_at)
    assert refusal_code(patient, 3650) == "never"
    assert Refusal.objects.get().again_on is None


def test_a_draft_that_was_open_when_a_prescriber_refused_opens_nothing(
    patient_client: Client, patient: Patient
) -> None:
    make_draft(patient)
    patient_client.post("/intake/check/")
    decision = EligibilityDecision.objects.get(patient=patient)
    now = decision.decided_at
    Walker(patient_client).amend("changed")
    draft = Submission.objects.get(patient=patient, status="draft")
    services.refuse(decision=decision, wait_days=None, by=patient.user, now=now)
    with pytest.raises(RuleViolation) as refused:
        services.submit(submission=draft, by=patient.user, now=now)
    assert refused.value.code == "never"
    assert patient_client.post("/intake/check/").status_code in {302, 409, 422}
    assert EligibilityDecision.objects.get(patient=patient) == decision
