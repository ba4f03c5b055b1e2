"""The published examples, and the order of outcomes."""

import json
from pathlib import Path

import pytest

from intake.case_reader import read_case
from intake.eligibility import assess
from tests.rules.eligibility_cases import CLEAN, NDRI_FAILED, POLICY, SSRI_FAILED, decide, pairs

EXAMPLES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def test_there_are_examples():
    assert len(EXAMPLES) == 9


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path):
    example = json.loads(path.read_text())
    expected = example["expected"]
    decision = assess(read_case(example["input"]), POLICY)
    said = decision.to_json()
    resistance = expected.get("treatment_resistance", {})
    wanted_verdicts = resistance.pop("verdicts", None)

    assert said["outcome"] == expected["outcome"]
    assert said["suicide_risk"] == expected.get("suicide_risk", said["suicide_risk"])
    assert {key: said["treatment_resistance"][key] for key in resistance} == resistance
    if wanted_verdicts is not None:
        assert [trial["verdict"] for trial in said["treatment_resistance"]["trials"]] == wanted_verdicts
    assert {tuple(pair) for pair in expected.get("findings", [])} <= pairs(decision)
    assert not {tuple(pair) for pair in expected.get("not_findings", [])} & pairs(decision)


def test_the_clean_case_has_only_notes():
    assert pairs(decide()) == {("note", "off_label"), ("note", "treatment_resistance")}


HIGH_RISK = {**CLEAN["cssrs"], "suicidal_thoughts": True, "method": True, "intent": True, "plan": False}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "eligible_for_review"),
        ({"conditions": [{"code": "hypertension"}]}, "eligible_for_review"),
        ({"adult_sitter": None, "conditions": [{"code": "hypertension"}]}, "needs_information"),
        ({"adult_sitter": None, "conditions": [{"code": "schizophrenia"}]}, "not_eligible"),
        ({"adult_sitter": None, "conditions": [{"code": "schizophrenia"}], "cssrs": HIGH_RISK}, "crisis"),
    ],
)
def test_the_heaviest_tier_decides(changes, outcome):
    assert decide(**changes).outcome == outcome


def test_all_rules_run_even_in_a_crisis():
    decision = decide(cssrs=HIGH_RISK, conditions=[{"code": "dementia"}], medicines=[{"name": "Xanax"}])
    assert {("crisis", "suicide_risk"), ("review", "dementia"), ("review", "alprazolam")} <= pairs(decision)


@pytest.mark.parametrize(
    "changes", [{}, {"conditions": None}, {"cssrs": HIGH_RISK}, dict.fromkeys(CLEAN.keys() - {"schema", "as_of"})]
)
def test_there_is_always_exactly_one_off_label_note(changes):
    assert [f.tier for f in decide(**changes).findings if f.about == "off_label"] == ["note"]


def test_an_empty_case_asks_for_everything_and_clears_nothing():
    decision = assess(read_case({"schema": 1, "as_of": "2026-11-02"}), POLICY)
    assert decision.outcome == "needs_information"
    assert decision.suicide_risk == "incomplete"
    assert decision.scores == {}
    asked = {about for tier, about in pairs(decision) if tier == "information"}
    assert asked == {
        "suicide_risk",
        "antidepressant_trials",
        "instrument.phq9",
        "indication",
        "conditions",
        "substances",
        "medicines",
        "blood_pressure",
        "pregnancy",
        "age",
        "state",
        "sitter",
    }


@pytest.mark.parametrize("key", ["antidepressant_trials", "conditions", "substances", "medicines"])
def test_a_list_that_was_not_answered_is_asked_for(key):
    assert ("information", key) in pairs(decide(**{key: None}))
    assert ("information", key) not in pairs(decide(**{key: []}))


def test_what_is_named_twice_is_said_once():
    twice = decide(conditions=[{"code": "dementia"}, {"code": "dementia"}])
    assert [f.about for f in twice.findings].count("dementia") == 1


def test_a_decision_has_the_keys_of_the_format():
    said = decide().to_json()
    resistance = said["treatment_resistance"]
    assert list(said) == [
        "outcome", "policy_version", "suicide_risk", "treatment_resistance", "scores", "findings",
    ]  # fmt: skip
    assert list(resistance) == ["status", "failed_adequate", "distinct_classes", "two_different_medicines", "trials"]
    assert {tuple(trial) for trial in resistance["trials"]} == {("medicine", "ingredient", "class", "verdict")}
    assert {tuple(score) for score in said["scores"].values()} == {("total", "band")}
    assert {tuple(finding) for finding in said["findings"]} == {
        ("code", "tier", "about", "facts", "patient_text", "clinician_text", "source")
    }


def test_every_finding_has_its_texts_and_source():
    decision = decide(
        cssrs=HIGH_RISK,
        conditions=None,
        medicines=[{"name": "Xanax"}, {"name": "Percocet"}, {"name": "mystery"}],
        blood_pressure=[],
        antidepressant_trials=[SSRI_FAILED, NDRI_FAILED, {"medicine": "Zolft"}],
    )
    for finding in decision.findings:
        assert all((finding.code, finding.patient_text, finding.clinician_text, finding.source))
    assert json.loads(json.dumps(decision.to_json())) == decision.to_json()
