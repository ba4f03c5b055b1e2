"""What an administrator sees of the running service: what stands still is said, and the page opens all the same."""

import socket
import time
from datetime import timedelta

import pytest
from celery import Celery
from django.core.management import call_command

from billing import tasks
from harmoniously.core.common import broker, clock, signs
from harmoniously.core.common.models import SignOfLife
from harmoniously.core.notifications.models import InboundText
from harmoniously.portal.system import checks
from harmoniously.portal.system.rules import Standing
from tests import cast

pytestmark = pytest.mark.django_db


def standing(title):
    return {check.title: check for group in checks.everything(clock.now()) for check in group.checks}[title]


def test_work_that_succeeds_signs_and_what_stands_still_is_seen():
    """Regular work that is not done any more is named on the first page of administrators."""
    tasks.reconcile.apply()
    assert standing("Asks about payments").standing is Standing.WELL
    signs.give(signs.SCHEDULE)
    assert standing("The schedule (beat and worker)").standing is Standing.WELL
    watches = "Watches sessions and check-ins"
    assert (standing(watches).now, standing(watches).standing) == ("not yet", Standing.WELL)
    SignOfLife.objects.filter(name=signs.SCHEDULE).update(since=clock.wall() - timedelta(hours=1))
    assert (standing(watches).now, standing(watches).standing) == ("not yet", Standing.MEND)
    SignOfLife.objects.filter(name=signs.SCHEDULE).update(at=clock.wall() - timedelta(minutes=12))
    found = standing("The schedule (beat and worker)")
    assert (found.standing, found.now) == (Standing.MEND, "12 minutes ago")
    assert found.title in {check.title for check in checks.amiss(clock.now())}


def test_work_that_fails_does_not_sign(monkeypatch):
    def fails(**_now: object) -> int:
        raise RuntimeError("the provider is away")

    monkeypatch.setattr("billing.services.reconcile", fails)
    tasks.reconcile.apply()
    assert "billing.reconcile" not in dict(signs.newest())


def test_a_text_that_nobody_was_told_of_is_seen(patient):
    now = clock.now()
    assert standing("Oldest text not handed on").standing is Standing.WELL
    about = {"meaning": "other", "sender": "+15550100123", "user": patient.user}
    InboundText.objects.create(provider_sid="1", received_at=now - timedelta(hours=1), **about)
    assert standing("Oldest text not handed on").standing is Standing.MEND


def test_a_backup_is_known_once_it_was_reported():
    assert standing("Newest backup").standing is Standing.UNKNOWN
    call_command("backup_made")
    assert standing("Newest backup").standing is Standing.WELL


def test_the_page_opens_while_the_broker_is_frozen(administrator, monkeypatch):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        away = Celery("away", broker=address, set_as_current=False)
        monkeypatch.setattr(broker, "current_app", away)
        monkeypatch.setattr(
            broker, "TRANSPORT", {**broker.TRANSPORT, "socket_timeout": 0.05, "socket_connect_timeout": 0.05}
        )
        began = time.monotonic()
        assert broker.queues() is None
        # One attempt, with its patience of now 50 ms and not of a second.
        assert time.monotonic() - began < 0.9
        page = cast.signed_in(administrator).get("/admin/system/")
    assert page.status_code == 200
    assert b"does not answer" in page.content
