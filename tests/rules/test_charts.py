"""Where points go in a trend chart."""

from datetime import UTC, datetime, timedelta

import pytest

from harmoniously.core.common.charts import Band, Reading, trend
from tests.rules.tables import each

START = datetime(2026, 1, 5, tzinfo=UTC)
BANDS = (Band(0, 4, "minimal"), Band(5, 9, "mild"), Band(10, 27, "more"))


def days(*values: int) -> list[Reading]:
    return [Reading(START + timedelta(days=at), value) for at, value in enumerate(values)]


def test_nothing_yet_draws_no_line():
    chart = trend([], top_score=27)
    assert chart.points == ()
    assert chart.first is None
    assert chart.last is None


def test_one_reading_stands_in_the_middle():
    chart = trend(days(12), top_score=27)
    assert chart.points[0].x == pytest.approx((chart.left + chart.right) / 2, abs=0.1)


def test_time_runs_to_the_right_whatever_the_order_given():
    chart = trend(reversed(days(3, 9, 6)), top_score=27)
    assert [point.reading.value for point in chart.points] == [3, 9, 6]
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)


def test_the_worst_score_is_at_the_top_and_zero_at_the_bottom():
    chart = trend(days(27, 0), top_score=27)
    assert chart.points[0].y == chart.top
    assert chart.points[1].y == chart.bottom


def test_bands_cover_the_scale_without_gaps():
    stripes = trend(days(1), top_score=27, bands=BANDS).stripes
    assert stripes[-1].y == trend([], top_score=27).top
    for lower, upper in zip(stripes, stripes[1:], strict=False):
        assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)


def test_only_sessions_between_the_first_and_the_last_reading_are_marked():
    chart = trend(
        days(5, 6, 7),
        top_score=27,
        sessions=[START - timedelta(days=1), START + timedelta(days=1), START + timedelta(days=9)],
    )
    assert chart.markers == (chart.points[1].x,)


@each("value", [-1, 28])
def test_a_value_off_the_scale_is_refused(value):
    with pytest.raises(ValueError, match="outside"):
        trend(days(value), top_score=27)
