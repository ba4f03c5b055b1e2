"""Policy section 10: numbers that check, dates at their edges, and what 21 CFR 1306.05 asks for."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.rules.tables import each
from treatment import policy
from treatment.rules import law

POLICY = policy.load()
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def codes(reasons):
    return [item.code for item in reasons]


@each("number", ["AB1234563", "AJ5184279", " ab1234563 "])
def test_valid_dea_numbers(number):
    assert not law.check_dea_number(number)


@each(
    ("number", "code"),
    [
        ("AB1234564", "dea_number_checksum"),
        ("AB123456", "dea_number_form"),
        ("AB12345633", "dea_number_form"),
        ("A11234563", "dea_number_form"),
        ("", "dea_number_form"),
        ("AB\u0661234563", "dea_number_form"),
    ],
)
def test_wrong_dea_numbers(number, code):
    assert codes(law.check_dea_number(number)) == [code]


@each(
    ("number", "expected"),
    [("1234567893", []), ("1234567890", ["npi_checksum"]), ("123456789", ["npi_form"]), ("", ["npi_form"])],
)
def test_npi(number, expected):
    assert codes(law.check_npi(number)) == expected


@each(
    ("issued", "today", "expected"),
    [
        (date(2026, 5, 20), date(2026, 11, 19), []),
        (date(2026, 5, 20), date(2026, 11, 20), []),
        (date(2026, 5, 20), date(2026, 11, 21), ["prescription_expired"]),
        (date(2026, 8, 31), date(2027, 2, 28), []),
        (date(2026, 8, 31), date(2027, 3, 1), ["prescription_expired"]),
        (date(2026, 5, 20), date(2026, 5, 19), ["prescription_not_yet"]),
    ],
)
def test_six_months_after_issue(issued, today, expected):
    assert codes(law.check_unexpired(issued, today, POLICY)) == expected


@each(("refills", "allowed"), [(-1, False), (0, True), (4, True), (5, True), (6, False)])
def test_at_most_five_refills(refills, allowed):
    assert (not law.check_refill_count(refills, POLICY)) is allowed


@each(
    ("today", "first", "visit", "allowed"),
    [
        (date(2026, 12, 30), True, None, True),
        (date(2026, 12, 31), True, None, True),
        (date(2027, 1, 1), True, None, False),
        (date(2027, 1, 1), False, None, True),
        (date(2027, 1, 1), True, date(2026, 6, 1), True),
        (date(2027, 1, 1), True, date(2027, 1, 2), False),
    ],
)
def test_the_telemedicine_flexibilities_end(today, first, visit, allowed):
    found = law.check_telemedicine(first_prescription=first, in_person_visit_on=visit, today=today, policy=POLICY)
    assert (not found) is allowed


@each(
    ("state", "age", "result", "expected"),
    [
        ("CA", timedelta(hours=23, minutes=59), "no_concern", []),
        ("CA", timedelta(hours=24), "no_concern", []),
        ("CA", timedelta(hours=24, seconds=1), "no_concern", ["pdmp_too_old"]),
        ("CA", -timedelta(seconds=1), "no_concern", ["pdmp_in_future"]),
        ("NY", timedelta(0), "no_concern", ["pdmp_other_state"]),
        ("", timedelta(0), "no_concern", ["pdmp_missing"]),
        ("CA", None, "no_concern", ["pdmp_missing"]),
        ("CA", timedelta(0), "", ["pdmp_missing"]),
    ],
)
def test_the_monitoring_programme_is_recorded(state, age, result, expected):
    record = law.PdmpRecord(state, None if age is None else NOW - age, result)
    assert codes(law.check_pdmp(record, visit_state="CA", now=NOW, policy=POLICY)) == expected


@each(
    ("expires", "state", "expected"),
    [
        (date(2026, 11, 19), "CA", ["licence_expired"]),
        (date(2026, 11, 20), "CA", []),
        (date(2026, 11, 21), "CA", []),
        (date(2026, 11, 21), "NY", ["licence_missing"]),
        (date(2026, 11, 21), "", ["licence_missing"]),
    ],
)
def test_a_licence_where_the_patient_is(expires, state, expected):
    licences = [law.LicenceFacts("CA", "CA-1", expires)]
    assert codes(law.check_licence(licences, visit_state=state, today=date(2026, 11, 20))) == expected


def test_every_part_of_the_content_is_asked_for():
    complete = dict.fromkeys(law.CONTENT_FIELDS, "x")
    assert not law.check_content(complete)
    for name in law.CONTENT_FIELDS:
        assert codes(law.check_content({**complete, name: "  "})) == ["content_missing"]


def test_a_policy_file_with_a_misspelt_or_missing_number_is_refused():
    text = (policy.POLICIES / "2026.1.toml").read_text()
    for broken in (
        text.replace("systolic_limit =", "systolic_limt =", 1),
        text.replace('minimum_hours = { value = 72, source = "house policy 8: at least 72 h between sessions" }', ""),
        text.replace("{ value = 72, source", '{ value = "72", source'),
        text.replace("[interval]", "[intervall]"),
    ):
        with pytest.raises(policy.PolicyError):
            policy.parse(broken)


def test_every_number_has_a_source():
    assert all(POLICY.sources.values())
    assert len(POLICY.sources) >= 50
