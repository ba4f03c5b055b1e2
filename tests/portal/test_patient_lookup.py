"""The page on which staff find a patient: who is shown to whom, and where what was typed does not stand."""

import pytest
from django.contrib.sessions.models import Session

from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/admin/patients/"


def search(client, typed):
    answer = client.post(PAGE, {"typed": typed})
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def test_what_was_typed_stands_in_no_address_no_trail_and_no_session(patient, coordinator):
    """ASVS 14.2.1"""
    client = cast.signed_in(coordinator)
    answer = client.post(PAGE, {"typed": "Robin Example 3/4/1985"})
    assert "obin" not in answer["Location"]
    body = client.get(answer["Location"]).content.decode()
    assert all(words in body for words in ("Robin", "4 March 1985", patient.mrn, "(555) 010-0123", "1 person found"))
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.facts["by"], event.facts["shown"]) == (
        "patients.searched",
        ["births", "words"],
        [str(patient.pk)],
    )
    kept = " ".join(str(session.get_decoded()) for session in Session.objects.all())
    assert "obin" not in kept + event.payload


def test_a_search_belongs_to_the_session_in_which_it_was_made(patient, coordinator, administrator):
    mine = cast.signed_in(coordinator).post(PAGE, {"typed": "nobody known"})["Location"]
    assert "Nobody found" not in cast.signed_in(administrator).get(mine).content.decode()
    assert AuditEvent.objects.latest("id").action == "patients.listed"


def test_clinicians_find_whom_they_care_for_and_learn_nothing_of_others(patient, other_patient, prescriber):
    cast.take_into_care(patient, prescriber, since=clock.now())
    client = cast.signed_in(prescriber.user)
    assert patient.mrn in search(client, "robin").content.decode()
    unknown, foreign = (search(client, typed).content.decode() for typed in ("qqqq", other_patient.legal_name))
    assert "Nobody among your patients" in foreign
    assert other_patient.mrn not in foreign
    assert len(unknown) - len(foreign) == len("qqqq") - len(other_patient.legal_name)


def test_people_of_one_name_are_told_apart(patient, coordinator, django_assert_max_num_queries):
    cast.make_patient("twin@example.com", legal_name="ROBIN EXAMPLE", agreed=False)
    client = cast.signed_in(coordinator)
    found = client.post(PAGE, {"typed": "robin exam"})["Location"]
    with django_assert_max_num_queries(12):
        body = client.get(found).content.decode()
    assert body.count("Same name") == 2
    assert "Ask for the date of birth" in body


def test_what_says_too_little_is_sent_back_with_what_to_type(coordinator):
    client = cast.signed_in(coordinator)
    for typed, words in (("", "Type a name"), ("12", "at least the last four digits"), ("r", "one whole name")):
        answer = client.post(PAGE, {"typed": typed})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
