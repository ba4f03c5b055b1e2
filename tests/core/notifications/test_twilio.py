"""The text-message provider: what is asked of it, what its answers mean, what its webhooks may do."""

import uuid
from datetime import timedelta

import pytest
import requests
from django.test import Client
from twilio.http.response import Response

from harmoniously.core.common import clock
from harmoniously.core.notifications import messages, twilio_gateway
from harmoniously.core.notifications.channels import Outgoing, Result
from harmoniously.core.notifications.models import DeliveryReport, InboundText, Notification, OptOut, State
from tests.core.notifications.conftest import NOW, state_of
from tests.core.notifications.fake_twilio import FakeTwilio, signature

pytestmark = pytest.mark.django_db
NUMBER = "+15550100123"


@pytest.fixture(autouse=True)
def account(settings) -> None:
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    settings.TWILIO_AUTH_TOKEN = "invented-token"
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "0" * 32
    settings.PUBLIC_BASE_URL = "https://care.example"


@pytest.fixture
def twilio() -> FakeTwilio:
    return FakeTwilio()


@pytest.fixture
def channel(twilio: FakeTwilio) -> twilio_gateway.TwilioChannel:
    return twilio_gateway.TwilioChannel(twilio)


def outgoing(valid_seconds: int | None = None) -> Outgoing:
    words = messages.render("check_in_due", {"link": "https://care.example/x/"}, zone="America/New_York")
    return Outgoing(uuid.UUID(int=7), NUMBER, words, valid_seconds)


def test_it_asks_by_service_with_a_callback_and_a_validity(channel, twilio) -> None:
    outcome = channel.send(outgoing(valid_seconds=900))
    asked = twilio.messages[0]["asked"]
    assert outcome.result == Result.ACCEPTED and outcome.provider_sid == twilio.messages[0]["sid"]
    assert asked["MessagingServiceSid"] == "MG" + "0" * 32
    assert asked["StatusCallback"] == f"https://care.example/webhooks/twilio/status/{uuid.UUID(int=7)}/"
    assert int(asked["ValidityPeriod"]) == 900
    assert "From" not in asked


@pytest.mark.parametrize(("seconds", "asked"), [(None, 36000), (99999, 36000), (1, 5)])
def test_the_validity_stays_within_what_the_provider_takes(channel, twilio, seconds, asked) -> None:
    channel.send(outgoing(valid_seconds=seconds))
    assert int(twilio.messages[0]["asked"]["ValidityPeriod"]) == asked


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        ((500, 20500), Result.RETRY),
        ((503, 20503), Result.RETRY),
        ((429, 20429), Result.RETRY),
        ((400, 21610), Result.OPTED_OUT),
        ((400, 21211), Result.REFUSED),
        ((401, 20003), Result.REFUSED),
        (requests.exceptions.ConnectTimeout(), Result.RETRY),
        (requests.exceptions.ReadTimeout(), Result.UNCLEAR),
        (requests.exceptions.ConnectionError("reset by peer"), Result.UNCLEAR),
    ],
)
def test_what_its_answers_mean(channel, twilio, failure, result) -> None:
    twilio.failures.append(failure)
    assert channel.send(outgoing()).result == result


def test_a_connection_that_was_never_made_sent_nothing() -> None:
    gateway = twilio_gateway.TwilioChannel()
    gateway._client.http_client.session.trust_env = False
    # A port on which nothing listens, in place of the provider's host.
    original = gateway._client.http_client.request
    gateway._client.http_client.request = lambda method, url, **kw: original(method, "https://127.0.0.1:9/", **kw)
    assert gateway.send(outgoing()).result == Result.RETRY


def test_it_hears_how_long_to_stay_away(monkeypatch) -> None:
    client = twilio_gateway._BoundedHttpClient()
    monkeypatch.setattr(
        twilio_gateway.TwilioHttpClient, "request", lambda *_a, **_k: Response(429, "{}", {"Retry-After": "37"})
    )
    outcome = twilio_gateway.TwilioChannel(client).send(outgoing())
    assert (outcome.result, outcome.retry_after) == (Result.RETRY, 37.0)


def test_it_finds_a_message_whose_answer_was_lost(channel, twilio) -> None:
    channel.send(outgoing())
    found = channel.find(outgoing(), since=clock.wall() - timedelta(minutes=3))
    assert (found.result, found.provider_sid) == (Result.ACCEPTED, twilio.messages[0]["sid"])


def test_a_message_that_another_row_accounts_for_is_not_found_again(channel, twilio, put) -> None:
    channel.send(outgoing())
    Notification.objects.filter(pk=put().pk).update(provider_sid=twilio.messages[0]["sid"])
    assert channel.find(outgoing(), since=clock.wall()).result == Result.REFUSED


