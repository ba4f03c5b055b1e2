"""Handing in: what is decided, what is kept, and that doing it twice does one thing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from harmoniously.core.accounts.models import Clinician, Patient, StateSwitch, User
from harmoniously.core.common import clock
from harmoniously.core.documents.models import ConsentEvent, SignedDocument
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.specs import SAID_ON
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.models import EligibilityDecision, Submission
from intake.pages import INTAKE
from intake.policy import load_policy
from tests.cast import NOON, take_into_care
from tests.intake.walk import ZOLOFT, Walker, key_of, make_draft

pytestmark = pytest.mark.django_db


def hand_in(client: Client, patient: Patient, lists: dict[str, Any] | None = None) -> None:
    """Hand in a draft in which everything was answered."""
    make_draft(patient, lists)
    assert client.post("/intake/check/")["Location"] == "/intake/result/"


def test_a_clean_case_is_ready_for_review(patient_client: Client, patient: Patient) -> None:
    response = Walker(patient_client).hand_in()  # page by page, as a person does

    decision = EligibilityDecision.objects.get(patient=patient)
    assert decision.outcome == "eligible_for_review", decision.findings
    assert b"A prescriber can look at your case" in response.content


def test_i8_a_decision_is_reproduced_from_what_was_stored_with_it(patient_client: Client, patient: Patient) -> None:
    hand_in(patient_client, patient)

    kept = EligibilityDecision.objects.get(patient=patient)
    again = assess(read_case(kept.facts), load_policy()).to_json()
    assert (again["outcome"], again["findings"], again["policy_version"]) == (
        kept.outcome,
        kept.findings,
        kept.policy_version,
    )


@pytest.mark.parametrize(("in_care", "outcome"), [(False, "needs_information"), (True, "eligible_for_review")])
def test_where_no_new_patients_are_taken_only_whoever_is_in_care_goes_on(
    patient_client: Client, patient: Patient, prescriber: Clinician, administrator: User, in_care: bool, outcome: str
) -> None:
    """Issue 6, I8: what was switched off at that moment is kept with the decision."""
    StateSwitch.objects.create(state="CA", is_open=False, reason="x", at=NOON, by=administrator)
    if in_care:
        take_into_care(patient, prescriber, since=clock.now())
    hand_in(patient_client, patient)
    StateSwitch.objects.all().delete()

    kept = EligibilityDecision.objects.get(patient=patient)
    assert kept.outcome == outcome
    assert ("state.not_served" in {row["code"] for row in kept.findings}) is not in_care
    assert assess(read_case(kept.facts), load_policy()).to_json()["findings"] == kept.findings


def test_the_patient_row_is_filled(patient_client: Client, patient: Patient) -> None:
    hand_in(patient_client, patient)

    patient.refresh_from_db()
    assert (patient.state, patient.zone, patient.phone) == ("CA", "America/Los_Angeles", "+14155550132")


def test_scores_and_the_signed_answers_are_kept(patient_client: Client, patient: Patient) -> None:
    draft = make_draft(patient)
    # Begun under an earlier questionnaire: what is signed was looked through in today's words (I8).
    Submission.objects.filter(pk=draft.pk).update(form_version="2020.1")
    patient_client.post("/intake/check/")
    assert Submission.objects.get(pk=draft.pk).form_version == INTAKE.version
    assert SignedDocument.objects.get(patient=patient, kind="intake.answers").version == INTAKE.version

    scores = dict(Assessment.objects.filter(patient=patient).values_list("instrument", "band"))
    assert scores == {"phq9": "moderately severe", "gad7": "moderate", "cssrs": "none"}
    assert SignedDocument.objects.filter(patient=patient, kind="intake.answers").count() == 1


def test_handing_in_twice_does_one_thing(patient_client: Client, patient: Patient) -> None:
    hand_in(patient_client, patient)
    again = patient_client.post("/intake/check/", follow=True)

    assert again.status_code == 200
    assert EligibilityDecision.objects.filter(patient=patient).count() == 1
    assert SignedDocument.objects.filter(patient=patient, kind="intake.answers").count() == 1


def test_handing_in_needs_every_answer(patient_client: Client, patient: Patient) -> None:
    draft = make_draft(patient)
    draft.answers = {key: value for key, value in draft.answers.items() if key != "sitter"}
    draft.save()
    patient_client.post("/intake/check/")

    assert not EligibilityDecision.objects.filter(patient=patient).exists()


def test_amending_keeps_the_old_decision_and_shows_the_new_one(patient_client: Client, patient: Patient) -> None:
    walker = Walker(patient_client)
    hand_in(patient_client, patient, {"antidepressants": [ZOLOFT]})
    assert EligibilityDecision.objects.get(patient=patient).outcome == "needs_information"

    walker.amend()
    walker.add("antidepressants", {**ZOLOFT, "medicine": "Effexor", "dose": "225"})
    walker.post("antidepressants", {"more": "no"})
    patient_client.post("/intake/check/")

    outcomes = list(EligibilityDecision.objects.filter(patient=patient).values_list("outcome", "is_current"))
    assert sorted(outcomes) == [("eligible_for_review", True), ("needs_information", False)]
    # SAF policy 4: only the questions about suicide are asked anew on the same day, so only they have a second score.
    assert walker.visited == ["cssrs_thoughts", "cssrs_behavior"]
    scores = Assessment.objects.filter(patient=patient).values_list("instrument", flat=True)
    assert sorted(scores) == ["cssrs", "cssrs", "gad7", "phq9"]


def test_policy_9_what_is_handed_in_tells_of_these_weeks(patient_client: Client, patient: Patient) -> None:
    draft = make_draft(patient)
    today = clock.today(patient.zone, clock.now())
    for key, days in (("phq9", 15), ("gad7", 14)):
        draft.answers[key][SAID_ON] = (today - timedelta(days=days)).isoformat()
    draft.save()
    refused = patient_client.post("/intake/check/", follow=True)

    assert "how you were a while ago" in refused.content.decode()
    assert key_of(refused.redirect_chain[-1][0]) == "phq9"
    assert not EligibilityDecision.objects.filter(patient=patient).exists()
    Walker(patient_client).post("phq9")
    assert patient_client.post("/intake/check/")["Location"] == "/intake/result/"


def test_ux_09_what_is_not_asked_any_more_is_never_too_old_to_hand_in(patient_client: Client, patient: Patient) -> None:
    draft = make_draft(patient, indications={"codes": ["depression", "ptsd"]})
    draft.answers["indications"]["codes"] = ["depression"]
    draft.answers["pcl5"][SAID_ON] = (clock.today(patient.zone, clock.now()) - timedelta(days=31)).isoformat()
    draft.save()
    assert patient_client.post("/intake/check/")["Location"] == "/intake/result/"


def test_nothing_the_patient_said_stands_readable_in_the_database(patient_client: Client, patient: Patient) -> None:
    canary = "Zoloft-canary-7f3a"
    hand_in(
        patient_client,
        patient,
        {"antidepressants": [{**ZOLOFT, "medicine": canary, "medicine_choice": f"keep:{canary}"}]},
    )

    with connection.cursor() as cursor:
        for model in (Submission, EligibilityDecision, ConsentEvent, SignedDocument, Assessment, Patient):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608
            rows = "\n".join(row[0] for row in cursor.fetchall())
            assert canary not in rows
            assert "Testville" not in rows


def test_the_signed_answers_are_a_pdf(patient_client: Client, other_client: Client, patient: Patient) -> None:
    hand_in(patient_client, patient)
    for document in SignedDocument.objects.filter(patient=patient):
        response = patient_client.get(f"/intake/documents/{document.pk}/")
        assert response.content.startswith(b"%PDF-")
        assert other_client.get(f"/intake/documents/{document.pk}/").status_code == 404


def test_a_decision_is_never_changed(patient_client: Client, patient: Patient) -> None:
    hand_in(patient_client, patient)
    decisions = EligibilityDecision.objects.filter(patient=patient)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        decisions.update(outcome="crisis")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        EligibilityDecision.objects.filter(patient=patient)._raw_delete("default")
