"""Rates with what they rest on, periods, and which numbers could point to a person."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmoniously.core.common.charts import Bar, bars
from harmoniously.portal.figures import rules
from harmoniously.portal.figures.rules import Period, PerThousand, Rate
from tests.rules.tables import TRIES, each

NEW_YORK = "America/New_York"


@each(
    ("period", "today", "since"),
    [
        (Period.WEEKS, date(2026, 11, 4), datetime(2026, 10, 7, 4, tzinfo=UTC)),  # before the clocks changed
        (Period.QUARTER, date(2026, 11, 4), datetime(2026, 8, 4, 4, tzinfo=UTC)),
        (Period.QUARTER, date(2026, 5, 31), datetime(2026, 2, 28, 5, tzinfo=UTC)),
        (Period.QUARTER, date(2024, 5, 29), datetime(2024, 2, 29, 5, tzinfo=UTC)),
        (Period.QUARTER, date(2026, 3, 15), datetime(2025, 12, 15, 5, tzinfo=UTC)),
        (Period.YEAR, date(2028, 2, 29), datetime(2027, 2, 28, 5, tzinfo=UTC)),
        (Period.YEAR, date(2026, 12, 31), datetime(2025, 12, 31, 5, tzinfo=UTC)),
        (Period.ALL, date(2026, 11, 4), None),
    ],
)
def test_a_period_begins_at_midnight_of_the_practice(period: Period, today: date, since: datetime | None) -> None:
    assert rules.begins(period, today, NEW_YORK) == since


@each(
    ("part", "whole", "low", "high"),
    # Newcombe 1998, table I, method 3: the score interval without continuity correction.
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0, 16.11), (1, 29, 0.61, 17.18), (29, 29, 88.30, 100)],
)
def test_the_interval_of_a_rate_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    assert Rate(part, whole).interval == pytest.approx((low, high), abs=0.01)


@each(("events", "low", "high"), [(0, 0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.390), (100, 81.364, 121.627)])
def test_the_interval_of_a_count_is_near_the_exact_one(events: int, low: float, high: float) -> None:
    """The exact limits are those of the Poisson distribution (Garwood)."""
    assert PerThousand(events, 1000).interval == pytest.approx((low, high), abs=0.03)


def test_a_rate_of_too_few_is_none() -> None:
    assert [Rate(3, whole).enough for whole in (9, 10)] == [False, True]
    assert [PerThousand(0, whole).enough for whole in (9, 10)] == [False, True]
    assert (Rate(0, 0).percent, Rate(0, 0).interval, PerThousand(0, 0).rate) == (0, (0, 100), 0)
    for part, whole in ((-1, 4), (5, 4)):
        with pytest.raises(ValueError, match="no rate"):
            Rate(part, whole)
    assert [rules.whole_percent(value) for value in (62.5, 62.4, 0, 99.5)] == [63, 62, 0, 100]


@each(
    ("counts", "kept_back"),
    [
        ((4, 5, 6), (True, True, False)),  # 4 alone is the rest of the sum: the next larger one goes with it
        ((5, 5, 6), (False, False, False)),
        ((0, 5, 9), (False, False, False)),  # nobody points to nobody
        ((2, 2, 9), (True, True, True)),  # 4 people in two groups are still too few
        ((3, 2, 9), (True, True, False)),
        ((4, 4, 9), (True, True, False)),
        ((1, 0, 0), (True, False, False)),
        ((4,), (True,)),
        ((), ()),
    ],
)
def test_small_groups_are_not_told(counts: tuple[int, ...], kept_back: tuple[bool, ...]) -> None:
    assert rules.hidden(counts) == kept_back


@given(st.lists(st.integers(0, 12), max_size=8))
@TRIES
def test_no_small_group_can_be_worked_out_from_the_sum(counts: list[int]) -> None:
    back = rules.hidden(counts)
    assert not any(0 < count < 5 and not hid for count, hid in zip(counts, back, strict=True))
    behind = [count for count, hid in zip(counts, back, strict=True) if hid]
    others = [count for count, hid in zip(counts, back, strict=True) if not hid and count]
    assert not behind or not others or (len(behind) > 1 and sum(behind) >= 5)


def test_the_steps_of_the_dose_meet_without_a_gap() -> None:
    steps = [rules.dose_step(at) for at in range(5)]
    assert steps == [(None, 99), (100, 199), (200, 299), (300, 399), (400, None)]


def test_bars_share_one_scale_and_what_is_not_told_has_none() -> None:
    drawn = bars([Bar("a", 50, "50 %", 30, 70), Bar("b", None, "too few"), Bar("c", 200, "200 %")], top=100)
    first, none, over = drawn.rows
    room = over.length
    assert first.length == pytest.approx(room / 2, abs=0.1)
    assert (none.length, none.bar.high) == (0, None)
    assert first.start < first.length < first.end
    assert (over.start, over.end) == (0, room)
    assert bars([]).rows == ()
    assert bars([Bar("a", 0, "0")]).rows[0].length == 0
