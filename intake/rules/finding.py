"""What a rule reports, and the small helpers that all rules share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from intake.case import Case, DocumentKind
from intake.policy import Policy


class Tier(StrEnum):
    """How heavily a finding weighs, heaviest first."""

    CRISIS = "crisis"
    EXCLUDE = "exclude"
    INFORMATION = "information"
    REVIEW = "review"
    NOTE = "note"


_WEIGHT = {tier: weight for weight, tier in enumerate(Tier)}


@dataclass(frozen=True)
class Finding:
    """One thing the prescriber must see: what triggered it, how it weighs, in two languages, and why we say so."""

    code: str
    tier: Tier
    about: str
    patient_text: str
    clinician_text: str
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def order(self) -> tuple[int, str, str, str]:
        """A place in the list that does not depend on the order in which the patient named things."""
        return _WEIGHT[self.tier], self.about, self.code, json.dumps(self.facts, sort_keys=True)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "tier": self.tier.value,
            "about": self.about,
            "facts": dict(self.facts),
            "patient_text": self.patient_text,
            "clinician_text": self.clinician_text,
            "source": self.source,
        }


@lru_cache(maxsize=1024)
def exact(value: float) -> Fraction:
    """The number as it was written (102.4 is 102.4), so that a limit is met exactly at the limit."""
    return Fraction(str(value))


def tidy(value: Fraction) -> int | float:
    """A fraction as people write it: whole if it is whole, else with one decimal."""
    return value.numerator if value.denominator == 1 else round(float(value), 1)


def on_file(case: Case, policy: Policy, kind: DocumentKind) -> bool:
    """Whether a document of this kind is dated within the policy's days; an undated one is not."""
    return any(
        document.kind == kind
        and document.dated is not None
        and (case.as_of - document.dated).days <= policy.timing.letter_days.value
        for document in case.documents or ()
    )
