"""Messages between a patient and the care team."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification, State
from telemedicine import selectors
from telemedicine.models import Message
from telemedicine.services import messages
from tests.cast import NOON, signed_in, take_into_care

pytestmark = pytest.mark.django_db

TOKEN = UUID(int=7)
WORDS = "I slept badly, may I move the visit?"


def write(patient, by, body=WORDS, token=None, now=NOON):
    return messages.send(patient=patient, body=body, form_token=token or uuid4(), by=by, now=now)


def text(response):
    return " ".join(response.content.decode().split())


def test_the_words_stand_encrypted_in_the_database(patient):
    message = write(patient, patient.user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM telemedicine_message WHERE id = %s", [message.pk])
        assert "slept" not in cursor.fetchone()[0]


def test_the_same_form_twice_writes_once(patient):
    assert write(patient, patient.user, token=TOKEN).pk == write(patient, patient.user, token=TOKEN).pk
    assert Message.objects.count() == 1


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_empty_and_endless_messages_are_refused(patient, body):
    with pytest.raises(RuleViolation):
        write(patient, patient.user, body=body)


def test_the_care_team_may_write_and_nobody_else(patient, prescriber, other_prescriber, other_patient, administrator):
    take_into_care(patient, prescriber)
    write(patient, prescriber.user)
    for stranger in (other_prescriber.user, other_patient.user, administrator):
        with pytest.raises(PermissionDenied):
            write(patient, stranger)


def test_a_clinician_who_left_the_care_team_may_not_read(patient, prescriber):
    take_into_care(patient, prescriber)
    care_relation_close(patient=patient, clinician=prescriber, now=NOON + timedelta(days=1))
    with pytest.raises(PermissionDenied):
        messages.open_thread(patient=patient, by=prescriber.user, now=NOON + timedelta(days=2))


def test_a_patient_is_told_once_until_they_read(patient, coordinator):
    write(patient, coordinator)
    write(patient, coordinator, now=NOON + timedelta(minutes=5))
    waiting = Notification.objects.filter(template="message_waiting")
    assert waiting.count() == 1
    assert "slept" not in str(waiting.values())
    messages.open_thread(patient=patient, by=patient.user, now=NOON + timedelta(minutes=10))
    assert waiting.get().state == State.CANCELLED
    write(patient, coordinator, now=NOON + timedelta(hours=1))
    assert waiting.filter(state=State.PENDING).count() == 1


def test_unread_counts_are_right_for_both_sides(patient, coordinator):
    write(patient, coordinator)
    write(patient, patient.user)
    assert (selectors.unread_for_patient(patient), selectors.unread_threads().count()) == (1, 1)
    messages.open_thread(patient=patient, by=patient.user, now=NOON)
    assert (selectors.unread_for_patient(patient), selectors.unread_threads().count()) == (0, 1)
    messages.open_thread(patient=patient, by=coordinator, now=NOON)
    assert selectors.unread_threads().count() == 0


def test_every_read_and_write_is_audited_without_words(patient, coordinator):
    write(patient, patient.user)
    messages.open_thread(patient=patient, by=coordinator, now=NOON)
    events = AuditEvent.objects.filter(patient=patient.pk)
    assert {"message.sent", "thread.viewed"} <= set(events.values_list("action", flat=True))
    assert "slept" not in "".join(events.values_list("payload", flat=True))


# Pages


def test_a_patient_writes_and_sees_it(at_noon, patient):
    client = signed_in(patient.user)
    assert "Nobody watches this page around the clock" in text(client.get("/messages/"))
    assert client.post("/messages/", {"body": WORDS, "form_token": TOKEN}).status_code == 302
    assert client.post("/messages/", {"body": WORDS, "form_token": TOKEN}).status_code == 302
    assert text(client.get("/messages/")).count(WORDS) == 1


def test_an_empty_message_keeps_the_page(at_noon, patient):
    response = signed_in(patient.user).post("/messages/", {"body": " ", "form_token": TOKEN})
    assert response.status_code == 422
    assert "Write your message first." in text(response)


def test_a_switch_keeps_the_message_that_one_writes(at_noon, patient):
    """UX-23"""
    client = signed_in(patient.user)
    assert 'form="message" formaction="/language/"' in text(client.get("/messages/"))
    given = {"body": WORDS, "form_token": TOKEN, "carry": "/messages/", "language": "es"}
    page = client.post("/language/", given, follow=True)
    assert (page.status_code, WORDS in text(page), Message.objects.count()) == (200, True, 0)
    assert client.post("/messages/", {"body": "", "carry": "/messages/", "theme": "dark"}).status_code == 200


def test_what_is_written_is_shown_as_text_only(at_noon, patient, coordinator):
    write(patient, patient.user, body="<script>alert(1)</script><img src=x onerror=alert(1)>")
    for client, address in (
        (signed_in(patient.user), "/messages/"),
        (signed_in(coordinator), f"/admin/messages/{patient.pk}/"),
    ):
        shown = client.get(address).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "&lt;script&gt;alert" in shown


def test_another_patient_sees_nothing_of_it(at_noon, patient, other_patient):
    write(patient, patient.user)
    client = signed_in(other_patient.user)
    assert WORDS not in text(client.get("/messages/"))
    assert client.get(f"/admin/messages/{patient.pk}/").status_code in {302, 403, 404}


def test_the_team_answers_and_strangers_among_staff_get_404(at_noon, patient, prescriber, other_prescriber):
    take_into_care(patient, prescriber)
    write(patient, patient.user)
    client = signed_in(prescriber.user)
    assert patient.display_name in text(client.get("/admin/messages/"))
    address = f"/admin/messages/{patient.pk}/"
    assert WORDS in text(client.get(address))
    assert client.post(address, {"body": "Yes, you may.", "form_token": TOKEN}).status_code == 302
    assert "Yes, you may." in text(client.get(address))
    stranger = signed_in(other_prescriber.user)
    assert stranger.get(address).status_code == 404
    assert patient.display_name not in text(stranger.get("/admin/messages/"))


def test_an_administrator_reads_no_messages(at_noon, patient, administrator):
    client = signed_in(administrator)
    assert client.get("/admin/messages/").status_code == 404
    assert client.get(f"/admin/messages/{patient.pk}/").status_code == 404


def test_long_threads_are_paged(at_noon, patient):
    for number in range(35):
        write(patient, patient.user, body=f"message number {number}", now=NOON - timedelta(days=40 - number))
    client = signed_in(patient.user)
    newest, oldest = text(client.get("/messages/")), text(client.get("/messages/?page=2"))
    assert "message number 34" in newest
    assert "message number 4" not in newest.replace("message number 34", "")
    assert "message number 0" in oldest
