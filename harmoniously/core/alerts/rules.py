"""When an unacknowledged alert is told again, and to whom: plain decisions, no Django, no clock, no database.

Source: policy section 4. The first on-call clinician at once; again every 5 minutes; after 15 minutes the next person;
after the last one the emergency contact is shown to staff and everybody on the list is told again and again. Only a
person's acknowledgement ends it; time never does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

REPEAT_EVERY = timedelta(minutes=5)
NEXT_PERSON_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Telling:
    """Whom to tell now: positions on the on-call list (0 is first), and whether the list is exhausted."""

    positions: tuple[int, ...]
    exhausted: bool
    next_at: datetime


def telling(*, opened_at: datetime, now: datetime, people: int, told_up_to: int) -> Telling:
    """Whom an alert opened at `opened_at` and still unacknowledged at `now` is told to.

    `people` is the length of the on-call list, `told_up_to` the last position that was ever told (-1: nobody). A
    position that time skipped (a worker that was away, a demo clock that jumped) is told too, so nobody is left out.
    """
    waited = max(now - opened_at, timedelta(0))
    turn = waited // NEXT_PERSON_AFTER
    exhausted = turn >= people
    positions = range(people) if exhausted else range(min(told_up_to + 1, turn), turn + 1)
    return Telling(tuple(positions), exhausted, now + REPEAT_EVERY)


LEVELS = ("incomplete", "moderate", "high")


def stronger(level: str, other: str) -> str:
    """The stronger of two safety-hold levels (incomplete < moderate < high)."""
    return max(level, other, key=LEVELS.index)
