"""Scores with their items, and blood pressure by day: the numbers a decision was made from, as they were answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from harmoniously.core.questions.instruments import CSSRS_SCREEN, INSTRUMENTS, Instrument, pcl5_clusters
from intake.case import Reading
from intake.policy import Policy
from intake.rules.measures import PressureDay, exceeds, pressure_days
from telemedicine.reviews.wording import RISK_WORDS, Tagged, calendar_day, number, spoken

SUMMED = ("phq9", "gad7", "pcl5", "peg")
TONES = {"minimal": "success", "mild": "neutral", "below threshold": "neutral", "moderate": "info"}


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One item as published, with the answer chosen and what it scores."""

    text: str
    answer: str
    points: str
    answered: bool


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One instrument: its score, the band, and every item."""

    name: str
    title: str
    total: str
    band: Tagged | None
    items: list[ItemAnswer]
    note: str = ""


def scores(said: Mapping[str, Any], summary: Mapping[str, Any], risk: str) -> list[ScoreRow]:
    """The instruments that were answered, each with its items; the C-SSRS with its level."""
    stored = summary.get("scores") or {}
    answered = [key for key in SUMMED if said.get(key) or stored.get(key)]
    found = [_summed(INSTRUMENTS[key], said.get(key) or (), stored.get(key) or {}) for key in answered]
    if said.get("cssrs"):
        found.append(_cssrs(said["cssrs"], risk))
    return found


def _summed(instrument: Instrument, given: Sequence[int | None], score: Mapping[str, Any]) -> ScoreRow:
    total, band = score.get("total"), score.get("band")
    items = [_item(instrument, at, value) for at, value in zip(range(instrument.length), given, strict=False)]
    return ScoreRow(
        name=instrument.name,
        title=instrument.title,
        total=_("incomplete") if total is None else number(total),
        band=Tagged(TONES.get(band, "caution"), spoken(band) if band[0].islower() else band) if band else None,
        items=items,
        note=_clusters(given) if instrument.key == "pcl5" and len(given) == instrument.length else "",
    )


def _item(instrument: Instrument, at: int, value: int | None) -> ItemAnswer:
    item = instrument.items[at]
    options = item.options or instrument.options
    label = next((option.label for option in options if option.value == value), str(value))
    if value is None:
        return ItemAnswer(item.text, _("Not answered"), "", answered=False)
    return ItemAnswer(item.text, label, "" if label.startswith(str(value)) else str(value), answered=True)


def _clusters(given: Sequence[int | None]) -> str:
    found = pcl5_clusters(given)
    if found is None:
        return ""
    words = _("Symptoms by cluster: B %(b)d, C %(c)d, D %(d)d, E %(e)d. The DSM-5 pattern is %(met)s.")
    met = _("met") if found.met else _("not met")
    return words % {"b": found.b, "c": found.c, "d": found.d, "e": found.e, "met": met}


def _cssrs(given: Mapping[str, bool | None], risk: str) -> ScoreRow:
    tone, words = RISK_WORDS.get(risk, ("neutral", spoken(risk)))
    return ScoreRow(
        name=CSSRS_SCREEN.name,
        title=CSSRS_SCREEN.title,
        total="",
        band=Tagged(tone, words),
        items=[_screened(item.key, item.text, item.shown_if, given) for item in CSSRS_SCREEN.items],
    )


def _screened(key: str, text: str, shown_if: str, given: Mapping[str, bool | None]) -> ItemAnswer:
    value = given.get(key)
    if value is None:
        skipped = bool(shown_if) and given.get(shown_if) is False
        return ItemAnswer(text, _("Not asked") if skipped else _("Not answered"), "", answered=skipped)
    return ItemAnswer(text, _("Yes") if value else _("No"), "", answered=True)


# Blood pressure


@dataclass(frozen=True, slots=True)
class PressureRow:
    """One day: its readings, its mean, and what that mean means."""

    day: str
    readings: str
    mean: str
    verdict: Tagged
    decides: bool


def pressures(said: Mapping[str, Any], policy: Policy | None) -> list[PressureRow]:
    """The readings by day, the newest first; the mean of the newest recent day decides (policy section 5)."""
    given = [
        Reading(
            taken_on=date.fromisoformat(row["taken_on"]) if row.get("taken_on") else None,
            systolic=row.get("systolic"),
            diastolic=row.get("diastolic"),
        )
        for row in said.get("blood_pressure") or []
    ]
    undated = [reading for reading in given if reading.taken_on is None]
    rows = [_pressure(day, policy) for day in _days(given, said, policy)] if policy else []
    if not policy:
        rows = [PressureRow(calendar_day(one.taken_on), _pair(one), "", Tagged("neutral", ""), False) for one in given]
    elif undated:
        words = "; ".join(_pair(one) for one in undated)
        rows.append(PressureRow(_("No day given"), words, "", Tagged("caution", _("Not used")), False))
    return rows


def _days(given: Sequence[Reading], said: Mapping[str, Any], policy: Policy) -> list[PressureDay]:
    return pressure_days(given, date.fromisoformat(said["as_of"]), policy)


def _pressure(day: PressureDay, policy: Policy) -> PressureRow:
    limits = policy.blood_pressure
    above = exceeds(day.systolic, limits.systolic_limit.value) or exceeds(day.diastolic, limits.diastolic_limit.value)
    limit = {"limit": f"{number(limits.systolic_limit.value)}/{number(limits.diastolic_limit.value)}"}
    if not day.recent:
        verdict = Tagged("neutral", _("Older than %(days)d days") % {"days": limits.recent_days.value})
    elif above:
        verdict = Tagged("caution", _("Above %(limit)s") % limit)
    elif day.systolic is None or day.diastolic is None:
        verdict = Tagged("caution", _("One number missing"))
    else:
        verdict = Tagged("success", _("Passes %(limit)s") % limit)
    return PressureRow(
        day=calendar_day(day.on),
        readings="; ".join(_pair(one) for one in day.readings),
        mean=f"{number(day.systolic)}/{number(day.diastolic)}",
        verdict=verdict,
        decides=day.decides,
    )


def _pair(reading: Reading) -> str:
    return f"{number(reading.systolic)}/{number(reading.diastolic)}"
