"""Somebody telephones: a record and an account that only they open, once, whoever else gets the link."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError

from harmoniously.core.accounts.models import Invitation, Patient, StateSwitch, User
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.people import contact, invitations, registering
from harmoniously.portal.people.registering import Person, is_adult
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db
PERSON = Person(
    legal_name="Alex Newcomer",
    date_of_birth=date(1990, 5, 6),
    state="CA",
    phone="+14155550166",
    email="alex@example.com",
    language="es",
    texts=True,
)
MINUTE = timedelta(minutes=1)
PASSWORD = "four words that nobody guesses"


def register(by, person=PERSON, token=None, now=NOON):
    return registering.register(person=person, token=token or uuid4(), by=by, now=now)


def link(user):
    """The address in the newest message to an account."""
    rows = Notification.objects.filter(recipient=user, template="account_invitation").order_by("-created_at")
    return rows[0].variables["link"].partition("/i/")[2].strip("/")


def accept(user, secret=None, born=PERSON.date_of_birth, now=NOON):
    found = invitations.found(secret or link(user))
    return invitations.accept(invitation=found, born=born, password=PASSWORD, now=now)


@pytest.fixture
def alex(coordinator):
    return register(coordinator)


def test_the_same_form_sent_twice_makes_one_patient_and_one_invitation(coordinator, administrator):
    token = uuid4()
    made = register(coordinator, token=token)
    assert register(coordinator, token=token, now=NOON + timedelta(hours=1)) == made
    assert (Patient.objects.count(), Invitation.objects.count()) == (1, 1)
    assert (made.legal_name, made.zone, made.user.language) == ("Alex Newcomer", "America/Los_Angeles", "es")
    with pytest.raises(Conflict):
        register(coordinator)
    assert User.objects.filter(email="alex@example.com").count() == 1


def test_the_same_form_with_another_person_in_it_says_that_nobody_else_was_saved(coordinator):
    """The browser's button for going back keeps the form, and its key."""
    token = uuid4()
    register(coordinator, token=token)
    with pytest.raises(Conflict):
        register(coordinator, replace(PERSON, legal_name="Sam Newcomer", email="sam@example.com"), token=token)
    assert User.objects.filter(email="sam@example.com").count() == 0


def test_the_consent_to_texts_is_kept_with_the_words_that_were_read_out(alex):
    """SEC-29"""
    event = AuditEvent.objects.get(action="texts.agreed")
    assert (event.facts["source"], event.facts["wording"], event.facts["language"]) == (
        "phone",
        "read out 2026-1",
        "es",
    )
    assert alex.sms_consent_at == NOON


@pytest.mark.parametrize(("born", "adult"), [(date(2008, 11, 4), True), (date(2008, 11, 5), False)])
def test_nobody_under_the_age_of_the_policy_is_registered(coordinator, born, adult):
    assert is_adult(born, date(2026, 11, 4), 18) is adult
    if not adult:
        with pytest.raises(RuleViolation):
            register(coordinator, replace(PERSON, date_of_birth=born))
        assert User.objects.filter(email="alex@example.com").count() == 0


def test_who_may_be_known_already_is_shown_before_anything_is_saved(alex):
    same_name = replace(PERSON, legal_name="NEWCOMER Álex", phone="+14155550100")
    same_number = replace(PERSON, legal_name="Somebody Else", date_of_birth=date(1950, 1, 1))
    neither = replace(PERSON, date_of_birth=date(1950, 1, 1), phone="+14155550100")
    assert [registering.perhaps_known(who) for who in (same_name, same_number, neither)] == [[alex], [alex], []]


def test_the_invitation_opens_the_account_once_for_who_knows_the_birth_date(alex):
    secret = link(alex.user)
    assert len(secret) == 43
    assert not alex.user.has_usable_password()
    assert accept(alex.user) is True
    user = User.objects.get(pk=alex.user_id)
    assert user.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=user).verified
    with pytest.raises(Conflict):
        accept(user, secret)
    with pytest.raises(RuleViolation):
        invitations.send(user=user, by=None, now=NOON + timedelta(days=1))


