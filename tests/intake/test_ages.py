"""How long an answer counts, and what follows when it does not any more (policy sections 4 and 9)."""

from datetime import date, timedelta
from typing import Any

import pytest

from harmoniously.core.questions.specs import SAID_ON
from intake import ages
from intake.facts import facts_from_answers
from intake.trial_entries import weeks_at_dose

TODAY = date(2026, 11, 22)
NO_TO_ALL = {"wish_dead": False, "suicidal_thoughts": False}


def on(days_ago: int, name: str = SAID_ON, **given: Any) -> dict[str, Any]:
    """An answer of so many days ago."""
    return {**given, name: (TODAY - timedelta(days=days_ago)).isoformat()}


@pytest.mark.parametrize(
    ("key", "days"),
    [("phq9", 14), ("gad7", 14), ("pcl5", 30), ("peg", 7), ("cssrs_recent", 14), ("pregnancy_possible", 14)],
)
def test_an_answer_counts_for_its_days(key: str, days: int) -> None:
    assert [ages.too_old(key, on(age), TODAY) for age in (0, days, days + 1)] == [False, False, True]
    assert not ages.too_old(key, {}, TODAY)


def test_a_pregnancy_test_counts_from_its_own_day() -> None:
    tested = [on(0, pregnant="no", **on(age, "_tested_on")) for age in (7, 8)]
    assert [ages.too_old("pregnancy", one, TODAY) for one in tested] == [False, True]
    who = {"about_you": {"sex_at_birth": "female"}, "pregnancy_possible": on(0, can_become_pregnant=True)}
    read = [
        facts_from_answers({**who, "pregnancy": given}, as_of=TODAY)["reproductive"]["pregnant"]
        for given in (*tested, on(90, pregnant="yes", **on(90, "_tested_on")))
    ]
    assert read == [False, None, True]  # what speaks against the treatment never becomes too old


@pytest.mark.parametrize(("age", "known"), [(14, False), (15, None)])
def test_policy_5_an_old_no_to_breastfeeding_and_to_a_wish_for_a_child_is_no_answer(
    age: int, known: bool | None
) -> None:
    possible = on(age, can_become_pregnant=True, breastfeeding=False)
    used = {"about_you": {"sex_at_birth": "female"}, "pregnancy_possible": possible, "pregnancy": on(age, trying=False)}
    found = facts_from_answers(used, as_of=TODAY)["reproductive"]
    assert (found["breastfeeding"], found["trying_to_conceive"]) == (known, known)
    never = {"pregnancy_possible": on(age, can_become_pregnant=False)}
    assert facts_from_answers({**used, **never}, as_of=TODAY)["reproductive"]["can_become_pregnant"] is False


def test_policy_9_what_a_clinician_reads_of_a_letter_makes_no_answer_older() -> None:
    read = facts_from_answers({"phq9": on(20, items=[1] * 9)}, as_of=TODAY, told_on=TODAY - timedelta(days=20))
    assert read["phq9"] == [1] * 9


def test_policy_4_an_old_no_is_no_answer_and_an_old_yes_stays_one() -> None:
    thoughts = on(15, wish_dead=True, suicidal_thoughts=False)
    facts = facts_from_answers({"phq9": on(15, items=[3] * 9), "cssrs_thoughts": thoughts}, as_of=TODAY)
    assert "phq9" not in facts
    assert (facts["cssrs"]["wish_dead"], facts["cssrs"]["suicidal_thoughts"]) == (True, None)


def test_policy_4_a_copy_of_answers_says_nothing_about_suicide() -> None:
    answers = {"cssrs_thoughts": NO_TO_ALL, "phq9": on(15), "gad7": on(14), "body": {"weight": 70}}
    assert set(ages.given_anew(answers, TODAY)) == {"gad7", "body"}
    assert set(ages.given_anew(ages.dated({"phq9": {"items": []}}, date(2026, 11, 7)), TODAY)) == set()


def test_policy_2_weeks_count_until_the_day_on_which_they_were_told() -> None:
    taking = {"medicine": "Zoloft", "stopped": "still_taking", "started": "2026-10-01", "improvement": "10"}
    assert weeks_at_dose({**taking, SAID_ON: "2026-11-05"}, as_of=TODAY) == 5.0
    assert weeks_at_dose({**taking, SAID_ON: "2026-11-23"}, as_of=TODAY) == 7.43  # told in a zone that is ahead
    assert weeks_at_dose(taking, as_of=TODAY) == 7.43
