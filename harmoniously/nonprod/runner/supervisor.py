"""Keeps a handful of processes running until told to stop: starts again what dies, gives up on what keeps dying."""

import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType

from harmoniously.nonprod.runner.errors import Refusal, tail
from harmoniously.nonprod.runner.processes import Child, Command, start, stop_all

RESTARTS = 5
WINDOW_SECONDS = 60
RESTART_PAUSE_SECONDS = 1
STOP_SECONDS = 7
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _heeded() -> list[signal.Signals]:
    """The signals that end us; SIGHUP not under nohup, which ignores it for us."""
    return [number for number in SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or sent a signal; not an Exception, so that nothing swallows it on the way out."""


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def _hung_up() -> bool:
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


class Supervisor:
    """The children of one foreground command.

    ``say`` prints a line for the person at the terminal. With ``parent`` given, the end of that process (make) ends us.
    """

    def __init__(self, say: Callable[[str], None], *, parent: int | None = None) -> None:
        self._say = say
        self._parent = parent
        self._terminal = _has_terminal()
        self.children: list[Child] = []
        self._deaths: dict[str, deque[float]] = {}
        self._stopping = False
        self._before = {number: signal.signal(number, self._on_signal) for number in _heeded()}

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise Stopped

    def adopt(self, children: Sequence[Child]) -> None:
        """Watch children that somebody else started."""
        self.children += children

    def run(self, command: Command) -> None:
        """Start a command and watch it."""
        self.children.append(start(command))

    def watch(self, seconds: float | None = None) -> None:
        """Restart what dies; returns after ``seconds``, or never. Refusal when a child keeps dying."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            if self._abandoned():
                raise Stopped
            for index, child in enumerate(self.children):
                if not child.running():
                    self.children[index] = self._again(child)
            time.sleep(0.2)

    def _abandoned(self) -> bool:
        """Whether the terminal was closed, or make is gone, without a signal having reached us."""
        if self._parent is not None and os.getppid() != self._parent:
            return True
        return self._terminal and _hung_up()

    def _again(self, child: Child) -> Child:
        name, code = child.command.name, child.process.returncode
        child.kill_group()
        deaths = self._deaths.setdefault(name, deque(maxlen=RESTARTS + 1))
        deaths.append(time.monotonic())
        if len(deaths) > RESTARTS and deaths[-1] - deaths[0] < WINDOW_SECONDS:
            raise Refusal(
                f"{name} keeps ending (code {code}). The end of {child.command.log}:\n{tail(child.command.log)}"
            )
        self._say(f"{name} ended (code {code}) and is started again; its log is {child.command.log}.")
        time.sleep(min(len(deaths) - 1, 3) * RESTART_PAUSE_SECONDS)
        return start(child.command)

    def stop(self) -> None:
        """End everything, the servers last, within about ten seconds; a second Ctrl-C changes nothing."""
        self._stopping = True
        servers = [child for child in self.children if child.command.server]
        stop_all([child for child in self.children if not child.command.server], STOP_SECONDS)
        stop_all(servers, 2)
        self.children = []
        for number, handler in self._before.items():
            signal.signal(number, handler)
