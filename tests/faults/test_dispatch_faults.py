"""Nothing lost and nothing twice: two dispatchers, killed workers, an emptied Redis. Real processes, nothing mocked."""

import os
import signal
import subprocess
from collections import Counter

import pytest
import redis
from django.conf import settings

from harmoniously.core.notifications.models import Notification, State, Urgency
from tests.faults.conftest import Stage, let_time_pass, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.system]


def states() -> Counter[str]:
    return Counter(Notification.objects.values_list("state", flat=True))


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


def test_two_dispatchers_send_two_hundred_messages_once_each(stage: Stage, put) -> None:
    due = {str(put(f"m{number}").pk) for number in range(200)}
    both = [stage.dispatcher(FILE_CARRIER_SECONDS="0.002") for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0], stage.log()
    assert Counter(stage.calls()) == Counter(due)
    assert states() == {State.SENT: 200}


@pytest.mark.parametrize("remembers", ["yes", "no"], ids=["provider can be asked", "provider cannot be asked"])
def test_a_worker_killed_while_sending_loses_nothing_and_repeats_nothing(stage: Stage, put, remembers: str) -> None:
    due = [str(put(f"m{number}").pk) for number in range(6)]
    worker = stage.worker(FILE_CARRIER_SECONDS="30")
    stage.tick()
    until(lambda: len(stage.calls()) == 1, f"the first call {stage.log()}")
    stage.kill(worker)
    assert states() == {State.CALLING: 1, State.CLAIMED: 5}

    stage.start("manage.py", "dispatch", "--loop", "--every", "0.2", FILE_CARRIER_REMEMBERS=remembers)
    let_time_pass()
    until(lambda: states() == {State.UNKNOWN: 1, State.SENT: 5}, f"the others are sent {stage.log()}")
    let_time_pass()
    settled = Notification.objects.filter(pk=stage.calls()[0], looked_up=True)
    until(settled.exists, f"the provider is asked {stage.log()}")
    assert Counter(stage.calls()) == Counter(due)
    interrupted = Notification.objects.get(pk=stage.calls()[0])
    if remembers == "yes":
        assert states() == {State.SENT: 6}
    else:
        # Nobody can know: a person follows up, the patient is not written to twice.
        assert states() == {State.SENT: 5, State.UNKNOWN: 1}
        assert (interrupted.state, interrupted.looked_up) == (State.UNKNOWN, True)


def test_a_killed_pool_process_loses_no_safety_message(stage: Stage, put) -> None:
    urgent = str(put("urgent", Urgency.SAFETY).pk)
    usual = [str(put(f"m{number}").pk) for number in range(3)]
    worker = stage.worker(FILE_CARRIER_SECONDS="0.4")
    stage.tick()
    until(lambda: len(stage.calls()) == 1, f"the first call {stage.log()}")
    for pid in children_of(worker):
        os.kill(pid, signal.SIGKILL)
    for _ in range(2):
        until(lambda: not Notification.objects.filter(state=State.PENDING).exists(), "the row is held")
        let_time_pass()
        stage.tick()
        until(lambda: not Notification.objects.filter(state__in=["claimed", "calling"]).exists(), "the worker goes on")
    until(lambda: states() == {State.SENT: 4}, f"all sent, got {states()} {stage.log()}")
    assert stage.calls()[0] == urgent
    assert Counter(stage.calls()) == {urgent: 2, **dict.fromkeys(usual, 1)}


def test_an_emptied_redis_loses_nothing(stage: Stage, put) -> None:
    due = {str(put(f"m{number}").pk) for number in range(20)}
    for _ in range(20):
        stage.tick()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        for key in server.scan_iter(f"{stage.prefix}*"):
            server.delete(key)  # everything of ours; the server may be shared
    stage.worker()
    # A beat that falls into the worker's start may be lost with the queue's own keys; the beat goes on.
    until(lambda: stage.beat_goes_on() and states() == {State.SENT: 20}, f"all sent {stage.log()}")
    assert Counter(stage.calls()) == Counter(due)
