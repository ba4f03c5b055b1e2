"""Real processes against the tests' own database and Redis: a worker that can be killed, dispatchers that compete."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection

from harmoniously.core.accounts.models import User
from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification, Urgency
from harmoniously.core.notifications.services import schedule
from tests import cast

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def until(true: Callable[[], bool], what: str, log: Callable[[], str], seconds: float = PATIENCE) -> None:
    """Wait until something is true; fails with its name, and what the processes said, when it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}\n{log()}"
        time.sleep(0.05)


def database_url() -> str:
    """The address of the tests' database; the server may listen on a socket, whose directory stands in the query."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@dataclass
class Stage:
    """The processes of one test, their environment, and what the provider saw."""

    folder: Path
    prefix: str = field(default_factory=lambda: f"faults-{uuid.uuid4().hex}:")
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.record = self.folder / "calls"
        self.gate = self.folder / "gate"
        self.ticked_at = 0.0
        # Never the current one: what other tests of this process send goes through the practice's own.
        self.sender = Celery("faults", broker=settings.REDIS_URL, set_as_current=False)
        self.sender.conf.broker_transport_options = {"global_keyprefix": self.prefix}

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "harmoniously.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "CELERY_KEY_PREFIX": self.prefix,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}",
            "NOTIFICATION_SMS_BACKEND": "file_carrier.FileChannel",
            "FILE_CARRIER": str(self.record),
            "LOG_LEVEL": "WARNING",
            # Django's checks would load every page into a worker that shows none.
            "CELERY_SKIP_CHECKS": "true",
            # What a killed worker cannot remove goes with the test's own directory.
            "TMPDIR": str(self.folder),
            **changes,
        }

    def start(self, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        """Start a Python program in a process group of its own."""
        log = self.folder / f"log-{len(self.children)}"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=self.environment(**changes),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children.append(child)
        return child

    def worker(self, **changes: str) -> subprocess.Popen[bytes]:
        """A Celery worker, as in production: prefork. It is not ready yet when this returns; the queue waits for it."""
        words = ("-m", "celery", "-A", "harmoniously", "worker", "-P", "prefork", "-c", "1", "-l", "WARNING")
        return self.start(*words, "--without-gossip", "--without-mingle", "--without-heartbeat", **changes)

    def dispatcher(self, **changes: str) -> subprocess.Popen[bytes]:
        return self.start("manage.py", "dispatch", "--channel", "sms", **changes)

    def tick(self) -> None:
        """What the beat does every few seconds."""
        self.sender.send_task("notifications.dispatch", args=["sms"])

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait while the beat goes on, every 0.3 s: a tick may be lost at any point, the practice leans on none."""

        def with_a_beat() -> bool:
            if time.monotonic() - self.ticked_at >= 0.3:
                self.ticked_at = time.monotonic()
                self.tick()
            return true()

        until(with_a_beat, what, self.log)

    def calls(self) -> list[str]:
        return self.record.read_text(encoding="ascii").split() if self.record.exists() else []

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("log-*")))

    def kill(self, child: subprocess.Popen[bytes]) -> None:
        """kill -9, with everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)

    def close(self) -> None:
        for child in self.children:
            self.kill(child)
        self.sender.close()
        self.empty_redis()

    def empty_redis(self) -> None:
        """Forget everything that is this test's; the server may be shared."""
        with redis.Redis.from_url(settings.REDIS_URL) as server:
            for key in server.scan_iter(f"{self.prefix}*"):
                server.delete(key)


@pytest.fixture
def stage(tmp_path: Path, transactional_db: None) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def reader(transactional_db: None) -> User:
    patient = cast.make_patient(sms_consent_at=cast.NOON)
    return patient.user


@pytest.fixture
def put(reader: User) -> Callable[..., Notification]:
    """One due text; it is urgent enough to go at any hour only when asked, so the zone is set where it is noon."""
    patient = reader.patient
    patient.zone = cast.daytime_zone()
    patient.save(update_fields=["zone"])

    def make(key: str, urgency: Urgency = Urgency.CONVENIENCE, *, at_once: bool = False) -> Notification:
        now = clock.now()
        return schedule(
            template="check_in_due",
            recipient=reader,
            channel="sms",
            due_at=now - timedelta(minutes=1),
            dedupe_key=key,
            about="test:1",
            variables={"link": "/"},
            urgency=urgency,
            # Scheduled ahead it wakes no worker; scheduled when due it does.
            now=now if at_once else now - timedelta(minutes=2),
        )

    return make


def let_time_pass() -> None:
    """As if two minutes had gone by since the kill: every lease has run out, every question is old enough."""
    past = clock.wall() - timedelta(minutes=3)
    Notification.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Notification.objects.filter(unknown_since__isnull=False).update(unknown_since=past)
