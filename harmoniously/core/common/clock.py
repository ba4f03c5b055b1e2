"""The one source of time.

Everything that asks what time it is asks here, so that the demo can be moved to tomorrow and the worker follows.
The offset stands in a small file that every process of one demo reads; production has no such file and no offset.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

# On whose calendar the practice counts its days, and what is shown where nobody's own zone is known.
PRACTICE_ZONE = "America/New_York"
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
# Spoken in the reader's language when they are shown, so that they stand in the catalogue.
ZONE_NAMES = {
    "Eastern": pgettext_lazy("time zone", "Eastern"),
    "Central": pgettext_lazy("time zone", "Central"),
    "Mountain": pgettext_lazy("time zone", "Mountain"),
    "Pacific": pgettext_lazy("time zone", "Pacific"),
    "Alaska": pgettext_lazy("time zone", "Alaska"),
    "Hawaii": pgettext_lazy("time zone", "Hawaii"),
    "Atlantic": pgettext_lazy("time zone", "Atlantic"),
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
    place = str(ZONE_NAMES[name]) if name else zone.rpartition("/")[2].replace("_", " ")
    return f"{place} ({abbreviation})"


def zone_place(zone: str) -> str:
    """The zone whatever the season, with the town that stands for it: "Pacific (Los Angeles)"."""
    place, name = zone.rpartition("/")[2].replace("_", " "), ZONE_WORDS.get(zone)
    return f"{ZONE_NAMES[name]} ({place})" if name else place


def hour_words(at: datetime, zone: str) -> str:
    """The hour of an instant in a place: "4:30 pm"."""
    return wall_words(local(at, zone).time())


def wall_words(on_wall: time) -> str:
    """What a clock on the wall shows: "4:30 pm"."""
    return f"{on_wall.hour % 12 or 12}:{on_wall.minute:02d} {_('am') if on_wall.hour < 12 else _('pm')}"


def day_words(at: datetime, zone: str) -> str:
    """The day of an instant in a place: "Tuesday 3 March"."""
    return date_words(local(at, zone))


def date_words(day: date) -> str:
    """A date: "Tuesday 3 March"."""
    said = {"weekday": WEEKDAYS[day.weekday()], "day": day.day, "month": MONTHS[day.month]}
    return _("%(weekday)s %(day)s %(month)s") % said


def long_date_words(day: date) -> str:
    """A date with its year: "3 March 1985"."""
    return _("%(day)s %(month)s %(year)s") % {"day": day.day, "month": MONTHS[day.month], "year": day.year}


def month_words(day: date) -> str:
    """A month with its year: "March 1985"."""
    return _("%(month)s %(year)s") % {"month": MONTHS[day.month], "year": day.year}


def describe(at: datetime, zone: str) -> str:
    """An instant for a reader: "Tuesday 3 March, 4:30 pm Eastern (EST)"."""
    return f"{day_words(at, zone)}, {hour_words(at, zone)} {zone_words(at, zone)}"
