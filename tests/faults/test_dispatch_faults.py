"""Nothing lost and nothing twice: two dispatchers, killed workers, an emptied Redis. Real processes, nothing mocked."""

import os
import signal
import subprocess
from collections import Counter
from datetime import timedelta

import pytest

from harmoniously.core.alerts.services import raise_alert
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.notifications import settling
from harmoniously.core.notifications.models import Notification, State, Urgency
from tests import cast
from tests.faults.conftest import Stage, let_time_pass, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.system, pytest.mark.long]


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
    worker = stage.worker(FILE_CARRIER_GATE=str(stage.gate))
    stage.until(lambda: bool(stage.calls()), "the first call")
    stage.kill(worker)
    assert states() == {State.CALLING: 1, State.CLAIMED: 5}

    stage.start("manage.py", "dispatch", "--loop", "--every", "0.2", FILE_CARRIER_REMEMBERS=remembers)
    let_time_pass()
    until(lambda: states() == {State.UNKNOWN: 1, State.SENT: 5}, "the others are sent", stage.log)
    let_time_pass()
    settled = Notification.objects.filter(pk=stage.calls()[0], looked_up=True)
    until(settled.exists, "the provider is asked", stage.log)
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
    worker = stage.worker(FILE_CARRIER_GATE=str(stage.gate))
    stage.until(lambda: bool(stage.calls()), "the first call")
    for pid in children_of(worker):
        os.kill(pid, signal.SIGKILL)
    stage.gate.touch()
    let_time_pass()
    stage.until(lambda: states() == {State.SENT: 3, State.UNKNOWN: 1}, "the others are sent")
    let_time_pass()
    stage.until(lambda: states() == {State.SENT: 4}, "the urgent one is sent again")
    assert stage.calls()[0] == urgent
    assert Counter(stage.calls()) == {urgent: 2, **dict.fromkeys(usual, 1)}


def test_an_alert_is_told_while_the_worker_is_dead_and_nobody_visits(stage: Stage, patient) -> None:
    """I3, I4: killed in the middle of the call; a web process without any visitor finds what it left, and tells."""
    on_call = cast.make_clinician("on-call@example.com", on_call=1, phone="+15550100180")
    worker = stage.worker(FILE_CARRIER_GATE=str(stage.gate))
    ago = clock.now() - timedelta(minutes=1)
    raise_alert(kind="suicide_risk_high", patient=patient, about="test:1", dedupe_key="a", by=SYSTEM, now=ago)
    stage.until(lambda: bool(stage.calls()), "the worker calls")
    stage.kill(worker)
    text = Notification.objects.get(recipient=on_call.user, channel="sms")
    assert (stage.calls(), text.state) == ([str(text.pk)], State.CALLING)
    # Its own waits, not the test's: what is asked for is told again within the minute.
    assert text.lease_until - text.called_at + settling.UNKNOWN_SAFETY_WAITS <= timedelta(seconds=30)
    let_time_pass()
    web = ("-m", "gunicorn", "harmoniously.wsgi:application", "--preload", "--no-control-socket", "-b", "127.0.0.1:0")
    stage.start(*web, WATCH_EVERY_SECONDS="1")
    for _ in range(2):  # the lease, then the question to the provider
        until(lambda: not Notification.objects.filter(lease_until__lt=clock.wall()).exists(), "taken over", stage.log)
        let_time_pass()
    until(lambda: stage.calls() == [str(text.pk)] * 2, "told again", stage.log)
    until(lambda: states() == {State.SENT: 2}, "the e-mail as well", stage.log)
    assert "The worker is silent" in stage.log()


def test_an_emptied_redis_loses_nothing(stage: Stage, put) -> None:
    due = [str(put(f"m{number}").pk) for number in range(20)]
    for _ in range(20):
        stage.tick()
    stage.empty_redis()
    stage.worker()
    stage.until(lambda: states() == {State.SENT: 20}, "all sent")
    # Once more, while the worker waits at the queue that goes.
    stage.empty_redis()
    due.append(str(put("later").pk))
    stage.until(lambda: states() == {State.SENT: 21}, "the one that became due later is sent")
    assert Counter(stage.calls()) == Counter(due)
