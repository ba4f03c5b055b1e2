"""Texts only to those who said yes, until they say no."""

import pytest
from django.core import mail
from django.urls import reverse

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.notifications import dispatch, reminders_off
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.models import OptOut, RemindersOff, State
from harmoniously.core.notifications.services import SAFETY
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


def test_ux17_reminders_of_visits_are_switched_off_by_channel_also_those_that_are_planned(
    put, carrier, patient_client
) -> None:
    """I4: nothing after an opt-out; what is booked or cancelled, and what is about safety, is told all the same."""

    def turn(channel: str, to: str) -> int:
        return patient_client.post(reverse("texts:reminders"), {"channel": channel, "turn": to}).status_code

    planned = {channel: put(channel=channel) for channel in ("email", "sms")}
    assert (turn("pigeon", "off"), turn("email", ""), RemindersOff.objects.count()) == (422, 422, 0)
    assert [turn("email", "off") for _twice in range(2)] == [302, 302] and RemindersOff.objects.count() == 1
    assert "No reminder will come" not in patient_client.get(reverse(PAGE)).content.decode()
    kept = [put(template="appointment_confirmed", channel="email"), put(channel="email", urgency=SAFETY)]
    tick(now=NOW)
    planned["email"].refresh_from_db()
    assert (planned["email"].state, planned["email"].reason) == (State.CANCELLED, "reminders_off")
    assert [state_of(row) for row in (*kept, planned["sms"])] == [State.SENT] * 3
    assert turn("sms", "off") == 302
    text, starting = put(), put(template="appointment_starting")
    for page, words in ((PAGE, "No reminder will come"), ("portal:account", "No reminder of a visit will come")):
        assert words in patient_client.get(reverse(page)).content.decode()
    tick(now=NOW)
    assert {state_of(text), state_of(starting)} == {State.CANCELLED}
    turn("email", "on")
    after = put(channel="email")
    mail.outbox.clear()
    tick(now=NOW)
    assert state_of(after) == State.SENT
    assert "/texts/" in mail.outbox[0].body and "/texts/" in mail.outbox[0].extra_headers["List-Unsubscribe"]


def test_one_who_switches_reminders_off_while_they_are_prepared_gets_none(put, carrier, patient, monkeypatch) -> None:
    row, prepare = put(), dispatch.prepare

    def switched_meanwhile(*args, **kwargs):
        found = prepare(*args, **kwargs)
        reminders_off.switch(patient=patient, channel="sms", on=False, by=patient.user, now=NOW)
        return found

    monkeypatch.setattr(dispatch, "prepare", switched_meanwhile)
    tick(now=NOW)
    assert carrier.sent == [] and state_of(row) != State.SENT
