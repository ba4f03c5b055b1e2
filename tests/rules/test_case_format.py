"""The eligibility case format: what is read, what is refused and where."""

import json
from datetime import date

import pytest

from intake.case import CaseError, Sex
from intake.case_reader import parse_case, read_case
from intake.eligibility import assess
from intake.policy import load_policy
from tests.rules.eligibility_cases import CLEAN, NDRI_FAILED, SSRI_FAILED
from tests.rules.tables import each

FULL = {
    **CLEAN,
    "pcl5": [None] * 20,
    "peg": [0, 10, None],
    "conditions": [{"code": "bipolar", "weeks_ago": 60.5}, {"code": "dementia"}],
    "substances": [{"substance": "alcohol", "use": "weekly", "disorder": "remission", "remission_months": 14}],
    "medicines": [{"name": "bupropion XL", "dose": "300 mg", "frequency": "daily"}],
    "reproductive": {"can_become_pregnant": True, "pregnant": None},
    "documents": [{"kind": "cardiology_letter", "dated": "2026-10-01"}],
}


def refused(raw):
    with pytest.raises(CaseError) as caught:
        read_case(raw)
    return caught.value.path


def test_a_case_survives_the_round_trip():
    case = read_case(FULL)
    assert case.sex_at_birth is Sex.MALE
    assert case.as_of == date(2026, 11, 2)
    assert read_case(json.loads(json.dumps(case.to_json()))) == case


@each("nothing", [{}, dict.fromkeys(CLEAN.keys() - {"schema", "as_of"})])
def test_absent_and_null_are_not_answered(nothing):
    case = read_case({"schema": 1, "as_of": "2026-11-02", **nothing})
    assert {key for key, value in case.to_json().items() if value is not None} == {"schema", "as_of"}


@each("key", ["antidepressant_trials", "conditions", "substances", "medicines", "blood_pressure", "documents"])
def test_every_key_inside_a_row_is_optional(key):
    assert getattr(read_case({**CLEAN, key: [{}]}), key) != ()


