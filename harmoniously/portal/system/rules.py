"""When a figure of the running service asks for a look, and when it has to be mended now. Pure.

Each limit is passed by what lies beyond it: an age of exactly five minutes is still within five minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

Measure = TypeVar("Measure", timedelta, int)


class Standing(StrEnum):
    """How a figure stands; the value is its tone on the page."""

    WELL = "success"
    UNKNOWN = "neutral"
    LOOK = "caution"
    MEND = "danger"


@dataclass(frozen=True)
class Limit(Generic[Measure]):
    """Beyond which age, or beyond which number, somebody looks, and beyond which it is mended now."""

    look: Measure
    mend: Measure


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLDEST_DUE = Limit(MINUTE, 5 * MINUTE)
UNKNOWN_SENDS = Limit(0, 20)
FAILED_SENDS = Limit(0, 50)
# The schedule signs every 30 seconds.
SCHEDULE = Limit(2 * MINUTE, 5 * MINUTE)
# A web process looks every 10 seconds, and signs when a look was whole.
WATCH = Limit(MINUTE, 5 * MINUTE)
# Ticks that waited until the next one are dropped, so that a long queue means that nobody works on it.
QUEUE = Limit(50, 500)
HELD = Limit(50, 500)
TEXTS = Limit(MINUTE, 10 * MINUTE)
REFUND = Limit(HOUR, DAY)
PAYMENT = Limit(2 * HOUR, DAY)
BACKUP = Limit(26 * HOUR, 3 * DAY)
ACCESS_REVIEW = Limit(timedelta(0), 30 * DAY)
# A kind of regular work is late after three turns that it did not succeed in, and down after ten.
LATE_TURNS, DOWN_TURNS = 3, 10
AT_LEAST = MINUTE


def by(value: Measure, limit: Limit[Measure]) -> Standing:
    """How an age or a number stands against its limit of the same kind."""
    if value > limit.mend:
        return Standing.MEND
    return Standing.LOOK if value > limit.look else Standing.WELL


def of_sign(age: timedelta | None, limit: Limit[timedelta]) -> Standing:
    """The same for a sign of life; one that was never given is no good news."""
    return Standing.MEND if age is None else by(age, limit)


def of_backup(age: timedelta | None) -> Standing:
    """A service that is backed up by other means says nothing about it here."""
    return Standing.UNKNOWN if age is None else by(age, BACKUP)


def of_work(every: timedelta) -> Limit[timedelta]:
    """The limit for a kind of regular work that comes so often; a minute at least, so that one slow round is none."""
    return Limit(max(LATE_TURNS * every, AT_LEAST), max(DOWN_TURNS * every, 5 * AT_LEAST))


def worst(standings: Iterable[Standing]) -> Standing:
    """What to say of the whole."""
    order = (Standing.MEND, Standing.LOOK, Standing.UNKNOWN, Standing.WELL)
    found = set(standings)
    return next((one for one in order if one in found), Standing.WELL)
