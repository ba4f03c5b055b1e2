"""A proposed dose is shown, used or declined with its facts, and never ordered by itself (policy 8, I8)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from harmoniously.core.questions.models import Assessment
from tests import cast
from tests.treatment.conftest import refused
from tests.treatment.test_refill_services import low
from treatment import policy, selectors, services, words
from treatment.models import CheckIn, DoseSession, Prescription, TitrationProposal
from treatment.rules.checkin import SIDE_EFFECTS, STOP_CODES
from treatment.rules.titration import propose
from treatment.selecting.picture import picture_of
from treatment.selecting.titration import plain
from treatment.services.titration import answer_proposal, proposal_for


@pytest.mark.django_db
def test_a_proposal_is_kept_with_its_facts_and_only_fills_the_form(case, django_assert_max_num_queries):
    """I2, I8."""
    session = case.planned()[0]
    assert proposal_for(picture_of(case.patient, session.starts_at)) is None
    Assessment.objects.create(
        patient=case.patient, instrument="phq9", answers=[2] * 9, context="intake", total=18,
        taken_at=session.starts_at - timedelta(days=9),
    )  # fmt: skip
    now = low(case, session)
    pages = {"body": dict.fromkeys(SIDE_EFFECTS, 1), "mood": {"mood": "same"}}
    CheckIn.objects.filter(patient=case.patient, kind="day").update(
        status="answered", answered_at=now - timedelta(hours=1)
    )
    row = CheckIn.objects.get(kind="day")
    row.answers = pages
    row.save(update_fields=["answers"])
    Assessment.objects.filter(instrument="phq9", context="check_in").update(total=15)
    unread = proposal_for(picture_of(case.patient, now))
    assert unread.proposal.move == "stay"
    assert "step_before_review" in {item.code for item in unread.proposal.reasons}
    services.review_session(session=DoseSession.objects.get(status="completed"), by=case.prescriber.user, now=now)
    found = proposal_for(picture_of(case.patient, now))
    assert (found.proposal.move, found.proposal.dose.mg) == ("step_up", 150)
    given = {"patient": case.patient, "clinician": case.prescriber, "now": now}
    assert refused(answer_proposal, digest=unread.digest, answer="used", **given) == "changed"
    orders, client = Prescription.objects.count(), cast.signed_in(case.prescriber.user)
    with time_machine.travel(now, tick=False):
        with django_assert_max_num_queries(12):  # design 7
            page = client.get(reverse("admin:draft_prescription", args=[case.patient.pk]))
        assert "Proposed by rule" in page.content.decode()
        answer = reverse("admin:answer_proposal", args=[case.patient.pk])
        for _click in range(2):
            there = client.post(answer, {"answer": "used", "digest": found.digest})["Location"]
        form = client.get(there).context["form"]
        client.post(answer, {"answer": "declined", "digest": found.digest, "reason": "Not yet."})
        assert "Proposed by rule" not in cast.signed_in(case.patient.user).get("/treatment/").content.decode()
    assert form["units_per_session"].value() * selectors.products().get(pk=form["product"].value()).strength_mg == 150
    assert Prescription.objects.count() == orders  # nothing is drafted, and nothing is signed
    used, declined = TitrationProposal.objects.order_by("answer").reverse()
    assert (used.answer, declined.answer, used.policy_version) == ("used", "declined", "2026.1")
    assert used.facts == plain(found.facts) and used.proposal["move"] == "step_up"
    assert propose(found.facts, policy.load(used.policy_version)) == found.proposal
    products = {row.name: row for row in services.install_formulary(now=now)}
    case.signed(now=now, product=products["Lozenge 50 mg"], pdmp_checked_at=now, written_reason="Lowered on purpose.")
    lowered = proposal_for(picture_of(case.patient, now))  # from what was ordered, never up from what was taken
    assert (lowered.proposal.move, lowered.proposal.dose.mg, lowered.changes) == ("stay", 50, False)
    assert "titration_lowered" in {item.code for item in lowered.proposal.reasons}


def test_what_stops_a_treatment_is_named_where_the_next_dose_is_written():
    """Policy 9: each stop has words of its own that need no fact; without them the page said "not possible now"."""
    assert {code for code, sentence in words.STAFF.items() if "%(" not in str(sentence)} >= STOP_CODES
