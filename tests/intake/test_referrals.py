"""Other care: the directory that an administrator keeps, and the pages that say what fits (issue 3, BUG-06, BUG-07)."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from harmoniously.core.common import clock
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.models import Facility
from tests import cast
from tests.rules.eligibility_cases import CLEAN, POLICY
from tests.telemedicine.cases import make_decision

pytestmark = pytest.mark.django_db
PAGE = "/intake/other-care/"
GOOD = {
    "name": "Harbor House",
    "kinds": ["therapy", "addiction_care"],
    "street": "12 Pier Street",
    "city": "Oakland",
    "state": "CA",
    "zip": "94607",
    "phone": "(510) 555-0132",
    "web": "https://harbor.example/help",
    "note": "Sliding scale.",
    "is_active": True,
    "checked_on": date(2026, 1, 5),
}
XSS = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\nb")


def place(**changes):
    row = Facility(**{**GOOD, **changes})
    row.full_clean()
    row.save()
    return row


def decided(patient, **changes):
    """What the rules say about the clean case with these changes, kept as the patient's result."""
    facts = {**CLEAN, **changes}
    said = assess(read_case(facts), POLICY).to_json()
    return make_decision(patient, outcome=said["outcome"], facts=facts, findings=said["findings"])


def test_a_facility_is_real_or_refused():
    """Every wrong value names its field; nothing but https leads out (SEC: no javascript:, http:, user or address)."""
    wrong = {
        "name": [*XSS, "", "x" * 121],
        "kinds": [[], ["sorcery"], ["therapy", "therapy"]],
        "street": [*XSS, ""],
        "state": ["XX", "ca", ""],
        "zip": ["9460", "94607-", "ABCDE", "94607\n"],
        "phone": ["12", "call us", "+44 20 7946 0018", ""],
        "web": [
            "http://harbor.example",
            "javascript:alert(1)",
            "https://user:pw@harbor.example",
            "https://10.0.0.1/",
            "https://localhost/",
            "https://harbor.example:8443/",
            "//harbor.example",
            'https://harbor.example/"onclick=alert(1)',
        ],
        "note": [*XSS, "x" * 301],
        "checked_on": [clock.now().date() + timedelta(days=2), None],
    }
    accepted = []
    for field, values in wrong.items():
        for value in values:
            try:
                Facility(**{**GOOD, field: value}).full_clean()
            except ValidationError as error:
                assert set(error.message_dict) == {field}, (field, value, error)
            else:
                accepted.append((field, value))
    assert accepted == []
    row = place()
    assert row.phone == "+15105550132"
    with pytest.raises(ValidationError):
        place()
    for column, value in (("web", "http://harbor.example"), ("kinds", []), ("state", "XX")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Facility.objects.filter(pk=row.pk).update(**{column: value})


def test_an_administrator_fills_it_and_a_patient_finds_it_by_state_and_kind(administrator, patient_client, patient):
    staff = cast.signed_in(administrator)
    add = reverse("admin:intake_facility_add")
    page = staff.get(add).content.decode()
    assert 'name="kinds" value="clinic_esketamine"' in page
    posted = {**GOOD, "is_active": "on", "checked_on": "2026-01-05"}
    wrong = staff.post(add, {**posted, "web": "http://harbor.example"})
    assert wrong.status_code == 200
    assert "begins with https://" in wrong.content.decode()
    assert staff.post(add, posted).status_code == 302
    place(name="Switched Off", is_active=False)
    place(name="Elsewhere", state="NY", zip="10001")
    listed = staff.get(reverse("admin:intake_facility_changelist") + "?kind=therapy&state__exact=CA").content.decode()
    assert "Harbor House" in listed
    assert "Elsewhere" not in listed

    shown = patient_client.get(PAGE).content.decode()
    assert "Harbor House" in shown
    assert 'href="tel:+15105550132"' in shown
    assert re.search(r'href="https://harbor\.example/help" rel="noopener noreferrer', shown)
    assert "5 January 2026" in shown
    assert "Switched Off" not in shown
    assert "Elsewhere" not in shown
    other = patient_client.get(PAGE, {"state": "ny"}).content.decode()
    assert "Elsewhere" in other
    assert "We know of no place in New York for this yet" in other
    assert patient_client.get(PAGE, {"state": '"><script>'}).status_code == 200


def test_what_an_administrator_wrote_is_escaped_even_past_the_form(patient_client, patient):
    """BUG-07."""
    row = place()
    Facility.objects.filter(pk=row.pk).update(name=XSS[0], note=XSS[1], city=XSS[1])
    shown = patient_client.get(PAGE).content.decode()
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_an_empty_directory_says_so_and_names_the_helpline(patient_client, patient, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        shown = patient_client.get(PAGE).content.decode()
    assert "We know of no place in California yet" in shown
    assert 'href="tel:18006624357"' in shown


RESULT = "/intake/result/"


def test_each_outcome_says_why_what_next_and_when(patient_client, patient):
    """Issue 3: the four outcomes, each with its reasons, what would change it and what happens next."""
    said = {}
    for name, changes in {
        "review": {"conditions": [{"code": "sleep_apnea"}]},
        "information": {"state": "XX", "adult_sitter": None},
        "excluded": {"conditions": [{"code": "seizures", "weeks_ago": 3}]},
        "crisis": {"cssrs": {"wish_dead": True, "suicidal_thoughts": True, "intent": True}},
    }.items():
        decided(patient, **changes)
        said[name] = patient_client.get(RESULT).content.decode()
    # The reading of 1 November counts for 30 days (policy section 5).
    assert "on or before 1 December 2026" in said["review"]
    assert "sleep apnea" in said["review"]
    assert "What would change this result" in said["review"]
    assert "We do not treat people in this state yet" in said["information"]
    assert "There is nothing to pay" in said["information"]
    assert "An esketamine program" in said["information"]
    assert "A seizure at home during treatment could be dangerous" in said["excluded"]
    assert "What would change it" in said["excluded"]
    assert "A clinic that gives ketamine" in said["excluded"]
    assert f'href="{PAGE}"' in said["excluded"]
    assert "Answer them again" in said["crisis"]
    assert 'href="tel:988"' in said["crisis"]
    assert not any("evaluation fee" in said[name] for name in ("information", "excluded", "crisis"))


def test_other_care_follows_the_reasons(patient_client, patient):
    decided(patient, conditions=[{"code": "schizophrenia"}])
    place(name="Mind Clinic", kinds=["psychiatry"])
    place(name="Drip Clinic", kinds=["clinic_infusion"])
    shown = patient_client.get(PAGE).content.decode()
    assert "Mind Clinic" in shown
    assert "Drip Clinic" not in shown


def test_what_a_patient_typed_is_escaped_on_the_result(patient_client, patient):
    """BUG-06: an unknown medicine's name comes back in a finding's sentence."""
    decided(patient, medicines=[{"name": XSS[1], "frequency": "daily"}], antidepressant_trials=[])
    shown = patient_client.get(RESULT).content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
