"""Findings in words: by tier, each with what triggered it, in units, and where its rule comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.questions.instruments import INSTRUMENTS, PHQ9
from harmoniously.core.questions.scales import SCALES
from intake.pages.feelings import INDICATIONS
from telemedicine.reviews.facts import condition_words, substance_words
from telemedicine.reviews.wording import (
    RESISTANCE_WORDS,
    RISK_WORDS,
    TIER_WORDS,
    Item,
    Tagged,
    calendar_day,
    number,
    spoken,
    weeks_ago,
    yes_no,
)

INDICATION_WORDS = {option.code: option.label for option in INDICATIONS}


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


def groups(findings: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Findings by tier, the gravest first; tiers without findings are left out."""
    rows = list(findings)
    found = []
    for tier, (tone, words) in TIER_WORDS.items():
        own = [in_words(row) for row in rows if row["tier"] == tier]
        if own:
            found.append(Group(Tagged(tone, words), own))
    return found


def in_words(row: Mapping[str, Any]) -> Finding:
    """One stored finding as a clinician reads it."""
    return Finding(row["code"], row["clinician_text"], facts_in_words(row["facts"]), row["source"])


def facts_in_words(facts: Mapping[str, Any]) -> list[Item]:
    """What triggered a finding, with units; a pressure is one fact, and a fact that nobody foresaw is still shown."""
    rest = dict(facts)
    items = []
    if {"systolic", "diastolic"} <= rest.keys():
        items.append(Item(_("Mean of the day"), _pressure(rest)))
        rest = {name: value for name, value in rest.items() if name not in ("systolic", "diastolic", "taken_on")}
    for name, value in rest.items():
        if value not in ("", [], {}):
            label, words = FACTS.get(name, (None, _anything))
            items.append(Item(str(label or spoken(name)), _("not given") if value is None else words(value)))
    return items


def _pressure(day: Mapping[str, Any]) -> str:
    words = f"{number(day.get('systolic'))}/{number(day.get('diastolic'))} mmHg"
    return f"{words}, {calendar_day(day['taken_on'])}" if "taken_on" in day else words


def _anything(value: Any) -> str:
    """A fact of any shape."""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return _pressure(value) if "systolic" in value else ", ".join(f"{k} {_anything(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_anything(part) for part in value)
    return _("not given") if value is None else str(value)


def _with_unit(unit: Any) -> Callable[[Any], str]:
    return lambda value: f"{number(value)}{unit}" if isinstance(value, int | float) else _anything(value)


def _on_file(value: Any) -> str:
    return _("on file") if value else _("not on file")


def _indications(codes: Any) -> str:
    given = codes if isinstance(codes, list) else [codes]
    return ", ".join(str(INDICATION_WORDS.get(code) or spoken(code)) for code in given)


def _item_nine(value: Any) -> str:
    return next((f"{one.label} ({value})" for one in PHQ9.options if one.value == value), str(value))


def _score(key: str) -> tuple[Any, Callable[[Any], str]]:
    return (
        INSTRUMENTS[key].name,
        lambda value: (
            _("%(total)s of %(top)s")
            % {
                "total": number(value),
                "top": f"{SCALES[key].top:g}",
            }
        ),
    )


def _tagged(table: Mapping[str, tuple[str, Any]]) -> Callable[[Any], str]:
    return lambda code: str(table[code][1]) if code in table else spoken(code)


# Name of the fact -> what it is called, and how its value reads.
FACTS: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "code": (gettext_lazy("Condition"), condition_words),
    "weeks_ago": (gettext_lazy("How long ago"), weeks_ago),
    "cardiology_letter": (gettext_lazy("Cardiology letter"), _on_file),
    "treating_clinician_letter": (gettext_lazy("Treating clinician’s letter"), _on_file),
    "documents": (gettext_lazy("Records and letter"), _on_file),
    "age": (gettext_lazy("Age"), _with_unit(gettext_lazy(" years"))),
    "weight_kg": (gettext_lazy("Weight"), _with_unit(" kg")),
    "bmi": ("BMI", _with_unit(" kg/m²")),
    "heart_rate": (gettext_lazy("Heart rate"), _with_unit(gettext_lazy(" a minute"))),
    "days": (gettext_lazy("Means of the days"), _anything),
    "indication": (gettext_lazy("Help wanted with"), _indications),
    "indications": (gettext_lazy("Help wanted with"), _indications),
    "item_9": (gettext_lazy("PHQ-9 item 9"), _item_nine),
    "medicine": (gettext_lazy("As typed"), _anything),
    "ingredient": (gettext_lazy("Ingredient"), spoken),
    "frequency": (gettext_lazy("How often"), spoken),
    "suggestions": (gettext_lazy("Near spellings"), _anything),
    "use": (gettext_lazy("Use"), spoken),
    "disorder": (gettext_lazy("Problem"), spoken),
    "substance": (gettext_lazy("Substance"), substance_words),
    "remission_months": (gettext_lazy("In remission"), _with_unit(gettext_lazy(" months"))),
    "improvement_percent": (gettext_lazy("Felt better by"), _with_unit(" %")),
    "failed_adequate": (gettext_lazy("Adequate and failed"), _with_unit("")),
    "distinct_classes": (gettext_lazy("Different classes"), _with_unit("")),
    "two_different_medicines": (gettext_lazy("Two different medicines"), _anything),
    "status": (gettext_lazy("Status"), _tagged(RESISTANCE_WORDS)),
    "level": (gettext_lazy("C-SSRS level"), _tagged(RISK_WORDS)),
    "adult_sitter": (gettext_lazy("Adult sitter"), _anything),
    "unanswered": (gettext_lazy("Not answered"), spoken),
    **{key: _score(key) for key in SCALES},
}
