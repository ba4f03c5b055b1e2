"""How the figures of the practice are made: periods, rates with what they rest on, and what is too small to be shown.

Pure: no Django, no clock, no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import floor, sqrt
from zoneinfo import ZoneInfo

# Of a group of fewer than this, who is not a clinician is told no number: it could point to a person.
LEAST_SHOWN = 5
# A rate of fewer than this says more about chance than about the practice.
LEAST_FOR_A_RATE = 10
# Two-sided 95 per cent of the normal distribution.
Z = 1.959964


class Period(StrEnum):
    """Over how long the figures go, up to now."""

    WEEKS = "4-weeks"
    QUARTER = "3-months"
    YEAR = "12-months"
    ALL = "all"


MONTHS = {Period.QUARTER: 3, Period.YEAR: 12}


def begins(period: Period, today: date, zone: str) -> datetime | None:
    """The first moment of the period: midnight in the practice's zone; None for everything there is.

    A month back from a day that the other month does not have is its last day.
    """
    if period is Period.ALL:
        return None
    first = today - timedelta(weeks=4) if period is Period.WEEKS else _months_before(today, MONTHS[period])
    return datetime.combine(first, time(), ZoneInfo(zone))


def _months_before(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 - months
    following = date((at + 1) // 12, (at + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(at // 12, at % 12 + 1, min(day.day, last))


@dataclass(frozen=True)
class Rate:
    """So many of so many, with the interval that a true rate lies in 95 times of 100 (Wilson)."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            raise ValueError(f"{self.part} of {self.whole} is no rate.")

    @property
    def enough(self) -> bool:
        """Whether it rests on enough to be told as a rate."""
        return self.whole >= LEAST_FOR_A_RATE

    @property
    def percent(self) -> float:
        """Per cent; of nothing it is 0."""
        return 100 * self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """From and to, in per cent (Wilson's score interval, which stays within 0 and 100)."""
        if not self.whole:
            return 0.0, 100.0
        share, square = self.part / self.whole, Z * Z / self.whole
        middle = (share + square / 2) / (1 + square)
        reach = Z * sqrt(share * (1 - share) / self.whole + square / (4 * self.whole)) / (1 + square)
        low = 0.0 if self.part == 0 else 100 * (middle - reach)
        high = 100.0 if self.part == self.whole else 100 * (middle + reach)
        return low, high


@dataclass(frozen=True)
class PerThousand:
    """So many events in so many sessions, per thousand of them, with the interval of a count (Byar)."""

    events: int
    sessions: int

    @property
    def enough(self) -> bool:
        """Whether there were enough sessions; a count of none is told, too."""
        return self.sessions >= LEAST_FOR_A_RATE

    @property
    def rate(self) -> float:
        """Events in a thousand sessions; one session can have several."""
        return 1000 * self.events / self.sessions if self.sessions else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """From and to, in a thousand sessions."""
        if not self.sessions:
            return 0.0, 0.0
        scale, count, more = 1000 / self.sessions, self.events, self.events + 1
        low = count * (1 - 1 / (9 * count) - Z / (3 * sqrt(count))) ** 3 if count else 0.0
        high = more * (1 - 1 / (9 * more) + Z / (3 * sqrt(more))) ** 3
        return max(low, 0.0) * scale, high * scale


def hidden(counts: Sequence[int], *, least: int = LEAST_SHOWN) -> tuple[bool, ...]:
    """Which of the groups of one table are not told, where their sum may be known.

    Those of 1 to `least` - 1 people; and where what is missing of the sum would still give one of them away, the next
    larger ones, until at least `least` people in two groups are behind it. A group of nobody points to nobody.
    """
    kept_back = [0 < count < least for count in counts]
    rising = sorted((count, at) for at, count in enumerate(counts) if count >= least)
    while any(kept_back) and rising and _gives_away(counts, kept_back, least):
        kept_back[rising.pop(0)[1]] = True
    return tuple(kept_back)


def _gives_away(counts: Sequence[int], kept_back: Sequence[bool], least: int) -> bool:
    behind = [count for count, back in zip(counts, kept_back, strict=True) if back]
    return len(behind) < 2 or sum(behind) < least


# The dose of a session as a step of the ladder of policy section 8; each step ends below the next one's beginning.
DOSE_STEPS = (100, 200, 300, 400)


def dose_step(at: int) -> tuple[int | None, int | None]:
    """From and to (both included, mg) of a step by its number: 0 is below the first one, None where it is open."""
    low = DOSE_STEPS[at - 1] if at else None
    high = DOSE_STEPS[at] - 1 if at < len(DOSE_STEPS) else None
    return low, high


def whole_percent(value: float) -> int:
    """Per cent without decimals, a half rounded up, so that 62.5 is told alike everywhere."""
    return floor(value + 0.5)
