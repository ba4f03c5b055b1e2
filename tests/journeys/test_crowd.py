"""Fifty people at home press one time at once, over HTTP, on the server that production runs (FI-07, BUG-14)."""

import os
import re
import secrets
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.week import value_of
from tests import cast
from tests.faults.conftest import database_url
from tests.running_demo import CHECKOUT
from tests.telemedicine.conftest import give_hours
from tests.telemedicine.crowd import crowd, unguarded
from tests.threads import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]
CROWD, COORDINATORS = 50, 2
CLIENTS = CROWD + COORDINATORS
WORKERS = 2
# Below the three seconds for which PostgreSQL lets our statements wait (environment.py).
HOLD_SECONDS = 2.0
QUEUE = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
OFFERED = re.compile(r'name="slot" value="([^"]+)"')


@dataclass
class Answer:
    """What one of them got."""

    status: int
    location: str
    body: str


@dataclass
class Browser:
    """Somebody who is signed in, as the server sees them."""

    port: int
    session: str

    def ask(self, method: str, path: str, **fields: str) -> Answer:
        """Open a page, or send its form as the page would."""
        token = secrets.token_hex(16)
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        server = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            server.request(method, path, urlencode(fields), headers)
            answer = server.getresponse()
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        finally:
            server.close()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """gunicorn on the tests' own database, with a hand for everybody."""
    log = tmp_path / "web.log"
    with socket.create_server(("127.0.0.1", 0), backlog=CLIENTS) as listener, log.open("wb") as written:
        command = [sys.executable, "-m", "gunicorn", "harmoniously.wsgi:application", "--preload"]
        command += ["--bind", f"fd://{listener.fileno()}", "--workers", str(WORKERS)]
        command += ["--threads", str(CLIENTS // WORKERS), "--graceful-timeout", "1", "--no-control-socket"]
        environment = {**os.environ, "DATABASE_URL": database_url(), "WATCH_EVERY_SECONDS": "0"}
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=written, stderr=written, pass_fds=[listener.fileno()]
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def held_back(clinician: Clinician) -> Iterator[None]:
    """Whoever wants a time of this clinician waits in front of the write, so that many have seen it free by then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [str(clinician.pk)])
        try:
            yield
            deadline, waiting = monotonic() + PATIENCE, 0
            while waiting < CLIENTS and monotonic() < deadline:
                cursor.execute(QUEUE)
                [seen] = cursor.fetchone()
                if seen and not waiting:
                    deadline = monotonic() + HOLD_SECONDS
                waiting = seen
                sleep(0.02)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [str(clinician.pk)])
    assert waiting > 1, "nobody else saw the time free before somebody wrote"


def session_of(user: User) -> str:
    return cast.signed_in(user).cookies["sessionid"].value


def all_at_once(clients: list[tuple[Browser, str]], clinician: Clinician, starts_at: datetime) -> list[Answer]:
    """Every client presses the same time of the page it has open."""
    together = threading.Barrier(CLIENTS)
    pressed = {"kind": "evaluation", "slot": value_of(starts_at, clinician.pk)}

    def press(client: tuple[Browser, str]) -> Answer:
        browser, path = client
        together.wait(PATIENCE)
        return browser.ask("POST", path, **pressed)

    with ThreadPoolExecutor(CLIENTS) as pool:
        with held_back(clinician):
            answers = [pool.submit(press, client) for client in clients]
        return [answer.result(PATIENCE) for answer in answers]


def clients_of(patients: list[Patient], port: int) -> list[tuple[Browser, str]]:
    """Each patient for themselves, but for the last two: their coordinators have them on the telephone."""
    book = reverse("telemedicine:book")
    found = [(Browser(port, session_of(patient.user)), book) for patient in patients[:CROWD]]
    for number, patient in enumerate(patients[CROWD:]):
        coordinator = cast.make_user(f"c{number}@example.com", Role.COORDINATOR, full_name=f"Casey {number}")
        path = reverse("admin:book_for", args=[patient.pk])
        found.append((Browser(port, session_of(coordinator)), path))
    return found


def test_fifty_patients_and_two_coordinators_want_one_time_and_one_of_them_gets_it(
    prescriber: Clinician, port: int
) -> None:
    """Control: without the constraint the very same clicks book more than once."""
    give_hours(prescriber)
    clients = clients_of(crowd(CLIENTS), port)
    day = clock.today(prescriber.zone, clock.now()) + timedelta(days=3)
    wanted = datetime.combine(day, time(10), tzinfo=ZoneInfo(prescriber.zone)).astimezone(UTC)

    with ThreadPoolExecutor(WORKERS * 3) as pool:  # each process of the server has seen the page before
        assert {answer.status for answer in pool.map(lambda client: client[0].ask("GET", client[1]), clients[:6])} == {
            200
        }
    answers = all_at_once(clients, prescriber, wanted)
    assert Counter(answer.status for answer in answers) == {302: 1, 409: CLIENTS - 1}
    for answer in answers:
        if answer.status == 409:
            nearest = OFFERED.findall(answer.body)
            assert "This time is no longer free" in answer.body
            assert len(nearest) >= 3
            assert value_of(wanted, prescriber.pk) not in nearest
    [(winner, won)] = [
        (client, answer) for (client, _path), answer in zip(clients, answers, strict=True) if answer.status == 302
    ]
    if "/admin/" not in won.location:  # the coordinator's press books at once
        assert winner.ask("POST", won.location).status == 302
    assert [(row.status, row.starts_at) for row in Appointment.objects.all()] == [(Status.BOOKED, wanted)]

    with unguarded():
        answers = all_at_once(clients, prescriber, wanted + timedelta(hours=2))
        assert [answer.status for answer in answers].count(302) > 1
        assert Appointment.objects.filter(starts_at=wanted + timedelta(hours=2)).count() > 1
