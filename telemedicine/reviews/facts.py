"""The facts and findings of a decision, in words: what the patient said, and what the rules made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from harmoniously.core.common.charts import Band
from intake.pages import conditions as condition_pages
from telemedicine.reviews.wording import TIER_WORDS, VERDICT_WORDS, Tagged

ALLERGY = "ketamine_allergy"
CONDITION_WORDS = {
    option.code: option.label
    for option in (
        *condition_pages.HEART,
        *condition_pages.BRAIN,
        *condition_pages.BODY,
        *condition_pages.MIND,
    )
}
# Policy section 3.
BANDS = {
    "phq9": (
        Band(0, 4, "minimal"),
        Band(5, 9, "mild"),
        Band(10, 14, "moderate"),
        Band(15, 19, "moderately severe"),
        Band(20, 27, "severe"),
    ),
    "gad7": (Band(0, 4, "minimal"), Band(5, 9, "mild"), Band(10, 14, "moderate"), Band(15, 21, "severe")),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A label and a value, or only a label."""

    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the rules found, with what triggered it and where the rule comes from."""

    code: str
    text: str
    facts: list[Item]
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one tier."""

    tier: Tagged
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One antidepressant, as the patient typed it and as the rules judged it."""

    medicine: str
    ingredient: str
    dose: str
    weeks: str
    improvement: str
    taken_for: str
    verdict: Tagged


def groups(findings: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Findings by tier, the gravest first; tiers without findings are left out."""
    rows = list(findings)
    found = []
    for tier, (tone, words) in TIER_WORDS.items():
        own = [_finding(row) for row in rows if row["tier"] == tier]
        if own:
            found.append(Group(Tagged(tone, words), own))
    return found


def _finding(row: Mapping[str, Any]) -> Finding:
    pairs = [Item(_words(name), _value(value)) for name, value in row["facts"].items()]
    return Finding(row["code"], row["clinician_text"], pairs, row["source"])


def conditions(said: Mapping[str, Any]) -> list[Item]:
    """What the patient says they have or had."""
    rows = said.get("conditions")
    if rows is None:
        return [Item(_("Not answered"))]
    own = [Item(_condition(row["code"]), _since(row.get("weeks_ago"))) for row in rows if row["code"] != ALLERGY]
    return own or [Item(_("None"))]


def allergies(said: Mapping[str, Any]) -> list[Item]:
    """The one allergy the questions ask about."""
    rows = said.get("conditions")
    if rows is None:
        return [Item(_("Not answered"))]
    if any(row["code"] == ALLERGY for row in rows):
        return [Item(_condition(ALLERGY))]
    return [Item(_("None to ketamine or esketamine"))]


def medicines(said: Mapping[str, Any]) -> list[Item]:
    """What the patient takes, in their own words."""
    rows = said.get("medicines")
    if rows is None:
        return [Item(_("Not answered"))]
    own = [
        Item(row["name"], ", ".join(part for part in (row.get("dose"), _words(row.get("frequency") or "")) if part))
        for row in rows
    ]
    return own or [Item(_("None"))]


def substances(said: Mapping[str, Any]) -> list[Item]:
    """Substances with any use; those never used are left out."""
    rows = said.get("substances")
    if rows is None:
        return [Item(_("Not answered"))]
    own = []
    for row in rows:
        if row.get("use") != "never":
            parts = [_words(row.get("use") or ""), _words(row.get("disorder") or "")]
            own.append(Item(_words(row["substance"]), ", ".join(part for part in parts if part and part != "None")))
    return own or [Item(_("No use reported"))]


