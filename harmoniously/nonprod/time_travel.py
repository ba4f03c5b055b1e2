"""Moving the demo clock: how far, in words such as "+1d", "-2h", "+90m" or "reset"."""

import re
from datetime import timedelta

from harmoniously.core.common import clock

UNITS = {"d": "days", "h": "hours", "m": "minutes"}
MOVE = re.compile(r"([+-]?)(\d{1,5})([dhm])")


def moved_by(words: str) -> timedelta:
    """The offset from the real time after a move; raises ValueError for words it does not know."""
    if words == "reset":
        return timedelta(0)
    match = MOVE.fullmatch(words.strip())
    if match is None:
        raise ValueError('Say how far: "+1d", "-2h", "+90m", or "reset".')
    sign, count, unit = match.groups()
    step = timedelta(**{UNITS[unit]: int(count)})
    return clock.demo_offset() + (-step if sign == "-" else step)


def move(words: str) -> None:
    """Move the clock of every process of this demo; ValueError for unknown words, RuntimeError where there is none."""
    clock.move_demo(moved_by(words))
