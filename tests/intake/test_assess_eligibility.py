"""`manage.py assess_eligibility`: files in, one decision per line out, no database."""

import json
import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import call_command

from intake.policy import CURRENT, POLICIES
from tests.rules.eligibility_cases import CLEAN

ROOT = Path(__file__).resolve().parents[2]
SICK = {**CLEAN, "conditions": [{"code": "schizophrenia"}]}


@pytest.fixture
def files(tmp_path):
    """Three cases: clean, one with a misspelt key, one that is excluded."""
    cases = {"clean.json": CLEAN, "bad.json": {**CLEAN, "conditons": []}, "sick.json": SICK}
    for name, case in cases.items():
        (tmp_path / name).write_text(json.dumps(case))
    return {name.removesuffix(".json"): str(tmp_path / name) for name in cases}


def run(capsys, *arguments):
    """Exit code, decisions, lines on standard error. No database is allowed in this test."""
    code = 0
    try:
        call_command("assess_eligibility", *arguments)
    except SystemExit as exit_:
        code = exit_.code
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err.splitlines()


def test_one_line_per_file_in_their_order(capsys, files):
    code, decisions, errors = run(capsys, files["sick"], files["clean"])
    assert (code, errors) == (0, [])
    assert [one["outcome"] for one in decisions] == ["not_eligible", "eligible_for_review"]
    assert decisions[0].keys() == {
        "outcome",
        "policy_version",
        "suicide_risk",
        "treatment_resistance",
        "scores",
        "findings",
    }


def test_a_bad_file_does_not_stop_the_good_ones(capsys, files):
    code, decisions, errors = run(capsys, files["clean"], files["bad"], files["sick"])
    assert code == 2
    assert [one["outcome"] for one in decisions] == ["eligible_for_review", "not_eligible"]
    assert errors == [f"{files['bad']}: conditons: is not a known key"]


def test_a_file_that_is_not_there(capsys, tmp_path):
    code, decisions, errors = run(capsys, str(tmp_path / "none.json"), str(tmp_path))
    assert (code, decisions) == (2, [])
    assert [line.rsplit(": ", 2)[1:] for line in errors] == [
        ["$", "cannot be read (No such file or directory)"],
        ["$", "cannot be read (Is a directory)"],
    ]


def test_standard_input(capsys, files, monkeypatch):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(json.dumps(SICK).encode())))
    code, decisions, _ = run(capsys, files["clean"], "-")
    assert code == 0
    assert [one["outcome"] for one in decisions] == ["eligible_for_review", "not_eligible"]


def test_another_policy(capsys, files, tmp_path):
    text = (POLICIES / f"{CURRENT}.toml").read_text()
    strict = tmp_path / "strict.toml"
    strict.write_text(
        text.replace('version = "2026.1"', 'version = "strict"').replace("{ value = 140,", "{ value = 120,")
    )
    code, decisions, _ = run(capsys, "--policy", str(strict), files["clean"])
    assert code == 0
    assert (decisions[0]["policy_version"], decisions[0]["outcome"]) == ("strict", "needs_information")


@pytest.mark.parametrize("content", [None, "colour = 1"])
def test_a_policy_that_cannot_be_used(capsys, files, tmp_path, content):
    policy = tmp_path / "policy.toml"
    if content:
        policy.write_text(content)
    code, decisions, errors = run(capsys, "--policy", str(policy), files["clean"])
    assert (code, decisions) == (2, [])
    assert errors[0].startswith(f"{policy}: ")


@pytest.mark.system
def test_it_needs_no_database(files):
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "assess_eligibility", files["clean"], files["bad"], "-"],
        cwd=ROOT,
        env=environment,
        input=json.dumps(SICK),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["eligible_for_review", "not_eligible"]
    assert done.stderr == f"{files['bad']}: conditons: is not a known key\n"
