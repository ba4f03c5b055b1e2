"""The numbers of a large practice: counted ahead by the worker and kept; those of a small one when they are asked for.

Counting a hundred thousand patients takes seconds, in which a web process of two would answer nobody. So a page tries
for a moment only; what takes longer is the worker's, which counts anew every ten minutes.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled
from redis import RedisError

from harmoniously.core.common import clock
from harmoniously.portal.figures import rules, tables
from harmoniously.portal.figures.rules import Period
from harmoniously.portal.figures.tables import Read
from treatment import policy

# How long one query of a page may take.
MOMENT_MS = 1000
# The worker keeps what takes longer than this, and has patience with what takes much longer.
SLOW_SECONDS, PATIENCE_MS = 1.0, 60_000
# Two turns of the schedule and a half: a turn that is missed leaves no gap.
KEPT_SECONDS = 1500
# To be changed with what is kept: a process of an earlier version left other numbers.
SHAPE = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """The numbers of a period: since when it goes (None for everything there is), and when they were counted."""

    numbers: Read
    since: datetime | None
    at: datetime
    kept: bool


def counted(period: Period, now: datetime) -> Counted | None:
    """What the worker kept, else what can be counted in a moment; None where that is too short."""
    return _kept(period, now) or _quickly(period, now)


def count_ahead(*, now: datetime) -> int:
    """Count and keep every period; how many.

    Nothing is kept of a practice that is quickly counted: its readers get the numbers of the moment.
    """
    done = 0
    for period in Period:
        began = time.monotonic()
        found = _within(PATIENCE_MS, period, now, kept=True)
        if time.monotonic() - began <= SLOW_SECONDS:
            break
        with suppress(RedisError):
            cache.set(key_of(period), found, KEPT_SECONDS)
            done += 1
    return done


def key_of(period: Period) -> str:
    """Under which name the numbers of a period are kept, for every reader alike."""
    return f"figures:{SHAPE}:{period.value}"


def _quickly(period: Period, now: datetime) -> Counted | None:
    try:
        return _within(MOMENT_MS, period, now, kept=False)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def _within(milliseconds: int, period: Period, now: datetime, *, kept: bool) -> Counted:
    """Count, unless one of the queries takes longer."""
    since = rules.begins(period, clock.today(clock.PRACTICE_ZONE, now), clock.PRACTICE_ZONE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
        found = tables.read(since, now, policy.load())
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    return Counted(found, since, now, kept)


def _kept(period: Period, now: datetime) -> Counted | None:
    """Without Redis nothing is kept; and what was counted at a later time is not for now."""
    with suppress(RedisError):
        found: Counted | None = cache.get(key_of(period))
        return found if found is not None and found.at <= now else None
    return None
