"""Which openings of a record nothing explains, and which accounts are noticeable.

Pure: no Django, no clock, no database.

An opening is explained by something that the same person did about the same patient near it: a visit, a claim, a
message, an order, a booking, a note. Caring for somebody explains none by itself: who cares may be asked, too.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# House: within a week on either side, which holds the preparation of a visit and the note after it.
NEAR_DAYS = 7
# House: who did not sign in for 90 days hardly needs the account.
DORMANT = timedelta(days=90)
# House: a review is due every quarter.
EVERY = timedelta(days=92)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """How often one person opened pages about one patient on one day (UTC, counted in days)."""

    pair: Pair
    day: int
    number: int


@dataclass(frozen=True)
class Opening:
    """What of it nothing explains: on how many days, from which to which, and how many pages."""

    pair: Pair
    first: int
    last: int
    number: int


def unexplained(
    readings: Iterable[Reading], done: Mapping[Pair, Iterable[int]], near: int = NEAR_DAYS
) -> list[Opening]:
    """The openings without anything done within `near` days, those with the most pages first."""
    days = {pair: sorted(found) for pair, found in done.items()}
    left: dict[Pair, list[Reading]] = defaultdict(list)
    for reading in readings:
        if not _is_near(reading.day, days.get(reading.pair, ()), near):
            left[reading.pair].append(reading)
    found = [
        Opening(pair, min(row.day for row in rows), max(row.day for row in rows), sum(row.number for row in rows))
        for pair, rows in left.items()
    ]
    return sorted(found, key=lambda opening: (-opening.number, opening.pair))


def _is_near(day: int, done: Sequence[int], near: int) -> bool:
    at = bisect_left(done, day - near)
    return at < len(done) and done[at] <= day + near


@dataclass(frozen=True)
class Account:
    """What is known of one account of the staff."""

    active: bool
    second_factor: bool
    signed_in_at: datetime | None
    created_at: datetime


def marks(account: Account, now: datetime) -> list[str]:
    """What is noticeable about an account that may sign in; nothing about one that may not."""
    if not account.active:
        return []
    found = [] if account.second_factor else ["no_second_factor"]
    if account.signed_in_at is None:
        return [*found, "never_used"] if now - account.created_at >= DORMANT else found
    return [*found, "dormant"] if now - account.signed_in_at >= DORMANT else found
