"""What another policy version would make of a decision: both versions assess the facts that were stored with it. Pure.

Only codes are compared and shown, never a fact, a text or a name: the result may leave the practice.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from intake.case import CaseError
from intake.case_reader import read_case
from intake.eligibility import Decision, Outcome, assess
from intake.policy import Policy


@dataclass(frozen=True, order=True)
class Mark:
    """What a finding is, without what triggered it."""

    code: str
    tier: str
    about: str


@dataclass(frozen=True)
class Change:
    """One decision under both versions; the findings that only one of them gives."""

    old: Outcome
    new: Outcome
    appears: tuple[Mark, ...]
    vanishes: tuple[Mark, ...]

    def __bool__(self) -> bool:
        return self.old != self.new or bool(self.appears or self.vanishes)


def compare(facts: object, old: Policy, new: Policy) -> Change:
    """Assess stored facts under two versions. Raises CaseError when they cannot be read."""
    case = read_case(facts)
    before, after = assess(case, old), assess(case, new)
    had, has = _marks(before), _marks(after)
    return Change(
        before.outcome, after.outcome, tuple(sorted((has - had).elements())), tuple(sorted((had - has).elements()))
    )


def _marks(decision: Decision) -> Counter[Mark]:
    return Counter(Mark(finding.code, finding.tier.value, finding.about) for finding in decision.findings)


def place_of(error: Exception) -> str:
    """Where stored facts cannot be read; "$", the whole, when the place itself might hold somebody's words."""
    path = error.path if isinstance(error, CaseError) else "$"
    return path if re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", path) else "$"


@dataclass
class Tally:
    """Counts over all decisions; its size does not depend on how many there are."""

    decisions: int = 0
    changed: int = 0
    unreadable: int = 0
    # The outcome that was stored is not the one that its own version gives now.
    not_reproduced: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    appears: Counter[str] = field(default_factory=Counter)
    vanishes: Counter[str] = field(default_factory=Counter)

    def add(self, change: Change) -> None:
        """Count one decision that was compared."""
        self.changed += bool(change)
        if change.old != change.new:
            self.outcomes[f"{change.old} -> {change.new}"] += 1
        self.appears.update(f"{mark.tier} {mark.code}" for mark in change.appears)
        self.vanishes.update(f"{mark.tier} {mark.code}" for mark in change.vanishes)

    def to_json(self) -> dict[str, Any]:
        """The counts, the most frequent first."""
        return {
            name: dict(value.most_common()) if isinstance(value, Counter) else value
            for name, value in vars(self).items()
        }