def test_a_stranger_with_the_link_has_five_tries_at_the_birth_date(alex):
    for _try in range(5):
        assert accept(alex.user, born=date(1990, 5, 7)) is False
    with pytest.raises(Conflict):
        accept(alex.user)
    assert invitations.state_of(Invitation.objects.get(), NOON) == "locked"
    # Nor five more by asking for another link at "Forgot your password".
    with pytest.raises(RuleViolation):
        invitations.send(user=alex.user, by=None, now=NOON + timedelta(hours=1))
    assert not User.objects.get(pk=alex.user_id).has_usable_password()


def test_asking_for_another_link_brings_no_new_guesses(alex, coordinator):
    """Four guesses, a new link by "Forgot your password", four more: twenty a day find a birth date."""
    for _try in range(4):
        assert accept(alex.user, born=date(1990, 5, 7)) is False
    invitations.send(user=alex.user, by=None, now=NOON + 2 * MINUTE)
    assert accept(alex.user, born=date(1990, 5, 7), now=NOON + 3 * MINUTE) is False
    with pytest.raises(Conflict):
        accept(alex.user, now=NOON + 3 * MINUTE)
    invitations.send(user=alex.user, by=coordinator, now=NOON + 4 * MINUTE)
    User.objects.filter(pk=alex.user_id).update(is_active=False)
    with pytest.raises(RuleViolation, match="may not sign in"):
        invitations.send(user=alex.user, by=coordinator, now=NOON + 6 * MINUTE)
    User.objects.filter(pk=alex.user_id).update(is_active=True)
    assert accept(alex.user, now=NOON + 5 * MINUTE) is True


def test_a_new_invitation_kills_the_one_before_and_a_second_click_sends_none(alex, coordinator):
    old = link(alex.user)
    invitations.send(user=alex.user, by=coordinator, now=NOON + MINUTE / 2)
    assert Invitation.objects.count() == 1
    invitations.send(user=alex.user, by=coordinator, now=NOON + 2 * MINUTE)
    assert invitations.state_of(invitations.found(old), NOON) == "replaced"
    assert accept(alex.user, now=NOON + 3 * MINUTE) is True


def test_an_address_corrected_within_the_minute_is_invited_and_the_link_that_went_elsewhere_is_dead(alex, coordinator):
    old, values = link(alex.user), {**contact.contact_of(alex), "email": "right@example.com"}
    correction = contact.Correction(values, contact.standing(alex), "misheard", "called_back")
    done = contact.correct(patient=alex, correction=correction, by=coordinator, now=NOON + MINUTE / 2)
    assert (done.email, done.told, link(alex.user) != old) == ("invited", False, True)
    assert invitations.state_of(invitations.found(old), NOON + MINUTE) == "replaced"
    assert accept(User.objects.get(pk=alex.user_id), now=NOON + MINUTE) is True


def test_a_birth_date_that_was_misheard_is_corrected_until_the_account_is_open(alex, coordinator):
    client, page = cast.signed_in(coordinator), f"/admin/patients/{alex.pk}/contact/"
    assert accept(alex.user, born=date(1990, 6, 5)) is False
    told = client.get(page).context["form"].initial
    given = {**told, "date_of_birth_0": "6", "date_of_birth_1": "5", "date_of_birth_2": "1990", "reason": "misheard"}
    assert client.post(page, given).status_code == 422  # without saying how they knew who called
    assert client.post(page, {**given, "proof": "called_back", "date_of_birth_2": "2020"}).status_code == 422
    assert client.post(page, {**given, "proof": "called_back"}).status_code == 302
    assert [accept(alex.user, born=born) for born in (PERSON.date_of_birth, date(1990, 6, 5))] == [False, True]
    assert "date_of_birth" not in client.get(page).context["form"].fields


def test_an_invitation_is_good_for_seven_days_and_five_go_out_a_day(alex, coordinator):
    week = timedelta(days=7)
    assert [invitations.state_of(Invitation.objects.get(), NOON + week - step) for step in (MINUTE, 0 * MINUTE)] == [
        "good",
        "expired",
    ]
    for number in range(1, 5):
        invitations.send(user=alex.user, by=coordinator, now=NOON + 2 * number * MINUTE)
    with pytest.raises(RuleViolation):
        invitations.send(user=alex.user, by=coordinator, now=NOON + 20 * MINUTE)
    invitations.send(user=alex.user, by=coordinator, now=NOON + timedelta(days=1, minutes=1))


