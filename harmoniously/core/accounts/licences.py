"""When a licence that ends is warned of. Pure: days in, a step out.

A licence is good through the day on which it expires. Sources: house rule, warnings 60, 30 and 7 days before; the law
rules (treatment) and the offer of times (telemedicine) stop at the day itself.
"""

from datetime import date
from enum import StrEnum

# Days before the last day, the earliest warning first.
WARN_AT = (60, 30, 7)


class Standing(StrEnum):
    """How a licence stands on a day."""

    GOOD = "good"
    ENDS = "ends"
    ENDS_SOON = "ends_soon"
    ENDS_NOW = "ends_now"
    EXPIRED = "expired"


_STANDINGS = dict(zip(WARN_AT, (Standing.ENDS, Standing.ENDS_SOON, Standing.ENDS_NOW), strict=True))


def days_left(expires_on: date, today: date) -> int:
    """How many days it is good beyond today: 0 on its last day, less than 0 when it has expired."""
    return (expires_on - today).days


def step(expires_on: date, today: date) -> int | None:
    """The latest warning that is due, in days before the end; None while it is too early, and when it is too late."""
    left = days_left(expires_on, today)
    return min((at for at in WARN_AT if 0 <= left <= at), default=None)


def standing(expires_on: date, today: date) -> Standing:
    """How a licence stands on a day."""
    if days_left(expires_on, today) < 0:
        return Standing.EXPIRED
    reached = step(expires_on, today)
    return Standing.GOOD if reached is None else _STANDINGS[reached]
