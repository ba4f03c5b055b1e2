"""Policy section 5: blood pressure, and the person: age, weight, body mass index, heart rate, state, sitter."""

from intake.case_reader import read_case
from intake.eligibility import assess
from tests.rules.eligibility_cases import CLEAN, POLICY, codes, days_ago, decide, pairs, tiers
from tests.rules.tables import each


def bp(*readings, **changes):
    """Readings as (days ago, systolic, diastolic)."""
    listed = [{"taken_on": days_ago(days), "systolic": sys, "diastolic": dia} for days, sys, dia in readings]
    return decide(blood_pressure=listed, **changes)


def bp_tiers(*readings):
    return tiers(bp(*readings), "blood_pressure")


@each(
    ("systolic", "diastolic", "expected"),
    [
        (134, 84, []),
        (135, 84, ["note"]),
        (134, 85, ["note"]),
        (140, 90, ["note"]),
        (141, 89, ["information"]),
        (141, 90, ["information"]),
        (140, 91, ["information"]),
        (140.5, 80, ["information"]),
        (160, 100, ["information"]),
        (179, 119, ["information"]),
        (180, 80, ["exclude", "information"]),
        (181, 80, ["exclude", "information"]),
        (120, 120, ["exclude", "information"]),
        (120, 121, ["exclude", "information"]),
    ],
)
def test_one_reading(systolic, diastolic, expected):
    assert bp_tiers((1, systolic, diastolic)) == expected


@each(("days", "expected"), [(0, []), (29, []), (30, []), (31, ["information"])])
def test_a_reading_is_good_for_thirty_days(days, expected):
    assert bp_tiers((days, 120, 80)) == expected


@each("readings", [None, []])
def test_no_reading_is_asked_for(readings):
    assert tiers(decide(blood_pressure=readings), "blood_pressure") == ["information"]


def test_the_mean_of_the_newest_day_decides():
    assert bp_tiers((1, 150, 80), (1, 128, 80), (9, 190 - 40, 99)) == ["note"]
    assert bp_tiers((1, 141, 80), (1, 139, 80)) == ["note"]
    assert bp_tiers((1, 141, 80), (1, 140, 80)) == ["information"]
    assert bp_tiers((1, 120, 80), (2, 150, 95)) == []


def test_the_mean_is_in_the_facts():
    (finding,) = [f for f in bp((1, 141, 89), (1, 142, 90), (1, 142, 91)).findings if f.about == "blood_pressure"]
    assert (finding.facts["systolic"], finding.facts["diastolic"]) == (141.7, 90)
    (finding,) = [f for f in bp((1, 141, 89)).findings if f.about == "blood_pressure"]
    assert (finding.facts["systolic"], finding.facts["diastolic"]) == (141, 89)


@each(
    ("readings", "excluded"),
    [
        ([(1, 160, 80), (2, 160, 80)], True),
        ([(1, 159, 80), (2, 160, 80)], False),
        ([(1, 160, 80), (2, 159, 80)], False),
        ([(1, 150, 100), (2, 161, 80)], True),
        ([(1, 150, 99), (2, 150, 99)], False),
        ([(1, 165, 80), (1, 166, 80)], False),
        ([(1, 165, 80), (2, 130, 80), (3, 165, 80)], False),
        ([(1, 165, 80), (31, 165, 80)], False),
        ([(1, 165, 80), (30, 165, 80)], True),
        ([(1, 158, 80), (1, 162, 80), (2, 165, 80)], True),
    ],
)
def test_high_on_the_newest_two_days(readings, excluded):
    decision = bp(*readings)
    assert ("blood_pressure.high_on_two_days" in codes(decision)) is excluded
    assert (decision.outcome == "not_eligible") is excluded


def test_one_urgent_reading_excludes_although_the_newest_day_passes():
    decision = bp((1, 120, 80), (30, 185, 80))
    assert decision.outcome == "not_eligible"
    (finding,) = [f for f in decision.findings if f.code == "blood_pressure.urgent"]
    assert "911" in finding.patient_text
    assert bp((1, 120, 80), (31, 185, 80)).outcome == "eligible_for_review"