def body(said: Mapping[str, Any]) -> list[Item]:
    """Blood pressure, heart rate, weight and height, and what can become of the two."""
    items = []
    readings = sorted(said.get("blood_pressure") or [], key=lambda row: row.get("taken_on") or "", reverse=True)
    for row in readings[:3]:
        value = f"{_number(row.get('systolic'))}/{_number(row.get('diastolic'))}"
        items.append(Item(_("Pressure"), _("%(value)s, %(day)s") % {"value": value, "day": _day(row.get("taken_on"))}))
    if not readings:
        items.append(Item(_("Pressure"), _("Not given")))
    rate = said.get("heart_rate")
    items.append(Item(_("Heart rate"), _number(rate) if rate is not None else _("Not given")))
    weight, height = said.get("weight_kg"), said.get("height_cm")
    if weight and height:
        bmi = weight / (height / 100) ** 2
        items.append(Item(_("Body"), f"{_number(weight)} kg, {_number(height)} cm, BMI {bmi:.1f}"))
    else:
        items.append(Item(_("Body"), _("Not given")))
    return items


def trials(said: Mapping[str, Any], summary: Mapping[str, Any]) -> list[TrialRow]:
    """Each antidepressant with its verdict, in the order in which the patient gave them."""
    given = said.get("antidepressant_trials") or []
    judged = summary.get("treatment_resistance", {}).get("trials", [])
    return [_trial(row, verdict) for row, verdict in zip(given, judged, strict=False)]


def _trial(row: Mapping[str, Any], judged: Mapping[str, Any]) -> TrialRow:
    dose, weeks, better = (row.get(key) for key in ("max_daily_dose_mg", "weeks_at_dose", "improvement_percent"))
    names = [part for part in (_words(judged.get("ingredient") or ""), judged.get("class") or "") if part]
    return TrialRow(
        medicine=str(row.get("medicine") or ""),
        ingredient=", ".join(names) or _("Not recognised"),
        dose=f"{_number(dose)} mg" if dose is not None else "?",
        weeks=_number(weeks) if weeks is not None else "?",
        improvement=f"{_number(better)} %" if better is not None else "?",
        taken_for=_words(row.get("taken_for") or ""),
        verdict=Tagged(*VERDICT_WORDS.get(judged["verdict"], ("neutral", _words(judged["verdict"])))),
    )


def resistance_words(summary: Mapping[str, Any]) -> str:
    """What counts as treatment resistance here, in one line (policy section 2)."""
    found = summary.get("treatment_resistance")
    if not found:
        return ""
    status = {"met": _("Met"), "not_met": _("Not met"), "undetermined": _("Cannot be told yet")}[found["status"]]
    words = _("%(status)s. Adequate and failed: %(failed)d, classes: %(classes)d. EU wording, two medicines: %(two)s.")
    return words % {
        "status": status,
        "failed": found["failed_adequate"],
        "classes": found["distinct_classes"],
        "two": yes_no(found.get("two_different_medicines")),
    }


def scores(summary: Mapping[str, Any]) -> list[Item]:
    """The scores that the decision was made from."""
    names = {"phq9": "PHQ-9", "gad7": "GAD-7", "pcl5": "PCL-5", "peg": "PEG"}
    found = []
    for key, score in (summary.get("scores") or {}).items():
        if score:
            total = score.get("total")
            value = _("Incomplete") if total is None else f"{_number(total)} ({score.get('band') or ''})"
            found.append(Item(names.get(key, key), value.replace(" ()", "")))
    return found


def yes_no(answer: bool | None) -> str:
    """An answer that may be missing."""
    return {True: _("yes"), False: _("no"), None: _("not answered")}[answer]


def _condition(code: str) -> str:
    return str(CONDITION_WORDS.get(code) or _words(code))


def _since(weeks: float | None) -> str:
    if weeks is None:
        return ""
    if weeks >= 104:
        return _("%(years)d years ago") % {"years": weeks // 52}
    return _("%(weeks)d weeks ago") % {"weeks": weeks}


def _words(code: str) -> str:
    return str(code).replace("_", " ").capitalize()


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%-d %b %Y}" if text else _("day not given")


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _value(value: Any) -> str:
    """One fact of a finding, whatever its shape."""
    if value is None or isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(key)} {_value(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_value(part) for part in value)
    return str(value)
