"""A discharge ends everything around a treatment, and whoever applies again begins anew (I2, I4, I6, UX-14)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from billing.selectors import evaluation_paid
from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.alerts.selectors import case_held
from harmoniously.core.notifications.models import Notification
from harmoniously.core.questions.selectors import scored
from harmoniously.core.questions.services import record_assessment
from harmoniously.nonprod.seeding import stories
from harmoniously.nonprod.seeding.life import Life, begin_life
from harmoniously.nonprod.seeding.practice import open_practice
from harmoniously.portal.journey import next_step
from harmoniously.portal.staff_context import counts
from harmoniously.portal.standing import Standing
from intake import services as intake
from intake.models import EligibilityDecision
from intake.requests import handing, rules, settling
from intake.requests.models import InformationRequest, Paper
from intake.selectors import approved
from telemedicine import may_book
from telemedicine.models import Appointment
from telemedicine.refills import selectors as queue
from telemedicine.reviews import selectors as reviews
from telemedicine.reviews import services as review_services
from telemedicine.rules.slots import VisitKind
from telemedicine.services import discharging, visits
from tests.cast import NOON, signed_in
from tests.treatment.conftest import ENDING, refused
from treatment import outcome_words, policy
from treatment import selectors as treatment
from treatment.models import Chart, DoseSession
from treatment.selecting.check_ins import care_facts
from treatment.selecting.compared import compared_with
from treatment.selecting.discharge import discharge_of
from treatment.selecting.outcomes import outcomes_of
from treatment.selecting.picture import picture_of
from treatment.selecting.titration import titration_facts
from treatment.services import ending, parcels, refills
from treatment.services.orders import facts_of as order_facts

DAY = timedelta(days=1)
WRITTEN = {"reason": "goal_reached", "summary": "Well.", "leftover": "destroy", "follow_up": "Dr Elm.", "sure": "on"}


@pytest.fixture
def life(db) -> Iterator[Life]:
    with time_machine.travel(NOON, tick=False):
        practice = open_practice(NOON - 120 * DAY)
        one = begin_life(practice, 1, stories.PLAIN, start=(NOON - 40 * DAY).replace(hour=16, minute=0), seed=7)
        stories.first_sessions(one, 1)
        yield one


def home(life: Life) -> str:
    return next_step(Standing(life.patient, life.now)).title


def queued(life: Life) -> bool:
    return reviews.queued(life.clinician.user, life.now).filter(patient=life.patient).exists()


def test_a_discharge_ends_everything_and_whoever_applies_again_begins_anew(life, monkeypatch):
    """I2, I4, I6, I7: every step of the way says what is true; no visit, word, fee or order of before counts again."""
    _is_refused_before_it_ends(life, monkeypatch)
    _ends_everything(life, monkeypatch)
    before = treatment.ledger_of(life.patient).total
    decision = _applies_again(life)
    with transaction.atomic():
        _is_refused(life, decision)
        transaction.set_rollback(True)
    life.approve(EligibilityDecision.objects.get(pk=decision.pk))
    _begins_anew(life, before)


def _is_refused_before_it_ends(life, monkeypatch):
    """Newer answers exclude: the end is told over a draft of before, a mistake can be corrected, nothing is asked."""
    then = replace(life, story=stories.MANIA)
    patient, user = life.patient, life.patient.user
    about = {"patient": patient, "by": user}
    with transaction.atomic():
        intake.amend(reason="changed", **about, now=then.now)
        refusal = intake.submit(submission=then.begin_intake(), by=user, now=then.now)
        assert refusal.outcome == "not_eligible"
        draft = intake.amend(reason="mistake", note="I ticked it by mistake.", **about, now=then.now)
        then.later(DAY)
        discharging.discharge(patient=patient, ending=ENDING, by=life.clinician.user, now=then.now)
        with monkeypatch.context() as waits:
            one = rules.Asked("letter:treating_clinician_letter", ("A letter",))
            waits.setattr("intake.requests.rules.asked", lambda *_: (one,))
            settling.ask_again(since=life.now, **about, now=then.now)
            waits.setattr("intake.requests.papers.judge", lambda **_: True)
            judged = {"paper": Paper(patient=patient), "accept": False, "words": "Too old."}
            handing.look_at(**judged, by=life.clinician.user, now=then.now)
        assert not Notification.objects.filter(about=f"requests:{patient.pk}", state="pending").exists()
        assert not InformationRequest.objects.filter(patient=patient, status="open").exists(), "nobody waits for it"
        then.later(DAY)
        step = next_step(Standing(patient, then.now))
        assert (step.title, "apply again" in step.text) == ("Your treatment has ended", False)
        draft.delete()
        with time_machine.travel(then.now, tick=False):
            client, url = signed_in(user), reverse("intake:amend")
            assert "I answered something by mistake" in client.get(url).content.decode()
            assert client.post(url, {"reason": "changed"}).status_code == 422
            assert client.post(url, {"reason": "mistake", "note": "I ticked it by mistake."}).status_code == 302
        assert home(then) == "Go on with your intake"
        transaction.set_rollback(True)
    patient.refresh_from_db()


def _ends_everything(life, monkeypatch):
    """One transaction; who discharged goes on answering for what comes after, others see the record no more."""
    patient, therapist = life.patient, life.practice.therapist
    care_relation_open(patient=patient, clinician=therapist, now=life.now)
    refills.request_refill(patient=patient, by=patient.user, now=life.now)
    left = parcels.order_shipment(
        prescription=treatment.standing_prescription(patient), units=2, by=life.clinician.user, now=life.now
    )
    parcels.note_filled(shipment=left, by=life.practice.coordinator, now=life.now)
    parcels.note_shipped(shipment=left, carrier="UPS", tracking="1", by=life.practice.coordinator, now=life.now)
    visit = life.book(kind=VisitKind.CHECK_IN, after=2 * DAY)
    _is_shown_to_the_prescriber(life)
    asked = InformationRequest.objects.create(
        patient=patient, decision=patient.eligibility_decisions.get(), item_sealed="letter:x", item_mark="x",
        texts_sealed=[], due_at=life.now + 9 * DAY,
    )  # fmt: skip
    with monkeypatch.context() as broken:
        broken.setattr("telemedicine.services.discharging.billing.use_up", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            discharging.discharge(patient=patient, ending=ENDING, by=life.clinician.user, now=life.now)
    assert treatment.open_chart_of(patient) is not None
    assert approved(patient)
    _waits_for_a_visit_that_runs(life)
    form = {**WRITTEN, "chart": str(treatment.open_chart_of(patient).pk)}
    with time_machine.travel(life.now, tick=False):
        desk, page = signed_in(life.clinician.user), reverse("admin:discharge", args=[patient.pk])
        assert form["chart"] in desk.get(page).content.decode()
        assert [desk.post(page, form).status_code for _click in range(2)] == [302, 302]
        assert signed_in(patient.user).get(reverse("portal:evaluation")).url == reverse("portal:home")
        said = signed_in(patient.user).get(reverse("intake:outcome")).content.decode()
    assert "Do you want to apply again?" in said
    assert (treatment.open_chart_of(patient), patient.discharges.count()) == (None, 1)
    visit.refresh_from_db()
    told = Notification.objects.filter(about=visit.about)
    assert (visit.status, told.filter(template="appointment_cancelled").count()) == ("cancelled", 1)
    assert not told.filter(template="appointment_reminder", state="pending").exists()
    asked.refresh_from_db()
    assert (patient.refill_requests.get().status, asked.status) == ("overtaken", "withdrawn")
    assert set(patient.follow_ups.exclude(state="closed").values_list("kind", flat=True)) <= {"parcel"}
    caring = CareRelation.objects.filter(patient=patient, until__isnull=True)
    assert [relation.clinician for relation in caring] == [life.clinician]
    assert (approved(patient), evaluation_paid(patient), queued(life)) == (False, False, False)
    assert home(life) == "Your treatment has ended"
    assert "You may apply again" in next_step(Standing(patient, life.now)).text
    assert may_book.booking_stop(patient, life.now) == "treatment_ended"


def _waits_for_a_visit_that_runs(life):
    """The clinician of a visit that has begun has to be able to end it; a visit of one's own ends nobody's care.

    One that nobody ended an hour after its end blocks no discharge, and is still theirs to end.
    """
    end = {"patient": life.patient, "ending": ENDING, "by": life.clinician.user, "now": life.now}
    with transaction.atomic():
        visit = Appointment.objects.create(
            patient=life.patient, clinician=life.practice.therapist, kind="integration", starts_at=life.now,
            ends_at=life.now + timedelta(minutes=45), started_at=life.now, status="booked", location_at=life.now,
            location_licensed=True, created_at=life.now,
        )  # fmt: skip
        assert refused(discharging.discharge, **end) == "visit_running"
        therapist = care_relation_open(patient=life.patient, clinician=life.practice.therapist, now=life.now)
        for late, running in ((timedelta(minutes=104, seconds=59), True), (timedelta(minutes=105), False)):
            with transaction.atomic():
                at = end | {"now": life.now + late}
                assert (running and refused(discharging.discharge, **at)) or discharging.discharge(**at)
                therapist.refresh_from_db()
                assert therapist.until is None
                assert discharge_of(life.patient) is None or not running
                transaction.set_rollback(True)
        visit.clinician = life.clinician
        visit.save(update_fields=["clinician"])
        discharging.discharge(**end)
        visits.complete(appointment=visit, by=life.clinician.user, now=life.now)
        transaction.set_rollback(True)


def _is_shown_to_the_prescriber(life):
    """The case page leads to the proposed dose, the queue and the menu to the request."""
    desk = signed_in(life.clinician.user)
    case = reverse("admin:case", args=[life.patient.pk])
    with time_machine.travel(life.now, tick=False):
        said = desk.get(case).content.decode()
        assert "The next dose" in said
        assert reverse("admin:draft_prescription", args=[life.patient.pk]) in said.partition("The next dose")[2]
        assert counts(life.clinician.user, life.now)["queue"] == 1
        assert [row.patient for row in queue.queue(life.clinician.user, life.now)] == [life.patient]


def _applies_again(life):
    """From the first page to the visit."""
    patient, by = life.patient, life.clinician.user
    life.later(20 * DAY)
    with time_machine.travel(life.now, tick=False):
        client, again = signed_in(patient.user), reverse("intake:amend")
        assert again in client.get(reverse("telemedicine:book")).content.decode()
        assert "<h1>Apply again</h1>" in client.get(again).content.decode()
        client.post(again, {"reason": "changed", "note": "Low again."})
    assert home(life) == "Go on with your intake"
    decision = intake.submit(submission=life.begin_intake(), by=patient.user, now=life.now)
    assert (home(life), queued(life)) == ("Meet a prescriber", True)
    assert not case_held(patient), "nothing runs that worse answers could stop"
    review_services.claim(decision=decision, by=by, now=life.now)
    approve = {"decision": decision, "reason": "As good as it was before.", "by": by}
    assert refused(review_services.approve, **approve, now=life.now) == "visit_missing", "the old visit is not this one"
    life.pay()
    assert home(life) == "Choose a time to meet your prescriber"
    visit = life.book()
    assert home(life) == "Your visit"
    life.visit(visit)
    assert home(life) == "Your prescriber is deciding"
    with time_machine.travel(life.now, tick=False):
        page = signed_in(patient.user).get(reverse("telemedicine:decision")).content.decode()
    assert ("looks at your newer answers" in page, "You can begin" in page) == (True, False)
    return decision


def _is_refused(life, decision):
    """The fee of the new application goes back, that of the treatment that has ended does not."""
    life.decline(decision)
    old, new = life.patient.charges.order_by("paid_at")
    assert (hasattr(old, "refund"), new.refund.reason_code) == (False, "declined")
    assert home(life) == "Your prescriber has decided"


def _asks_for_each_parcel(life, order):
    """What the old order still sends takes the word neither from the new parcel nor from what comes next."""
    new, old = order.shipments.get(), life.patient.shipments.get(status="shipped")
    life.hand_over(order)
    life.later(DAY)
    life.ship()
    new.refresh_from_db()
    assert (new.status, home(life)) == ("shipped", "Your medicine is on its way")
    with time_machine.travel(life.now, tick=False):
        said = signed_in(life.patient.user).get(reverse("treatment:home")).content.decode()
    asked = [said.index(reverse("treatment:arrived", args=[parcel.pk])) for parcel in (new, old)]
    assert said.index("Has the medicine ordered on") < asked[0] < said.index("Do not take any of it") < asked[1]
    life.unpack()


def answer(patient, key, total, at):
    items = [min(3, max(0, total - 3 * item)) for item in range(3 if key == "peg" else 9)]
    record_assessment(patient=patient, instrument=key, answers=items, context="check_in", by=patient.user, now=at)


def _is_compared_with_how_it_began_again(life, order):
    """Policy 3, 8, 9: the scores of the first treatment are no measure for the second.

    Against a 3 at its end whoever began again is worse, and everything stops; against a 26 before it is a response.
    """
    patient, at = life.patient, life.now
    began = int(scored(patient, "phq9").last().total)
    end = patient.charts.get(status="discharged").closed_at
    answer(patient, "phq9", 26, at - 100 * DAY)
    answer(patient, "phq9", 3, end - DAY)
    answer(patient, "peg", 6, end - DAY)
    assert [compared_with(patient, key) for key in ("phq9", "peg")] == [{"before": began}, {"before": None}]
    life.plan(order)
    life.go_through(life.next_session())
    life.later(DAY)
    assert compared_with(patient, "phq9") == {"before": began}, "the flags of a check-in"
    answer(patient, "phq9", began + 4, life.now)
    facts = titration_facts(picture_of(patient, life.now), order)
    assert (facts.phq9_first, facts.phq9_now, facts.phq9_worse) == (began, began + 4, False)
    found = outcomes_of(patient)
    assert len(found.doses) == 2, "the page shows the numbers of every treatment"
    told = str(outcome_words.scales(found, policy.load())[0].words)
    assert told == f"From {began} to {began + 4}, compared with when you began again."
    life.now = at


def _begins_anew(life, before):
    patient = life.patient
    assert home(life) == "Your prescriber approved treatment"
    charts = Chart.objects.filter(patient=patient).order_by("opened_at")
    assert [(chart.status, chart.closed_at is None) for chart in charts] == [("discharged", False), ("induction", True)]
    assert (treatment.standing_prescription(patient), treatment.active_plan(patient)) == (None, None)
    stale = {**WRITTEN, "chart": str(charts[0].pk)}
    with time_machine.travel(life.now, tick=False):
        answer = signed_in(life.clinician.user).post(reverse("admin:discharge", args=[patient.pk]), stale)
    assert (answer.status_code, patient.discharges.count()) == (409, 1), "a page of the first ends not the second"
    assert str(charts[1].pk) in answer.content.decode()
    with time_machine.travel(life.now, tick=False):
        said = signed_in(patient.user).get(reverse("treatment:home")).content.decode()
    assert "Nothing is prescribed yet" in said
    facts = order_facts(picture_of(patient, life.now))
    assert (facts.previous_mg, facts.first_prescription) == (None, True), "the dose and the law of a beginning"
    assert care_facts(patient, life.now).last_session is None
    order = life.prescribe()
    assert order.replaces is None
    _asks_for_each_parcel(life, order)
    assert home(life) == "Choose a day for your session"
    with transaction.atomic():
        _is_compared_with_how_it_began_again(life, order)
        transaction.set_rollback(True)
    ending.stop_prescription(prescription=order, reason="other", by=life.clinician.user, now=life.now)
    assert home(life) == "Your prescription has ended"
    after = treatment.ledger_of(patient)
    assert (after.balances, after.total.taken) == (True, before.taken)
    assert after.total.delivered == before.delivered + 2
    assert DoseSession.objects.filter(patient=patient, status="completed").count() == 1
    assert scored(patient, "phq9").count() >= 2
