"""The outcomes in words and charts. Plain, without a promise: what the numbers are, never what they will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common.charts import Band, Reading, Trend, trend
from harmoniously.core.questions.scales import SCALES, Scale
from treatment.forms import RATINGS
from treatment.policy import Policy
from treatment.rules.outcomes import Change, Course, course
from treatment.selecting.outcomes import Outcomes

Sentence = Promise | str
Span = tuple[datetime, datetime] | None

NAMES: Mapping[str, Sentence] = {
    "phq9": gettext_lazy("Mood (PHQ-9)"),
    "gad7": gettext_lazy("Anxiety (GAD-7)"),
    "pcl5": gettext_lazy("After trauma (PCL-5)"),
    "peg": gettext_lazy("Pain (PEG)"),
}
BANDS: Mapping[str, Sentence] = {
    "minimal": gettext_lazy("minimal"),
    "mild": gettext_lazy("mild"),
    "moderate": gettext_lazy("moderate"),
    "moderately severe": gettext_lazy("moderately severe"),
    "severe": gettext_lazy("severe"),
    "below threshold": gettext_lazy("under 33"),
    "provisional PTSD": gettext_lazy("33 or more"),
}
CHANGES: Mapping[Change, Sentence] = {
    Change.FIRST: gettext_lazy("One score so far, %(now)s. There is nothing to compare it with yet."),
    Change.REMISSION: gettext_lazy(
        "From %(before)s to %(now)s, %(percent)s%% lower than %(since)s. A score under %(low)s is what clinicians call "
        "remission. Scores can rise again, so we go on asking."
    ),
    Change.LOW: gettext_lazy("From %(before)s to %(now)s. Your score is under %(low)s."),
    Change.RESPONSE: gettext_lazy(
        "From %(before)s to %(now)s, %(percent)s%% lower than %(since)s. A fall by %(share)s%% or more is what "
        "clinicians call a response."
    ),
    Change.BETTER: gettext_lazy(
        "From %(before)s to %(now)s. A fall by %(points)s points or more is a change that clinicians call meaningful."
    ),
    Change.WORSE: gettext_lazy(
        "From %(before)s to %(now)s: higher than %(since)s. Your prescriber sees this, too. If things get harder, do "
        "not wait: write or call us."
    ),
    Change.SAME: gettext_lazy("From %(before)s to %(now)s, compared with %(since)s."),
}


@dataclass(frozen=True)
class Shown:
    """One scale on the page: its chart, its newest number and how it went."""

    key: str
    title: Sentence
    about: str
    chart: Trend
    words: str = ""


def number(value: Decimal | float) -> int | float:
    """A whole number without a point, else one decimal."""
    return int(value) if value == int(value) else round(float(value), 1)


def scales(found: Outcomes, policy: Policy, span: Span = None) -> list[Shown]:
    """Every scale that was answered, in the order of the policy."""
    sessions = [dose.at for dose in found.doses]
    return [_scale(SCALES[key], found, sessions, policy, span) for key in SCALES if found.scores.get(key)]


def _scale(scale: Scale, found: Outcomes, sessions: Sequence[datetime], policy: Policy, span: Span) -> Shown:
    scores = found.scores[scale.key]
    readings = [Reading(one.at, number(one.total), _band(found, scale.key, one.at)) for one in scores]
    bands = [Band(band.low, band.high, str(BANDS.get(band.name, band.name))) for band in scale.bands]
    counted = [score for score in scores if found.beginning.counts(score.at)]
    way = course(scale.key, counted, found.beginning.first_dose, policy)
    return Shown(
        key=scale.key,
        title=NAMES[scale.key],
        about=_("From 0 to %(top)s. A lower score means fewer or milder symptoms.") % {"top": f"{scale.top:g}"},
        chart=trend(readings, top_score=scale.top, bands=bands, sessions=sessions, span=span),
        words=change_words(way, scale.key, found, policy) if way else "",
    )


def _band(found: Outcomes, key: str, at: datetime) -> str:
    band = found.bands.get((key, at), "")
    return str(BANDS.get(band, band))


def _since(found: Outcomes) -> str:
    if found.beginning.first_dose is None:
        return _("at the start")
    return _("before your first session") if found.beginning.after is None else _("when you began again")


def change_words(way: Course, scale: str, found: Outcomes, policy: Policy) -> str:
    """How a scale went in the newest course of treatment, in a sentence or two."""
    rule = policy.outcome
    facts = {
        "before": number(way.baseline.total),
        "now": number(way.newest.total),
        "percent": way.fall,
        "since": _since(found),
        "low": rule.remission_below,
        "share": rule.peg_percent if scale == "peg" else policy.titration.response_percent,
        "points": rule.pcl5_points,
    }
    return str(CHANGES[way.change]) % facts


def pressure(found: Outcomes, policy: Policy, span: Span = None) -> Shown | None:
    """Both numbers of the blood pressure, with the limits of the day of a session."""
    if not found.pressures:
        return None
    rule = policy.gate
    rows = found.pressures
    high = max(200, *(row.systolic for row in rows))
    low = min(40, *(row.diastolic for row in rows))
    bands = [
        Band(low, rule.diastolic_limit, _("lower: to %(limit)s") % {"limit": rule.diastolic_limit}),
        Band(rule.diastolic_limit, rule.systolic_limit, _("upper: to %(limit)s") % {"limit": rule.systolic_limit}),
        Band(rule.systolic_limit, high, ""),
    ]
    words = {True: _("before a session"), False: _("at home")}
    upper = [Reading(r.at, r.systolic, words[r.before_dose], f"{r.systolic}/{r.diastolic}") for r in rows]
    return Shown(
        key="pressure",
        title=_("Blood pressure"),
        about=_("The last reading before each session, and the readings that you take at home."),
        chart=trend(
            upper,
            top_score=high,
            low_score=low,
            bands=bands,
            second=[Reading(r.at, r.diastolic) for r in rows],
            sessions=[dose.at for dose in found.doses],
            span=span,
        ),
    )


def bladder(found: Outcomes, span: Span = None) -> Shown | None:
    """The strongest of the three bladder signs, at every check-in that asked for them."""
    if not found.bladder:
        return None
    names = [str(label).lower() for _value, label in RATINGS]
    return Shown(
        key="bladder",
        title=_("Bladder signs"),
        about=_("The strongest of three: passing urine more often, pain, blood."),
        chart=trend(
            [Reading(row.at, row.worst, names[row.worst]) for row in found.bladder],
            top_score=3,
            bands=[Band(at, at, name) for at, name in enumerate(names)],
            sessions=[dose.at for dose in found.doses],
            span=span,
        ),
    )


def doses(found: Outcomes, span: Span = None) -> Shown | None:
    """Milligrams per session, for the prescriber."""
    if not found.doses:
        return None
    readings = [
        Reading(dose.at, number(dose.mg), _("session %(number)s") % {"number": dose.number}) for dose in found.doses
    ]
    top = max(reading.value for reading in readings)
    return Shown("dose", _("Dose, mg"), "", trend(readings, top_score=top * 1.25, span=span))
