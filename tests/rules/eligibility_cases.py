"""A patient whom nothing holds up, and ways to change one thing about them."""

from datetime import date, timedelta
from typing import Any

from intake.case_reader import read_case
from intake.eligibility import Decision, assess
from intake.policy import load_policy

AS_OF = date(2026, 11, 2)
POLICY = load_policy()

SSRI_FAILED = {
    "medicine": "Zoloft 150",
    "max_daily_dose_mg": 150,
    "weeks_at_dose": 10,
    "taken_for": "depression",
    "episode": "current",
    "improvement_percent": 10,
    "stopped_because": "no_benefit",
}
NDRI_FAILED = {**SSRI_FAILED, "medicine": "Wellbutrin XL 300", "max_daily_dose_mg": 300, "weeks_at_dose": 8}

CLEAN: dict[str, Any] = {
    "schema": 1,
    "as_of": AS_OF.isoformat(),
    "date_of_birth": "1985-03-04",
    "sex_at_birth": "male",
    "state": "CA",
    "weight_kg": 80.0,
    "height_cm": 178,
    "indications": ["depression"],
    "antidepressant_trials": [SSRI_FAILED, NDRI_FAILED],
    "phq9": [2, 3, 2, 2, 2, 2, 2, 1, 0],
    "gad7": [2, 2, 2, 2, 1, 1, 1],
    "pcl5": None,
    "peg": None,
    "cssrs": {
        "wish_dead": False,
        "suicidal_thoughts": False,
        "method": None,
        "intent": None,
        "plan": None,
        "behavior_lifetime": False,
        "behavior_past_3_months": None,
    },
    "conditions": [],
    "substances": [],
    "medicines": [],
    "blood_pressure": [{"taken_on": "2026-11-01", "systolic": 122, "diastolic": 76}],
    "heart_rate": 72,
    "reproductive": None,
    "documents": [],
    "adult_sitter": True,
}


def days_ago(days: int) -> str:
    return (AS_OF - timedelta(days=days)).isoformat()


def document(kind: str, days: int = 10) -> dict[str, str]:
    return {"kind": kind, "dated": days_ago(days)}


def decide(**changes: Any) -> Decision:
    """The decision for the clean case with some answers changed."""
    return assess(read_case({**CLEAN, **changes}), POLICY)


def pairs(decision: Decision) -> set[tuple[str, str]]:
    return {(finding.tier.value, finding.about) for finding in decision.findings}


def tiers(decision: Decision, about: str) -> list[str]:
    """The tiers of the findings about one thing, heaviest first."""
    return [finding.tier.value for finding in decision.findings if finding.about == about]


def codes(decision: Decision) -> set[str]:
    return {finding.code for finding in decision.findings}


def condition(code: str, weeks: float | None = None, *documents: dict[str, str]) -> list[str]:
    """The tiers about one condition."""
    decision = decide(conditions=[{"code": code, "weeks_ago": weeks}], documents=list(documents))
    return tiers(decision, code)


def verdicts(*trials: dict[str, Any]) -> list[str]:
    """The verdicts of trials, each given as a change of one that failed."""
    decision = decide(antidepressant_trials=[{**SSRI_FAILED, **trial} for trial in trials])
    return [trial.verdict.value for trial in decision.treatment_resistance.trials]
