"""The patient's account page, the unread count, and what staff see of the outbox."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.common.templatetags.ui_values import dialled
from harmoniously.core.notifications import addresses, preparing
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.services import schedule
from harmoniously.portal.dashboard import panels
from telemedicine.conversation import services as conversation
from telemedicine.models import Appointment, Thread
from telemedicine.services import reminders
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def write_to(patient, clinician, number: int) -> Thread:
    cast.take_into_care(patient, clinician)
    for at in range(number):
        moment = NOON + timedelta(minutes=at)
        message = conversation.ask(
            patient=patient, body="How are you?", form_token=UUID(int=at), by=clinician.user, now=moment
        )
    return message.thread


def test_the_account_page_leads_to_everything_about_the_account(patient, patient_client) -> None:
    page = patient_client.get(reverse("portal:account"))
    words = page.content.decode()
    assert patient.user.email in words
    assert "Pacific" in words
    for name in ("account_email", "account_change_password", "mfa_index", "usersessions_list", "texts:settings"):
        assert f'href="{reverse(name)}"' in words
    assert reverse("telemedicine:messages") in words


def test_fi14_who_moves_reads_the_same_moments_on_another_clock(patient, prescriber, patient_client) -> None:
    """The instant stays, labels change, both zones are shown, and what is planned is told on the new clock."""
    starts_at = clock.now() + timedelta(days=2)
    visit = Appointment.objects.create(
        patient=patient, clinician=prescriber, kind="check_in", status="booked", starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=25), state="CA",
    )  # fmt: skip
    reminders.plan(appointment=visit, now=clock.now())
    planned = list(Notification.objects.filter(state=State.PENDING).values_list("pk", "due_at"))
    url, there = reverse("portal:zone"), "America/New_York"
    assert patient_client.post(url, {"zone": "Mars/Base"}).status_code == 422
    page = patient_client.get(url).content.decode()
    assert clock.describe(starts_at, patient.zone) in page
    assert [patient_client.post(url, {"zone": there}).status_code for _twice in range(2)] == [302, 302]
    assert AuditEvent.objects.filter(action="patient.zone_chosen").count() == 1
    visit.refresh_from_db()
    assert visit.starts_at == starts_at
    for address in (f"/visits/{visit.pk}/", url):
        page = patient_client.get(address).content.decode()
        assert clock.describe(starts_at, there) in page and clock.describe(starts_at, prescriber.zone) in page
    assert clock.describe(starts_at, there) in patient_client.get(reverse("portal:home")).content.decode()
    assert list(Notification.objects.filter(state=State.PENDING).values_list("pk", "due_at")) == planned
    row = Notification.objects.select_related("recipient__patient").filter(template="appointment_reminder").first()
    said = preparing.outgoing_for(row, addresses.destination_of(row), at=row.due_at).words.text
    both = (clock.describe(starts_at, there), clock.hour_words(starts_at, prescriber.zone))
    assert all(words in said for words in both)


def test_the_account_page_is_for_patients(prescriber_client) -> None:
    assert prescriber_client.get(reverse("portal:account")).status_code == 404
    assert Client().get(reverse("portal:account")).status_code == 302


def test_unread_messages_are_counted_in_the_navigation_and_on_the_home_page(
    patient, patient_client, other_client, prescriber
) -> None:
    write_to(patient, prescriber, 2)
    page = patient_client.get(reverse("portal:home"))
    assert 'class="count">2<' in page.content.decode()
    assert "You have 2 new messages" in page.content.decode()
    assert "new message" not in other_client.get(reverse("portal:home")).content.decode()


def test_what_was_read_is_no_longer_counted(patient, patient_client, prescriber) -> None:
    thread = write_to(patient, prescriber, 1)
    patient_client.get(reverse("telemedicine:messages"))
    assert "1 new message" in patient_client.get(reverse("portal:home")).content.decode(), "the list is not the message"
    patient_client.get(reverse("telemedicine:message_thread", args=[thread.pk]))
    assert "new message" not in patient_client.get(reverse("portal:home")).content.decode()


def put(user, key: str = "one") -> Notification:
    return schedule(
        template="message_waiting", recipient=user, channel="email", due_at=NOON, dedupe_key=key,
        about="test", variables={"link": "/messages/"}, now=NOON,
    )  # fmt: skip


def outbox_panel(user, minutes: int):
    found = [one for one in panels(user, NOON + timedelta(minutes=minutes)) if one.title == "Messages going out"]
    return found[0] if found else None


@pytest.mark.parametrize(("minutes", "tone"), [(4, "info"), (6, "danger")])
def test_a_message_that_waits_too_long_sounds_an_alarm(patient, coordinator, minutes, tone) -> None:
    put(patient.user)
    (line,) = outbox_panel(coordinator, minutes).lines
    assert (line.title, line.tone) == ("1 message waits", tone)


def test_messages_that_failed_are_on_the_dashboard_and_lead_to_whom_to_call(patient, coordinator) -> None:
    Notification.objects.filter(pk=put(patient.user).pk).update(state=State.FAILED)
    lines = outbox_panel(coordinator, 1).lines
    assert [(line.tone, line.url) for line in lines] == [("caution", "/admin/worklist/?kind=message_not_delivered")]


def test_an_empty_outbox_says_so(coordinator, prescriber) -> None:
    assert outbox_panel(coordinator, 1).lines == []
    assert outbox_panel(prescriber.user, 1) is None


def test_the_readiness_probe_tells_strangers_nothing_of_it(client, patient) -> None:
    put(patient.user)
    assert set(client.get("/readyz").json()) == {"status"}


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+1 555 010 0199", "+15550100199"),
        ("(555) 010-0199", "5550100199"),
        ("+1-555-010-0199 ext. 12", "+15550100199"),
        ("988", "988"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_is_dialled_by_its_digits(written, digits) -> None:
    assert dialled(written) == digits


def test_staff_reach_the_light_switch_before_their_second_step(prescriber) -> None:
    waiting = cast.signed_in(prescriber.user, second_factor=False)
    reply = waiting.post(reverse("portal:theme"), {"theme": "dark"})
    assert reply.cookies["theme"].value == "dark"
    assert "/accounts/" not in reply.get("Location", "")


def test_the_second_step_ends_on_a_page_that_opens(prescriber) -> None:
    waiting = cast.signed_in(prescriber.user, second_factor=False)
    reply = waiting.get(reverse("admin:jsi18n"), follow=True)
    assert [status for _url, status in reply.redirect_chain] == [302]
    assert reply.status_code == 200
