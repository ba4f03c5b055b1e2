"""When something that a device tells of happened: it may arrive hours later, from a clock that cannot be trusted."""

from datetime import datetime, timedelta

# What a patient can tell of by one tap, in the order of the page; the words stand in treatment.words.
NOTES = ("calm", "light", "moved", "uneasy", "dizzy", "sick")


def moment_of(after: timedelta | None, *, started_at: datetime, now: datetime) -> datetime:
    """The moment of an event `after` the start by the device's count, or now: not ahead of us, not before the start.

    The count goes on from what we told the device last, so a clock that stands wrong does no harm, nor does a message
    that was long on its way. One that was set meanwhile can only be bounded: both moments are kept, and the prescriber
    sees when it arrived.
    """
    at = now if after is None else started_at + after
    return max(min(at, now), started_at)
