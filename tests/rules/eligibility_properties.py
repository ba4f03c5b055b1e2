"""What must hold for every case (issue 3, I8); the cases are in random_cases.py."""

import json
from copy import deepcopy
from random import Random
from typing import Any

from intake.case_reader import read_case
from intake.eligibility import Decision, Outcome, assess
from intake.policy import load_policy
from intake.rules.codes import finding_codes
from tests.rules.random_cases import GENERICS, LISTS

POLICY = load_policy()
ORDER = list(Outcome)
CODES = finding_codes(
    {code: rule.rule for code, rule in POLICY.conditions.items()}, (group.key for group in POLICY.groups.values())
)
HIGH = ({"intent": True}, {"plan": True}, {"behavior_past_3_months": True})


def decision_for(raw: dict[str, Any]) -> Decision:
    return assess(read_case(raw), POLICY)


def _said(decision: Decision) -> list[tuple[str, str, str]]:
    return [(finding.tier, finding.code, finding.about) for finding in decision.findings]


def check_total_and_reproducible(raw: dict[str, Any]) -> None:
    """Any case is decided, twice the same, and again the same from what was stored; every code is a known one."""
    case = read_case(raw)
    decision = assess(case, POLICY)
    assert assess(case, POLICY) == decision
    assert decision_for(json.loads(json.dumps(case.to_json()))) == decision
    assert json.loads(json.dumps(decision.to_json())) == decision.to_json()
    assert [finding.about for finding in decision.findings].count("off_label") == 1
    assert {finding.code for finding in decision.findings} <= CODES
    heaviest = {finding.tier.value for finding in decision.findings}
    for tier, outcome in (("crisis", "crisis"), ("exclude", "not_eligible"), ("information", "needs_information")):
        if tier in heaviest:
            assert decision.outcome == outcome
            break
    else:
        assert decision.outcome == "eligible_for_review"


def check_order_does_not_matter(raw: dict[str, Any], seed: int) -> None:
    """Naming the same things in any other order gives the same findings and as many of each verdict."""
    mixed = deepcopy(raw)
    for key in LISTS:
        Random(seed).shuffle(mixed.get(key) or [])
    one, other = decision_for(raw), decision_for(mixed)
    assert one.findings == other.findings
    assert one.outcome == other.outcome
    first, second = one.treatment_resistance, other.treatment_resistance
    assert (first.status, first.failed_adequate, first.distinct_classes) == (
        second.status,
        second.failed_adequate,
        second.distinct_classes,
    )
    assert sorted(trial.verdict for trial in first.trials) == sorted(trial.verdict for trial in second.trials)


def check_a_worry_never_helps(raw: dict[str, Any], worry: tuple[str, dict[str, Any]]) -> None:
    """Adding a contraindication to a list that was answered never improves the outcome."""
    key, row = worry
    answered = {**raw, key: raw[key] or []}
    more = {**answered, key: [*answered[key], row]}
    assert ORDER.index(decision_for(more).outcome) <= ORDER.index(decision_for(answered).outcome)


def check_silence_never_helps(raw: dict[str, Any]) -> None:
    """Leaving any one answer away never makes a case `eligible_for_review`: nobody is cleared by what is missing."""
    if decision_for(raw).outcome == Outcome.ELIGIBLE_FOR_REVIEW:
        return
    for place, quieter in _each_answer_away(raw):
        assert decision_for(quieter).outcome != Outcome.ELIGIBLE_FOR_REVIEW, place


def _each_answer_away(raw: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = [(key, {**raw, key: None}) for key in raw if _asked(key, raw)]
    for key, value in raw.items():
        if isinstance(value, dict):
            found += [
                (f"{key}.{inner}", {**raw, key: {**value, inner: None}}) for inner in value if _asked(key, raw, inner)
            ]
        for at, row in enumerate(value if isinstance(value, list) else []):
            for inner in row if isinstance(row, dict) else ():
                if _asked_in_row(key, inner, row):
                    less = [*value[:at], {**row, inner: None}, *value[at + 1 :]]
                    found.append((f"{key}.{at}.{inner}", {**raw, key: less}))
    return found


# Questions of the C-SSRS that a "no" to another one skips (policy section 4).
SKIPPED_BY = {
    "method": "suicidal_thoughts",
    "intent": "suicidal_thoughts",
    "plan": "suicidal_thoughts",
    "behavior_past_3_months": "behavior_lifetime",
}


def _asked(key: str, raw: dict[str, Any], inner: str = "") -> bool:
    """Whether the policy asks for an answer. Not about pregnancy of men and of those who cannot become pregnant."""
    if key == "cssrs" and inner in SKIPPED_BY:
        return raw[key][SKIPPED_BY[inner]] is not False
    if key != "reproductive" or not raw[key]:
        return key not in ("schema", "as_of")
    return raw["sex_at_birth"] != "male" and raw[key].get("can_become_pregnant") is not False


def _asked_in_row(key: str, inner: str, row: dict[str, Any]) -> bool:
    """Alcohol, cannabis and what is past need no answer about a disorder."""
    if (key, inner) != ("substances", "disorder"):
        return True
    return row.get("substance") not in ("alcohol", "cannabis") and row.get("use") not in ("past", "never")


def check_crisis_always_wins(raw: dict[str, Any]) -> None:
    """Intent, a plan or recent behavior lead to the crisis page whatever else was answered or left away."""
    for answer in HIGH:
        decision = decision_for({**raw, "cssrs": {**(raw["cssrs"] or {}), **answer}})
        assert (decision.outcome, decision.suicide_risk) == ("crisis", "high")


def check_a_brand_is_its_generic(raw: dict[str, Any]) -> None:
    """Typing the generic instead of the brand gives the same decision."""
    plain = deepcopy(raw)
    for key, field in (("antidepressant_trials", "medicine"), ("medicines", "name")):
        for row in plain.get(key) or []:
            row.update({field: GENERICS[row[field]]} if row.get(field) in GENERICS else {})
    one, other = decision_for(raw), decision_for(plain)
    assert (one.outcome, set(_said(one))) == (other.outcome, set(_said(other)))
    assert [(trial.verdict, trial.ingredient) for trial in one.treatment_resistance.trials] == [
        (trial.verdict, trial.ingredient) for trial in other.treatment_resistance.trials
    ]