@each(
    ("change", "path"),
    [
        ({"schema": 2}, "schema"),
        ({"schema": True}, "schema"),
        ({"schema": "1"}, "schema"),
        ({"schema": None}, "schema"),
        ({"as_of": None}, "as_of"),
        ({"as_of": "02.11.2026"}, "as_of"),
        ({"as_of": "20261102"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": 20261102}, "as_of"),
        ({"conditons": []}, "conditons"),
        ({"date_of_birth": "2026-11-03"}, "date_of_birth"),
        ({"date_of_birth": "1905-11-02"}, "date_of_birth"),
        ({"sex_at_birth": "Female"}, "sex_at_birth"),
        ({"state": 5}, "state"),
        ({"weight_kg": 19.9}, "weight_kg"),
        ({"weight_kg": 400.1}, "weight_kg"),
        ({"weight_kg": True}, "weight_kg"),
        ({"weight_kg": "80"}, "weight_kg"),
        ({"weight_kg": float("nan")}, "weight_kg"),
        ({"weight_kg": float("inf")}, "weight_kg"),
        ({"height_cm": 79}, "height_cm"),
        ({"height_cm": 251}, "height_cm"),
        ({"heart_rate": 19}, "heart_rate"),
        ({"heart_rate": 251}, "heart_rate"),
        ({"indications": "depression"}, "indications"),
        ({"indications": ["sadness"]}, "indications.0"),
        ({"indications": [None]}, "indications.0"),
        ({"phq9": [0] * 8}, "phq9"),
        ({"phq9": [0] * 8 + [4]}, "phq9.8"),
        ({"phq9": [0] * 8 + [-1]}, "phq9.8"),
        ({"phq9": [0] * 8 + [1.0]}, "phq9.8"),
        ({"phq9": [True] + [0] * 8}, "phq9.0"),
        ({"phq9": {}}, "phq9"),
        ({"gad7": [0] * 9}, "gad7"),
        ({"pcl5": [5] + [0] * 19}, "pcl5.0"),
        ({"peg": [11, 0, 0]}, "peg.0"),
        ({"cssrs": []}, "cssrs"),
        ({"cssrs": {"wish_dead": 1}}, "cssrs.wish_dead"),
        ({"cssrs": {"wish_ded": True}}, "cssrs.wish_ded"),
        ({"reproductive": {"pregnant": "no"}}, "reproductive.pregnant"),
        ({"adult_sitter": "yes"}, "adult_sitter"),
        ({"adult_sitter": 1}, "adult_sitter"),
        ({"conditions": {}}, "conditions"),
        ({"conditions": ["bipolar"]}, "conditions.0"),
        ({"conditions": [None]}, "conditions.0"),
        ({"conditions": [{}, {"code": "flu"}]}, "conditions.1.code"),
        ({"conditions": [{"code": "bipolar", "week_ago": 3}]}, "conditions.0.week_ago"),
        ({"conditions": [{"code": "bipolar", "weeks_ago": -1}]}, "conditions.0.weeks_ago"),
        ({"conditions": [{"code": "bipolar", "weeks_ago": 2001}]}, "conditions.0.weeks_ago"),
        ({"antidepressant_trials": [{**SSRI_FAILED, "dose": 5}]}, "antidepressant_trials.0.dose"),
        (
            {"antidepressant_trials": [NDRI_FAILED, {"max_daily_dose_mg": 10001}]},
            "antidepressant_trials.1.max_daily_dose_mg",
        ),
        ({"antidepressant_trials": [{"weeks_at_dose": 2000.5}]}, "antidepressant_trials.0.weeks_at_dose"),
        ({"antidepressant_trials": [{"improvement_percent": 101}]}, "antidepressant_trials.0.improvement_percent"),
        ({"antidepressant_trials": [{"improvement_percent": -1}]}, "antidepressant_trials.0.improvement_percent"),
        ({"antidepressant_trials": [{"taken_for": "fun"}]}, "antidepressant_trials.0.taken_for"),
        ({"antidepressant_trials": [{"episode": "last"}]}, "antidepressant_trials.0.episode"),
        ({"antidepressant_trials": [{"stopped_because": 3}]}, "antidepressant_trials.0.stopped_because"),
        ({"antidepressant_trials": [{"medicine": 5}]}, "antidepressant_trials.0.medicine"),
        ({"substances": [{"substance": "tea"}]}, "substances.0.substance"),
        ({"substances": [{"use": "often"}]}, "substances.0.use"),
        ({"substances": [{"disorder": "some"}]}, "substances.0.disorder"),
        ({"substances": [{"remission_months": -1}]}, "substances.0.remission_months"),
        ({"medicines": [{"frequency": "weekly"}]}, "medicines.0.frequency"),
        ({"medicines": [{"dose": 5}]}, "medicines.0.dose"),
        ({"blood_pressure": [{"systolic": 49}]}, "blood_pressure.0.systolic"),
        ({"blood_pressure": [{"systolic": 301}]}, "blood_pressure.0.systolic"),
        ({"blood_pressure": [{"diastolic": 19}]}, "blood_pressure.0.diastolic"),
        ({"blood_pressure": [{"diastolic": 201}]}, "blood_pressure.0.diastolic"),
        ({"blood_pressure": [{"taken_on": "2026-11-03"}]}, "blood_pressure.0.taken_on"),
        ({"documents": [{"kind": "note"}]}, "documents.0.kind"),
        ({"documents": [{"dated": "2026-11-03"}]}, "documents.0.dated"),
    ],
)
def test_what_is_refused_and_where(change, path):
    assert refused({**CLEAN, **change}) == path


@each("raw", [[], "case", None, 5])
def test_a_case_is_an_object(raw):
    assert refused(raw) == "$"


@each(
    "change",
    [
        {"weight_kg": 20}, {"weight_kg": 400}, {"height_cm": 80}, {"height_cm": 250}, {"heart_rate": 20},
        {"heart_rate": 250}, {"date_of_birth": "1905-11-03"}, {"date_of_birth": "2026-11-02"},
        {"blood_pressure": [{"systolic": 50, "diastolic": 20}, {"systolic": 300, "diastolic": 200}]},
        {"antidepressant_trials": [{"max_daily_dose_mg": 0, "weeks_at_dose": 0, "improvement_percent": 0}]},
        {"antidepressant_trials": [{"max_daily_dose_mg": 10000, "weeks_at_dose": 2000, "improvement_percent": 100}]},
    ],
)  # fmt: skip
def test_the_ends_of_the_ranges_are_inside(change):
    read_case({**CLEAN, **change})


@each(
    ("text", "path"),
    [
        ("", "$"),
        ("{", "$"),
        (b"\xff\xfe\x00", "$"),
        ("[" * 100_000, "$"),
        ('{"schema": NaN}', "$"),
        ('{"schema": 1, "as_of": "2026-11-02", "weight_kg": 1e999}', "weight_kg"),
        ('{"schema": 1, "as_of": "2026-11-02", "conditions": [{"code": "seizures"}], "conditions": []}', "conditions"),
        ('{"schema": 1, "as_of": "2026-11-02", "cssrs": {"plan": true, "plan": false}}', "cssrs.plan"),
        ('{"schema": 1, "as_of": "2026-11-02", "a\\nb": 1}', "a\\nb"),
        ('{"schema": 1, "as_of": "2026-11-02", "": 1}', '""'),
        ('{"schema": 1, "as_of": "2026-11-02", "weight_kg": ' + "9" * 400 + "}", "weight_kg"),
        ('{"schema": 1, "as_of": "2026-11-02", "weight_kg": ' + "9" * 5000 + "}", "$"),
        ('{"schema": 1, "as_of": "2026-11-02", "phq9": [1e400, 0, 0, 0, 0, 0, 0, 0, 0]}', "phq9.0"),
        ('{"schema": 1, "as_of": "2026-11-02", "conditions": ' + "[" * 500 + "]" * 500 + "}", "conditions.0"),
        ('{"schema": 1, "schema": 1, "as_of": "2026-11-02"}', "schema"),
        ('{"schema": 1, "as_of": "2026-11-02"} {}', "$"),
        ('{"schema": 1, "as_of": "2026-11-02",}', "$"),
        ('{"schema": 1, "as_of": "٢٠٢٦-١١-٠٢"}', "as_of"),
        ('{"schema": 1, "as_of": "2026-11-02"}'.encode("utf-16"), "$"),
        ('{"schema": 1, "as_of": "2026-11-02", "state": "é"}'.encode("latin-1"), "$"),
    ],
)
def test_text_that_is_not_a_case(text, path):
    with pytest.raises(CaseError) as caught:
        parse_case(text)
    assert caught.value.path == path


def test_a_byte_order_mark_and_windows_lines_are_no_harm():
    text = json.dumps(CLEAN, indent=1).replace("\n", "\r\n")
    assert parse_case(b"\xef\xbb\xbf" + text.encode()) == read_case(CLEAN)


def test_half_a_character_pair_is_a_name_like_any_other():
    odd = parse_case('{"schema": 1, "as_of": "2026-11-02", "medicines": [{"name": "\\ud800"}], "state": "\\udfff"}')
    said = json.dumps(assess(odd, load_policy()).to_json())
    assert json.loads(said)["outcome"] == "needs_information"
