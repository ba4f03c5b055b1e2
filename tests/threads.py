"""Several hands at one moment, each on a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

from django.db import connection

from harmoniously.core.common.errors import RuleViolation

PATIENCE = 30  # seconds a thread waits for the others on a busy machine
WAITS_FOR_ME = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run every act in a thread of its own, all from the same moment; what each returned, or the refusal it got."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            together.wait(PATIENCE)
            return act()
        except RuleViolation as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def lingering(
    act: Callable[..., Any], holding: threading.Event, done: threading.Event | None = None
) -> Callable[..., Any]:
    """The same, but the first call lets the other go on until that one waits for what this transaction holds.

    `done` says that the other one had nothing to wait for.
    """

    def linger(*args: Any, **kwargs: Any) -> Any:
        first = not holding.is_set()
        holding.set()
        with connection.cursor() as cursor:
            for _look in range(500 if first else 0):
                cursor.execute(WAITS_FOR_ME)
                if cursor.fetchone() == (True,) or (done is not None and done.is_set()):
                    break
                sleep(0.01)
        return act(*args, **kwargs)

    return linger
