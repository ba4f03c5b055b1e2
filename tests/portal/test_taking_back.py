"""Taking an agreement back: at once, in every app, and nothing but what it says (SEC-15, SEC-21, I4)."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils.html import escape

from billing.models import Charge, Refund
from billing.prices import Purpose
from billing.services import open_charge
from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.journey import next_step
from harmoniously.portal.standing import Standing
from harmoniously.portal.taking_back import take_back
from harmoniously.portal.withdrawal import REACH, Facts, effect_of
from intake.requests.models import Paper
from intake.services import resubmit
from intake.signing import sign
from telemedicine.models import Appointment, WaitingWish
from telemedicine.services import book, visits
from telemedicine.services.waiting import ask
from tests import cast
from tests.cast import NOON
from tests.intake.test_requests import BIPOLAR, hand_in, planned, send, waiting
from tests.telemedicine.cases import case_queue, make_decision
from tests.telemedicine.conftest import TOMORROW, give_hours, pay_evaluation
from tests.telemedicine.test_visit_services import HOME
from tests.treatment.conftest import START, Case, case, courses, refused
from treatment import selectors as treatment
from treatment import services
from treatment.models import DoseSession

pytestmark = pytest.mark.django_db
__all__ = ["case", "courses"]


def test_sec15_without_consent_to_treatment_nothing_follows_and_a_running_session_goes_on(case: Case) -> None:
    session, _invitation, now = case.started()
    patient, by = case.patient, case.patient.user
    planned = DoseSession.objects.filter(patient=patient, status="scheduled").count()
    order = session.prescription

    event = take_back(patient=patient, kind="treatment", by=by, now=now)
    assert event is not None and take_back(patient=patient, kind="treatment", by=by, now=now) is None
    assert dict.fromkeys(DoseSession.objects.values_list("status", flat=True)) == {"started": None, "cancelled": None}
    assert DoseSession.objects.filter(status="cancelled").count() == planned
    waiting = Notification.objects.filter(about__startswith="session:", state="pending")
    assert not waiting.exists()
    assert Alert.objects.get(kind="consent_withdrawn").patient == patient
    assert FollowUp.objects.get(kind="consent_withdrawn").about == f"consent:{event.pk}"

    doctor = case.prescriber.user
    assert refused(services.order_shipment, prescription=order, units=2, by=doctor, now=now) == "consent_missing"
    draft = case.draft(now=now, pdmp_checked_at=now)
    assert refused(services.sign_prescription, prescription=draft, by=doctor, now=now) == "consent_missing"
    wishes = services.PlanWishes(hour=START.time())
    again = {"prescription": order, "wishes": wishes, "by": by, "now": now}
    assert refused(services.plan_sessions, **again) == "consent_missing"

    # Signed again, care goes on; the paper of the withdrawal stays.
    paper = SignedDocument.objects.get(kind="withdrawal.treatment")
    assert paper.content["effects"] and paper.content["withdraws"]
    assert treatment.prescription_in_force(patient) == order


def test_the_gate_waits_for_a_signature_and_releases_nothing_without_it(case: Case) -> None:
    session, _invitation, now = case.ready()
    assert session.status == "released"
    # Not through take_back, which would cancel the session: as a new version of a text does it.
    from harmoniously.core.documents.consents.services import withdraw

    withdraw(patient=case.patient, kind="treatment", effects=[], by=case.patient.user, now=now)
    assert refused(services.start_session, session=session, by=case.patient.user, now=now) == "gate_waits"
    session.refresh_from_db()
    _row, gate = services.finish_gate(session=session, by=case.patient.user, now=now)
    assert [item.code for item in gate.reasons] == ["consent_missing"]
    assert session.status == "scheduled" and not Alert.objects.exists()


@pytest.mark.parametrize("kind", ["telehealth", "privacy"])
def test_sec15_without_telehealth_or_record_visits_end_and_the_unused_fee_goes_back(
    patient: Patient, prescriber: Clinician, kind: str
) -> None:
    give_hours(prescriber)
    charge = pay_evaluation(patient)
    wanted = {"patient": patient, "clinician": prescriber, "starts_at": TOMORROW, "kind": "evaluation"}
    book(**wanted, by=patient.user, now=NOON)
    wish = {"clinician": None, "weekdays": [], "starts": time(0), "ends": time(23)}
    ask(patient=patient, kind="evaluation", **wish, by=patient.user, now=NOON)
    patient.sms_consent_at = NOON
    patient.save(update_fields=["sms_consent_at"])

    take_back(patient=patient, kind=kind, by=patient.user, now=NOON)
    assert WaitingWish.objects.get().status == "ended"
    assert Appointment.objects.get().status == "cancelled"
    assert Refund.objects.get().charge == charge
    assert Notification.objects.filter(template="appointment_cancelled").exists()
    patient.refresh_from_db()
    assert (patient.sms_consent_at is None) == (kind == "privacy")
    with pytest.raises(RuleViolation) as stopped:
        book(**wanted, by=patient.user, now=NOON)
    assert stopped.value.code == "consent_missing"


def test_sec15_money_and_visit_end_together_whatever_the_minute_and_a_visit_that_runs_is_told(
    patient: Patient, prescriber: Clinician
) -> None:
    give_hours(prescriber)
    pay_evaluation(patient)
    doctor, wanted = prescriber.user, {"patient": patient, "clinician": prescriber, "starts_at": TOMORROW}
    visit = book(**wanted, kind="evaluation", by=patient.user, now=NOON)
    minute = timedelta(minutes=1)
    for begun, at, expected in (
        (False, TOMORROW - minute, ("cancelled", 1)),
        (False, TOMORROW, ("cancelled", 1)),
        (False, TOMORROW + minute, ("cancelled", 1)),
        (False, TOMORROW + timedelta(days=2), ("cancelled", 1)),
        (True, TOMORROW - minute, ("booked", 0)),
        (True, TOMORROW + minute, ("booked", 0)),
    ):
        with transaction.atomic():
            visits.state_location(appointment=visit, location=HOME, by=patient.user, now=TOMORROW)
            if begun:
                visits.start(appointment=visit, by=doctor, now=TOMORROW - 2 * minute)
            take_back(patient=patient, kind="telehealth", by=patient.user, now=at)
            found = Appointment.objects.get()
            assert (found.status, Refund.objects.count()) == expected, (begun, at)
            assert Alert.objects.get(kind="consent_withdrawn").patient == patient
            if not begun:
                with pytest.raises(RuleViolation):
                    visits.start(appointment=found, by=doctor, now=at)
            else:
                with time_machine.travel(at, tick=False):
                    page = cast.signed_in(doctor).get(f"/admin/visits/{visit.pk}/").content
                assert b"The patient took back an agreement" in page
            transaction.set_rollback(True)
        visit.refresh_from_db()


def test_sec15_what_was_asked_ends_with_consent_and_is_asked_anew_with_it(
    patient: Patient, patient_client: Client, prescriber: Clinician
) -> None:
    hand_in(patient, **BIPOLAR)
    assert waiting(patient) and planned(patient)
    by, now = patient.user, at(5)
    take_back(patient=patient, kind="treatment", by=by, now=now)
    assert waiting(patient) == [] and planned(patient) == ["11-04 account_notice"]
    assert not FollowUp.objects.filter(kind="information_overdue").exclude(state="closed").exists()
    with pytest.raises(RuleViolation) as refused_paper:
        send(patient, NOON.date())
    assert refused_paper.value.code == "consent_missing" and not Paper.objects.exists()
    with time_machine.travel(now, tick=False):
        result = patient_client.get("/intake/result/").content
        assert b"You took back an agreement" in result and b"Change my answers" not in result
        for address in ("/intake/papers/", "/intake/papers/add/2/"):
            papers = patient_client.get(address).content
            assert b"You took back an agreement" in papers and b'type="file"' not in papers
            assert b"Send a document" not in papers

    # A colleague who looks at a document has the case decided anew; nothing is asked of somebody who said no.
    assert resubmit(patient=patient, changes={}, by=prescriber.user, now=at(7)) is not None
    assert waiting(patient) == []

    sign_again(patient, now=at(9))
    assert waiting(patient) == ["letter:treating_clinician_letter"]
    assert [line.split()[1] for line in planned(patient)] == ["account_notice", "action_needed", "action_needed"]
    assert list(case_queue(prescriber.user, at(9)))


def sign_again(patient: Patient, now: datetime) -> None:
    """Read, answered and signed, as the pages do it."""
    found = selectors.standings(patient, now)
    due = [one for one in found.values() if one.due]
    for one in due:
        consents.mark_read(patient=patient, kind=one.kind, sha256=one.text.sha256, by=patient.user, now=now)
    while (asked := selectors.to_answer(patient, selectors.standings(patient, now))) is not None:
        answer = {"version": asked.version, "number": asked.number, "choice": asked.question.right}
        consents.answer(patient=patient, **answer, attempt=asked.attempts + 1, by=patient.user, now=now)
    shown = {one.kind: one.text.sha256 for one in due}
    sign(patient=patient, shown=shown, typed_name=patient.legal_name, source="test", by=patient.user, now=now)


def test_the_page_says_only_what_applies() -> None:
    """Before handing in, under review, seen and undecided, and in treatment (UX-08)."""
    nobody = Facts(answering=True)
    review = Facts(waiting=True, visits=("Monday with Dr A",), fee="$149.00", asked=True, cared_for=True)
    seen = Facts(waiting=True, visit_runs=True, was_seen=True, fee="$149.00", cared_for=True)
    treated = Facts(approved=True, was_seen=True, fee="$149.00", sessions=("Monday", "Friday"), medicine=True)
    for kind, facts, told, untold in (
        (
            "privacy",
            nobody,
            ("answers that you gave so far stay saved",),
            ("visit on", "fee", "planned session", "left"),
        ),
        (
            "telehealth",
            review,
            ("Monday with Dr A is cancelled", "$149.00 back in full", "stop reminding"),
            ("stays paid",),
        ),
        ("treatment", review, ("Monday with Dr A stays", "ask us for it back"), ("back in full", "is cancelled")),
        ("telehealth", seen, ("goes on until you", "stays paid for now"), ("back in full", "is cancelled")),
        ("treatment", treated, ("2 planned sessions", "with your other medicines", "stays paid."), ("Monday with",)),
        ("payment", treated, ("No new payment",), ("planned sessions", "Do not take")),
    ):
        lines = " ".join(effect_of(kind, facts).lines)
        for words in told:
            assert words in lines, (kind, words, lines)
        for words in untold:
            assert words not in lines, (kind, words, lines)


def test_without_the_prices_open_payments_close_and_paid_ones_stay(patient: Patient) -> None:
    paid, by = pay_evaluation(cast.make_patient("paid@example.com")), patient.user
    opened = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=by, now=NOON)
    take_back(patient=patient, kind="payment", by=by, now=NOON)
    take_back(patient=paid.patient, kind="payment", by=paid.patient.user, now=NOON)
    assert {row.pk: row.status for row in Charge.objects.all()} == {opened.pk: "abandoned", paid.pk: "paid"}
    assert not Refund.objects.exists() and not Alert.objects.exists()
    with pytest.raises(RuleViolation) as stopped:
        open_charge(patient=patient, purpose=Purpose.EVALUATION, by=by, now=NOON)
    assert stopped.value.code == "consent_missing"
    assert selectors.in_force(patient, Activity.DOSE, NOON)


def test_the_page_says_what_ends_and_what_stays_and_the_home_page_tells_where_one_stands(
    patient: Patient, patient_client: Client, other_client: Client
) -> None:
    make_decision(patient)
    with time_machine.travel(NOON, tick=False):
        for kind in REACH:
            page = patient_client.get(f"/agreements/{kind}/take-back/")
            words = page.content.decode()
            assert all(escape(line) in words for line in page.context["effect"].lines), kind
        assert patient_client.get("/agreements/nothing/take-back/").status_code == 404
        done = patient_client.post("/agreements/treatment/take-back/", follow=True)
        assert b"It holds from now on" in done.content
        assert escape("Your case leaves the list of those that wait for a prescriber.") in done.content.decode()
        assert patient_client.post("/agreements/treatment/take-back/")["Location"] == "/intake/agreements/"
        patient_client.post("/language/", {"language": "es"})
        kept = patient_client.get("/intake/agreements/").content.decode()
        assert '<ul lang="en">' in kept  # WCAG 3.1.2: what was told that day is in the language of that day
        # The other patient's own agreements are as they were.
        assert other_client.get("/intake/agreements/").context["stopped"] == []
        assert SignedDocument.objects.filter(kind__startswith="withdrawal.").count() == 1
    assert next_step(Standing(patient, at(1))).title == "You took back an agreement"


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_the_home_page_asks_for_a_new_version_before_the_next_session(case: Case) -> None:
    from harmoniously.core.documents.models import ConsentEvent

    case.planned()
    make_decision(case.patient)
    assert next_step(Standing(case.patient, START)).title == "Your next session"
    signed = ConsentEvent.objects.filter(kind="treatment").get()
    ConsentEvent.objects.create(
        patient=case.patient,
        kind="treatment",
        act="signed",
        sequence=2,
        version="2026.1",
        text_sha256="0" * 64,
        at=START,
        zone=case.patient.zone,
        document=SignedDocument.objects.create(
            patient=case.patient,
            kind="consent.treatment",
            version="2026.1",
            content={},
            sha256="0" * 64,
            signed_at=START,
            signer=case.patient.user,
            replaces=signed.document,
        ),
    )
    assert next_step(Standing(case.patient, START)).title == "Read and sign"
