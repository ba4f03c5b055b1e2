"""When a note may be written, is late, and how long it is held back. Pure; instants are aware UTC datetimes."""

from datetime import date, datetime, timedelta

# A note that is signed later than this after the visit says so, and until then its clinician is not reminded.
DUE_WITHIN = timedelta(hours=24)
# [house] A visit may run over by this much. What came later was not known at it, however late somebody ended it.
RUNS_OVER = timedelta(minutes=30)

# [house] A note that the patient does not read is looked at again within this: the time in which a record that somebody
# asks for is given (45 CFR 164.524(b)(2)).
HELD_BACK_WITHIN = timedelta(days=30)


def may_review_on(day: date, *, today: date) -> bool:
    """Whether a note that is held back may wait until then: from tomorrow to 30 days from now."""
    return today < day <= today + HELD_BACK_WITHIN


def may_write(*, status: str, started_at: datetime | None) -> bool:
    """From the beginning of the visit, for ever; never for one that was cancelled or missed."""
    return started_at is not None and status in ("booked", "completed")


def latest_end(*, starts_at: datetime, ends_at: datetime, started_at: datetime | None) -> datetime:
    """The moment at which a visit is over at the latest: its planned length from where it began, and some more."""
    begun = max(started_at or starts_at, starts_at)
    return begun + (ends_at - starts_at) + RUNS_OVER


def is_late(*, ended_at: datetime, now: datetime) -> bool:
    """Whether what is signed now is a late entry."""
    return now - ended_at > DUE_WITHIN


def minutes_between(started_at: datetime, ended_at: datetime) -> int:
    """Whole minutes that the visit took."""
    return max(0, int((ended_at - started_at).total_seconds() // 60))
