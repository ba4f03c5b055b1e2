"""Scores and blood pressure over time on one axis, with a line for every session, and how the newest score stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import charts
from harmoniously.core.questions.scales import SCALES, Scale
from telemedicine.reviews.course import Course, moment
from telemedicine.reviews.measured import TONES
from telemedicine.reviews.taken import Pressure, began, pressures
from telemedicine.reviews.wording import Tagged, number, spoken
from treatment import policy as policies
from treatment.rules import outcomes
from treatment.rules.outcomes import Change, Score

PRESSURE_TOP, PRESSURE_LOW = 200, 40
CHANGE_WORDS: Mapping[Change, tuple[str, object]] = {
    Change.FIRST: ("neutral", gettext_lazy("First score")),
    Change.REMISSION: ("success", gettext_lazy("Remission")),
    Change.LOW: ("success", gettext_lazy("Low from the start")),
    Change.RESPONSE: ("success", gettext_lazy("Response")),
    Change.BETTER: ("success", gettext_lazy("Better")),
    Change.WORSE: ("danger", gettext_lazy("Worse")),
    Change.SAME: ("neutral", gettext_lazy("No response")),
}


@dataclass(frozen=True, slots=True)
class Now:
    """The newest score of a scale, and how it stands against the one before the first dose."""

    name: str
    total: str
    band: Tagged | None
    at: datetime
    change: Tagged
    before: str
    lowest: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The charts of a case, and the newest scores."""

    charts: list[tuple[str, charts.Trend]]
    now: list[Now]


def drawn(course: Course) -> Drawn:
    """Everything on one axis of time, so that the charts can be read under each other."""
    sessions = sorted(began(row) for row in course.sessions if row["started_at"])
    found = pressures(course)
    taken = {row["id"]: began(row) for row in course.sessions if row["started_at"]}
    scores = {key: _scores(course, key) for key in SCALES}
    moments = [one.at for rows in scores.values() for one in rows] + sessions
    span = (min(moments), max(moments)) if moments else None
    lines = [(SCALES[key].name, _score_chart(SCALES[key], course, sessions, span)) for key in SCALES if scores[key]]
    around = [(at, found[key]) for key, at in taken.items() if key in found]
    if around:
        lines.append((_("Blood pressure before a dose, and the highest after it"), _pressure_chart(around, span)))
    return Drawn(lines, [now for key in SCALES if (now := _now(course, key, scores[key]))])


def _scores(course: Course, key: str) -> list[Score]:
    rows = [row for row in course.scores if row["instrument"] == key]
    return [Score(moment(row["taken_at"]), Decimal(str(row["total"]))) for row in reversed(rows)]


def _score_chart(
    scale: Scale, course: Course, sessions: list[datetime], span: tuple[datetime, datetime] | None
) -> charts.Trend:
    rows = [row for row in course.scores if row["instrument"] == scale.key]
    readings = [charts.Reading(moment(row["taken_at"]), float(row["total"]), row["band"]) for row in rows]
    return charts.trend(readings, top_score=scale.top, bands=scale.bands, sessions=sessions, span=span)


def _pressure_chart(around: list[tuple[datetime, Pressure]], span: tuple[datetime, datetime] | None) -> charts.Trend:
    """The upper numbers: before each dose, and the highest after it; the table has both pairs."""
    limit = policies.load().gate.systolic_limit
    before = [
        charts.Reading(
            at,
            one.before.systolic,
            _("highest after it %(pair)s") % {"pair": one.highest_words} if one.highest else "",
            one.before_words,
        )
        for at, one in around
        if one.before
    ]
    after = [charts.Reading(at, one.highest.systolic) for at, one in around if one.highest]
    values = [reading.value for reading in (*before, *after)]
    top, low = max(PRESSURE_TOP, *values), min(PRESSURE_LOW, *values)
    bands = [
        charts.Band(low, limit, _("to %(limit)s") % {"limit": limit}),
        charts.Band(limit, top, _("above %(limit)s") % {"limit": limit}),
    ]
    sessions = [at for at, _one in around]
    return charts.trend(before, top_score=top, low_score=low, bands=bands, sessions=sessions, second=after, span=span)


def _now(course: Course, key: str, scores: list[Score]) -> Now | None:
    """Of the newest course of treatment; None before the first score."""
    counted = [score for score in scores if course.beginning.counts(score.at)]
    way = outcomes.course(key, counted, course.beginning.first_dose, policies.load())
    if way is None:
        return None
    band = next((row["band"] for row in course.scores if row["instrument"] == key), "")
    return Now(
        name=SCALES[key].name,
        total=number(float(way.newest.total)),
        band=Tagged(TONES.get(band, "caution"), spoken(band)) if band else None,
        at=way.newest.at,
        change=Tagged(*CHANGE_WORDS[way.change]),
        before="" if way.change is Change.FIRST else number(float(way.baseline.total)),
        lowest=number(float(min(score.total for score in counted if score.at >= way.baseline.at))),
    )
