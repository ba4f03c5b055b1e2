"""Where the points of a trend chart go. Pure: numbers in, numbers out; the template draws them.

The same values stand in a table beside the drawing, so nothing is said by the picture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 560, 260  # the right margin holds the names of the bands
LEFT, RIGHT, TOP, BOTTOM = 32, 136, 24, 34
CROWDED = 24
A_YEAR = timedelta(days=300)


@dataclass(frozen=True)
class Band:
    """A range of scores with a name, such as 15 to 19 "moderately severe"; both ends belong to it."""

    low: float
    high: float
    name: str


@dataclass(frozen=True)
class Reading:
    """One value at one moment, with the words of its band."""

    at: datetime
    value: float
    label: str = ""
    shown: str = ""

    @property
    def words(self) -> str:
        """How the value is written, such as "132/84" where the line shows the upper number only."""
        return self.shown or f"{self.value:g}"


@dataclass(frozen=True)
class Point:
    """A reading with its place in the drawing."""

    x: float
    y: float
    reading: Reading


@dataclass(frozen=True)
class Stripe:
    """A band with its place in the drawing."""

    y: float
    height: float
    middle: float
    band: Band


@dataclass(frozen=True)
class Trend:
    """Everything the template needs to draw one line of scores."""

    points: tuple[Point, ...]
    stripes: tuple[Stripe, ...]
    markers: tuple[float, ...]
    ticks: tuple[tuple[float, float], ...]
    # A second line in the same field, such as the lower number of a blood pressure.
    second: tuple[Point, ...] = ()
    # What the left and the right edge stand for.
    start: datetime | None = None
    end: datetime | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def span(self) -> int:
        """The width of the field the points lie in."""
        return self.right - self.left

    @property
    def line(self) -> str:
        """The `points` attribute of the polyline."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)

    @property
    def second_line(self) -> str:
        """The same for the second line."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.second)

    @property
    def dot(self) -> float:
        """The radius of a point: many readings stand close together, and then the line says enough."""
        return 4.5 if len(self.points) <= CROWDED else 2

    @property
    def years(self) -> bool:
        """Whether a day without its year could be mistaken."""
        return self.start is not None and self.end is not None and self.end - self.start > A_YEAR

    @property
    def first(self) -> Point | None:
        """The oldest reading."""
        return self.points[0] if self.points else None

    @property
    def last(self) -> Point | None:
        """The newest reading."""
        return self.points[-1] if self.points else None


def trend(
    readings: Iterable[Reading],
    *,
    top_score: float,
    low_score: float = 0,
    bands: Sequence[Band] = (),
    sessions: Iterable[datetime] = (),
    second: Iterable[Reading] = (),
    span: tuple[datetime, datetime] | None = None,
) -> Trend:
    """Lay out readings in time order on a scale from `low_score` to `top_score`, with a marker for every session.

    Time runs from the first reading to the last, and over all of `span` where one is given, so that several charts can
    stand under each other; sessions outside are left out. A single reading alone stands in the middle. Raises
    ValueError when a value lies outside the scale.
    """
    ordered = sorted(readings, key=lambda reading: reading.at)
    others = sorted(second, key=lambda reading: reading.at)
    if any(not low_score <= reading.value <= top_score for reading in (*ordered, *others)):
        raise ValueError(f"A value lies outside {low_score:g} to {top_score:g}.")
    field = _Field(low_score, top_score)
    stripes, ticks = _stripes(bands, field), _ticks(bands, field)
    if not ordered:
        return Trend((), stripes, (), ticks)
    moments = [ordered[0].at, ordered[-1].at, *(span or ())]
    start, end = min(moments), max(moments)

    def placed(rows: list[Reading]) -> tuple[Point, ...]:
        return tuple(Point(_across(item.at, start, end), field.up(item.value), item) for item in rows)

    markers = tuple(_across(at, start, end) for at in sorted(sessions) if start <= at <= end)
    return Trend(placed(ordered), stripes, markers, ticks, placed(others), start, end)


@dataclass(frozen=True)
class _Field:
    """The scale of a drawing, from the bottom to the top."""

    low: float
    top: float

    def up(self, value: float) -> float:
        """Where a value stands."""
        share = (value - self.low) / (self.top - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _across(at: datetime, start: datetime, end: datetime) -> float:
    span = (end - start).total_seconds()
    share = (at - start).total_seconds() / span if span else 0.5
    return round(LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16), 1)


def _stripes(bands: Sequence[Band], field: _Field) -> tuple[Stripe, ...]:
    """Bands meet halfway between the last score of one and the first of the next."""
    stripes = []
    for at, band in enumerate(bands):
        top = (band.high + bands[at + 1].low) / 2 if at + 1 < len(bands) else field.top
        bottom = (bands[at - 1].high + band.low) / 2 if at else field.low
        upper, lower = field.up(top), field.up(bottom)
        stripes.append(Stripe(upper, round(lower - upper, 1), round((upper + lower) / 2 + 4, 1), band))
    return tuple(stripes)


def _ticks(bands: Sequence[Band], field: _Field) -> tuple[tuple[float, float], ...]:
    values = sorted({field.low, field.top, *(band.low for band in bands)})
    return tuple((field.up(value), value) for value in values)


BAR, BAR_GAP = 14, 42  # the name of a bar stands above it
# Narrow, so that its letters stay readable beside a table; the right margin holds what the longest bar says.
BARS_WIDTH, WORDS = 360, 76


@dataclass(frozen=True)
class Bar:
    """One value with its name, and from where to where it may really lie; no value where it is not told."""

    name: str
    value: float | None
    words: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class PlacedBar:
    """A bar with its place in the drawing; what it says stands behind its end, or behind that of its interval."""

    y: float
    length: float
    start: float
    end: float
    bar: Bar


@dataclass(frozen=True)
class Bars:
    """Everything the template needs to draw bars under each other on one scale from 0."""

    rows: tuple[PlacedBar, ...]
    height: int
    width: int = BARS_WIDTH
    thickness: int = BAR


def bars(items: Sequence[Bar], *, top: float | None = None) -> Bars:
    """Lay bars out from 0 to `top`, else to the largest value or end of an interval."""
    ends = [end for item in items for end in (item.value, item.high) if end is not None]
    scale = top or max(ends, default=0) or 1

    def across(value: float | None) -> float:
        return round((BARS_WIDTH - WORDS) * min(max(value or 0, 0), scale) / scale, 1)

    rows = tuple(
        PlacedBar(
            y=20 + at * BAR_GAP,
            length=across(item.value),
            start=across(item.low),
            end=across(item.value if item.high is None else item.high),
            bar=item,
        )
        for at, item in enumerate(items)
    )
    return Bars(rows, height=len(rows) * BAR_GAP)
