"""A broker that is gone or frozen must cost a page a moment, not its life, and no message at all."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery

from harmoniously.core.common import broker
from harmoniously.core.notifications.models import Notification, State


@pytest.fixture
def frozen_port() -> Iterator[int]:
    """A server that accepts and never answers, as Redis does after SIGSTOP."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.parametrize("port", ["frozen_port", "closed_port"])
def test_the_page_goes_on_and_the_row_waits_for_the_tick(request, put, monkeypatch, port) -> None:
    address = f"redis://127.0.0.1:{request.getfixturevalue(port)}/0"
    away = Celery("away", broker=address, set_as_current=False)
    monkeypatch.setattr(broker, "current_app", away)
    monkeypatch.setattr(broker, "_rests_until", 0.0)
    began = time.monotonic()
    for number in range(5):
        put(f"m{number}", at_once=True)  # each would wake a worker
    assert broker._rests_until > 0, "it did not even try"
    assert time.monotonic() - began < 4
    assert Notification.objects.filter(state=State.PENDING).count() == 5
