"""Who lost mailbox and password comes back; who only says so, or only works here, does not (ASVS 6.4.3, 2.3.5)."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.adapter import AccountAdapter
from harmoniously.core.accounts.models import AccountRecovery, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from harmoniously.core.notifications.reports import take_text
from harmoniously.portal.people import contact, recovery
from tests import cast
from tests.cast import NOON
from tests.portal.test_contact_data import correct, fresh
from tests.portal.test_registering import register

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OPENS = NOON + 3 * DAY
PASSWORD = "four words that nobody guesses"


def ask(patient, by, *, now=NOON, email="new@example.com", proof="called_back"):
    return recovery.ask(patient=patient, email=email, proof=proof, reason="lost the phone", by=by, now=now)


def agree(row, by, *, now=NOON, proof="seen"):
    return recovery.agree(recovery=row, proof=proof, by=by, now=now)


def secret(row, template="account_recovery_link"):
    """What stands in the link of a message about it."""
    link = Notification.objects.get(template=template, about=f"recovery:{row.pk}", channel="email").variables["link"]
    return link.partition("/r/")[2].split("/")[0]


def accept(row, *, now=OPENS, born=None):
    given = born or row.patient.date_of_birth
    return recovery.accept(recovery=recovery.found(secret(row)), born=given, password=PASSWORD, now=now)


@pytest.fixture
def agreed(patient, coordinator, administrator):
    return agree(ask(patient, coordinator), administrator)


def test_two_people_make_sure_and_everybody_is_told_three_days_before_the_link(patient, coordinator, administrator):
    patient.sms_consent_at = NOON
    patient.save(update_fields=["sms_consent_at"])
    row = ask(patient, coordinator)
    assert ask(patient, coordinator) == row, "a second click"
    assert Notification.objects.filter(recipient=patient.user).count() == 0
    with pytest.raises(PermissionDenied, match="second_person"):
        agree(row, coordinator)
    for _click in range(2):
        agree(row, administrator)
    sent = {
        (row.template, row.channel, row.address, row.due_at)
        for row in Notification.objects.filter(template__contains="recover")
    }
    assert sent == {
        ("account_recovery", "email", "patient@example.com", NOON),
        ("account_recovery", "sms", "+15550100123", NOON),
        ("account_recovery_link", "email", "new@example.com", OPENS),
        ("recovery_agreed", "email", "", NOON),
    }
    with pytest.raises(Conflict):
        accept(row, now=OPENS - timedelta(seconds=1))
    assert AuditEvent.objects.filter(action__in=["recovery.asked", "recovery.agreed"], patient=patient.pk).count() == 2


def test_the_link_moves_the_account_once_signs_everybody_out_and_keeps_the_second_step(
    patient, coordinator, administrator
):
    user, now = patient.user, clock.now() + timedelta(minutes=1)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    EmailAddress.objects.create(user=user, email="second@example.com", verified=True)
    tablet = cast.signed_in(user)
    UserSession.objects.create(user=user, session_key=tablet.session.session_key, ip="127.0.0.1", user_agent="x")
    row = agree(ask(patient, coordinator, now=now), administrator, now=now)
    assert accept(row, now=now + 3 * DAY) is True
    with pytest.raises(Conflict):
        accept(row, now=now + 3 * DAY)
    user = User.objects.get(pk=user.pk)
    assert (user.email, user.check_password(PASSWORD)) == ("new@example.com", True)
    assert [(one.email, one.verified) for one in EmailAddress.objects.filter(user=user)] == [("new@example.com", True)]
    assert tablet.get("/home/").status_code == 302
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).count() == 1
    [change] = contact.history_of(fresh(patient))
    assert (change.before, change.after) == ({"email": "patient@example.com"}, {"email": "new@example.com"})
    for template in ("account_recovery", "account_recovered"):  # every mailbox that they read is told
        told = {one.address for one in Notification.objects.filter(template=template)}
        assert told == {"patient@example.com", "second@example.com"}


def test_whoever_agrees_agrees_to_what_they_read_and_asking_needs_the_second_step_too(patient, coordinator):
    """One dishonest colleague: another address behind the page that was read, or an open screen of somebody else."""
    honest, now = cast.make_user("honest@example.com", Role.COORDINATOR), clock.now()
    page, desk = reverse("admin:recovery", args=[patient.pk]), cast.signed_in(honest)
    read = ask(patient, coordinator, now=now - timedelta(minutes=5))
    recovery.call_off(recovery=read, by=coordinator, now=now)
    ask(patient, coordinator, now=now, email="thief@example.com")
    answer = desk.post(f"{page}agree/", {"proof": "seen", "seen": str(read.pk)}, follow=True).content.decode()
    assert "Read where it leads now" in answer
    assert recovery.state_of(recovery.newest_of(patient), now) == "asked"
    recovery.call_off(recovery=recovery.newest_of(patient), by=coordinator, now=now)
    left_open = cast.signed_in(honest, second_factor=False)
    session = left_open.session
    session["account_authentication_methods"] += [{"method": "mfa", "type": "totp", "at": time.time() - 600}]
    session.save()
    given = {"email": "thief@example.com", "reason": "lost the phone", "proof": "seen"}
    assert "/2fa/reauthenticate/" in left_open.post(page, given)["Location"]
    assert AccountRecovery.objects.count() == 2


def test_whoever_is_still_there_stops_it(agreed, patient, coordinator, client):
    """With the link that went to the old address, or by signing in; a mail program that opens it stops nothing."""
    page = reverse("portal:recovery_stop", args=[secret(agreed, "account_recovery")])
    with time_machine.travel(OPENS, tick=False):
        assert b"Stop it" in client.get(page).content
        assert recovery.state_of(recovery.newest_of(patient), OPENS) == "open"
        stopped = [client.post(page, follow=True).content for _click in range(2)]
    assert all(b"It is stopped" in body for body in stopped)
    assert Notification.objects.get(template="account_recovery_link").state == "cancelled"
    assert Notification.objects.filter(template="recovery_stopped").count() == 1, "the privacy officer is told"
    assert recovery.stopped_lately(patient, OPENS) == agreed
    again = ask(patient, coordinator, now=NOON + DAY)
    record(actor=patient.user, action="session.started", now=NOON + DAY, patient=patient)
    for row, how in ((agreed, "stopped"), (again, "signed_in")):
        assert recovery.state_of(AccountRecovery.objects.get(pk=row.pk), OPENS) == how
    with pytest.raises(Conflict):
        accept(agreed)
    assert User.objects.get(pk=patient.user_id).email == "patient@example.com"


def test_whoever_was_half_way_in_does_not_come_in_once_the_account_has_moved(agreed, patient, client, monkeypatch):
    """By a link to a new password that was opened in the old mailbox; and with the old password, at the second step."""
    key, code = generate_totp_secret(), "/accounts/2fa/authenticate/"
    TOTP.activate(patient.user, key)
    at_the_code = Client()
    at_the_code.post("/accounts/login/", {"login": patient.user.email, "password": cast.PASSWORD})
    link = f"{user_pk_to_url_str(patient.user)}-{default_token_generator.make_token(patient.user)}"
    page, checked = client.get(f"/accounts/password/reset/key/{link}/")["Location"], AccountAdapter.clean_password

    def meanwhile(adapter, password, user=None):
        monkeypatch.setattr(AccountAdapter, "clean_password", checked)
        assert accept(agreed) is True
        return checked(adapter, password, user=user)

    monkeypatch.setattr(AccountAdapter, "clean_password", meanwhile)
    given = dict.fromkeys(("password1", "password2"), "words in the old mailbox")
    assert b"was changed a moment ago" in client.post(page, given, follow=True).content
    user = User.objects.get(pk=patient.user_id)
    assert (user.email, user.check_password(PASSWORD)) == ("new@example.com", True)
    typed = format_hotp_value(hotp_value(key, next(yield_hotp_counters_from_time())))
    assert at_the_code.post(code, {"code": typed})["Location"] == "/accounts/login/"
    assert at_the_code.get("/home/").status_code == 302


def test_the_link_in_a_strangers_mailbox_has_five_tries_and_ends_by_itself(agreed, patient):
    record(actor=patient.user, action="session.started", now=OPENS + 8 * DAY, patient=patient)
    assert recovery.state_of(agreed, OPENS + 7 * DAY) == "lapsed"
    assert recovery.state_of(agreed, OPENS) == "open"
    for _try in range(5):
        assert accept(agreed, born=NOON.date()) is False
    with pytest.raises(Conflict):
        accept(agreed)
    assert AccountRecovery.objects.get().ended_as == "locked"
    assert User.objects.get(pk=patient.user_id).check_password(cast.PASSWORD)


def test_who_answers_stop_to_the_text_stops_it_whatever_number_stands_there_by_then(
    patient, coordinator, administrator
):
    patient.sms_consent_at = NOON
    patient.save(update_fields=["sms_consent_at"])
    row = agree(ask(patient, coordinator), administrator)
    correct(patient, coordinator, phone="+14155550132")
    take_text(provider_sid="SM1", sender="+15550100123", body="Stop!", now=NOON + DAY)
    assert recovery.state_of(row, OPENS) == "stopped"
    with pytest.raises(Conflict):
        accept(row)


def test_what_is_refused_and_why(patient, other_patient, coordinator, administrator, prescriber):
    waiting = register(coordinator)
    correct(patient, coordinator, phone="+14155550132")  # calling that number back proves nothing
    User.objects.filter(pk=other_patient.user_id).update(is_active=False)
    for whom, code, given in (
        (patient, "number", {}),
        (patient, "same", {"email": "patient@example.com"}),
        (patient, "taken", {"email": "other@example.com"}),
        (waiting, "not_open", {}),
        (other_patient, "closed", {}),
    ):
        with pytest.raises(RuleViolation) as refusal:
            ask(fresh(whom), coordinator, **given)
        assert refusal.value.code == code
    for by in (administrator, prescriber.user):
        with pytest.raises(PermissionDenied):
            ask(patient, by, proof="seen")
    row = ask(patient, coordinator, proof="seen")
    with pytest.raises(PermissionDenied):
        agree(row, prescriber.user)
    with pytest.raises(RuleViolation, match="30 days"):
        agree(row, administrator, proof="called_back")
    with pytest.raises(Conflict):
        agree(row, administrator, now=NOON + DAY)
    for number in (1, 2):
        ask(fresh(patient), coordinator, proof="seen", now=NOON + number * DAY)
    with pytest.raises(RuleViolation, match="Three"):
        ask(fresh(patient), coordinator, proof="seen", now=NOON + 3 * DAY)


def test_an_address_that_became_somebody_elses_moves_nothing(agreed, patient, client):
    cast.make_user("new@example.com")
    with pytest.raises(Conflict) as refusal:
        accept(agreed)
    assert refusal.value.code == "taken"
    assert User.objects.get(pk=patient.user_id).check_password(cast.PASSWORD)
    assert AccountRecovery.objects.get().used_at is None
    User.objects.filter(pk=agreed.asked_by_id).update(is_active=False)  # nor the word of somebody who had to leave
    assert recovery.state_of(recovery.newest_of(patient), OPENS) == "called_off"
    User.objects.filter(pk=agreed.asked_by_id).update(is_active=True)
    User.objects.filter(pk=patient.user_id).update(is_active=False)  # nor a closed one, and the page says so
    with time_machine.travel(OPENS, tick=False):
        assert client.get(f"/r/{secret(agreed)}/").status_code == 410


def test_the_pages_from_the_telephone_to_the_new_password_name_nobody_to_a_stranger(
    patient, coordinator, administrator, client
):
    desk, boss = cast.signed_in(coordinator), cast.signed_in(administrator)
    page = reverse("admin:recovery", args=[patient.pk])
    assert page.encode() in desk.get(reverse("admin:patient", args=[patient.pk])).content
    given = {"email": "New@Example.com", "reason": "lost the phone", "proof": "called_back"}
    assert desk.post(page, {**given, "proof": "told"}).status_code == 422
    assert desk.post(page, given).status_code == 302
    assert desk.post(page, {**given, "email": "third@example.com"}).status_code == 409
    mine = {"proof": "seen", "seen": str(recovery.newest_of(patient).pk)}
    assert desk.post(f"{page}agree/", mine).status_code == 403
    assert boss.post(f"{page}agree/", {}).status_code == 422
    row = recovery.newest_of(patient)
    agrees = {"proof": "seen", "seen": str(row.pk)}
    assert f'value="{row.pk}"' in boss.get(page).content.decode()
    assert "unless somebody stops it" in boss.post(f"{page}agree/", agrees, follow=True).content.decode()
    row = recovery.newest_of(patient)
    assert "A colleague asked for" in desk.get(reverse("admin:patient", args=[patient.pk])).content.decode()
    link, stop = f"/r/{secret(row)}/", f"/r/{secret(row, 'account_recovery')}/stop/"
    early = client.get(link)
    AccountRecovery.objects.update(agreed_at=NOON, opens_at=clock.now())
    born = {"date_of_birth_0": "3", "date_of_birth_1": "4", "date_of_birth_2": "1985"}
    answers = [early, client.get(link), client.get(stop), client.post(link, {})]
    answers.append(client.post(link, {**born, "date_of_birth_2": "1986", "password": PASSWORD}))
    # Too much like the address before: said to whoever knows the birth date, and to nobody who guesses one.
    like = {"password": patient.user.email}
    told = [client.post(link, {**born, **wrong, **like}) for wrong in ({"date_of_birth_2": "1986"}, {})]
    assert ["too similar" in answer.content.decode() for answer in told] == [False, True]
    assert (AccountRecovery.objects.get().tries, AccountRecovery.objects.get().used_at) == (2, None)
    moved = client.post(link, {**born, "password": PASSWORD})
    answers += [client.get(link), client.get(stop)]
    assert [answer.status_code for answer in answers] == [410, 200, 200, 422, 422, 410, 200]
    assert (moved.status_code, moved["Location"]) == (302, "/accounts/login/")
    assert not any(word in answer.content.decode() for answer in answers for word in ("Robin", "example.com", "0123"))
    assert "Used" in desk.post(f"{page}call-off/", follow=True).content.decode()
    assert client.get(f"/r/{'a' * 43}/").status_code == client.get(f"/r/{secret(row)}/stop/").status_code == 404
