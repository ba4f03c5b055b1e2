"""Two requests at one moment do one thing, and a page costs few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts.models import Patient
from intake.models import EligibilityDecision, Submission
from intake.services import start, submit
from tests.cast import NOON, make_patient
from tests.intake.walk import ANSWERS, make_draft, url_of
from tests.threads import at_once


@pytest.mark.django_db(transaction=True)
def test_handing_in_at_once_decides_once() -> None:
    patient = make_patient()
    draft = make_draft(patient)
    decisions = at_once(*[lambda: submit(submission=draft, by=patient.user, now=NOON).pk] * 4)

    assert len(set(decisions)) == 1
    assert EligibilityDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_beginning_at_once_makes_one_draft() -> None:
    patient = make_patient()
    drafts = at_once(*[lambda: start(patient=patient, by=patient.user, now=NOON).pk] * 4)

    assert len(set(drafts)) == 1
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_a_page_costs_at_most_twelve_queries(patient_client: Client, patient: Patient) -> None:
    make_draft(patient)
    for address in ("/intake/", "/intake/check/", url_of("phq9"), url_of("antidepressants")):
        with CaptureQueriesContext(connection) as queries:
            assert patient_client.get(address).status_code == 200, address
        assert len(queries) <= 12, (address, [query["sql"][:90] for query in queries])


@pytest.mark.django_db
def test_saving_a_page_stays_cheap(patient_client: Client, patient: Patient) -> None:
    draft = make_draft(patient)
    given = {**ANSWERS["body"], "heart_rate": "75", "version": draft.version}
    with CaptureQueriesContext(connection) as queries:
        assert patient_client.post(url_of("body"), given).status_code == 302
    assert len(queries) <= 20, [query["sql"][:90] for query in queries]
