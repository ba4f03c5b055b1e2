"""A week of bookable times as a page shows it: grouped by day on the reader's wall, each time with its abbreviation."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from harmoniously.core.common import clock
from telemedicine.rules.slots import Span
from telemedicine.selectors import Offer

SEPARATOR = "~"
FURTHEST = timedelta(days=90)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Choice:
    """One time to press: `value` goes back to us, `words` are read ("9:00 am EST").

    `there` is the clinician's own wall when it differs, `beside` that of whoever books for a patient elsewhere.
    """

    value: str
    day: str
    words: str
    starts_at: datetime
    date: date
    clinician: str
    there: str
    beside: str = ""


@dataclass(frozen=True)
class Group:
    """The times of one clinician on a day; `own` when they care for the patient already."""

    clinician: str
    own: bool
    choices: list[Choice]
    key: UUID | None = None


@dataclass(frozen=True)
class Day:
    """A day with its free times: the patient's own clinicians first, then the others by their first time."""

    words: str
    groups: list[Group]

    @property
    def count(self) -> int:
        return sum(len(group.choices) for group in self.groups)


@dataclass(frozen=True)
class Week:
    """Seven days in a zone, and the way to the ones before and after."""

    days: list[Day]
    first: date
    last: date
    before: date | None
    after: date | None
    zone: str
    zone_words: str
    other_zones: list[str]

    @property
    def is_empty(self) -> bool:
        return not self.days


@dataclass(frozen=True)
class Picked:
    """What a pressed time says."""

    starts_at: datetime
    clinician_id: UUID


def value_of(starts_at: datetime, clinician_id: UUID) -> str:
    """A time and its clinician as one value of a form."""
    return f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}{SEPARATOR}{clinician_id}"


def parse_value(text: str) -> Picked | None:
    """The same back; None for anything that we did not write."""
    moment, _, clinician = text.partition(SEPARATOR)
    try:
        starts_at, key = datetime.fromisoformat(moment), UUID(clinician)
    except ValueError:
        return None
    # Years in which the days before and after can be counted; in UTC, for PostgreSQL knows no offset of 23 hours.
    if starts_at.tzinfo is None or not MINYEAR < starts_at.year < MAXYEAR:
        return None
    return Picked(starts_at.astimezone(UTC), key)


def monday_of(day: date) -> date:
    """The Monday on or before a day."""
    return day - timedelta(days=day.weekday())


def parse_first(text: str, *, zone: str, now: datetime) -> date | None:
    """The first of the seven days somebody asked for, if it is a date between today and three months ahead."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None
    today = clock.today(zone, now)
    return asked if today <= asked <= today + FURTHEST else None


def span_of(first: date, zone: str) -> Span:
    """Seven days from 00:00 on the wall of a place; 167 or 169 hours when the clocks change."""
    return Span(midnight(first, zone), midnight(first + WEEK, zone))


def midnight(day: date, zone: str) -> datetime:
    """00:00 of a day on the wall of a place."""
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def choice_of(offer: Offer, zone: str, beside: str = "") -> Choice:
    """One offer in the words of a zone, with what another wall shows beside it."""
    here = clock.local(offer.starts_at, zone)
    there = _elsewhere(offer.starts_at, zone, offer.clinician.zone)
    mine = _elsewhere(offer.starts_at, zone, beside) if beside else ""
    return Choice(
        value=value_of(offer.starts_at, offer.clinician.pk),
        day=clock.day_words(offer.starts_at, zone),
        words=f"{clock.hour_words(offer.starts_at, zone)} {here.tzname()}",
        starts_at=offer.starts_at,
        date=here.date(),
        clinician=str(offer.clinician),
        there=there,
        beside=mine if mine != there else "",
    )


def _elsewhere(at: datetime, zone: str, other: str) -> str:
    """What a clock in another place shows, "" when it shows the same."""
    there = clock.local(at, other)
    if clock.local(at, zone).utcoffset() == there.utcoffset():
        return ""
    return f"{clock.hour_words(at, other)} {there.tzname()}"


def week_of(
    offers: Iterable[Offer],
    *,
    first: date,
    zone: str,
    now: datetime,
    own: Collection[UUID] = frozenset(),
    beside: str = "",
) -> Week:
    """The offers that fall into the seven days, by day and clinician; `own` are the patient's own clinicians."""
    span = span_of(first, zone)
    by_day: dict[str, dict[UUID, Group]] = {}
    zones: dict[str, None] = {}
    for offer in sorted(offers, key=lambda offer: offer.slot):
        if span.starts_at <= offer.starts_at < span.ends_at:
            choice, who = choice_of(offer, zone, beside), offer.clinician.pk
            groups = by_day.setdefault(choice.day, {})
            groups.setdefault(who, Group(choice.clinician, who in own, [], who)).choices.append(choice)
            if choice.there:
                zones.setdefault(clock.zone_words(offer.starts_at, offer.clinician.zone), None)
    today = clock.today(zone, now)
    return Week(
        days=[Day(words, sorted(groups.values(), key=lambda group: not group.own)) for words, groups in by_day.items()],
        first=first,
        last=first + timedelta(days=6),
        before=max(first - WEEK, today) if first > today else None,
        after=first + WEEK if first + WEEK <= today + FURTHEST else None,
        zone=zone,
        zone_words=_zone_words(span, zone),
        other_zones=list(zones),
    )


def _zone_words(span: Span, zone: str) -> str:
    """ "Eastern (EST)", or both abbreviations in the week in which the clocks change."""
    first, last = clock.zone_words(span.starts_at, zone), clock.zone_words(span.ends_at, zone)
    if first == last:
        return first
    before, after = clock.local(span.starts_at, zone).tzname(), clock.local(span.ends_at, zone).tzname()
    return f"{first.rpartition(' ')[0]} ({before}, {after})"
