"""The policy version that a stored decision was made by."""

from __future__ import annotations

from intake.models import EligibilityDecision
from intake.policy import POLICIES, Policy, PolicyError, load_policy


def policy_of(decision: EligibilityDecision) -> Policy | None:
    """The policy of a decision; None when that version is not kept any more, and nothing may stand in for it."""
    file = POLICIES / f"{decision.policy_version}.toml"
    if file.parent != POLICIES:
        return None
    try:
        return load_policy(file)
    except PolicyError:
        return None
