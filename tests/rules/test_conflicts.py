"""Why a time cannot be had, and what is free of a day: the same rule that draws the times, told from its other side."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from telemedicine.rules.slots import (
    DURATION,
    Limits,
    Obstacle,
    Part,
    Span,
    VisitKind,
    free_slots,
    in_part,
    is_offered,
    obstacles,
    open_stretches,
)
from tests.rules.tables import TRIES, each
from tests.rules.test_slots import LONG_AGO, MONDAY, calendar, utc, worlds

TEN = utc(MONDAY, 15)  # 10:00 in New York
HALF_PAST = TEN + timedelta(minutes=30)
VISIT = Span(TEN, TEN + timedelta(minutes=25))


@TRIES
@given(worlds(), st.integers(0, 3 * 96), st.sampled_from([0, 5]))
def test_nothing_stands_in_the_way_exactly_when_a_time_is_offered(world, quarters, minutes):
    cal, window, kind = world
    at = window.starts_at + timedelta(minutes=15 * quarters + minutes)
    for earliest in (LONG_AGO, at + timedelta(seconds=1)):
        found = obstacles(cal, kind=kind, starts_at=at, earliest=earliest)
        assert (found == ()) == is_offered(cal, kind=kind, starts_at=at, earliest=earliest), found


@each(
    ("change", "at", "found"),
    [
        ({}, TEN, ()),
        ({"visits": (VISIT,)}, TEN, (Obstacle.TAKEN,)),
        ({"visits": (VISIT,)}, HALF_PAST, ()),
        ({"visits": (VISIT,), "limits": Limits(after=timedelta(minutes=6))}, HALF_PAST, (Obstacle.NO_ROOM,)),
        ({"visits": (VISIT,), "limits": Limits(after=timedelta(minutes=5))}, HALF_PAST, ()),
        ({"done": (utc(MONDAY, 14),), "limits": Limits(daily_maximum=1)}, TEN, (Obstacle.FULL_DAY,)),
        ({"busy": (Span(TEN - timedelta(hours=1), TEN + timedelta(minutes=1)),)}, TEN, (Obstacle.AWAY,)),
        ({"busy": (Span(TEN - timedelta(hours=1), TEN),)}, TEN, ()),
        ({}, utc(MONDAY, 16, 45), (Obstacle.OUTSIDE_HOURS,)),  # 11:45, until 12:10
        ({}, utc(MONDAY, 13, 45), (Obstacle.OUTSIDE_HOURS,)),
        ({}, TEN + timedelta(minutes=5), (Obstacle.OFF_GRID,)),
        ({"licensed_through": MONDAY - timedelta(days=1)}, TEN, (Obstacle.UNLICENSED,)),
        ({"licensed_through": MONDAY}, TEN, ()),
    ],
)  # fmt: skip
def test_each_reason_has_its_name(change, at, found):
    cal = replace(calendar(), **change)
    assert obstacles(cal, kind=VisitKind.CHECK_IN, starts_at=at, earliest=LONG_AGO) == found


def test_too_soon_is_a_reason_of_its_own():
    for seconds, found in ((-1, ()), (0, ()), (1, (Obstacle.NOTICE,))):
        earliest = TEN + timedelta(seconds=seconds)
        assert obstacles(calendar(), kind=VisitKind.CHECK_IN, starts_at=TEN, earliest=earliest) == found


@TRIES
@given(worlds())
def test_what_is_said_to_be_free_holds_every_time_that_is_offered(world):
    """Nothing bookable is hidden, and no stretch touches what is taken."""
    cal, window, kind = world
    zone = ZoneInfo(cal.zone)
    days = {window.starts_at.astimezone(zone).date() + timedelta(days=number) for number in range(4)}
    open_ones = [
        stretch for day in days for stretch in open_stretches(cal, day=day, kinds=[kind], earliest=window.starts_at)
    ]
    for slot in free_slots([cal], kind=kind, window=window, earliest=LONG_AGO):
        assert any(one.starts_at <= slot.starts_at and slot.ends_at <= one.ends_at for one in open_ones)
    for one in open_ones:
        assert one.ends_at - one.starts_at >= DURATION[kind]
        assert not any(
            taken.starts_at < one.ends_at and one.starts_at < taken.ends_at for taken in cal.busy + cal.visits
        )


def test_a_visit_cuts_the_morning_in_two():
    cal = replace(calendar(), visits=(Span(TEN, TEN + timedelta(minutes=45)),))
    found = open_stretches(cal, day=MONDAY, kinds=list(VisitKind), earliest=LONG_AGO)
    assert [(one.starts_at, one.ends_at) for one in found] == [
        (utc(MONDAY, 14), TEN),
        (utc(MONDAY, 15, 45), utc(MONDAY, 17)),
    ]
    for minute, left in ((35, 1), (36, 0)):  # a follow-up takes 25 minutes, and nothing is shorter
        later = open_stretches(cal, day=MONDAY, kinds=list(VisitKind), earliest=utc(MONDAY, 16, minute))
        assert len(later) == left, minute
    assert open_stretches(cal, day=MONDAY + timedelta(days=1), kinds=list(VisitKind), earliest=LONG_AGO) == ()


@each(
    ("wall", "part"),
    [
        (time(0, 0), Part.MORNING), (time(11, 59), Part.MORNING), (time(12, 0), Part.AFTERNOON),
        (time(16, 59), Part.AFTERNOON), (time(17, 0), Part.EVENING), (time(23, 59), Part.EVENING),
    ],
)  # fmt: skip
def test_a_part_of_the_day_is_of_the_patients_wall(wall, part):
    zone = "Pacific/Honolulu"
    at = datetime.combine(MONDAY, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert [one for one in Part if in_part(at, zone, one)] == [part]
    assert in_part(at, zone, None)
