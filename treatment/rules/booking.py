"""Which day and hour a session may have. One rule for planning, choosing, moving and travelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from treatment.policy import Policy
from treatment.rules import calendar, phases
from treatment.rules.reasons import Reason, Weight, reason


@dataclass(frozen=True)
class Other:
    """A session to keep away from: when it was begun, else when it is planned, and the local day it belongs to."""

    at: datetime
    day: date


@dataclass(frozen=True)
class Bounds:
    """What decides about one session: where the patient is, what they have, and what else is planned or was taken."""

    zone: str
    arrived_at: datetime | None
    last_fill_day: date
    frame: phases.Frame
    others: tuple[Other, ...] = ()
    held_days: frozenset[date] = frozenset()


def check_slot(day: date, hour: time, bounds: Bounds, *, now: datetime, policy: Policy) -> tuple[Reason, ...]:
    """Why a session may not begin at that hour of that local day; empty when it may. Times between are real hours."""
    return check_moment(day, calendar.local_moment(day, hour, bounds.zone), bounds, now=now, policy=policy)


def check_moment(day: date, at: datetime, bounds: Bounds, *, now: datetime, policy: Policy) -> tuple[Reason, ...]:
    """The same of a moment on its local day."""
    found = [*calendar.check_move(at, [other.at for other in bounds.others], now=now, policy=policy)]
    if bounds.arrived_at is None or at <= bounds.arrived_at:
        found.append(reason("before_medicine", Weight.REFUSE, "no session before the medicine has arrived"))
    if day in bounds.held_days:
        found.append(reason("held_day", Weight.REFUSE, "house policy 9: no dose on a day on hold"))
    if day > bounds.last_fill_day:
        found.append(reason("after_prescription", Weight.REFUSE, policy.source("law.refill_months")))
    days = [other.day for other in bounds.others]
    if day in days:
        found.append(reason("day_taken", Weight.REFUSE, "one session a local day"))
    found += phases.check_frame(day, bounds.frame, policy)
    found += phases.check_rhythm(day, days, bounds.frame.rhythm, policy)
    return tuple(found)


@dataclass(frozen=True)
class DayOffer:
    """A local day with the hours that are possible on it, or why none is (of the hour that comes closest)."""

    day: date
    hours: tuple[time, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def bookable(self) -> bool:
        """Whether some hour of it may be chosen."""
        return bool(self.hours)


def offer_day(day: date, hours: Sequence[time], bounds: Bounds, *, now: datetime, policy: Policy) -> DayOffer:
    """The possible hours of a day; the reasons are those of the hour with the fewest against it."""
    checked = [(hour, check_slot(day, hour, bounds, now=now, policy=policy)) for hour in hours]
    possible = tuple(hour for hour, against in checked if not against)
    if possible:
        return DayOffer(day, possible)
    return DayOffer(day, (), min((against for _hour, against in checked), key=len, default=()))


def offer_days(
    first: date, count: int, hours: Sequence[time], bounds: Bounds, *, now: datetime, policy: Policy
) -> tuple[DayOffer, ...]:
    """So many local days from the first one on."""
    days = (first + timedelta(days=step) for step in range(count))
    return tuple(offer_day(day, hours, bounds, now=now, policy=policy) for day in days)


def check_room(*, ahead: int, at_home: int, ordered: int, frame: phases.Frame) -> tuple[Reason, ...]:
    """Why no further session may be planned beside the `ahead` ones; counts are whole sessions.

    `at_home` is what the medicine at home is enough for, `ordered` what is left of the prescription.
    """
    found = []
    if frame.sessions_left is not None and ahead >= frame.sessions_left:
        found.append(reason("induction_full", Weight.REFUSE, "house policy 8: induction 6-8 sessions"))
    if ahead >= ordered:
        found.append(reason("all_planned", Weight.REFUSE, "design I2: never more than was prescribed"))
    elif ahead >= at_home:
        found.append(reason("home_planned", Weight.REFUSE, "no session without medicine at home", sessions=at_home))
    return tuple(found)
