"""Two hands at one moment on one person: one record, one account that is opened once, and nobody waits for ever."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC

from harmoniously.core.accounts.lookup.finding import find
from harmoniously.core.accounts.lookup.rules import read
from harmoniously.core.accounts.models import ContactChange, Invitation, Patient, User
from harmoniously.core.audit import receivers
from harmoniously.core.common.errors import Conflict
from harmoniously.portal.people import contact, invitations, registering
from harmoniously.portal.people.contact import Correction
from intake import drafts, people
from intake.pages import INTAKE
from tests import cast
from tests.cast import NOON
from tests.portal.test_registering import PERSON, link
from tests.threads import PATIENCE, at_once, lingering

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORDS = ("four words that nobody guesses", "four others that nobody guesses")


def test_a_caller_is_registered_once_and_opens_the_account_once(coordinator):
    token = uuid4()
    forms = [
        lambda key=key: registering.register(person=PERSON, token=key, by=coordinator, now=NOON)
        for key in (token, token, uuid4())
    ]
    answers = at_once(*forms)
    made = {answer for answer in answers if isinstance(answer, Patient)}
    assert len(made) == Patient.objects.count() == Invitation.objects.count() == 1
    assert any(isinstance(answer, Conflict) for answer in answers)
    secret = link(made.pop().user)

    def accept(password):
        born = PERSON.date_of_birth
        return invitations.accept(invitation=invitations.found(secret), born=born, password=password, now=NOON)

    opened = at_once(*(lambda password=password: accept(password) for password in PASSWORDS))
    assert sorted(str(type(answer).__name__) for answer in opened) == ["Conflict", "bool"]
    user = User.objects.get(email="alex@example.com")
    assert user.check_password(PASSWORDS[opened.index(True)])


def test_a_correction_beside_the_patients_own_words_keeps_both_and_finds_the_last(patient, coordinator):
    """Whoever is second sees what the first wrote: a correction that was overtaken is refused, never half written."""
    draft = drafts.start(patient=patient, by=patient.user, now=NOON)
    about = {**people.known_of(patient, INTAKE.by_key["about_you"]), "texts": False}
    values, seen = contact.contact_of(patient), contact.standing(patient)

    def says():
        given = {**about, "legal_name": "Robin Married"}
        page = INTAKE.by_key["about_you"]
        drafts.save_page(submission=draft, page=page, given=given, version=0, by=patient.user, now=NOON)
        return "said"

    def corrects():
        correction = Correction({**values, "phone": "+14155550132"}, seen, "new phone", "called_back")
        contact.correct(patient=patient, correction=correction, by=coordinator, now=NOON + timedelta(minutes=1))
        return "corrected"

    answers = at_once(says, corrects)
    row = Patient.objects.get(pk=patient.pk)
    assert row.legal_name == "Robin Married"
    assert ContactChange.objects.count() == answers.count("corrected")
    for typed in (row.legal_name, row.phone):
        assert find(read(typed, today=NOON.date()), Patient.objects.all()).patients == [row]


@pytest.mark.parametrize("first", ["confirmed", "taken back"])
def test_a_new_address_is_confirmed_or_taken_back_and_neither_waits_for_ever(patient, coordinator, monkeypatch, first):
    """A deadlock would end one of them with an OperationalError; what was taken back does not come back."""
    values = {**contact.contact_of(patient), "email": "new@example.com"}
    asked = Correction(values, contact.standing(patient), "new provider", "called_back")
    contact.correct(patient=patient, correction=asked, by=coordinator, now=NOON)
    page = f"/accounts/confirm-email/{EmailConfirmationHMAC(contact.waiting_address(patient)).key}/"
    client, holding = cast.signed_in(patient.user), threading.Event()

    def confirm():
        assert first == "confirmed" or holding.wait(PATIENCE)
        client.post(page)

    def take_back():
        assert first == "taken back" or holding.wait(PATIENCE)
        contact.take_back_address(patient=patient, by=coordinator, now=NOON)

    module = receivers if first == "confirmed" else contact
    monkeypatch.setattr(module, "record", lingering(module.record, holding))
    at_once(confirm, take_back)
    email = "new@example.com" if first == "confirmed" else "patient@example.com"
    assert User.objects.get(pk=patient.user_id).email == email
    assert EmailAddress.objects.filter(email="new@example.com").exists() is (first == "confirmed")
