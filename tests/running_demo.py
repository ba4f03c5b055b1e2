"""The whole demo as a fixture: web, worker, beat and servers of its own, in a temporary directory.

``python -m tests.running_demo command …`` runs a command against one, with its address in BASE_URL.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 240
STOP_SECONDS = 12


@dataclass
class RunningDemo:
    """A demo that answers at ``url``; ``environment`` is what its processes see."""

    process: subprocess.Popen[str]
    home: Path
    output: Path
    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, seconds: int = 60) -> str:
        """Run a management command against it, such as ``manage("demo_clock", "+1d")``; the command's output."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def move_clock(self, words: str = "") -> datetime:
        """Move its clock, such as "+1d", as the command does but without the seconds of a process; the moment it is."""
        from django.test import override_settings

        from harmoniously.core.common import clock
        from harmoniously.nonprod.time_travel import move

        with override_settings(DEMO_CLOCK_FILE=Path(self.environment["DEMO_CLOCK_FILE"])):
            if words:
                move(words)
            return clock.now()

    def pids(self, word: str = "") -> list[int]:
        """The processes below the demo whose command line holds the word, such as ``celery`` or ``gunicorn``."""
        return [pid for pid, line in descendants(self.process.pid) if word in line]

    def log(self, name: str) -> str:
        """What web, worker, beat, postgres or redis wrote."""
        return (self.home / "log" / f"{name}.log").read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGINT) -> float:
        """Stop it; the seconds it took. The directory stays."""
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(STOP_SECONDS + 5)
        return time.monotonic() - began


def descendants(root: int) -> list[tuple[int, str]]:
    """(pid, command line) of every process below ``root``."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    children: dict[int, list[tuple[int, str]]] = {}
    for pid, parent, *arguments in rows:
        children.setdefault(int(parent), []).append((int(pid), arguments[0] if arguments else ""))
    found: list[tuple[int, str]] = []
    queue = [root]
    while queue:
        for child in children.get(queue.pop(), []):
            found.append(child)
            queue.append(child[0])
    return found


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """What a person's shell would have; none of the variables of this test run."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR", "LANG") if name in os.environ}
    return {**kept, "DEMO_DIR": str(home), **more}


def start_demo(home: Path, **more: str) -> RunningDemo:
    """Start the demo and wait until it says that it runs."""
    home.mkdir(parents=True, exist_ok=True)
    output = home / "terminal.txt"
    with output.open("w") as terminal:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--with-parent"],
            cwd=CHECKOUT,
            env=clean_environment(home, **more),
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            text=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while "Ctrl-C stops everything" not in output.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError(f"The demo did not start:\n{output.read_text()}")
        time.sleep(0.1)
    published = json.loads((home / "environment.json").read_text())
    environment = {**clean_environment(home), **published}
    return RunningDemo(process, home, output, published["PUBLIC_BASE_URL"], environment)


@contextlib.contextmanager
def demo(**more: str) -> Iterator[RunningDemo]:
    """A demo in a temporary directory that is gone, with it, at the end."""
    with tempfile.TemporaryDirectory(prefix="harmoniously-demo-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)
        running = start_demo(Path(directory) / "a demo", **more)
        try:
            yield running
        finally:
            if running.process.poll() is None:
                running.stop()


@pytest.fixture(scope="session")
def running_demo() -> Iterator[RunningDemo]:
    """One demo for every journey of the run."""
    with demo() as running:
        yield running


def main(command: list[str]) -> int:
    """Run a command with BASE_URL naming a demo that lives as long as it does; the command's exit code."""
    with demo() as running:
        return subprocess.run(command, env={**running.environment, "BASE_URL": running.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
