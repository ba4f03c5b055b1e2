"""When a refused person may apply again: the table beside the policy, one row per finding that excludes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from intake.again import UNKNOWN, Wait, _wait, load_waits, reapplication
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.policy import Policy, PolicyError, load_policy
from tests.rules.eligibility_cases import CLEAN
from tests.rules.tables import each

DAY = date(2026, 11, 4)
POLICY = load_policy()
EXCLUDING = {
    "age.minor",
    "blood_pressure.high_on_two_days",
    "blood_pressure.urgent",
    "condition.bipolar.recent_mania",
    "condition.myocardial_infarction.recent",
    "condition.opioid_use_disorder.current",
    "condition.seizures.recent",
    "condition.stroke_or_tia.recent",
    "condition.substance_use_disorder.current",
    "medicine.opioid_daily",
    "medicine.opioid_with_benzodiazepine",
    "substance.daily_opioid",
    "substance.opioid_with_sedative",
    "substance.recreational_use",
    "substance.use_disorder",
    *(f"condition.{code}.exclude" for code, rule in POLICY.conditions.items() if rule.tier == "exclude"),
    *(
        f"medicine.{group.key}"
        for group in POLICY.groups.values()
        if group.tier == "exclude" and "opioid" not in group.key
    ),
}
# code, facts, days until a new application (None: never)
ROWS: list[tuple[str, dict[str, Any], int | None]] = [
    ("condition.intracerebral_hemorrhage.exclude", {}, None),
    ("condition.schizophrenia.exclude", {}, None),
    ("condition.pregnant.exclude", {}, 0),
    ("condition.myocardial_infarction.recent", {"weeks_ago": 3}, 21),
    ("condition.myocardial_infarction.recent", {"weeks_ago": 6}, 0),
    ("condition.myocardial_infarction.recent", {"weeks_ago": 20}, 0),
    ("condition.seizures.recent", {"weeks_ago": 52}, 7),
    ("condition.bipolar.recent_mania", {"weeks_ago": 0}, 371),
    ("condition.mania_current.exclude", {}, 371),
    ("condition.opioid_use_disorder.current", {"weeks_ago": 51}, 7),
    ("substance.use_disorder", {}, 364),
    ("substance.daily_opioid", {}, 364),
    ("substance.opioid_with_sedative", {}, 0),
    ("substance.recreational_use", {}, 364),
    ("medicine.opioid_daily", {}, 0),
    ("blood_pressure.high_on_two_days", {}, 1),
    ("blood_pressure.urgent", {"taken_on": "2026-11-01"}, 28),
    ("not.in.the.table", {}, None),
]


def finding(code: str, facts: dict[str, Any] | None = None, tier: str = "exclude") -> dict[str, Any]:
    return {"code": code, "tier": tier, "facts": facts or {}}


def test_every_finding_that_excludes_has_its_row() -> None:
    assert set(load_waits(POLICY.version)) == EXCLUDING
    assert UNKNOWN.when == "never"


@each(("code", "facts", "days"), ROWS)
def test_from_when_somebody_may_apply_again(code: str, facts: dict[str, Any], days: int | None) -> None:
    found = reapplication([finding(code, facts)], {}, decided_on=DAY, waits=load_waits())
    assert found.on == (None if days is None else DAY + timedelta(days=days))
    assert found.never is (days is None)
    if days:
        assert not found.open(DAY + timedelta(days=days - 1))
    if days is not None:
        assert found.open(DAY + timedelta(days=days))


def test_every_reason_has_to_have_passed() -> None:
    both = [finding("condition.pregnant.exclude"), finding("condition.seizures.recent", {"weeks_ago": 50})]
    found = reapplication(both, {}, decided_on=DAY, waits=load_waits())
    assert found.on == DAY + timedelta(weeks=3)
    lasting = reapplication([*both, finding("condition.schizophrenia.exclude")], {}, decided_on=DAY, waits=load_waits())
    assert lasting.on is None
    assert not lasting.open(date(2126, 1, 1))


def test_what_does_not_exclude_bars_nobody() -> None:
    found = reapplication([finding("age.older", tier="review")], {}, decided_on=DAY, waits=load_waits())
    assert found.open(DAY)


@each(("born", "expected"), [("2009-05-06", date(2027, 5, 6)), ("2012-02-29", date(2030, 3, 1))])
def test_a_minor_may_apply_on_the_birthday(born: str, expected: date) -> None:
    found = reapplication([finding("age.minor")], {"date_of_birth": born}, decided_on=DAY, waits=load_waits())
    assert found.on == expected


@each(
    "row",
    [
        {},
        {"when": "over"},
        {"when": "ever", "days": 1},
        {"when": "never", "days": 1},
        {"when": "never", "policy": "timing.year_weeks"},
        {"when": "event", "weeks": -1},
        {"when": "event", "weeks": True},
        {"when": "event", "days": 1},
        {"when": "over", "days": 1, "policy": "timing.year_weeks"},
        {"when": "over", "policy": "timing.year_weeks", "more_than": "timing.year_weeks"},
        {"when": "over", "policy": "timing.decade_weeks"},
        {"when": "over", "policy": "times.year_weeks"},
        {"when": "over", "policy": "version"},
        {"when": "over", "policy": "people.high_bmi"},
        {"when": "over", "policy": 5},
    ],
)
def test_a_broken_row_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        _wait("x", {"source": "s", "words": "w", **row}, POLICY)


@each(
    ("row", "amount"),
    [
        ({"when": "event", "weeks": 6}, 6),
        ({"when": "event", "policy": "timing.recent_event_weeks"}, 6),
        ({"when": "event", "more_than": "timing.year_weeks"}, 53),
        ({"when": "over", "more_than": "timing.year_weeks"}, 371),
        ({"when": "over", "policy": "timing.remission_months"}, 364),
        ({"when": "reading", "more_than": "blood_pressure.recent_days"}, 31),
    ],
)
def test_a_row_is_read(row: dict[str, Any], amount: int) -> None:
    assert _wait("x", {**row, "source": "s", "words": "w"}, POLICY) == Wait(row["when"], amount, "w", "s")


def test_one_page_says_one_time_of_recovery() -> None:
    """UX-08: the finding and the day of a new application come from one number of the policy (section 5: 12 months)."""
    used = {"substance": "cocaine", "use": "weekly", "disorder": "severe"}
    for months, policy in ((12, POLICY), (18, _with_remission(18))):
        (told,) = [
            f for f in assess(read_case({**CLEAN, "substances": [used]}), policy).findings if f.tier == "exclude"
        ]
        row = {"when": "over", "policy": "timing.remission_months", "source": "s", "words": "w"}
        assert f"After {months} months of recovery" in told.patient_text
        assert _wait("x", row, policy).amount == months * 364 / 12
    assert "12 months of recovery" in load_waits()["substance.use_disorder"].words


def _with_remission(months: float) -> Policy:
    timing = replace(POLICY.timing, remission_months=replace(POLICY.timing.remission_months, value=months))
    return replace(POLICY, timing=timing)