class TestReports:
    @pytest.fixture
    def row(self, put) -> Notification:
        row = put()
        Notification.objects.filter(pk=row.pk).update(state=State.SENT, sent_at=NOW, provider_sid="SM1")
        return row

    def report(self, row: Notification, status: str, signed: bool = True, **more: str) -> int:
        path = f"/webhooks/twilio/status/{row.pk}/"
        body = {"MessageSid": "SM1", "MessageStatus": status, **more}
        given = signature(path, body) if signed else "forged"
        return Client(enforce_csrf_checks=True).post(path, body, headers={"x-twilio-signature": given}).status_code

    def test_delivered(self, row) -> None:
        assert self.report(row, "delivered") == 204
        assert state_of(row) == State.DELIVERED

    def test_a_forged_one_changes_nothing(self, row) -> None:
        assert self.report(row, "delivered", signed=False) == 403
        assert state_of(row) == State.SENT

    def test_without_a_configured_token_nothing_is_genuine(self, row, settings) -> None:
        settings.TWILIO_AUTH_TOKEN = ""
        assert self.report(row, "delivered", signed=False) == 403

    def test_any_order_and_number_ends_the_same(self, row) -> None:
        for status in ("delivered", "sent", "queued", "delivered", "sending"):
            assert self.report(row, status) == 204
        assert state_of(row) == State.DELIVERED
        assert DeliveryReport.objects.count() == 4

    def test_an_undelivered_one_failed_with_its_code(self, row) -> None:
        self.report(row, "undelivered", ErrorCode="30003")
        assert (state_of(row), row.reason) == (State.FAILED, "30003")

    def test_it_answers_for_an_interrupted_sending(self, row) -> None:
        Notification.objects.filter(pk=row.pk).update(
            state=State.UNKNOWN, sent_at=None, provider_sid="", unknown_since=clock.wall()
        )
        self.report(row, "sent")
        assert (state_of(row), row.provider_sid) == (State.SENT, "SM1")

    def test_an_opt_out_at_the_carrier_is_remembered(self, row) -> None:
        self.report(row, "undelivered", ErrorCode="21610")
        assert OptOut.objects.filter(until__isnull=True).exists()

    def test_a_message_that_was_never_handed_over_cannot_be_reported(self, put) -> None:
        waiting = put()
        self.report(waiting, "delivered")
        assert state_of(waiting) == State.PENDING


class TestInbound:
    def text(self, body: str, sid: str = "SM9", signed: bool = True):
        path = "/webhooks/twilio/inbound/"
        data = {"MessageSid": sid, "From": NUMBER, "Body": body}
        given = signature(path, data) if signed else ""
        return Client(enforce_csrf_checks=True).post(path, data, headers={"x-twilio-signature": given})

    def test_stop_stops_and_cancels_what_waits(self, put) -> None:
        row, mail = put(), put(channel="email")
        answer = self.text("STOP")
        assert (state_of(row), row.reason) == (State.CANCELLED, "opted_out")
        assert state_of(mail) == State.PENDING
        assert b"<Message>" not in answer.content  # the carrier answers this word itself

    def test_a_polite_stop_gets_one_confirmation(self, put) -> None:
        put()
        answer = self.text("stop please")
        assert b"no more texts" in answer.content
        assert OptOut.objects.filter(until__isnull=True).count() == 1

    def test_stopping_twice_is_one_opt_out(self) -> None:
        self.text("STOP")
        self.text("STOP", sid="SM10")
        assert OptOut.objects.count() == 1

    def test_start_brings_them_back(self, put, carrier) -> None:
        self.text("STOP")
        self.text("START", sid="SM10")
        assert not OptOut.objects.filter(until__isnull=True).exists()
        assert OptOut.objects.count() == 1

    def test_help_for_those_the_carrier_does_not_answer(self) -> None:
        assert b"911" in self.text("ayuda").content

    def test_the_answer_is_in_the_language_of_the_word_or_of_the_account(self, put, reader) -> None:
        put()
        assert b"ya no recibira" in self.text("Alto por favor").content
        assert b"no more texts" in self.text("stop please", sid="SM10").content
        type(reader.user).objects.filter(pk=reader.user_id).update(language="es")
        assert b"ya no recibira" in self.text("stop please", sid="SM11").content
        assert "aquí nadie lee" not in self.text("hola", sid="SM12").content.decode(), "letters that fit into a text"
        assert b"aqui nadie lee" in self.text("hola", sid="SM13").content

    def test_anything_else_waits_for_a_person_and_says_that_nobody_watches(self, put) -> None:
        put()
        answer = self.text("I feel worse & sad")
        kept = InboundText.objects.get()
        assert b"911" in answer.content and b"988" in answer.content
        assert kept.handled_at is None
        assert kept.user is not None and kept.user.email == "patient@example.com"

    def test_the_same_text_twice_is_one(self) -> None:
        self.text("hello")
        self.text("hello")
        assert InboundText.objects.count() == 1

    def test_a_forged_one_does_nothing(self) -> None:
        assert self.text("STOP", signed=False).status_code == 403
        assert not OptOut.objects.exists()

    def test_the_addresses_are_those_the_provider_is_given(self) -> None:
        from django.urls import reverse

        assert reverse("notifications:twilio_inbound") == twilio_gateway.INBOUND_PATH
        key = uuid.uuid4()
        assert reverse("notifications:twilio_status", args=[key]) == twilio_gateway.STATUS_PATH.format(id=key)