def test_what_is_missing_in_a_reading_is_asked_for():
    assert codes(decide(blood_pressure=[{"systolic": 120, "diastolic": 80}])) >= {
        "blood_pressure.undated",
        "blood_pressure.none_recent",
    }
    for missing in ({"systolic": 120}, {"diastolic": 80}, {}):
        decision = decide(blood_pressure=[{"taken_on": days_ago(1), **missing}])
        assert codes(decision) & {"blood_pressure.incomplete", "blood_pressure.near_limit"} == {
            "blood_pressure.incomplete"
        }
        assert decision.outcome == "needs_information"
    # Another reading of the day, or of a later one, does not stand in for the number that is missing.
    for days in (0, 1):
        half = {"taken_on": days_ago(1), "systolic": 120}
        decision = decide(blood_pressure=[half, {"taken_on": days_ago(days), "systolic": 120, "diastolic": 80}])
        assert "blood_pressure.incomplete" in codes(decision)
    assert decide(blood_pressure=[{"taken_on": days_ago(31)}, *CLEAN["blood_pressure"]]).outcome == (
        "eligible_for_review"
    )
    high = decide(blood_pressure=[{"taken_on": days_ago(1), "systolic": 190}])
    assert {"blood_pressure.urgent", "blood_pressure.above_limit", "blood_pressure.incomplete"} <= codes(high)
    assert "blood_pressure.older_adult" not in codes(
        decide(date_of_birth="1950-01-01", blood_pressure=[{"taken_on": days_ago(1), "diastolic": 95}])
    )


@each(
    ("born", "systolic", "noted"),
    [
        ("1961-11-02", 140, False),
        ("1961-11-02", 141, True),
        ("1961-11-02", 150, True),
        ("1961-11-02", 151, False),
        ("1961-11-03", 145, False),
        (None, 145, False),
    ],
)
def test_age_does_not_raise_the_limit_but_is_noted(born, systolic, noted):
    decision = bp((1, systolic, 80), date_of_birth=born)
    assert ("blood_pressure.older_adult" in codes(decision)) is noted
    assert (("information", "blood_pressure") in pairs(decision)) is (systolic > 140)


@each(
    ("born", "expected"),
    [
        ("2008-11-03", ["exclude"]),
        ("2008-11-02", []),
        ("2008-11-01", []),
        ("1961-11-03", []),
        ("1961-11-02", ["review"]),
        ("1961-11-01", ["review"]),
        ("1906-01-01", ["review"]),
        (None, ["information"]),
    ],
)
def test_age(born, expected):
    assert tiers(decide(date_of_birth=born), "age") == expected


@each(("as_of", "expected"), [("2026-02-28", ["exclude"]), ("2026-03-01", [])])
def test_born_on_a_leap_day(as_of, expected):
    case = {**CLEAN, "as_of": as_of, "date_of_birth": "2008-02-29", "blood_pressure": None}
    assert tiers(assess(read_case(case), POLICY), "age") == expected


@each(("weight", "expected"), [(49.9, ["note"]), (50, []), (50.1, []), (None, [])])
def test_weight(weight, expected):
    assert tiers(decide(weight_kg=weight), "weight") == expected


@each(
    ("weight", "height", "expected"),
    [(102.3, 160, []), (102.4, 160, ["review"]), (102.5, 160, ["review"]), (None, 160, []), (102.4, None, [])],
)
def test_body_mass_index(weight, height, expected):
    decision = decide(weight_kg=weight, height_cm=height)
    assert tiers(decision, "bmi") == expected
    assert decision.outcome == "eligible_for_review"


@each(
    ("rate", "expected"),
    [(49, ["review"]), (50, []), (51, []), (109, []), (110, []), (111, ["review"]), (None, ["note"])],
)
def test_heart_rate(rate, expected):
    decision = decide(heart_rate=rate)
    assert tiers(decision, "heart_rate") == expected
    assert decision.outcome == "eligible_for_review"


@each(
    ("state", "expected"),
    [
        ("CA", []),
        ("DC", []),
        ("ca ", []),
        ("PR", ["information"]),
        ("ZZ", ["information"]),
        ("", ["information"]),
        (None, ["information"]),
    ],
)
def test_state(state, expected):
    assert tiers(decide(state=state), "state") == expected


@each(("sitter", "expected"), [(True, []), (False, ["information"]), (None, ["information"])])
def test_sitter(sitter, expected):
    assert tiers(decide(adult_sitter=sitter), "sitter") == expected
