"""Eligibility for treatment at home: every rule of policy sections 1 to 7 over one case (docs/eligibility.md).

No outcome is an approval: a prescriber decides. All rules always run, so that every finding is seen, and a missing
answer that could change the outcome is a finding of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from harmoniously.core.questions.instruments import Score, SuicideRisk
from intake.case import Case
from intake.policy import Policy
from intake.rules.blood_pressure import blood_pressure_findings
from intake.rules.conditions import condition_findings
from intake.rules.finding import Finding, Tier
from intake.rules.indications import indication_findings, score_instruments
from intake.rules.medicines import medicine_findings
from intake.rules.people import person_findings
from intake.rules.reproduction import reproduction_findings
from intake.rules.resistance import ResistanceResult, assess_resistance
from intake.rules.substances import substance_findings
from intake.rules.suicide import assess_suicide_risk

__all__ = ["Decision", "Finding", "Outcome", "Tier", "assess"]


class Outcome(StrEnum):
    """Heaviest first: the heaviest tier among the findings decides."""

    CRISIS = "crisis"
    NOT_ELIGIBLE = "not_eligible"
    NEEDS_INFORMATION = "needs_information"
    ELIGIBLE_FOR_REVIEW = "eligible_for_review"


_OUTCOMES = {
    Tier.CRISIS: Outcome.CRISIS,
    Tier.EXCLUDE: Outcome.NOT_ELIGIBLE,
    Tier.INFORMATION: Outcome.NEEDS_INFORMATION,
}


@dataclass(frozen=True)
class Decision:
    """What the rules say about one case under one policy version."""

    outcome: Outcome
    policy_version: str
    suicide_risk: SuicideRisk
    treatment_resistance: ResistanceResult
    scores: Mapping[str, Score]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """The decision in the output format of the eligibility command."""
        return {
            "outcome": self.outcome.value,
            "policy_version": self.policy_version,
            "suicide_risk": self.suicide_risk.value,
            "treatment_resistance": self.treatment_resistance.to_json(),
            "scores": {key: score.to_json() for key, score in self.scores.items()},
            "findings": [finding.to_json() for finding in self.findings],
        }


def assess(case: Case, policy: Policy) -> Decision:
    """Decide one case. Total over every case that can be read, and a pure function of its arguments."""
    risk, risk_findings = assess_suicide_risk(case, policy)
    resistance, resistance_findings = assess_resistance(case, policy)
    scores = score_instruments(case)
    findings = [
        *risk_findings,
        *resistance_findings,
        *indication_findings(case, scores, policy),
        *condition_findings(case, policy),
        *substance_findings(case, policy),
        *medicine_findings(case, policy),
        *blood_pressure_findings(case, policy),
        *reproduction_findings(case, policy),
        *person_findings(case, policy),
        _off_label(policy),
    ]
    findings = [_worded(finding, policy) for finding in findings]
    # The order in which a patient names things must not matter, and what is named twice is said once.
    unique = {finding.order(): finding for finding in findings}
    ordered = tuple(unique[key] for key in sorted(unique))
    return Decision(
        outcome=_outcome(ordered),
        policy_version=policy.version,
        suicide_risk=risk,
        treatment_resistance=resistance,
        scores=scores,
        findings=ordered,
    )


def _outcome(findings: tuple[Finding, ...]) -> Outcome:
    tiers = {finding.tier for finding in findings}
    return next((outcome for tier, outcome in _OUTCOMES.items() if tier in tiers), Outcome.ELIGIBLE_FOR_REVIEW)


def _worded(finding: Finding, policy: Policy) -> Finding:
    """A finding in the words of this policy version; what was decided stays."""
    words = policy.wording.get(finding.code)
    return finding if words is None else replace(finding, patient_text=words.patient, clinician_text=words.clinician)


def _off_label(policy: Policy) -> Finding:
    return Finding(
        code="off_label",
        tier=Tier.NOTE,
        about="off_label",
        patient_text="Ketamine is not approved by the FDA for any mental health condition. This use is off-label. A "
        "prescriber decides whether it could be right for you.",
        clinician_text="Off-label use; compounded products are not evaluated by the FDA. A prescriber decides; no "
        "outcome of these rules is an approval.",
        source=f"FDA, 10 October 2023; {policy.section(1)}",
    )
