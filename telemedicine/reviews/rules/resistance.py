"""Both definitions of treatment resistance over the verdicts that a decision stored (policy section 2). Pure.

The house definition asks for failed trials of distinct classes and was decided with the rest; here it is read. The
wording of the European product information for esketamine asks for two different medicines, class ignored; the decision
stores only whether it is met, and a prescriber must see "cannot be told yet" apart from "not met".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FAILED = "failed_adequate"
OPEN = frozenset({"borderline", "unknown"})
NOT_APPLICABLE = "not_applicable"
DEPRESSION = frozenset({"depression", "postpartum_depression"})


@dataclass(frozen=True, slots=True)
class Definition:
    """`status`: met, not_met, undetermined, not_applicable; `found` of `needed`, `possible` with what is open."""

    status: str
    found: int
    possible: int
    needed: int


def distinct_classes(result: Mapping[str, Any], said: Mapping[str, Any], needed: int) -> Definition:
    """The house definition: failed adequate trials of distinct classes."""
    return _definition(result, said, "class", needed, stored=result["status"])


def different_medicines(result: Mapping[str, Any], said: Mapping[str, Any], needed: int) -> Definition:
    """The European wording: failed adequate trials of different medicines."""
    return _definition(result, said, "ingredient", needed, stored=None)


def _definition(
    result: Mapping[str, Any], said: Mapping[str, Any], counts: str, needed: int, *, stored: str | None
) -> Definition:
    trials: Sequence[Mapping[str, Any]] = result.get("trials", [])
    failed = {trial[counts] for trial in trials if trial["verdict"] == FAILED}
    # An unrecognised name could be anything of its own; the same name twice is one medicine.
    could = {trial[counts] or f"?{trial.get('medicine') or at}" for at, trial in enumerate(trials) if _open(trial)}
    possible = len(failed | could)
    if not DEPRESSION & set(said.get("indications") or ()):
        return Definition(NOT_APPLICABLE, len(failed), possible, needed)
    asked = said.get("antidepressant_trials") is not None
    worked_out = "met" if len(failed) >= needed else "not_met" if asked and possible < needed else "undetermined"
    return Definition(stored or worked_out, len(failed), possible, needed)


def _open(trial: Mapping[str, Any]) -> bool:
    return trial["verdict"] in OPEN
