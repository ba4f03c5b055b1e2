"""Putting messages into the outbox and taking them out again."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.services import cancel_about, cancel_key
from tests.core.notifications.conftest import NOW, state_of

pytestmark = pytest.mark.django_db


def test_the_same_key_gives_the_same_row(put) -> None:
    first, second = put(dedupe_key="once"), put(dedupe_key="once", template="receipt")
    assert first.pk == second.pk
    assert Notification.objects.count() == 1


def test_nothing_that_opens_a_page_can_be_read_in_the_database(put) -> None:
    link = "/s/abcdefghijklmnopqrstuvwxyz012345/"
    row = put(template="sitter_invitation", address="+15550100177", variables={"when": NOW, "link": link})
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM notifications_notification n WHERE id = %s", [row.pk])
        (kept,) = cursor.fetchone()
    assert "/s/" not in kept
    assert "abcdefghijklmnop" not in kept
    assert "5550100177" not in kept
    assert "link" not in kept


def test_cancelling_takes_only_that_group(put) -> None:
    mine, other = put(), put(about="appointment:2")
    assert cancel_about(about="appointment:1", now=NOW) == 1
    assert state_of(mine) == State.CANCELLED
    assert state_of(other) == State.PENDING


def test_one_message_can_be_cancelled_by_its_key(put) -> None:
    mine, other = put(dedupe_key="a"), put(dedupe_key="b")
    assert cancel_key(dedupe_key="a", now=NOW) == 1
    assert (state_of(mine), state_of(other)) == (State.CANCELLED, State.PENDING)


def test_what_was_sent_cannot_be_cancelled(put) -> None:
    row = put()
    Notification.objects.filter(pk=row.pk).update(state=State.SENT, sent_at=NOW)
    assert cancel_about(about="appointment:1", now=NOW) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"template": "no_such_message"},
        {"variables": {"link": "/visits/"}},
        {"variables": {"when": NOW, "link": "/visits/", "note": "hello"}},
        {"variables": {"when": NOW, "link": "https://elsewhere.example/"}},
        {"variables": {"when": NOW, "link": "//elsewhere.example/"}},
        {"variables": {"when": "your ketamine session", "link": "/visits/"}},
        {"variables": {"when": "Tuesday\nBcc: x", "link": "/visits/"}},
        {"variables": {"when": NOW.replace(tzinfo=None), "link": "/visits/"}},
        {"channel": "pigeon"},
        {"not_after": NOW - timedelta(hours=1)},
    ],
)
def test_what_is_not_on_the_list_is_refused(put, wrong) -> None:
    with pytest.raises(ValueError, match=r".+"):
        put(**wrong)
    assert not Notification.objects.exists()


def test_a_broken_broker_does_not_break_the_request(put, django_capture_on_commit_callbacks) -> None:
    from kombu.exceptions import OperationalError

    from harmoniously.core.common import broker

    calls = []

    def broken(*_args, **_kwargs):
        calls.append(1)
        raise OperationalError("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broker.current_app, "send_task", broken, raising=False)
        patch.setattr(broker, "_rests_until", 0.0)
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            put(now=NOW)
            put(now=NOW)
    assert len(calls) == 1  # after one failure it leaves the broker alone for a while
    assert Notification.objects.filter(state=State.PENDING).count() == 2


def test_a_message_for_tomorrow_wakes_nobody(put, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        put(due_at=NOW + timedelta(days=1), now=NOW)
    assert callbacks == []
