"""What one decision was made from and what the rules made of it, in words, under the policy version it was made by.

Nothing is read here: a decision of last year shows what it stored, beside the numbers of its own policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intake.models import EligibilityDecision
from intake.policy import Policy
from telemedicine.reviews import facts, findings, measured, medicines, trials
from telemedicine.reviews.policies import policy_of
from telemedicine.reviews.wording import OUTCOME_TONES, RISK_WORDS, Item, Tagged


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the page shows of one decision."""

    outcome: Tagged
    risk: Tagged
    policy_version: str
    policy_at_hand: bool
    groups: list[findings.Group]
    definitions: list[trials.DefinitionRow]
    trials: list[trials.TrialRow] | None
    scores: list[measured.ScoreRow]
    pressures: list[measured.PressureRow]
    body: list[Item]
    medicines: list[medicines.MedicineRow] | None
    conditions: list[Item]
    allergies: list[Item]
    substances: list[Item]


def evidence(decision: EligibilityDecision) -> Evidence:
    """One decision in words."""
    said: Mapping[str, Any] = decision.facts
    policy: Policy | None = policy_of(decision)
    listed = said.get("antidepressant_trials") is not None
    return Evidence(
        outcome=Tagged(OUTCOME_TONES[decision.outcome], decision.get_outcome_display()),
        risk=Tagged(*RISK_WORDS[decision.suicide_risk]),
        policy_version=decision.policy_version,
        policy_at_hand=policy is not None,
        groups=findings.groups(decision.findings),
        definitions=trials.definitions(said, decision.summary, policy),
        trials=trials.trials(said, decision.summary, _entries(decision), policy) if listed else None,
        scores=measured.scores(said, decision.summary, decision.suicide_risk),
        pressures=measured.pressures(said, policy),
        body=facts.body(said),
        medicines=medicines.medicines(said, decision.findings),
        conditions=facts.conditions(said),
        allergies=facts.allergies(said),
        substances=facts.substances(said),
    )


def _entries(decision: EligibilityDecision) -> Sequence[Mapping[str, Any]]:
    """The antidepressants as they were filled in, for the dose in its own unit."""
    page: Mapping[str, Any] = decision.submission.answers.get("antidepressants", {})
    entries: Sequence[Mapping[str, Any]] = page.get("items", [])
    return entries
