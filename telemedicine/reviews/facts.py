"""What the patient said, in words: conditions, allergies, substances, and the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from intake.pages import conditions as condition_pages
from intake.pages import substances as substance_pages
from telemedicine.reviews.wording import Item, number, spoken, weeks_ago

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
USE_WORDS = {option.code: option.label for option in substance_pages.USE}
PROBLEM_WORDS = {option.code: option.label for option in substance_pages.DISORDER}


def condition_words(code: str) -> str:
    """What a condition code is called."""
    return str(CONDITION_WORDS.get(code) or spoken(code))


def substance_words(code: str) -> str:
    """What a substance is called."""
    return str(substance_pages.NAMES.get(code) or spoken(code))


def conditions(said: Mapping[str, Any]) -> list[Item]:
    """What the patient says they have or had."""
    rows = said.get("conditions")
    if rows is None:
        return [Item(_("Not answered"))]
    own = [
        Item(condition_words(row["code"]), weeks_ago(row.get("weeks_ago"))) for row in rows if row["code"] != ALLERGY
    ]
    return own or [Item(_("None"))]


def allergies(said: Mapping[str, Any]) -> list[Item]:
    """The one allergy the questions ask about."""
    rows = said.get("conditions")
    if rows is None:
        return [Item(_("Not answered"))]
    if any(row["code"] == ALLERGY for row in rows):
        return [Item(condition_words(ALLERGY))]
    return [Item(_("None to ketamine or esketamine"))]


def substances(said: Mapping[str, Any]) -> list[Item]:
    """Substances with any use; those never used are left out."""
    rows = said.get("substances")
    if rows is None:
        return [Item(_("Not answered"))]
    own = [Item(substance_words(row["substance"]), ". ".join(_use(row))) for row in rows if row.get("use") != "never"]
    return own or [Item(_("No use reported"))]


def _use(row: Mapping[str, Any]) -> list[str]:
    use, problem, months = row.get("use"), row.get("disorder"), row.get("remission_months")
    parts = [str(USE_WORDS.get(use) or spoken(use)) if use else _("How often: not answered")]
    if problem:
        parts.append(str(PROBLEM_WORDS.get(problem) or spoken(problem)))
    if months is not None:
        parts.append(_("%(months)s months in remission") % {"months": number(months)})
    return parts


def body(said: Mapping[str, Any]) -> list[Item]:
    """Heart rate, weight and height, and what becomes of the two."""
    rate = said.get("heart_rate")
    items = [
        Item(_("Heart rate"), _("%(rate)s a minute") % {"rate": number(rate)} if rate is not None else _("Not given"))
    ]
    weight, height = said.get("weight_kg"), said.get("height_cm")
    if weight and height:
        bmi = weight / (height / 100) ** 2
        items.append(Item(_("Body"), f"{number(weight)} kg, {number(height)} cm, BMI {bmi:.1f}"))
    else:
        items.append(Item(_("Body"), _("Not given")))
    return items
