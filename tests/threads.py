"""Several hands at one moment, each on a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from harmoniously.core.common.errors import RuleViolation

PATIENCE = 30  # seconds a thread waits for the others on a busy machine


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
