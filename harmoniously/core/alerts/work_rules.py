"""What the coordinators do first, how long it may be put off, and what may be done to many at once.

Plain decisions: no Django, no clock, no database. Every number is [house]; docs/worklist.md says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

MORNING = time(9, 0)
# What is put off comes back so long before it begins, at the latest.
CALL_BEFORE = timedelta(hours=1)
UNDO_WITHIN = timedelta(seconds=10)
# What a browser needs to load the page and to send the click still counts as within the ten seconds.
UNDO_GRACE = timedelta(seconds=5)


class Tier(IntEnum):
    """How soon somebody acts; the lower comes first."""

    URGENT = 0
    SOON = 1
    ROUTINE = 2


# Within which time a person has acted; what waits longer is overdue.
PROMISES: Mapping[Tier, timedelta] = {
    Tier.URGENT: timedelta(hours=4),
    Tier.SOON: timedelta(hours=24),
    Tier.ROUTINE: timedelta(hours=72),
}
TIERS: Mapping[str, Tier] = {
    # Somebody waits for us, or a session or a parcel goes on unless somebody calls.
    "call_back": Tier.URGENT,
    "text_received": Tier.URGENT,
    "companion_missing": Tier.URGENT,
    "place_changed": Tier.URGENT,
    "parcel": Tier.URGENT,
    "consent_withdrawn": Tier.URGENT,
    # Nobody knows how they are, or they wait for us without knowing it.
    "check_in_overdue": Tier.SOON,
    "visit_overdue": Tier.SOON,
    "visit_missed": Tier.SOON,
    "message_not_delivered": Tier.SOON,
    "message_unanswered": Tier.SOON,
    "shipment_late": Tier.SOON,
    "payment_problem": Tier.SOON,
    "identity_check": Tier.SOON,
    "in_person": Tier.SOON,
    # It goes on in the meantime.
    "visit_needed": Tier.ROUTINE,
    "message_unread": Tier.ROUTINE,
    "intake_stopped": Tier.ROUTINE,
    "information_overdue": Tier.ROUTINE,
    "waiting_list": Tier.ROUTINE,
    "letter": Tier.ROUTINE,
    "referral": Tier.ROUTINE,
    "other": Tier.ROUTINE,
}
# One note may end many of these: nobody is forgotten by it, and what it was about does not go on unseen.
CLOSED_TOGETHER = frozenset(
    {
        "message_not_delivered",
        "message_unread",
        "visit_missed",
        "intake_stopped",
        "information_overdue",
        "waiting_list",
        "other",
    }
)


def is_overdue(kind: str, *, due_at: datetime, now: datetime) -> bool:
    """Whether it has waited longer than a person may take to act."""
    return now - due_at > PROMISES[TIERS[kind]]


# By tier: what rank it has in time, and when it is overdue. Nothing comes before what is urgent.
RANKS: Mapping[Tier, tuple[int, int]] = {Tier.URGENT: (0, 0), Tier.SOON: (2, 1), Tier.ROUTINE: (3, 2)}


def rank(kind: str, *, due_at: datetime, now: datetime) -> int:
    """Where it stands in the list, the lowest first; of the same rank the longest waiting comes first."""
    return RANKS[TIERS[kind]][is_overdue(kind, due_at=due_at, now=now)]


@dataclass(frozen=True)
class Later:
    """A way to put something off; `hours` from now, or `days` on at nine, or the `day` that was chosen."""

    hours: int = 0
    days: int = 0
    day: date | None = None


LATER: Mapping[str, Later] = {"hours": Later(hours=4), "tomorrow": Later(days=1), "days": Later(days=3)}
DATE = "date"


def later(choice: str, *, day: date | None, now: datetime, zone: str) -> datetime | None:
    """The moment for a choice of `LATER`, or nine o'clock of `day`, in the zone of whoever works; None without one."""
    wish = LATER.get(choice) or (Later(day=day) if choice == DATE and day is not None else None)
    if wish is None:
        return None
    if wish.hours:
        return now + timedelta(hours=wish.hours)
    there = ZoneInfo(zone)
    return _at_nine(wish.day or now.astimezone(there).date() + timedelta(days=wish.days), there).astimezone(now.tzinfo)


def choices(kind: str) -> tuple[str, ...]:
    """The ways in which it may be put off; of a date the moment still has to be allowed."""
    few = {Tier.URGENT: ("hours",), Tier.SOON: ("hours", "tomorrow"), Tier.ROUTINE: (*LATER, DATE)}
    return few[TIERS[kind]]


def _at_nine(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=zone)


def latest(kind: str, *, now: datetime, zone: str) -> datetime:
    """Until when at most it may be put off: four hours, the next morning, or two weeks."""
    match TIERS[kind]:
        case Tier.URGENT:
            return now + timedelta(hours=4)
        case Tier.SOON:
            days = 1
        case Tier.ROUTINE:
            days = 14
    there = ZoneInfo(zone)
    return _at_nine(now.astimezone(there).date() + timedelta(days=days), there).astimezone(now.tzinfo)


def in_time(latest: datetime, *, begins: datetime | None) -> datetime:
    """The same for what begins at a moment: it comes back an hour before, while a call can still change something."""
    return latest if begins is None else min(latest, begins - CALL_BEFORE)


def may_undo(*, at: datetime, now: datetime) -> bool:
    """Whether what was done `at` that moment can still be taken back."""
    return timedelta(0) <= now - at <= UNDO_WITHIN + UNDO_GRACE
