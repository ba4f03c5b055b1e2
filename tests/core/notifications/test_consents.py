"""Texts only to those who said yes, until they say no."""

import pytest
from django.urls import reverse

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.models import OptOut, State
from tests.core.notifications.conftest import NOW, state_of

pytestmark = pytest.mark.django_db
PAGE = "texts:settings"


def test_the_box_is_not_ticked_and_nothing_is_sent_without_it(patient, patient_client) -> None:
    text = patient_client.get(reverse(PAGE)).content.decode()
    assert "checked" not in text
    assert patient_client.post(reverse(PAGE), {}).status_code == 422
    patient.refresh_from_db()
    assert patient.sms_consent_at is None


def test_agreeing_is_kept_with_its_evidence(patient, patient_client) -> None:
    assert patient_client.post(reverse(PAGE), {"agree": "on"}).status_code == 302
    patient.refresh_from_db()
    assert patient.sms_consent_at is not None
    facts = AuditEvent.objects.get(action="texts.agreed").facts
    assert facts["source"] == "portal" and facts["wording"] and len(facts["number"]) == 64
    assert "Texts are on" in patient_client.get(reverse(PAGE)).content.decode()


def test_stopping_cancels_what_waits_at_once(put, carrier, patient_client) -> None:
    row = put()
    patient_client.post(reverse("texts:stop"))
    assert state_of(row) == State.CANCELLED
    tick(now=NOW)
    assert carrier.sent == []
    assert "Texts are off" in patient_client.get(reverse(PAGE)).content.decode()


def test_agreeing_again_brings_them_back(put, carrier, patient_client) -> None:
    patient_client.post(reverse("texts:stop"))
    patient_client.post(reverse(PAGE), {"agree": "on"})
    assert not OptOut.objects.filter(until__isnull=True).exists()
    put()
    tick(now=NOW)
    assert len(carrier.sent) == 1


def test_without_a_number_the_page_says_what_to_do(patient, patient_client) -> None:
    patient.phone = ""
    patient.save(update_fields=["phone"])
    assert "We have no number" in patient_client.get(reverse(PAGE)).content.decode()
    patient_client.post(reverse(PAGE), {"agree": "on"})
    patient.refresh_from_db()
    assert patient.sms_consent_at is None


def test_staff_and_strangers_have_no_such_page(prescriber_client, client) -> None:
    assert prescriber_client.get(reverse(PAGE)).status_code == 404
    assert client.get(reverse(PAGE)).status_code in (302, 404)
