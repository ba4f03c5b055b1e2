"""`manage.py demo`, whole: it answers, restarts what dies, keeps its data, and leaves no process."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from harmoniously.nonprod.runner import postgres, processes
from tests.running_demo import CHECKOUT, RunningDemo, clean_environment, demo, start_demo

# Nobody is seeded here: that is another test's business and takes its time.
pytestmark = [pytest.mark.system, pytest.mark.stack]


def _get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def _all_gone(pids: list[int], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(processes.alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(processes.alive, pids))


def _wait_for(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return bool(condition())


def test_the_demo_from_its_first_start_to_its_last() -> None:
    with demo(DEMO_SEED="no") as first:
        _answers_and_is_ready(first)
        _a_killed_worker_is_started_again(first)
        _a_second_one_is_refused(first)
        _another_checkout_runs_beside_it(first)
        secrets = (first.home / "secrets.env").read_text()
        pids = first.pids()
        # Ctrl-C: the demo is given ten seconds.
        assert first.stop(signal.SIGINT) < 10
        assert _all_gone(pids)
        assert not postgres.socket_directory(first.home / "postgres").exists()
        _goes_on_with_its_data_and_leaves_nothing_when_killed(first.home, secrets)


def _answers_and_is_ready(running: RunningDemo) -> None:
    assert _get(f"{running.url}/livez") == (200, '{"status": "ok"}')
    assert _get(f"{running.url}/readyz") == (200, '{"status": "ok"}')
    assert all(running.pids(word) for word in ("gunicorn", "harmoniously.celery worker", "harmoniously.celery beat"))


def _a_killed_worker_is_started_again(running: RunningDemo) -> None:
    # The leader is the oldest; what it forked goes with its process group.
    before = min(running.pids("harmoniously.celery worker"))
    os.kill(before, signal.SIGKILL)
    assert _wait_for(lambda: "worker ended" in running.output.read_text())
    assert _wait_for(lambda: min(running.pids("harmoniously.celery worker"), default=before) != before)


def _a_second_one_is_refused(running: RunningDemo) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=CHECKOUT,
        env=clean_environment(running.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"already runs at {running.url}" in result.stdout


def _another_checkout_runs_beside_it(running: RunningDemo) -> None:
    # On the servers of the first one, so that this costs seconds less.
    addresses = {name: running.environment[name] for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PHI_KEYS")}
    with demo(DEMO_SEED="no", **addresses) as beside:
        assert beside.url != running.url
        assert _get(f"{beside.url}/livez")[0] == 200
        assert not beside.pids("postgres")
        assert not beside.pids("redis-server")


def _goes_on_with_its_data_and_leaves_nothing_when_killed(home: Path, secrets: str) -> None:
    again = start_demo(home, DEMO_SEED="no")
    pids = again.pids()
    try:
        assert (home / "secrets.env").read_text() == secrets
        assert "Applying" not in again.log("prepare")
        assert len(pids) >= 6
    finally:
        again.process.kill()
        again.process.wait()
    if sys.platform == "linux":
        assert _all_gone(pids)
