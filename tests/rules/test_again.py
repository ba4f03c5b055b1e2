"""When a refused person may apply again: the table beside the policy, one row per finding that excludes."""

from datetime import date, timedelta
from typing import Any

import pytest

from intake.again import UNKNOWN, Wait, _wait, load_waits, reapplication
from intake.policy import PolicyError, load_policy
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
    ("substance.use_disorder", {}, 91),
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


@each("row", [{}, {"when": "over"}, {"when": "never", "days": 1}, {"when": "event", "weeks": -1}])
def test_a_broken_row_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        _wait("x", {"source": "s", "words": "w", **row})


def test_a_row_is_read() -> None:
    assert _wait("x", {"when": "event", "weeks": 6, "source": "s", "words": "w"}) == Wait("event", 6, "w", "s")
