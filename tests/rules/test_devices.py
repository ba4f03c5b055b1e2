"""Times that devices tell, and the limits that a page without a network goes by (policy 9)."""

from datetime import UTC, datetime, timedelta

from treatment import policy
from treatment.rules import safety
from treatment.rules.devices import moment_of
from treatment.rules.safety import Measured

POLICY = policy.load()
START = datetime(2026, 11, 4, 18, 0, tzinfo=UTC)


def test_a_moment_is_never_ahead_of_us_nor_before_the_session_i9():
    for minutes, after, at in (
        (30, None, 30),
        (30, -90, 0),
        (30, -1, 0),
        (30, 0, 0),
        (30, 1, 1),
        (30, 29, 29),
        (30, 30, 30),
        (30, 31, 30),
        (30, 10_000, 30),
        (0, 0, 0),
    ):
        now, told = START + timedelta(minutes=minutes), None if after is None else timedelta(minutes=after)
        assert moment_of(told, started_at=START, now=now) == START + timedelta(minutes=at), (minutes, after)


def test_the_limits_of_a_page_alone_are_those_of_the_rules():
    for upper, lower in ((100, 60), (120, 80), (139, 84), (140, 85), (141, 90)):
        baseline = Measured(START, upper, lower)
        high, low = safety.told_limits(baseline, POLICY)
        for systolic in (high - 1, high, high + 1):
            for diastolic in (low - 1, low, low + 1):
                told = bool(safety.reading_alerts(Measured(START, systolic, diastolic), baseline, POLICY))
                assert told is (systolic >= high or diastolic >= low), (upper, lower, systolic, diastolic)
    assert safety.told_limits(None, POLICY) == (180, 110)
