"""What must hold for every case."""

import json
from typing import Any

from intake.case_reader import read_case
from intake.eligibility import Decision, Outcome, assess
from tests.intake.eligibility_strategies import LISTS
from tests.rules.eligibility_cases import POLICY

ORDER = list(Outcome)


def decision_for(raw: dict[str, Any]) -> Decision:
    return assess(read_case(raw), POLICY)


def check_total_and_reproducible(raw: dict[str, Any]) -> None:
    """Any case is decided, twice the same, and again the same from what was stored."""
    case = read_case(raw)
    decision = assess(case, POLICY)
    assert assess(case, POLICY) == decision
    assert decision_for(json.loads(json.dumps(case.to_json()))) == decision
    assert json.loads(json.dumps(decision.to_json())) == decision.to_json()
    assert [finding.about for finding in decision.findings].count("off_label") == 1
    heaviest = {finding.tier.value for finding in decision.findings}
    for tier, outcome in (("crisis", "crisis"), ("exclude", "not_eligible"), ("information", "needs_information")):
        if tier in heaviest:
            assert decision.outcome == outcome
            break
    else:
        assert decision.outcome == "eligible_for_review"


def check_order_does_not_matter(raw: dict[str, Any]) -> None:
    """Naming the same things the other way round gives the same findings."""
    turned = {key: value[::-1] if key in LISTS and value else value for key, value in raw.items()}
    one, other = decision_for(raw), decision_for(turned)
    assert one.findings == other.findings
    assert one.outcome == other.outcome
    assert one.treatment_resistance.status == other.treatment_resistance.status


def check_a_worry_never_helps(raw: dict[str, Any], worry: tuple[str, dict[str, Any]]) -> None:
    """Adding a contraindication to a list that was answered never improves the outcome."""
    key, row = worry
    answered = {**raw, key: raw[key] or []}
    more = {**answered, key: [*answered[key], row]}
    assert ORDER.index(decision_for(more).outcome) <= ORDER.index(decision_for(answered).outcome)


def check_silence_never_helps(raw: dict[str, Any], key: str) -> None:
    """Leaving an answer away never turns a decision into `eligible_for_review`."""
    if decision_for(raw).outcome == Outcome.NEEDS_INFORMATION:
        assert decision_for({**raw, key: None}).outcome != Outcome.ELIGIBLE_FOR_REVIEW
