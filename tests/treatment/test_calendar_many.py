"""Properties of every plan, on random wishes; in tests/rules inventing them would take most of the time."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.test_treatment_calendar import plan
from treatment.rules.calendar import Frequency


@settings(max_examples=100, deadline=None, database=None)
@given(
    start=st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    zone=st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Anchorage"]),
    hour=st.times(),
    frequency=st.sampled_from(list(Frequency)),
    no_weekdays=st.frozensets(st.integers(0, 6), max_size=6),
)
def test_any_plan_keeps_72_hours_and_possible_days(start, zone, hour, frequency, no_weekdays):
    found = plan(zone, start, hour=hour, frequency=frequency, no_weekdays=no_weekdays, last_day=date(2030, 1, 1))
    moments = [slot.starts_at for slot in found.slots]
    assert all(later - earlier >= timedelta(hours=72) for earlier, later in zip(moments, moments[1:], strict=False))
    assert all(moment > start for moment in moments)
    assert not {slot.day.weekday() for slot in found.slots} & no_weekdays
