"""The medicines of today, each with what the policy says about it beside ketamine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from intake.pages.treatments import FREQUENCY
from telemedicine.reviews.wording import TIER_WORDS, Tagged, spoken

ORDER = tuple(TIER_WORDS)
FREQUENCY_WORDS = {option.code: option.label for option in FREQUENCY}


@dataclass(frozen=True, slots=True)
class Interaction:
    """One rule of the policy that names a medicine."""

    tier: Tagged
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One medicine as the patient typed it."""

    name: str
    dose: str
    frequency: str
    interactions: list[Interaction]


def medicines(said: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> list[MedicineRow] | None:
    """The list in the patient's order; None when it was not answered. The gravest interaction stands first."""
    given = said.get("medicines")
    if given is None:
        return None
    named = [row for row in findings if row["code"].startswith("medicine.")]
    return [_medicine(row, named) for row in given]


def _medicine(row: Mapping[str, Any], named: Sequence[Mapping[str, Any]]) -> MedicineRow:
    own = [one for one in named if one["facts"].get("medicine") == row.get("name")]
    own.sort(key=lambda one: ORDER.index(one["tier"]))
    frequency = row.get("frequency")
    return MedicineRow(
        name=str(row.get("name") or _("No name")),
        dose=str(row.get("dose") or _("not given")),
        frequency=str(FREQUENCY_WORDS.get(frequency) or spoken(frequency)) if frequency else _("not given"),
        interactions=[
            Interaction(Tagged(*TIER_WORDS[one["tier"]]), one["clinician_text"], one["source"]) for one in own
        ],
    )
