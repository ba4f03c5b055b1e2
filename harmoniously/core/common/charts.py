"""Where the points of a trend chart go. Pure: numbers in, numbers out; the template draws them.

The same values stand in a table beside the drawing, so nothing is said by the picture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 560, 260  # the right margin holds the names of the bands
LEFT, RIGHT, TOP, BOTTOM = 32, 136, 24, 34


@dataclass(frozen=True)
class Band:
    """A range of scores with a name, such as 15 to 19 "moderately severe"; both ends belong to it."""

    low: int
    high: int
    name: str


@dataclass(frozen=True)
class Reading:
    """One value at one moment, with the words of its band."""

    at: datetime
    value: int
    label: str = ""


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
    ticks: tuple[tuple[float, int], ...]
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
    def first(self) -> Point | None:
        """The oldest reading."""
        return self.points[0] if self.points else None

    @property
    def last(self) -> Point | None:
        """The newest reading."""
        return self.points[-1] if self.points else None


def trend(
    readings: Iterable[Reading], *, top_score: int, bands: Sequence[Band] = (), sessions: Iterable[datetime] = ()
) -> Trend:
    """Lay out readings in time order on a scale from 0 to `top_score`, with a marker for every session among them.

    A single reading stands in the middle. Raises ValueError when a value lies outside the scale.
    """
    ordered = sorted(readings, key=lambda reading: reading.at)
    if any(not 0 <= reading.value <= top_score for reading in ordered):
        raise ValueError(f"A value lies outside 0 to {top_score}.")
    if not ordered:
        return Trend((), _stripes(bands, top_score), (), _ticks(bands, top_score))
    start, end = ordered[0].at, ordered[-1].at
    points = tuple(Point(_across(item.at, start, end), _up(item.value, top_score), item) for item in ordered)
    markers = tuple(_across(at, start, end) for at in sorted(sessions) if start <= at <= end)
    return Trend(points, _stripes(bands, top_score), markers, _ticks(bands, top_score))


def _across(at: datetime, start: datetime, end: datetime) -> float:
    span = (end - start).total_seconds()
    share = (at - start).total_seconds() / span if span else 0.5
    return round(LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16), 1)


def _up(value: float, top_score: int) -> float:
    return round(HEIGHT - BOTTOM - value / top_score * (HEIGHT - TOP - BOTTOM), 1)


def _stripes(bands: Sequence[Band], top_score: int) -> tuple[Stripe, ...]:
    """Bands meet halfway between the last score of one and the first of the next."""
    stripes = []
    for band in bands:
        upper = _up(min(band.high + 0.5, top_score), top_score)
        lower = _up(max(band.low - 0.5, 0), top_score)
        stripes.append(Stripe(upper, round(lower - upper, 1), round((upper + lower) / 2 + 4, 1), band))
    return tuple(stripes)


def _ticks(bands: Sequence[Band], top_score: int) -> tuple[tuple[float, int], ...]:
    values = sorted({0, top_score, *(band.low for band in bands)})
    return tuple((_up(value, top_score), value) for value in values)
