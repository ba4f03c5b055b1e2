"""A patient who may be texted, and a text channel that does what the test says."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from harmoniously.core.accounts.models import Patient
from harmoniously.core.notifications.models import Notification
from harmoniously.core.notifications.services import schedule
from tests import cast
from tests.core.notifications import carriers

NOW = cast.NOON  # Wednesday noon in New York, nine in the morning in Los Angeles


@pytest.fixture
def carrier(settings) -> Iterator[type[carriers.ScriptedChannel]]:
    settings.NOTIFICATION_SMS_BACKEND = carriers.PATH
    carriers.ScriptedChannel.reset()
    yield carriers.ScriptedChannel
    carriers.ScriptedChannel.reset()


@pytest.fixture
def reader(patient: Patient) -> Patient:
    patient.sms_consent_at = NOW - timedelta(days=1)
    patient.save(update_fields=["sms_consent_at"])
    return patient


@pytest.fixture
def put(reader: Patient) -> Callable[..., Notification]:
    count = iter(range(1000))

    def make(**changes: Any) -> Notification:
        known: dict[str, Any] = {
            "template": "appointment_reminder",
            "recipient": reader.user,
            "channel": "sms",
            "due_at": NOW,
            "dedupe_key": f"test:{next(count)}",
            "about": "appointment:1",
            "variables": {"when": NOW + timedelta(hours=24), "link": "/visits/"},
            "now": NOW - timedelta(hours=1),
        }
        return schedule(**{**known, **changes})

    return make


def state_of(row: Notification) -> str:
    row.refresh_from_db()
    return row.state


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
