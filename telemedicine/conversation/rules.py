"""When an answer to a message is promised, and who may have a conversation in hand: plain decisions, no Django."""

from dataclasses import dataclass
from datetime import date, timedelta

# [house] The patient reads it above the box. A message of a Friday, a weekend or a public holiday is answered by the
# end of the next working day.
ANSWER_WITHIN = 1  # working days after the day on which the patient wrote, on the patient's calendar

_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# (month, weekday with Monday 0, which one of the month; -1 is the last)
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))
_SATURDAY, _SUNDAY = 5, 6


def public_holidays(year: int) -> frozenset[date]:
    """The federal holidays of a year as they are observed, also one of the next year that falls on its last day.

    5 USC 6103(a) and Executive Order 11582: on a Saturday the Friday before is free, on a Sunday the Monday after.
    """
    days = {_observed(date(y, month, day)) for y in (year, year + 1) for month, day in _FIXED}
    days |= {_floating(year, *which) for which in _FLOATING}
    return frozenset(day for day in days if day.year == year)


def _observed(day: date) -> date:
    return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))


def _floating(year: int, month: int, weekday: int, which: int) -> date:
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def working_day(day: date) -> bool:
    """Monday to Friday, without public holidays."""
    return day.weekday() < _SATURDAY and day not in public_holidays(day.year)


def answer_by(written: date, within: int = ANSWER_WITHIN) -> date:
    """The last day on which a message written on a day is answered; both days are the patient's."""
    day, left = written, within
    while left:
        day += timedelta(days=1)
        left -= working_day(day)
    return day


@dataclass(frozen=True)
class Reader:
    """Somebody of the practice and what they are to the patient of a conversation."""

    cares: bool  # a clinician on the patient's care team now
    coordinates: bool


def may_read(reader: Reader, *, administrative: bool) -> bool:
    """Clinicians who care for the patient read everything; coordinators what is not about health, and no more."""
    return reader.cares or (reader.coordinates and administrative)
