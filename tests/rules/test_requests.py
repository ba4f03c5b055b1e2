"""What a decision asks of the patient, thing by thing, and by when (policy section 1: information)."""

from datetime import UTC, date, datetime
from typing import Any

from intake.policy import load_policy
from intake.requests import rules
from intake.requests.rules import Ask, another_day, asked, due, letter_problem, reminders
from intake.rules.codes import finding_codes
from tests.rules.tables import each

FACTS: dict[str, Any] = {
    "schema": 1,
    "as_of": "2026-11-02",
    "reproductive": {"can_become_pregnant": True},
    "documents": [{"kind": "pain_records", "dated": "2026-10-01"}],
}
HEART = {"weeks_ago": 20, "cardiology_letter": False}


def finding(code: str, about: str, tier: str = "information", **facts: Any) -> dict[str, Any]:
    return {"code": code, "about": about, "tier": tier, "facts": facts, "patient_text": f"Why {code}."}


LETTER = finding("condition.myocardial_infarction.letter_missing", "myocardial_infarction", **HEART)
RECENT = finding("condition.myocardial_infarction.recent", "myocardial_infarction", "exclude", **HEART)
HIGH = finding("blood_pressure.above_limit", "blood_pressure", taken_on="2026-11-01")
BIPOLAR = finding("condition.bipolar.letter_missing", "bipolar", treating_clinician_letter=False)
# what a decision found -> what it asks for
CASES = [
    ([HIGH, finding("blood_pressure.undated", "blood_pressure")], ["reading"]),
    ([LETTER, BIPOLAR], ["letter:cardiology_letter", "letter:treating_clinician_letter"]),
    # The pain records are on file already.
    ([finding("indication.chronic_pain", "indication")], ["letter:treating_clinician_letter"]),
    ([finding("pregnancy.pregnant_unknown", "pregnancy")], ["pregnancy_test"]),
    ([finding("condition.seizures.no_date", "seizures")], ["answer:condition_times"]),
    ([finding("substance.remission_unknown", "alcohol")], ["answer:substance_remission"]),
    ([finding("medicine.opioid_frequency", "oxycodone")], ["answer:medicines"]),
    # Only time settles these.
    ([finding("substance.early_remission", "alcohol"), finding("state.not_served", "state")], []),
    ([finding("off_label", "off_label", "note"), finding("condition.sleep_apnea.review", "sleep_apnea", "review")], []),
    # An exclusion that the letter lifts is asked about; with any other one beside it nothing is.
    ([RECENT, LETTER, HIGH], ["letter:cardiology_letter"]),
    ([RECENT, LETTER, finding("condition.schizophrenia.exclude", "schizophrenia", "exclude")], []),
    ([finding("suicide_risk.high", "suicide_risk", "crisis"), HIGH], []),
]


@each(("findings", "items"), CASES)
def test_ux_08_a_decision_asks_for_each_thing_once(findings: list[dict[str, Any]], items: list[str]) -> None:
    found = asked(findings, FACTS, load_policy())
    assert [one.item for one in found] == items
    for one in found:
        assert one.texts
        assert one.kind in Ask


def test_ux_08_every_question_that_a_rule_can_ask_has_its_page() -> None:
    policy = load_policy()
    codes = finding_codes({code: rule.rule for code, rule in policy.conditions.items()}, ["clarithromycin"])
    asking = ("missing", "incomplete", "unknown", "not_answered", "no_date", "not_described", "undetermined", "not_met")
    for code in sorted(one for one in codes if one.endswith(asking) and not one.startswith("heart_rate")):
        about = "blood_pressure" if code.startswith("blood_pressure") else "x"
        assert len(asked([finding(code, about, cardiology_letter=False)], FACTS, policy)) == 1, code


def test_ux_08_days_end_at_night_and_reminders_come_by_day_in_the_patients_zone() -> None:
    evening = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)  # still 1 November in California, where clocks went back
    assert due(Ask.PREGNANCY_TEST, evening, "America/Los_Angeles") == datetime(2026, 11, 9, 7, 59, tzinfo=UTC)
    assert [at.isoformat() for at in reminders(Ask.READING, evening, "America/Los_Angeles")] == [
        "2026-11-08T10:00:00-08:00",
        "2026-11-13T10:00:00-08:00",
    ]
    for span in rules.spans().values():
        assert "[house]" in span.source


@each(("day", "problem"), [(3, "future"), (2, ""), (-88, ""), (-89, "old")])
def test_a_letter_counts_up_to_the_day_it_is_ninety_days_old(day: int, problem: str) -> None:
    today = date(2026, 11, 2)
    assert letter_problem(date.fromordinal(today.toordinal() - 2 + day), today, 90) == problem


def test_a_repeated_reading_is_of_a_later_day_than_the_one_that_was_too_high() -> None:
    assert another_day([HIGH]) == date(2026, 11, 1)
    assert another_day([finding("blood_pressure.incomplete", "blood_pressure", taken_on="2026-11-01")]) is None
