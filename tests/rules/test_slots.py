"""Slots: hours, exceptions, appointments, and the two days a year when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from telemedicine.rules.slots import (
    DURATION,
    Calendar,
    Slot,
    Span,
    VisitKind,
    WeeklyHours,
    free_slots,
    is_offered,
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
