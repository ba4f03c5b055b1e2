"""SEC-16, SEC-05: what a patient says is found in no table in the clear, no log line, no message and no queue."""

import logging
import re
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, FollowUp, HoldLevel
from harmoniously.core.alerts.plan_models import KEYS
from harmoniously.core.common import clock
from harmoniously.core.common.logs import OneLineFormatter
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.messages import render
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.models import MailboxMessage
from telemedicine.conversation.services import open_thread
from tests.cast import daytime_zone
from tests.security.history import WORDS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def more_is_said(world):
    """Also what clinicians write about the patient, in every note there is."""
    now, by = clock.now(), world.life.clinician.user
    note = "Qzreason: spoke with Qzname about Qzquestion"
    alert = Alert.objects.get(pk=world.alert.pk)
    alerts.acknowledge(alert=alert, by=by, now=now, note=note)
    alerts.record_contact(alert=alert, how="call", reached=True, words=note, key=uuid4(), by=by, now=now)
    alerts.resolve(alert=alert, by=by, now=now, note=note)
    hold = alerts.open_hold(patient=world.patient, level=HoldLevel.MODERATE, about="test", by=by, now=now)
    alerts.clear_hold(hold=hold, contact_note=note, safety_plan=dict.fromkeys(KEYS, note), by=by, now=now)
    alerts.close_follow_up(
        follow_up=FollowUp.objects.get(pk=world.follow_up.pk), by=world.life.practice.coordinator, now=now, note=note
    )


def rows_in_the_clear():
    """Every row of every table as text, as a stolen dump would show it; the demo's mailbox stands for the provider."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            if table != MailboxMessage._meta.db_table:
                cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608
                for (text,) in cursor.fetchall():
                    yield table, text
    for session in Session.objects.all():
        yield "django_session", str(session.get_decoded())


def test_a_dump_of_the_database_holds_no_word_of_the_patient(world):
    """Nor, in the index by which people are found, one as it is spelled for comparing."""
    found = {(table, word) for table, text in rows_in_the_clear() for word in WORDS if word.lower() in text.lower()}
    assert found == set()


def test_a_dump_opens_no_private_link(world):
    """BUG-27: 256 bits, and only their digest is kept; the message that carries them is sealed."""
    assert len(world.token) >= 43
    assert {table for table, text in rows_in_the_clear() if world.token in text} == set()


def test_the_link_that_the_patient_passes_on_is_sealed_in_the_session(world):
    client = world.client("patient")
    address = f"/treatment/sessions/{world.ahead.pk}/sitter/"
    assert client.post(address, {"name": "Qzsitter", "phone": "", "email": "sitter@demo.example"}).status_code == 302
    kept = list(rows_in_the_clear())
    token = re.search(r"/s/([\w-]{40,})/", client.get(address).content.decode())  # shown once
    assert token
    assert {table for table, text in kept if token.group(1) in text} == set()


def test_logs_say_nothing_of_the_patient_and_open_no_link(world, caplog):
    caplog.set_level(logging.INFO)
    client = world.client("anonymous")
    assert client.post(f"/s/{world.token}/check/", {}).status_code == 422
    assert client.post(f"/s/{world.token}/confirm/", {"note": "Qzanswer"}).status_code == 422
    client.post("/messages/", {"body": "Qzquestion"})
    client.get("/accounts/password/reset/key/1-secretkeysecretkey/")
    client.get("/accounts/confirm-email/secretkeysecretkey/")
    log = "\n".join(OneLineFormatter().format(record) for record in caplog.records)
    assert "/s/…" in log
    assert [word for word in (*WORDS, "Qzanswer", "secretkey", world.token) if word in log] == []


def test_messages_and_queues_carry_no_word_of_the_patient(world, django_capture_on_commit_callbacks):
    world.life.patient.zone = daytime_zone()
    world.life.patient.save(update_fields=["zone"])
    world.life.now = clock.now()
    for thread in world.patient.threads.all():  # what is unread already does not ring again
        open_thread(thread=thread, by=world.patient.user, now=world.life.now)
    with django_capture_on_commit_callbacks(execute=True) as asked:
        world.life.write("Qzanswer, as you asked: Qzquestion", by_clinic=True)
    assert len(asked) == 2, "a worker is asked to send on each channel"
    tick(now=clock.now())
    sent = [f"{mail.subject} {mail.body}" for mail in MailboxMessage.objects.all()]
    assert any("a message is waiting" in text for text in sent)
    written = [render(row.template, row.variables, zone="UTC") for row in Notification.objects.all()]
    assert len(written) > 10
    sent += [f"{words.subject} {words.text} {words.sms}" for words in written]
    assert [text for text in sent if any(word in text for word in (*WORDS, "Qzanswer"))] == []
    assert [text for text in redis_texts() if any(word in text for word in (*WORDS, world.token))] == []


def redis_texts():
    """Every key of the cache and of the queues with what it holds."""
    # Without the library's five seconds, in which a busy machine may not get round to its Redis.
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=None) as store:
        for key in store.scan_iter():
            kind = store.type(key)
            value = store.lrange(key, 0, -1) if kind == b"list" else store.get(key) if kind == b"string" else b""
            yield f"{key!r} {value!r}"
