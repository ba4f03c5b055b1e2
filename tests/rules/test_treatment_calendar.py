"""When sessions happen: the patient's own hour, 72 real hours, and the days that do not work."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.rules.tables import each
from treatment import policy
from treatment.rules import calendar
from treatment.rules.calendar import Frequency, Wishes

POLICY = policy.load()
EVENING = time(18, 0)


def plan(zone="America/New_York", start=datetime(2026, 10, 26, 14, 0, tzinfo=UTC), **changes):
    wishes = {name: changes.pop(name) for name in ("hour", "first_day", "no_weekdays", "away") if name in changes}
    fields = {
        "count": 6,
        "frequency": Frequency.TWICE_WEEKLY,
        "not_before": start,
        "last_session_at": None,
        "last_day": date(2027, 12, 31),
        **changes,
    }
    return calendar.plan(wishes=Wishes(zone=zone, **{"hour": EVENING, **wishes}), policy=POLICY, **fields)


@each("zone", ["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Los_Angeles"])
@each("start", ["2026-10-26T14:00+00:00", "2027-03-08T14:00+00:00"])
def test_the_local_hour_stays_across_daylight_saving(zone, start):
    found = plan(zone, datetime.fromisoformat(start))
    local = [slot.starts_at.astimezone(ZoneInfo(zone)) for slot in found.slots]
    assert {moment.time() for moment in local} == {EVENING}
    assert [moment.date() for moment in local] == [slot.day for slot in found.slots]


def test_the_utc_hour_moves_with_daylight_saving_in_new_york_and_not_in_phoenix():
    def hours(zone):
        return {slot.starts_at.hour for slot in plan(zone).slots}

    assert hours("America/New_York") == {22, 23}
    assert hours("America/Phoenix") == {1}
    assert hours("Pacific/Honolulu") == {4}


def test_three_days_across_the_spring_jump_are_71_hours_and_not_enough():
    # Friday 12 March 18:00 to Monday 15 March 18:00 2027 in New York: the night of the 14th is an hour short.
    found = plan(start=datetime(2027, 3, 12, 14, 0, tzinfo=UTC), count=2)
    assert [slot.day for slot in found.slots] == [date(2027, 3, 12), date(2027, 3, 16)]
    assert found.slots[1].starts_at - found.slots[0].starts_at >= timedelta(hours=72)


def test_three_days_across_the_autumn_jump_are_73_hours():
    found = plan(start=datetime(2026, 10, 30, 14, 0, tzinfo=UTC), count=2)
    assert [slot.day for slot in found.slots] == [date(2026, 10, 30), date(2026, 11, 2)]
    assert found.slots[1].starts_at - found.slots[0].starts_at == timedelta(hours=73)


@each(("hours", "first"), [(71.9, date(2026, 11, 5)), (72, date(2026, 11, 4)), (72.1, date(2026, 11, 4))])
def test_72_hours_from_the_last_session(hours, first):
    wanted = datetime(2026, 11, 4, 23, 0, tzinfo=UTC)
    found = plan(
        start=datetime(2026, 11, 4, 14, 0, tzinfo=UTC), count=1, last_session_at=wanted - timedelta(hours=hours)
    )
    assert found.slots[0].day == first


def test_days_that_do_not_work_are_passed_over():
    away = ((date(2026, 11, 2), date(2026, 11, 8)),)
    found = plan(no_weekdays=frozenset({5, 6}), away=away)
    assert not [slot for slot in found.slots if slot.day.weekday() in (5, 6)]
    assert not [slot for slot in found.slots if date(2026, 11, 2) <= slot.day <= date(2026, 11, 8)]


def test_nothing_before_the_medicine_arrived():
    arrived = datetime(2026, 10, 28, 23, 30, tzinfo=UTC)  # 19:30 in New York, after the chosen hour
    assert plan(start=arrived, count=1).slots[0].day == date(2026, 10, 29)


def test_nothing_after_the_prescription_ends_and_it_says_so():
    found = plan(last_day=date(2026, 11, 1))
    assert len(found.slots) == 2
    assert [item.code for item in found.reasons] == ["plan_shorter"]


def test_no_possible_day_ends_instead_of_going_on_for_ever():
    assert plan(no_weekdays=frozenset(range(7))).slots == ()


def test_a_skipped_hour_and_a_doubled_hour_have_one_meaning():
    spring = calendar.local_moment(date(2027, 3, 14), time(2, 30), "America/New_York")
    autumn = calendar.local_moment(date(2026, 11, 1), time(1, 30), "America/New_York")
    assert spring == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert autumn == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@each(("hours", "allowed"), [(71.99, False), (72, True), (72.01, True), (-71.99, False), (-72, True)])
def test_a_move_keeps_72_hours(hours, allowed):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    other = datetime(2026, 11, 10, tzinfo=UTC)
    found = calendar.check_move(other + timedelta(hours=hours), [other], now=now, policy=POLICY)
    assert (not found) is allowed
