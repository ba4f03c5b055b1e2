"""Child processes that never outlive us.

Each child leads a process group of its own, so that stopping it also stops what it started. On Linux the kernel
signals it when we die, however we die (``kill -9`` included).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harmoniously.nonprod.runner.errors import Refusal, explain

LOG_LIMIT_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Owner:
    """The unprivileged account that PostgreSQL runs under when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """One program to run and how to end it."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    owner: Owner | None = None
    pass_fds: tuple[int, ...] = ()
    stdin: bytes | None = None
    # A server is stopped after those that use it.
    server: bool = False
    # What the kernel sends when we are gone and nobody asks a second time; the stop signal, if None.
    death_signal: signal.Signals | None = None


def _die_with_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def prepare() -> None:
        # Runs after the change of user, which would clear the request.
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


@dataclass
class Child:
    """A running command; ``pid`` is also its process group."""

    command: Command
    process: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        return self.process.pid

    def running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the stop signal to the leader, which knows how to end its own children."""
        if self.running():
            self.process.send_signal(self.command.stop_signal)

    def wait_stopped(self, seconds: float) -> bool:
        try:
            self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill_group(self) -> None:
        """End whatever is left of the process group, and reap the leader."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 6) -> None:
        self.ask_to_stop()
        self.wait_stopped(seconds)
        self.kill_group()


def start(command: Command) -> Child:
    """Start a command, its output appended to its log; Refusal when the program or the log is not to be had."""
    try:
        command.log.parent.mkdir(parents=True, exist_ok=True)
        if command.log.exists() and command.log.stat().st_size > LOG_LIMIT_BYTES:
            command.log.replace(command.log.with_suffix(".old.log"))
        log = command.log.open("ab")
    except OSError as error:
        raise explain(error, command.log) from error
    with log:
        try:
            process = subprocess.Popen(
                list(command.argv),
                stdin=subprocess.PIPE if command.stdin is not None else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(command.env) if command.env is not None else None,
                cwd=command.cwd,
                start_new_session=True,
                pass_fds=command.pass_fds,
                preexec_fn=_die_with_parent(os.getpid(), command.death_signal or command.stop_signal),
                user=command.owner.uid if command.owner else None,
                group=command.owner.gid if command.owner else None,
                extra_groups=[] if command.owner else None,
            )
        except OSError as error:
            raise Refusal(f"{command.name} cannot be started: {command.argv[0]}: {error.strerror}.") from error
    if command.stdin is not None and process.stdin is not None:
        process.stdin.write(command.stdin)
        process.stdin.close()
    return Child(command, process)


def stop_all(children: Sequence[Child], seconds: float = 7) -> None:
    """Ask all at once, wait together, then end what did not listen; never longer than ``seconds`` plus a moment."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.wait_stopped(deadline - time.monotonic())
    for child in children:
        child.kill_group()


def alive(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """The command line of a process, empty when there is none."""
    try:
        result = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return result.stdout.strip()
