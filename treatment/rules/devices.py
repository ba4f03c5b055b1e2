"""When something that a device tells of happened: it may arrive hours later, from a clock that cannot be trusted."""

from datetime import datetime, timedelta

# What a patient can tell of by one tap, in the order of the page; the words stand in treatment.words.
NOTES = ("calm", "light", "moved", "uneasy", "dizzy", "sick")


def moment_of(ago: timedelta, *, started_at: datetime, now: datetime) -> datetime:
    """The moment of an event that a device noted `ago`: never ahead of us, never before the session began.

    How long ago is the difference of two looks at the same clock, so a clock that stands wrong does no harm. One that
    was set meanwhile can only be bounded: both moments are kept, and the prescriber sees when it arrived.
    """
    return min(max(now - ago, started_at), max(now, started_at))
