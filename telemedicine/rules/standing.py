"""Where a visit stands for whoever keeps the day moving. Pure; instants are aware UTC datetimes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telemedicine.rules.visits import CLOSES_AFTER

LATE_AFTER = timedelta(minutes=5)  # [house] then somebody calls
LONGEST = timedelta(hours=2)  # [house] past its planned end nobody talks any more: it was not marked as over


class Standing(StrEnum):
    """One word for a visit on the grid, the day board and the list of what is due."""

    HELD = "held"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    BLOCKED = "blocked"  # the patient is where the clinician has no licence: it must not begin
    WAITING = "waiting"  # in the waiting room of the video now
    TELEPHONE = "telephone"  # told where they are, and wait to be called
    LEFT = "left"  # was in the waiting room
    LATE = "late"
    GOING_ON = "going_on"
    NOT_CLOSED = "not_closed"  # its time is over, and nobody said how it ended
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


# What somebody has to look at today, the most pressing first.
PRESSING = (
    Standing.BLOCKED,
    Standing.TELEPHONE,
    Standing.WAITING,
    Standing.LEFT,
    Standing.LATE,
    Standing.NOT_CLOSED,
    Standing.GOING_ON,
)
_ENDED = {"completed": Standing.DONE, "no_show": Standing.MISSED, "cancelled": Standing.CANCELLED}


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What is known of a visit. `entered_at`: agreed to meet by video; `there`: their page asked for news just now.

    `placed_at` is when the patient said where they are, `licensed` whether the clinician may see them there.
    """

    status: str
    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None = None
    confirmed_at: datetime | None = None
    placed_at: datetime | None = None
    licensed: bool | None = None
    entered_at: datetime | None = None
    there: bool = False
    wants_telephone: bool = False


def standing_of(visit: VisitFacts, now: datetime) -> Standing:
    """Where it stands. What the patient did at the door counts more than the hour, an end more than both."""
    if visit.status in _ENDED:
        return _ENDED[visit.status]
    if visit.status != "booked":
        return Standing.HELD
    if visit.started_at is not None:
        return Standing.GOING_ON if now < visit.ends_at + LONGEST else Standing.NOT_CLOSED
    if now >= visit.starts_at + CLOSES_AFTER:
        return Standing.NOT_CLOSED
    if visit.placed_at is not None:
        return _at_the_door(visit)
    if now >= visit.starts_at + LATE_AFTER:
        return Standing.LATE
    return Standing.CONFIRMED if visit.confirmed_at is not None else Standing.BOOKED


def _at_the_door(visit: VisitFacts) -> Standing:
    if not visit.licensed:
        return Standing.BLOCKED
    if visit.wants_telephone or visit.entered_at is None:
        return Standing.TELEPHONE
    return Standing.WAITING if visit.there else Standing.LEFT


def since(visit: VisitFacts, standing: Standing) -> datetime | None:
    """Since when it stands so, for what somebody has to look at."""
    if standing in {Standing.WAITING, Standing.TELEPHONE, Standing.LEFT, Standing.BLOCKED}:
        return visit.entered_at if standing == Standing.WAITING else visit.placed_at
    if standing == Standing.GOING_ON:
        return visit.started_at
    return visit.starts_at if standing == Standing.LATE else visit.ends_at if standing == Standing.NOT_CLOSED else None