def test_a_forgotten_password_is_no_way_around_the_invitation(alex, client):
    def ask(email):
        assert client.post("/accounts/password/reset/", {"email": email})["Location"].endswith("/reset/done/")

    Invitation.objects.update(sent_at=clock.now() - timedelta(hours=1), expires_at=clock.now() + MINUTE)
    ask("alex@example.com")
    assert Invitation.objects.filter(ended_as="replaced").count() == 1
    Invitation.objects.filter(ended_as="").update(ended_as="locked")
    ask("alex@example.com")
    assert Invitation.objects.count() == 2
    said = [message.body for message in mail.outbox]
    assert ["newest other e-mail" in body for body in said] == [True, False], "one mail each, as everybody gets"
    assert not any("/reset/key/" in body or "/i/" in body for body in said)


def test_one_invitation_is_open_at_a_time(alex):
    with pytest.raises(IntegrityError):
        Invitation.objects.create(user=alex.user, digest="x", sent_at=NOON, expires_at=NOON + MINUTE, created_at=NOON)


# The pages


def test_every_state_of_a_link_has_a_page_that_names_nobody(alex, client):
    secret, now = link(alex.user), clock.now()
    Invitation.objects.update(sent_at=now, expires_at=now + timedelta(days=1))
    page = f"/i/{secret}/"
    answers = [client.get(page), client.post(page, {})]
    wrong = {"date_of_birth_0": "5", "date_of_birth_1": "7", "date_of_birth_2": "1990", "password": PASSWORD}
    answers += [client.post(page, wrong), client.post(page, {**wrong, "date_of_birth_1": "6", "password": "short"})]
    right = client.post(page, {**wrong, "date_of_birth_1": "6"})
    answers.append(client.get(page))
    Invitation.objects.update(used_at=None, sent_at=now - timedelta(days=7), expires_at=now)
    answers.append(client.get(page))
    assert [answer.status_code for answer in answers] == [200, 422, 422, 422, 410, 410]
    assert (right.status_code, right["Location"]) == (302, "/accounts/login/")
    assert not any(word in answer.content.decode() for answer in answers for word in ("Alex", "alex@", "0166"))
    assert client.get(f"/i/{'a' * 43}/").status_code == 404


def form(**other):
    fields = {
        "legal_name": "Alex Newcomer",
        "date_of_birth_0": "5",
        "date_of_birth_1": "6",
        "date_of_birth_2": "1990",
        "state": "CA",
        "phone": "415 555 0166",
        "email": "Alex@Example.com",
        "language": "en",
        "form_token": str(uuid4()),
    }
    return {**fields, **other}


def test_the_coordinator_registers_is_asked_about_a_twin_and_sees_the_invitation(coordinator):
    client = cast.signed_in(coordinator)
    filled = form()
    made, click = (client.post("/admin/patients/register/", filled) for _click in range(2))
    assert (made.status_code, click.status_code, click["Location"]) == (302, 302, made["Location"])
    assert "The account is not open yet" in client.get(made["Location"]).content.decode()
    assert "No new patients are taken in that state" not in client.get(made["Location"]).content.decode()
    again = client.post(f"{made['Location']}invite/")
    assert "No other one was sent" in client.get(again["Location"]).content.decode()
    twin = form(email="second@example.com")
    asked = client.post("/admin/patients/register/", twin)
    assert (asked.status_code, "Is it one of these?" in asked.content.decode()) == (409, True)
    assert Patient.objects.count() == 1
    assert client.post("/admin/patients/register/", {**twin, "is_new": "on"}).status_code == 302
    assert Patient.objects.count() == 2
    StateSwitch.objects.create(state="NY", is_open=False, reason="Full.", at=NOON, by=coordinator)
    elsewhere = form(email="third@example.com", phone="212 555 0123", legal_name="Robin Third", state="NY")
    closed = client.post("/admin/patients/register/", elsewhere, follow=True)
    assert "No new patients are taken in that state" in closed.content.decode()
    taken = client.post("/admin/patients/register/", form(is_new="on"))
    assert (taken.status_code, "has this e-mail address" in taken.content.decode()) == (409, True)
