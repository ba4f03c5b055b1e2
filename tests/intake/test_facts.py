"""From answers to facts: nothing is invented, and what was not answered stays out. No database."""

from typing import Any

import pytest

from harmoniously.core.questions import flow
from intake.ago import weeks_ago
from intake.case_reader import read_case
from intake.facts import facts_from_answers
from intake.hints import is_urgent
from intake.pages import INTAKE
from tests.intake.walk import ANSWERS, READING, TODAY, ZOLOFT, stored_answers


def facts(lists: dict[str, Any] | None = None, **changes: dict[str, Any]) -> dict[str, Any]:
    answers = stored_answers(lists, **changes)
    found = facts_from_answers(flow.route(INTAKE, answers).used, as_of=TODAY)
    read_case(found)  # the engine's strict reader takes it
    return found


@pytest.mark.parametrize(
    ("amount", "unit", "weeks"),
    [
        (6, "days", 0),
        (13, "days", 1),
        (3, "weeks", 3),
        (1, "months", 4),
        (6, "months", 26),
        (12, "months", 52),
        (1, "years", 52),
        (2, "years", 104),
        (2000, "years", 2000),
    ],
)
def test_how_long_ago_becomes_whole_weeks_on_the_recent_side(amount: int, unit: str, weeks: int) -> None:
    assert weeks_ago({"amount": amount, "unit": unit}) == weeks


def test_no_answers_are_no_facts() -> None:
    assert facts_from_answers({}, as_of=TODAY) == {"schema": 1, "as_of": TODAY.isoformat(), "documents": []}


@pytest.mark.parametrize(
    ("dose", "unit", "mg"), [("150", "mg", 150.0), ("37,5", "mg", 37.5), ("0.5 mg", "mg", 0.5), ("", "unknown", None)]
)
def test_a_dose_is_given_in_milligrams(dose: str, unit: str, mg: float | None) -> None:
    trial = {**ZOLOFT, "dose": dose, "dose_unit": unit}
    found = facts({"antidepressants": [trial]})["antidepressant_trials"][0]["max_daily_dose_mg"]
    assert found == pytest.approx(mg)


def test_not_knowing_is_not_zero() -> None:
    trial = {**ZOLOFT, "weeks": "", "improvement": "unknown"}
    found = facts({"antidepressants": [trial]})["antidepressant_trials"][0]
    assert (found["weeks_at_dose"], found["improvement_percent"]) == (None, None)


def test_a_list_that_was_said_to_be_empty_is_answered() -> None:
    assert facts({"antidepressants": [], "blood_pressure": []})["antidepressant_trials"] == []


def test_a_list_that_is_not_complete_is_not_answered() -> None:
    answers = stored_answers()
    answers["medicines"]["complete"] = False
    assert "medicines" not in facts_from_answers(answers, as_of=TODAY)


def test_conditions_are_answered_only_when_every_page_is() -> None:
    answers = stored_answers()
    del answers["conditions_mind"]
    assert "conditions" not in facts_from_answers(answers, as_of=TODAY)


def test_conditions_carry_when_it_was() -> None:
    found = facts(
        conditions_heart={"codes": ["myocardial_infarction", "hypertension"]},
        condition_times={"myocardial_infarction_0": "3", "myocardial_infarction_1": "weeks"},
    )
    assert {row["code"]: row.get("weeks_ago") for row in found["conditions"]} == {
        "hypertension": None,
        "myocardial_infarction": 3,
    }


def test_substances_carry_problem_and_remission() -> None:
    found = facts(
        substances={**ANSWERS["substances"], "alcohol": "past"},
        substance_details={"alcohol_amount": "2 beers", "alcohol_last_0": "2", "alcohol_last_1": "years"},
        substance_problems={"alcohol": "remission"},
        substance_remission={"alcohol": "8"},
    )
    assert found["substances"][0] == {
        "substance": "alcohol",
        "use": "past",
        "disorder": "remission",
        "remission_months": 8,
    }


@pytest.mark.parametrize(("said", "pregnant"), [("yes", True), ("no", False), ("unknown", None)])
def test_pregnancy_may_be_unknown(said: str, pregnant: bool | None) -> None:
    found = facts(
        pregnancy_possible={"can_become_pregnant": "yes", "breastfeeding": "no"},
        pregnancy={"pregnant": said, "trying": "no"},
    )
    assert found["reproductive"]["pregnant"] is pregnant


def test_men_are_not_asked_about_pregnancy() -> None:
    assert "reproductive" not in facts(about_you={**ANSWERS["about_you"], "sex_at_birth": "male"})


def test_the_cssrs_skips_what_was_not_asked() -> None:
    assert facts()["cssrs"] == {
        "wish_dead": False,
        "suicidal_thoughts": False,
        "method": None,
        "intent": None,
        "plan": None,
        "behavior_lifetime": False,
        "behavior_past_3_months": None,
    }


@pytest.mark.parametrize(
    ("upper", "lower", "urgent"),
    [("179", "119", False), ("180", "80", True), ("150", "120", True)],
)
def test_an_urgent_pressure_is_said_at_once(upper: str, lower: str, urgent: bool) -> None:
    reading = {**READING, "pressure_0": upper, "pressure_1": lower, "pressure_confirmed": "on"}
    entries = stored_answers({"blood_pressure": [reading]})["blood_pressure"]["items"]
    assert is_urgent("blood_pressure", entries, today=TODAY) is urgent
