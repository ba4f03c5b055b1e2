"""A decision is shown and reproduced by the policy version that it was made under (issue 3, I8)."""

from hashlib import sha256

import pytest
from django.test import Client

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.published import SUMS
from intake import policy
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.models import EligibilityDecision
from intake.policy import find_policy
from tests import cast
from tests.intake.walk import ZOLOFT, make_draft

pytestmark = pytest.mark.django_db
OLD_WORDS = "In those days we said: bring the names of two kinds of medicine."
OLD_CLINICIAN = "Resistance not shown, in the words of 2025.9."


@pytest.fixture
def two_versions(tmp_path, monkeypatch):
    """The present version, and one before it that said a finding in other words."""
    text = (policy.POLICIES / f"{policy.CURRENT}.toml").read_text(encoding="utf-8")
    (tmp_path / "2026.1.toml").write_text(text, encoding="utf-8")
    words = f'[wording."treatment_resistance.not_met"]\npatient = "{OLD_WORDS}"\nclinician = "{OLD_CLINICIAN}"\n'
    old = text.replace('version = "2026.1"', 'version = "2025.9"').replace("House: near the limit", "House, 2025")
    (tmp_path / "2025.9.toml").write_text(f"{old}\n{words}", encoding="utf-8")
    sums = (f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(tmp_path.glob("*.toml")))
    (tmp_path / SUMS).write_text("".join(sums), encoding="utf-8")
    monkeypatch.setattr(policy, "POLICIES", tmp_path)


def test_an_old_decision_speaks_and_is_made_again_as_it_was(
    two_versions: None,
    patient_client: Client,
    patient: Patient,
    prescriber: Clinician,
    prescriber_client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy, "CURRENT", "2025.9")
    make_draft(patient, {"antidepressants": [ZOLOFT]})
    patient_client.post("/intake/check/")
    monkeypatch.setattr(policy, "CURRENT", "2026.1")
    cast.take_into_care(patient, prescriber)

    kept = EligibilityDecision.objects.get(patient=patient)
    again = assess(read_case(kept.facts), find_policy(kept.policy_version))
    today = assess(read_case(kept.facts), find_policy("2026.1"))
    page = patient_client.get("/intake/result/").content.decode()
    case = prescriber_client.get(f"/admin/cases/{patient.pk}/").content.decode()

    assert kept.policy_version == "2025.9"
    assert again.to_json()["findings"] == kept.findings
    assert today.to_json()["findings"] != kept.findings
    assert OLD_WORDS in page
    assert OLD_CLINICIAN in case
    assert "This treatment is for people who were not helped" not in page
