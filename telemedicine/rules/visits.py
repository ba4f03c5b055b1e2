"""When the door of a visit is open. Pure; instants are aware UTC datetimes."""

from datetime import datetime, timedelta
from enum import StrEnum

OPENS_BEFORE = timedelta(minutes=15)  # VID-02
CLOSES_AFTER = timedelta(minutes=60)  # after the start, VID-02


class Door(StrEnum):
    """Whether a patient can come in now."""

    EARLY = "early"
    OPEN = "open"
    LATE = "late"


def door_of(*, starts_at: datetime, started_at: datetime | None, now: datetime) -> Door:
    """Open from 15 minutes before to 60 minutes after the start; once begun it stays open until it is ended."""
    if now < starts_at - OPENS_BEFORE:
        return Door.EARLY
    if started_at is None and now >= starts_at + CLOSES_AFTER:
        return Door.LATE
    return Door.OPEN


def opens_at(starts_at: datetime) -> datetime:
    """When the door opens."""
    return starts_at - OPENS_BEFORE
