"""The figures of the outbox for the health page."""

from datetime import timedelta

import pytest

from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.selectors import FAILED_LATELY, messages_about, outbox_health, overdue
from tests.core.notifications.conftest import NOW

pytestmark = pytest.mark.django_db


def test_an_empty_outbox_is_well() -> None:
    health = outbox_health(NOW)
    assert (health.waiting, health.oldest_waits, health.alarm) == (0, timedelta(0), False)


def test_what_waits_for_its_time_is_not_overdue(put) -> None:
    put(due_at=NOW + timedelta(days=1))
    assert outbox_health(NOW).waiting == 0
    assert overdue(NOW) == 0


@pytest.mark.parametrize(("minutes", "alarm"), [(4, False), (6, True)])
def test_the_alarm_sounds_after_five_minutes(put, minutes, alarm) -> None:
    put()
    at = NOW + timedelta(minutes=minutes)
    assert outbox_health(at).alarm is alarm
    assert bool(overdue(at)) is alarm


def test_what_needs_a_person_is_counted(put) -> None:
    for state in (State.UNKNOWN, State.FAILED, State.FAILED):
        Notification.objects.filter(pk=put().pk).update(state=state, unknown_since=clock.wall())
    health = outbox_health(NOW)
    assert (health.unknown, health.failed) == (1, 2)
    assert outbox_health(NOW + FAILED_LATELY + timedelta(days=1)).failed == 0, "what failed long ago is history"
    assert messages_about("appointment:1").count() == 3
