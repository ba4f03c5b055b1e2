"""From an alert, a case or a record to the page it is about, for those who may see it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from harmoniously.core.alerts.models import Alert, AlertKind
from harmoniously.core.alerts.services import acknowledge, raise_alert
from harmoniously.core.audit.actors import SYSTEM
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_decision, make_visit
from tests.treatment.conftest import START, case, courses
from treatment.models import CheckIn

pytestmark = pytest.mark.django_db
__all__ = ["case", "courses"]


def alert_about(patient, about: str, kind: str = AlertKind.HELP_PRESSED) -> Alert:
    return raise_alert(kind=kind, patient=patient, about=about, dedupe_key=about, by=SYSTEM, now=NOON)


def page(client, name: str, pk) -> str:
    reply = client.get(reverse(f"admin:{name}", args=[pk]))
    assert reply.status_code == 200
    return reply.content.decode()


def links(client, alert: Alert) -> str:
    return page(client, "alert_detail", alert.pk)


def test_an_alert_about_a_session_leads_to_the_session(case, prescriber_client) -> None:
    session = case.planned()[0]
    address = reverse("admin:dose_session", args=[session.pk])
    assert address in links(prescriber_client, alert_about(case.patient, f"session:{session.pk}"))
    assert prescriber_client.get(address).status_code == 200


def test_an_alert_about_a_check_in_leads_to_it(case, prescriber_client) -> None:
    session = case.planned()[0]
    check_in = CheckIn.objects.create(
        patient=case.patient,
        session=session,
        day=START.date(),
        due_at=START,
        second_reminder_at=START + timedelta(hours=4),
        follow_up_at=START + timedelta(hours=12),
        policy_version="2026.1",
    )
    alert = alert_about(case.patient, f"check_in:{check_in.pk}", AlertKind.CHECK_IN_FLAG)
    address = reverse("admin:check_in", args=[check_in.pk])
    assert address in links(prescriber_client, alert)
    assert prescriber_client.get(address).status_code == 200


def test_an_alert_about_a_visit_leads_to_the_visit(patient, prescriber, therapist, prescriber_client) -> None:
    visit = make_visit(patient, prescriber, starts_at=NOON, status="booked")
    for clinician in (prescriber, therapist):
        cast.take_into_care(patient, clinician)
    alert = alert_about(patient, visit.about)
    assert reverse("admin:visit", args=[visit.pk]) in links(prescriber_client, alert)
    others = links(cast.signed_in(therapist.user), alert)
    assert reverse("admin:appointment", args=[visit.pk]) in others
    assert reverse("admin:visit", args=[visit.pk]) not in others


def test_what_has_no_page_of_its_own_has_no_link(case, prescriber_client) -> None:
    for about in ("intake:1", "call_me:nothing", "elsewhere:", "session:not-a-key", ""):
        assert "What it is about" not in links(prescriber_client, alert_about(case.patient, about)), about


def test_nobody_is_led_to_what_they_may_not_open(case, other_prescriber, coordinator_client) -> None:
    session = case.planned()[0]
    alert = alert_about(case.patient, f"session:{session.pk}")
    record = reverse("admin:patient", args=[case.patient.pk])
    stranger = links(cast.signed_in(other_prescriber.user), alert)
    assert "What it is about" not in stranger
    assert record not in stranger
    desk = links(coordinator_client, alert)
    assert "What it is about" not in desk
    assert record in desk


def test_who_takes_an_alert_of_high_risk_reaches_the_case_that_never_queues(
    patient, other_prescriber, prescriber_client
) -> None:
    make_decision(patient, outcome="crisis", risk="high")
    alert = alert_about(patient, "intake:1", AlertKind.SUICIDE_RISK_HIGH)
    client = cast.signed_in(other_prescriber.user)
    case = reverse("admin:case", args=[patient.pk])
    assert case not in links(client, alert)
    assert case not in client.get(reverse("admin:review_queue")).content.decode()
    acknowledge(alert=alert, by=other_prescriber.user, now=NOON, note="Calling now.")
    assert case in links(client, alert)
    assert client.get(case).status_code == 200
    assert "whoever took the alert" in links(prescriber_client, alert)


def test_before_there_is_a_case_the_alert_leads_to_the_record(patient, prescriber, prescriber_client) -> None:
    alert = alert_about(patient, "intake:1", AlertKind.SUICIDE_RISK_HIGH)
    acknowledge(alert=alert, by=prescriber.user, now=NOON, note="Calling now.")
    found = links(prescriber_client, alert)
    assert "There is no case yet" in found
    record = reverse("admin:patient", args=[patient.pk])
    assert record in found
    case = reverse("admin:case", args=[patient.pk])
    assert case not in page(prescriber_client, "patient", patient.pk)
    make_decision(patient)
    assert case in page(prescriber_client, "patient", patient.pk)


def test_the_record_leads_to_prescriptions_and_sessions(case, prescriber_client, coordinator_client) -> None:
    session = case.planned()[0]
    addresses = [
        reverse("admin:prescription_detail", args=[session.prescription_id]),
        reverse("admin:dose_session", args=[session.pk]),
        reverse("admin:draft_prescription", args=[case.patient.pk]),
    ]
    shown, desk = (page(client, "patient", case.patient.pk) for client in (prescriber_client, coordinator_client))
    for address in addresses:
        assert address in shown
        assert address not in desk
    assert "Lozenge" not in desk


def test_the_case_leads_to_the_prescription(case, prescriber_client) -> None:
    make_decision(case.patient)
    assert "Prescriptions and sessions" not in page(prescriber_client, "case", case.patient.pk)
    order = case.signed()
    assert reverse("admin:prescription_detail", args=[order.pk]) in page(prescriber_client, "case", case.patient.pk)
