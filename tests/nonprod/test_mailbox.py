"""The demo's mailbox: both channels and the sign-in pages' mails end there, readable without an account."""

from datetime import timedelta

import pytest
from django.core.mail import send_mail
from django.urls import reverse

from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.services import schedule
from harmoniously.nonprod.mailbox.backend import MailboxSMSChannel
from harmoniously.nonprod.models import MailboxMessage
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox_backend(settings) -> None:
    # pytest-django replaces the mail backend; the demo's own is what is tested here.
    settings.EMAIL_BACKEND = "harmoniously.nonprod.mailbox.backend.MailboxBackend"


@pytest.fixture
def sent(patient) -> list[Notification]:
    patient.sms_consent_at = cast.NOON
    patient.save(update_fields=["sms_consent_at"])
    rows = [
        schedule(
            template="appointment_reminder", recipient=patient.user, channel=channel, due_at=cast.NOON,
            dedupe_key=channel, about="appointment:1", now=cast.NOON,
            variables={"when": cast.NOON + timedelta(days=1), "link": "/visits/"},
        )
        for channel in ("email", "sms")
    ]  # fmt: skip
    tick(now=cast.NOON)
    return rows


def page(client, **query) -> str:
    response = client.get(reverse("nonprod:mailbox"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_both_channels_end_here(sent, client) -> None:
    assert set(MailboxMessage.objects.values_list("channel", "notification")) == {
        ("email", sent[0].pk),
        ("sms", sent[1].pk),
    }
    assert not Notification.objects.exclude(state=State.SENT).exists()


def test_the_page_shows_them_with_working_links(sent, client, settings) -> None:
    text = page(client)
    assert "A reminder of your visit" in text and "Text message" in text
    assert f'href="{settings.PUBLIC_BASE_URL}/visits/"' in text


def test_it_narrows_to_one_reader(sent, client) -> None:
    MailboxMessage.objects.create(channel="email", address="other@example.com", body="Hello", sent_at=cast.NOON)
    assert "other@example.com" not in page(client, to="patient@example.com").replace('value="', "")
    assert "Nothing for this address" in page(client, to="nobody@example.com")


def test_other_mails_of_django_end_here_too(client) -> None:
    send_mail("Please confirm", "Open http://127.0.0.1:8000/accounts/confirm-email/x/", None, ["new@example.com"])
    assert "Please confirm" in page(client, to="new@example.com")


def test_the_newest_stands_first(client) -> None:
    for number in range(3):
        at = cast.NOON + timedelta(minutes=number)
        MailboxMessage.objects.create(channel="sms", address="+1", body=f"Number {number}.", sent_at=at)
    text = page(client)
    assert text.index("Number 2.") < text.index("Number 1.") < text.index("Number 0.")


def test_an_interrupted_text_is_found_again(sent) -> None:
    from harmoniously.core.notifications import addresses, preparing

    row = Notification.objects.select_related("recipient__patient").get(pk=sent[1].pk)
    outgoing = preparing.outgoing_for(row, addresses.destination_of(row), at=cast.NOON)
    assert MailboxSMSChannel().find(outgoing, since=cast.NOON).provider_sid == row.provider_sid


def test_what_a_message_says_is_shown_as_text(client) -> None:
    MailboxMessage.objects.create(channel="sms", address="+1", body="<script>x</script>", sent_at=cast.NOON)
    assert "<script>x</script>" not in page(client)
