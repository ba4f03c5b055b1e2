"""Slots: hours, exceptions, appointments, and the two days a year when the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from telemedicine.rules.series import series_starts
from telemedicine.rules.slots import (
    DURATION,
    Calendar,
    DateHours,
    Limits,
    Slot,
    Span,
    VisitKind,
    WeeklyHours,
    free_slots,
    has_room,
    is_offered,
    is_within_hours,
    nearest,
    one_per_start,
)
from tests.rules.tables import each

ONE, TWO = UUID(int=1), UUID(int=2)
ALL = frozenset(VisitKind)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def calendar(
    zone="America/New_York", *, weekday=0, starts=time(9), ends=time(12), busy=(), who=ONE, until=date(2099, 1, 1)
):
    return Calendar(who, zone, (WeeklyHours(weekday, starts, ends, ALL),), tuple(busy), until)


def local_day(zone, day):
    starts_at = datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Span(starts_at, datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(zone)).astimezone(UTC))


def labels(found, zone):
    return [f"{slot.starts_at.astimezone(ZoneInfo(zone)):%H:%M %Z}" for slot in found]


def on(day, zone="America/New_York", kind=VisitKind.EVALUATION, earliest=LONG_AGO, **hours):
    cal = calendar(zone, weekday=day.weekday(), **hours)
    return labels(free_slots([cal], kind=kind, window=local_day(zone, day), earliest=earliest), zone)


MONDAY = date(2026, 11, 23)
SPRING, FALL = date(2027, 3, 14), date(2026, 11, 1)


def utc(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_hours_are_cut_into_quarter_hour_starts_that_end_within_them():
    assert on(MONDAY, starts=time(9), ends=time(10, 15)) == ["09:00 EST", "09:15 EST", "09:30 EST"]


@each(
    ("kind", "last"),
    [(VisitKind.EVALUATION, "11:15 EST"), (VisitKind.CHECK_IN, "11:30 EST"), (VisitKind.INTEGRATION, "11:00 EST")],
)
def test_last_start_leaves_room_for_the_whole_visit(kind, last):
    assert on(MONDAY, kind=kind)[-1] == last


def test_a_kind_that_the_hours_do_not_serve_is_not_offered():
    only_check_in = Calendar(
        ONE, "UTC", (WeeklyHours(0, time(9), time(12), frozenset({VisitKind.CHECK_IN})),), (), date(2099, 1, 1)
    )
    window = local_day("UTC", MONDAY)
    assert free_slots([only_check_in], kind=VisitKind.EVALUATION, window=window, earliest=LONG_AGO) == ()


def test_a_booked_hour_takes_every_start_that_would_touch_it():
    busy = [Span(utc(MONDAY, 15), utc(MONDAY, 15, 45))]  # 10:00-10:45 in New York
    assert on(MONDAY, busy=busy) == ["09:00 EST", "09:15 EST", "10:45 EST", "11:00 EST", "11:15 EST"]


def test_overlapping_absences_count_as_one():
    busy = [Span(utc(MONDAY, 13), utc(MONDAY, 16, 30)), Span(utc(MONDAY, 14), utc(MONDAY, 15))]
    assert on(MONDAY, busy=busy) == ["11:30 EST"][:0]
    assert on(MONDAY, busy=busy, kind=VisitKind.CHECK_IN) == ["11:30 EST"]


@each(("minutes", "first"), [(-1, "10:00 EST"), (0, "10:00 EST"), (1, "10:15 EST")])
def test_nothing_is_offered_before_the_earliest_moment(minutes, first):
    earliest = utc(MONDAY, 15) + timedelta(minutes=minutes)
    assert on(MONDAY, earliest=earliest)[0] == first


def test_nothing_is_offered_after_the_licence_ends():
    assert on(MONDAY, until=MONDAY) != []
    assert on(MONDAY, until=MONDAY - timedelta(days=1)) == []


def test_the_jumped_hour_of_spring_is_not_offered():
    found = on(SPRING, starts=time(1), ends=time(4))
    assert found == ["01:00 EST", "01:15 EST", "01:30 EST", "01:45 EST", "03:00 EDT", "03:15 EDT"]


def test_a_spring_visit_across_the_jump_lasts_its_real_minutes():
    cal = calendar(weekday=6, starts=time(1), ends=time(4))
    across = free_slots(
        [cal], kind=VisitKind.EVALUATION, window=local_day("America/New_York", SPRING), earliest=LONG_AGO
    )
    assert all(slot.ends_at - slot.starts_at == DURATION[VisitKind.EVALUATION] for slot in across)


def test_hours_that_end_inside_the_jump_never_run_past_it():
    assert on(SPRING, starts=time(0), ends=time(2, 30))[-1] == "00:45 EST"


def test_hours_that_start_inside_the_jump_begin_after_it():
    assert on(SPRING, starts=time(2, 30), ends=time(4))[0] == "03:00 EDT"


def test_the_doubled_hour_of_autumn_is_offered_once_with_its_abbreviation():
    found = on(FALL, starts=time(0, 30), ends=time(3))
    assert found == [
        "00:30 EDT", "00:45 EDT", "01:00 EDT", "01:15 EDT", "01:30 EDT", "01:45 EDT", "02:00 EST", "02:15 EST",
    ]  # fmt: skip


def test_a_patient_elsewhere_sees_both_real_instants_of_the_doubled_hour():
    cal = calendar("America/Phoenix", weekday=5, starts=time(22, 30), ends=time(23, 59))
    window = local_day("America/Phoenix", FALL - timedelta(days=1))
    found = free_slots([cal], kind=VisitKind.CHECK_IN, window=window, earliest=LONG_AGO)
    assert labels(found, "America/New_York") == [
        "01:30 EDT", "01:45 EDT", "01:00 EST", "01:15 EST", "01:30 EST",
    ]  # fmt: skip


@each(
    "zone",
    ["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico", "America/Indiana/Knox"],
)
@each("change", [date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)])
def test_nine_on_the_clinicians_clock_stays_nine_through_every_change(zone, change):
    for days in range(-8, 9):
        day = change + timedelta(days=days)
        assert on(day, zone, starts=time(9), ends=time(10))[0].startswith("09:00"), day


def test_every_day_of_two_years_offers_distinct_real_times_in_order():
    zone = ZoneInfo("America/New_York")
    hours = tuple(WeeklyHours(day, time(0), time(23, 59), ALL) for day in range(7))
    cal = Calendar(ONE, "America/New_York", hours, (), date(2099, 1, 1))
    window = Span(datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC))
    found = free_slots([cal], kind=VisitKind.CHECK_IN, window=window, earliest=LONG_AGO)
    starts = [slot.starts_at for slot in found]
    assert starts == sorted(set(starts))
    walls = [start.astimezone(zone).replace(tzinfo=None) for start in starts]
    assert len(walls) == len(set(walls))


def test_is_offered_agrees_with_what_is_drawn():
    cal = calendar(busy=[Span(utc(MONDAY, 15), utc(MONDAY, 15, 45))])
    window = local_day("America/New_York", MONDAY)
    drawn = {s.starts_at for s in free_slots([cal], kind=VisitKind.EVALUATION, window=window, earliest=LONG_AGO)}
    for quarter in range(0, 24 * 12):
        moment = window.starts_at + timedelta(minutes=5 * quarter)
        offered = is_offered(cal, kind=VisitKind.EVALUATION, starts_at=moment, earliest=LONG_AGO)
        assert offered == (moment in drawn)


def test_window_is_half_open():
    cal = calendar("UTC")
    window = Span(utc(MONDAY, 9), utc(MONDAY, 9, 30))
    found = free_slots([cal], kind=VisitKind.EVALUATION, window=window, earliest=LONG_AGO)
    assert labels(found, "UTC") == ["09:00 UTC", "09:15 UTC"]


def test_nearest_gives_different_starts_around_the_wanted_one():
    cals = [calendar("UTC"), calendar("UTC", who=TWO)]
    found = free_slots(cals, kind=VisitKind.EVALUATION, window=local_day("UTC", MONDAY), earliest=LONG_AGO)
    assert labels(nearest(found, utc(MONDAY, 10)), "UTC") == ["09:45 UTC", "10:00 UTC", "10:15 UTC"]
    assert labels(nearest(found, utc(MONDAY, 20), 2), "UTC") == ["11:00 UTC", "11:15 UTC"]


def test_one_per_start_takes_the_first_clinician_in_order():
    slots = [Slot(utc(MONDAY, 9), utc(MONDAY, 10), who) for who in (ONE, TWO)]
    assert [slot.clinician_id for slot in one_per_start(slots)] == [ONE]


EVERY_KIND = st.sampled_from(list(VisitKind))
QUARTERS = st.integers(0, 4 * 24 - 1)


@st.composite
def worlds(draw):
    """A clinician's three odd days around a change of the clocks, with hours, dates, time off, visits and limits."""
    zone = draw(st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Indiana/Knox"]))
    first = draw(st.sampled_from([date(2026, 10, 31), date(2027, 3, 13), date(2027, 7, 1)]))
    start = datetime.combine(first, time(12), tzinfo=UTC)

    def stretch():
        one, two = sorted((draw(QUARTERS), draw(QUARTERS)))
        ends = time(23, 59) if two == one else time(two // 4, two % 4 * 15)
        return time(one // 4, one % 4 * 15), ends, draw(st.frozensets(EVERY_KIND, min_size=1))

    def spans(most, minutes):
        found = []
        for _number in range(draw(st.integers(0, most))):
            at = start + timedelta(minutes=15 * draw(st.integers(0, 3 * 96)))
            found.append(Span(at, at + timedelta(minutes=minutes)))
        return tuple(found)

    def day():
        return first + timedelta(days=draw(st.integers(0, 3)))

    hours = tuple(WeeklyHours(day().weekday(), *stretch()) for _one in range(draw(st.integers(0, 3))))
    dates = tuple(DateHours(day(), *stretch(), draw(st.booleans())) for _one in range(draw(st.integers(0, 3))))
    minutes = st.sampled_from([0, 5, 20])
    limits = Limits(
        timedelta(minutes=draw(minutes)), timedelta(minutes=draw(minutes)), draw(st.sampled_from([None, 1, 2]))
    )
    visits, done = spans(3, 45), tuple(span.starts_at for span in spans(1, 25))
    cal = Calendar(ONE, zone, hours, spans(1, 600), date(2099, 1, 1), dates, visits, done, limits)
    return cal, Span(start, start + timedelta(days=3)), draw(EVERY_KIND)


def hours_naively(cal, day, kind):
    of_date = [row for row in cal.dates if row.day == day]
    weekly = [] if any(row.instead for row in of_date) else [row for row in cal.hours if row.weekday == day.weekday()]
    return [(row.starts, row.ends) for row in [*weekly, *of_date] if kind in row.kinds]


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_what_is_offered_keeps_every_limit_and_hour_of_a_date(world):
    """FI-12: each offer lies in the hours of its day, off time off, with the gaps, and under the day's maximum."""
    cal, window, kind = world
    zone, gap = ZoneInfo(cal.zone), cal.limits.gap
    found = free_slots([cal], kind=kind, window=window, earliest=LONG_AGO)
    offered = {slot.starts_at for slot in found}
    for slot in found:
        span = Span(slot.starts_at, slot.ends_at)
        day = slot.starts_at.astimezone(zone).date()
        assert has_room(cal, span) and is_within_hours(cal, kind, span)
        walls = [slot.starts_at.astimezone(zone).time(), slot.ends_at.astimezone(zone).time()]
        inside = [starts <= walls[0] and walls[1] <= ends for starts, ends in hours_naively(cal, day, kind)]
        assert any(inside), (walls, hours_naively(cal, day, kind))
        assert all(v.ends_at + gap <= span.starts_at or span.ends_at + gap <= v.starts_at for v in cal.visits)
        assert all(v.ends_at <= span.starts_at or span.ends_at <= v.starts_at for v in cal.busy)
        seen = [v.starts_at for v in cal.visits] + list(cal.done)
        same_day = sum(start.astimezone(zone).date() == day for start in seen)
        assert cal.limits.daily_maximum is None or same_day < cal.limits.daily_maximum
    # And nothing is left out: without what is taken there is more only where something taken is in the way.
    bare = replace(cal, busy=(), visits=(), done=(), limits=Limits())
    for slot in free_slots([bare], kind=kind, window=window, earliest=LONG_AGO):
        span = Span(slot.starts_at, slot.ends_at)
        free = all(v.ends_at <= span.starts_at or span.ends_at <= v.starts_at for v in cal.busy)
        assert (slot.starts_at in offered) == (free and has_room(cal, span))


def test_hours_that_begin_in_the_hour_that_the_clocks_skip_hold_what_they_offer():
    """FI-12: from 02:15 to 03:45 in New York on 14 March 2027 there is one time, at 03:00."""
    hours = (WeeklyHours(6, time(2, 15), time(3, 45), frozenset([VisitKind.EVALUATION])),)
    cal = Calendar(ONE, "America/New_York", hours, (), date(2099, 1, 1))
    day = date(2027, 3, 14)
    window = Span(utc(day, 5), utc(day, 12))
    (found,) = free_slots([cal], kind=VisitKind.EVALUATION, window=window, earliest=LONG_AGO)
    assert found.starts_at == utc(day, 7)
    assert is_within_hours(cal, VisitKind.EVALUATION, Span(found.starts_at, found.ends_at))
    assert not is_within_hours(cal, VisitKind.EVALUATION, Span(utc(day, 6, 45), utc(day, 7, 30)))


def test_the_room_around_a_visit_to_the_minute():
    busy = Span(utc(MONDAY, 15), utc(MONDAY, 15, 25))  # 10:00-10:25
    table = [
        # before, after, most, the first start after it, whether 09:15 (until 09:40) is still free
        (0, 0, None, "10:30 EST", True),
        (0, 5, None, "10:30 EST", True),
        (0, 6, None, "10:45 EST", True),
        (10, 10, None, "10:45 EST", True),
        (10, 11, None, "11:00 EST", False),
        (0, 0, 2, "10:30 EST", True),
        (0, 0, 1, None, False),
    ]
    for before, after, most, first, early in table:
        limits = Limits(timedelta(minutes=before), timedelta(minutes=after), most)
        cal = replace(calendar(starts=time(9)), visits=(busy,), limits=limits)
        window = local_day("America/New_York", MONDAY)
        found = labels(free_slots([cal], kind=VisitKind.CHECK_IN, window=window, earliest=LONG_AGO), "America/New_York")
        after_it = [label for label in found if label > "10:00"]
        row = (before, after, most)
        assert (after_it[0] if after_it else None) == first, row
        assert ("09:15 EST" in found) == early, row


@each(
    ("zone", "shifts"),
    [
        ("America/New_York", 1), ("America/Indiana/Knox", 1), ("America/Phoenix", 0), ("Pacific/Honolulu", 0),
        ("America/Puerto_Rico", 0),
    ],
)  # fmt: skip
def test_a_series_stays_on_the_wall_through_every_change_of_the_clocks(zone, shifts):
    """FI-12, BUG-23: a year of visits from August 2026, weekly and every 4 weeks; nothing is carried on."""
    for weeks, count in ((1, 12), (4, 12), (8, 7)):
        first = datetime(2026, 10, 1, 9, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found = series_starts(first, zone=zone, weeks=weeks, count=count)
        walls = [at.astimezone(ZoneInfo(zone)) for at in found]
        assert {(wall.hour, wall.minute) for wall in walls} == {(9, 0)} and len(found) == count
        steps = [(later.date() - one.date()).days for one, later in pairwise(walls)]
        assert steps == [7 * weeks] * (count - 1)
        assert len({wall.utcoffset() for wall in walls}) == 1 + shifts
    jumped = datetime(2027, 3, 7, 2, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert len(series_starts(jumped, zone=zone, weeks=1, count=3)) == 3 - shifts
    doubled = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert series_starts(doubled, zone=zone, weeks=1, count=2)[1] - doubled == timedelta(weeks=1)
