"""Taking an agreement back: at once, in every app, and nothing but what it says (SEC-15, SEC-21, I4)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from billing.models import Charge, Refund
from billing.prices import Purpose
from billing.services import open_charge
from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.journey import next_step
from harmoniously.portal.standing import Standing
from harmoniously.portal.taking_back import EFFECTS, take_back
from telemedicine.models import Appointment
from telemedicine.services import book
from tests import cast
from tests.cast import NOON
from tests.intake.test_agreements import RIGHT  # noqa: F401  (the questions, as the pages ask them)
from tests.telemedicine.cases import make_decision
from tests.telemedicine.conftest import TOMORROW, give_hours, pay_evaluation
from tests.treatment.conftest import START, Case, refused
from treatment import selectors as treatment
from treatment import services
from treatment.models import DoseSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(patient: Patient, prescriber: Clinician) -> Case:
    cast.take_into_care(patient, prescriber, START)
    services.open_chart(patient=patient, facts={"weight_kg": 72, "medicines": []}, by=prescriber.user, now=START)
    return Case(patient, prescriber)


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
    patient.sms_consent_at = NOON
    patient.save(update_fields=["sms_consent_at"])

    take_back(patient=patient, kind=kind, by=patient.user, now=NOON)
    assert Appointment.objects.get().status == "cancelled"
    assert Refund.objects.get().charge == charge
    assert Notification.objects.filter(template="appointment_cancelled").exists()
    patient.refresh_from_db()
    assert (patient.sms_consent_at is None) == (kind == "privacy")
    with pytest.raises(RuleViolation) as stopped:
        book(**wanted, by=patient.user, now=NOON)
    assert stopped.value.code == "consent_missing"


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
        for kind, effect in EFFECTS.items():
            page = patient_client.get(f"/agreements/{kind}/take-back/")
            words = page.content.decode()
            assert all(str(line) in words for line in (effect.ends[-1], effect.stays[-1]))
        assert patient_client.get("/agreements/nothing/take-back/").status_code == 404
        done = patient_client.post("/agreements/treatment/take-back/", follow=True)
        assert b"It holds from now on" in done.content
        assert patient_client.post("/agreements/treatment/take-back/")["Location"] == "/intake/agreements/"
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
