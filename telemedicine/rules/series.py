"""The times of a series: every so many weeks at the same wall time. Pure; instants are aware UTC datetimes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MOST_VISITS = 12  # [house] a year of monthly visits
MOST_WEEKS = 8  # [house] between two visits


def series_starts(first: datetime, *, zone: str, weeks: int, count: int) -> tuple[datetime, ...]:
    """`count` starts from the first one, `weeks` apart on the clock of `zone`: 09:00 stays 09:00 (FI-12).

    Each is counted from the first, so no change of the clocks is carried on. A wall time that a day does not have
    (02:30 in spring) is left out, and the caller refuses the series; one that a day has twice is the first of both.
    Raises ValueError outside 1 to 12 visits, 1 to 8 weeks.
    """
    if not (1 <= count <= MOST_VISITS and 1 <= weeks <= MOST_WEEKS):
        raise ValueError("A series has 1 to 12 visits, 1 to 8 weeks apart.")
    place = ZoneInfo(zone)
    wall = first.astimezone(place).replace(tzinfo=None, fold=0)
    found = [first]
    for number in range(1, count):
        there = wall + timedelta(weeks=weeks * number)
        at = there.replace(tzinfo=place).astimezone(UTC)
        if at.astimezone(place).replace(tzinfo=None) == there:
            found.append(at)
    return tuple(found)
