"""`manage.py policy_diff` : which stored decisions another version would change; nothing is written (I8)."""

import json
import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from intake.models import EligibilityDecision
from intake.policy import CURRENT, POLICIES
from tests.cast import make_patient
from tests.rules.eligibility_cases import CLEAN
from tests.telemedicine.cases import make_decision

pytestmark = pytest.mark.django_db
MYSTERY = "Grandmother Quillfeather's drops"


@pytest.fixture
def stricter(tmp_path):
    """A version with a lower limit of blood pressure that lets dementia pass without a word."""
    text = (POLICIES / f"{CURRENT}.toml").read_text(encoding="utf-8")
    dementia = text.index("[conditions.dementia]")
    text = text[:dementia] + text[dementia:].replace('tier = "review"', 'tier = "none"', 1)
    text = text.replace('version = "2026.1"', 'version = "2027.1"').replace("{ value = 140,", "{ value = 120,")
    file = tmp_path / "2027.1.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.fixture
def stored():
    """Five decisions: two that change, one that does not, one whose facts cannot be read, one that cannot be opened."""
    fine = {"blood_pressure": [{"taken_on": "2026-11-01", "systolic": 110, "diastolic": 70}]}
    facts = {
        "outcome": CLEAN,
        "finding": {**CLEAN, **fine, "conditions": [{"code": "dementia"}], "medicines": [{"name": MYSTERY}]},
        "same": {**CLEAN, **fine},
        "unreadable": {**CLEAN, "conditions": [{"code": MYSTERY}]},
        "sealed": CLEAN,
    }
    rows = {key: make_decision(make_patient(f"{key}@example.com"), facts=value) for key, value in facts.items()}
    with connection.cursor() as cursor:
        # Rows are immutable; the trigger is put aside as a restored, damaged backup would be.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE intake_eligibilitydecision SET facts = 'v1:test:AAAA' WHERE id = %s", [rows["sealed"].pk]
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    return {key: str(row.pk) for key, row in rows.items()}


def run(capsys, *arguments):
    code = 0
    try:
        call_command("policy_diff", *arguments)
    except SystemExit as exit_:
        code = exit_.code
    out, err = capsys.readouterr()
    return code, out, err


def test_what_would_change_is_shown_by_id_and_code(capsys, stored, stricter):
    code, out, _ = run(capsys, CURRENT, stricter, "--json")
    said = json.loads(out)
    rows = {row.pop("decision"): row for row in said["decisions"]}

    assert (code, said["old"], said["new"]) == (2, CURRENT, "2027.1")  # two of them cannot be read
    assert rows == {
        stored["outcome"]: {
            "old": "eligible_for_review",
            "new": "needs_information",
            "appears": [
                {"tier": "information", "code": "blood_pressure.above_limit", "about": "blood_pressure"},
            ],
            "vanishes": [],
        },
        stored["finding"]: {
            "old": "eligible_for_review",
            "new": "eligible_for_review",
            "appears": [],
            "vanishes": [{"tier": "review", "code": "condition.dementia.review", "about": "dementia"}],
        },
        stored["unreadable"]: {"cannot_be_read": "conditions.0.code"},
        stored["sealed"]: {"cannot_be_read": "$"},
    }
    assert said["tally"] == {
        "decisions": 5,
        "changed": 2,
        "unreadable": 2,
        "not_reproduced": 0,
        "outcomes": {"eligible_for_review -> needs_information": 1},
        "appears": {"information blood_pressure.above_limit": 1},
        "vanishes": {"review condition.dementia.review": 1},
    }
    # Every row is one line of the document.
    assert [line.lstrip(" ,")[:12] for line in out.splitlines()[1:-1]] == ['{"decision":'] * 4


def test_the_report_for_people_holds_no_word_of_a_patient(capsys, stored, stricter):
    code, out, _ = run(capsys, CURRENT, stricter)

    assert f"{stored['outcome']}  eligible_for_review -> needs_information\n  + information blood_press" in out
    assert f"{stored['unreadable']}  cannot be read: conditions.0.code" in out
    assert "5 decisions: 2 would change, 1 of them in the outcome; 2 cannot be read; 0 differ" in out
    assert stored["same"] not in out
    assert code == 2
    # As words: three digits also stand in the middle of many a random id.
    assert not re.findall(r"\b(Quillfeather|Zoloft|Robin|example\.com|122)\b", out)


def test_exit_codes_and_the_decisions_that_count(capsys, stricter):
    patient = make_patient()
    older = make_decision(patient, facts=CLEAN, outcome="not_eligible")
    newer = make_decision(patient, facts=CLEAN)

    assert run(capsys, CURRENT, CURRENT)[0] == 0
    code, out, _ = run(capsys, CURRENT, stricter, "--exit-code")
    assert (code, str(older.pk) in out, str(newer.pk) in out) == (1, True, True)
    assert "1 differ from what their own version gives now" in out
    code, out, _ = run(capsys, CURRENT, stricter, "--current")
    assert (code, str(older.pk) in out, str(newer.pk) in out) == (0, False, True)


@pytest.mark.parametrize("names", [("2019.1", CURRENT), (CURRENT, "none.toml")])
def test_a_policy_that_is_not_there(capsys, names):
    code, out, err = run(capsys, *names)
    assert (code, out) == (2, "")
    assert "is neither a version (" in err


def test_it_reads_in_a_transaction_that_cannot_write(monkeypatch, capsys, stored, stricter):
    from intake.management.commands import policy_diff

    def meddle(*_given):
        EligibilityDecision.objects.filter(is_current=True).update(is_current=False)

    monkeypatch.setattr(policy_diff, "_look_at", meddle)
    with pytest.raises(DatabaseError, match="read-only"):
        run(capsys, CURRENT, stricter)
