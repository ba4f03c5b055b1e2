"""Asking a server again and again, and what it and its database spend on it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Told:
    """What one round said: answers in a second, and the processor milliseconds of server and database for each."""

    rate: float
    server: float
    database: float

    @property
    def both(self) -> float:
        return self.server + self.database


@contextmanager
def server(port: int) -> Iterator[int]:
    """Two gunicorn workers of the kind that do one thing at a time; the process that leads them."""
    command = [sys.executable, "-m", "gunicorn", "harmoniously.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--worker-class", "sync", "--preload", "--timeout", "120", "--no-control-socket"]
    command += ["--log-level", "warning"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.benches.settings"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _await(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server does not answer.")


def ask(port: int, path: str, session: str) -> bytes:
    """One GET on a connection of its own; everything that came back."""
    text = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={session}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 120) as line:
        line.sendall(text.encode())
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def round_of(port: int, path: str, session: str, seconds: float, leader: int) -> Told:
    """Ask for so long from a few clients at once."""
    before, began = (_spent(leader), _spent(_postmaster())), time.monotonic()
    until, done = began + seconds, [0] * CLIENTS

    def client(number: int) -> None:
        while time.monotonic() < until:
            answer = ask(port, path, session)
            assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")), answer[:200]
            done[number] += 1

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    took, after = time.monotonic() - began, (_spent(leader), _spent(_postmaster()))
    number = sum(done)
    mine, database = ((end - start) * 1000 / number for start, end in zip(before, after, strict=True))
    return Told(number / took, mine, database)


def _postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        own = int(cursor.fetchone()[0])
    return _fields(own)[0]


def _fields(pid: int) -> tuple[int, float]:
    """The parent of a process, and the seconds that it and its ended children spent."""
    rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(rest[1]), sum(int(rest[at]) for at in (11, 12, 13, 14)) / TICKS


def _spent(leader: int) -> float:
    """Of a process and everything below it."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = _fields(int(entry.name))
            except OSError:
                continue
    family, grown = {leader}, True
    while grown:
        more = {pid for pid, (parent, _spent) in found.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return sum(found[pid][1] for pid in family if pid in found)
