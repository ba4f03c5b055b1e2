"""The one source of time.

Everything that asks what time it is asks here, so that the demo can be moved to tomorrow and the worker follows.
The offset stands in a small file that every process of one demo reads; production has no such file and no offset.
"""

import math
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

ZONE_WORDS = {
    "America/New_York": "Eastern",
    "America/Detroit": "Eastern",
    "America/Indiana/Indianapolis": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Boise": "Mountain",
    "America/Phoenix": "Mountain",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic",
}
FURTHEST_DEMO_MOVE = timedelta(days=3650)


def wall() -> datetime:
    """The real time, aware and in UTC. For security timers and leases only: they measure people and processes."""
    return datetime.now(UTC)


def now() -> datetime:
    """The moment it is for the practice: aware, in UTC, moved by the demo clock outside production."""
    return wall() + demo_offset()


def demo_offset() -> timedelta:
    """How far the demo clock was moved; zero in production and where it never was."""
    path: Path | None = settings.DEMO_CLOCK_FILE
    if path is None:
        return timedelta(0)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return timedelta(0)
    return _offset_of(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _offset_of(path: Path, _modified: int, _size: int) -> timedelta:
    try:
        seconds = float(path.read_text(encoding="ascii").strip() or 0)
    except ValueError:
        return timedelta(0)
    return timedelta(seconds=seconds) if math.isfinite(seconds) else timedelta(0)


def move_demo(offset: timedelta) -> None:
    """Set how far the demo clock stands from the real time.

    Raises RuntimeError where there is no demo clock (production), ValueError beyond ten years.
    """
    path: Path | None = settings.DEMO_CLOCK_FILE
    if path is None:
        raise RuntimeError("There is no demo clock here: time cannot be moved.")
    if abs(offset) > FURTHEST_DEMO_MOVE:
        raise ValueError("The demo clock moves at most ten years.")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved over it, so that no reader ever sees half a number.
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{offset.total_seconds():.3f}", encoding="ascii")
    fresh.replace(path)


def local(at: datetime, zone: str) -> datetime:
    """The same instant on the wall of a place; zone is an IANA name."""
    return at.astimezone(ZoneInfo(zone))


def today(zone: str, at: datetime) -> date:
    """The local day in a place at an instant: a dose belongs to a local day."""
    return local(at, zone).date()


def zone_words(at: datetime, zone: str) -> str:
    """The zone as people say it, with its abbreviation: "Eastern (EST)"."""
    abbreviation = local(at, zone).tzname() or zone
    name = ZONE_WORDS.get(zone)
    return f"{name} ({abbreviation})" if name else f"{zone.rpartition('/')[2].replace('_', ' ')} ({abbreviation})"


def hour_words(at: datetime, zone: str) -> str:
    """The hour of an instant in a place: "4:30 pm"."""
    there = local(at, zone)
    return f"{there.hour % 12 or 12}:{there.minute:02d} {'am' if there.hour < 12 else 'pm'}"


def day_words(at: datetime, zone: str) -> str:
    """The day of an instant in a place: "Tuesday 3 March"."""
    there = local(at, zone)
    return f"{there:%A} {there.day} {there:%B}"


def describe(at: datetime, zone: str) -> str:
    """An instant for a reader: "Tuesday 3 March, 4:30 pm Eastern (EST)"."""
    return f"{day_words(at, zone)}, {hour_words(at, zone)} {zone_words(at, zone)}"
