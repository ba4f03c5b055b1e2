"""Patients are found by what is sealed, and the index gives away none of it (SEC-05, docs/adr/0018)."""

import base64
import os
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.lookup.finding import SHOWN, find
from harmoniously.core.accounts.lookup.rules import read
from harmoniously.core.accounts.models import LookupKey, Patient, User
from intake import people
from intake.pages import INTAKE
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def names(typed, among=None):
    rows = Patient.objects.select_related("user") if among is None else among
    return [row.user.email.partition("@")[0] for row in find(read(typed, today=date(2026, 11, 23)), rows).patients]


@pytest.fixture
def three(db):
    """Two who share a name, and one with signs in theirs."""
    for email, legal, born, phone in (
        ("maria1", "María González", date(1985, 3, 4), "+14155550132"),
        ("maria2", "Maria Gonzalez-Ruiz", date(1990, 3, 4), "+14155559132"),
        ("sean", "Séan O'Brien", date(1985, 3, 4), "+12125550132"),
    ):
        cast.make_patient(
            f"{email}@example.com", legal_name=legal, preferred_name="", date_of_birth=born, phone=phone, agreed=False
        )


SAID = {
    "gonzalez": ["maria1", "maria2"],
    "GONZÁLEZ maria": ["maria1", "maria2"],
    "maria ruiz": ["maria2"],
    "maria gonz": ["maria1", "maria2"],
    "maria g 1990-03-04": ["maria2"],
    "gonz": [],  # a beginning alone stands in no index
    "obrien": ["sean"],
    "o brien": ["sean"],
    "3/4/1985": ["maria1", "sean"],
    "3/4/1985 maria": ["maria1"],
    "0132": ["maria1", "sean"],
    "555-9132": ["maria2"],
    "(212) 555-0132": ["sean"],
    "212-555-0132 maria": [],
    "sean@": ["sean"],
    "MARIA1@EXAMPLE.COM": ["maria1"],
    "maria nobody": [],
}


def test_people_are_found_by_whatever_they_say_of_themselves(three):
    assert {typed: names(typed) for typed in SAID} == SAID


def test_a_record_number_is_enough_from_its_start(three):
    sean = Patient.objects.get(user__email="sean@example.com")
    assert names(sean.mrn) == names(sean.mrn[:6].lower()) == ["sean"]


def test_nobody_is_found_outside_of_whom_one_may_know(three):
    assert names("obrien", Patient.objects.select_related("user").filter(user__email__startswith="maria")) == []


def test_more_than_fit_on_the_page_are_said_to_be_more(db):
    users = [User(email=f"many{number}@example.com", role="patient") for number in range(SHOWN + 1)]
    User.objects.bulk_create(users)
    rows = Patient.objects.bulk_create([Patient(user=user, legal_name="Lee Many") for user in users])
    index.keep_all(rows[:-1])
    many = read("many", today=date(2026, 11, 23))
    assert (len(find(many, Patient.objects.all()).patients), find(many, Patient.objects.all()).more) == (SHOWN, False)
    index.keep_all(rows[-1:])
    assert (len(find(many, Patient.objects.all()).patients), find(many, Patient.objects.all()).more) == (SHOWN, True)


def test_what_the_patient_says_in_the_intake_is_found_at_once_and_what_stood_there_before_no_more(patient):
    answers = {
        "about_you": {
            "legal_name": "Alex Renamed",
            "preferred_name": "",
            "date_of_birth": "1991-12-31",
            "sex_at_birth": "female",
            "phone": "+14155550177",
        }
    }
    stale = Patient.objects.get(pk=patient.pk)
    people.fill(patient=patient, answers=answers, page=INTAKE.by_key["about_you"], by=patient.user, now=NOON)
    for gone in ("robin", "3/4/1985", "0123"):
        assert names(gone) == []
    assert names("alex renamed 12/31/1991 (415) 555-0177") == ["patient"]
    # Who holds an older copy of the row does not bring the old words back.
    index.keep(stale)
    assert (names("robin"), names("alex")) == ([], ["patient"])


def test_a_dump_of_the_index_holds_no_word_and_no_digest_that_can_be_made_without_the_key(patient, settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_lookupkey t")
        dump = "\n".join(row[0] for row in cursor.fetchall()).lower()
    assert LookupKey.objects.count() == 5
    assert [word for word in ("robin", "example", "1985-03-04", "15550100123", "name", "birth") if word in dump] == []
    before = index.of_word("robin")
    settings.PHI_KEYS = f"other:{base64.b64encode(os.urandom(32)).decode()}"
    assert index.of_word("robin") != before


def test_nobody_is_lost_while_a_new_key_comes_into_use(patient, settings, capsys):
    old = settings.PHI_KEYS
    settings.PHI_KEYS = f"next:{base64.b64encode(os.urandom(32)).decode()},{old}"
    assert names("robin") == ["patient"]
    call_command("index_patients")
    assert capsys.readouterr().out == f"The index is whole: 1 patients, {index.made_with()}.\n"
    assert set(LookupKey.objects.values_list("made_with", flat=True)) == {index.made_with()}
    assert names("robin") == ["patient"]
    # Written with the new key alone: the old one opens no row of the index any more.
    settings.PHI_KEYS = old
    assert names("robin") == []


def test_the_command_finds_whoever_the_index_forgot(patient, capsys):
    LookupKey.objects.all().delete()
    call_command("index_patients")
    assert names("robin") == ["patient"]
