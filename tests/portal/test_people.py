"""Who works here: what a change of role takes away, who always remains, how somebody new gets in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import OnCall, User
from harmoniously.core.accounts.permission_words import WORDS, taken_away
from harmoniously.core.accounts.permissions import Permission
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.duty_models import DutyWeek
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.admin_people import StaffForm
from harmoniously.portal.people.forms import RegisterForm
from harmoniously.portal.practice.people import in_hands
from telemedicine.models import Review
from tests import cast
from tests.cast import NOON
from tests.portal.test_registering import PERSON, register
from tests.telemedicine.cases import make_decision, make_visit

pytestmark = pytest.mark.django_db


def change(client, user, **data):
    address = reverse("admin:accounts_user_change", args=[user.pk])
    role = {"role": user.role, "full_name": user.full_name, "is_active": "on"}
    given = {key: value for key, value in {**role, **data}.items() if value is not None}
    return client.post(address, given)


@pytest.fixture
def desk(administrator):
    return cast.signed_in(administrator)


@pytest.fixture
def busy(patient, prescriber):
    """A prescriber with a visit ahead and a patient in care; a visit that is over is in nobody's hands."""
    cast.take_into_care(patient, prescriber)
    make_visit(patient, prescriber, starts_at=clock.now() + timedelta(days=2), status="booked")
    make_visit(patient, prescriber)
    return prescriber.user


def test_every_permission_has_words():
    assert set(WORDS) == set(Permission)
    assert "prescribe" in taken_away(Role.PRESCRIBER, Role.THERAPIST)
    assert taken_away(Role.COORDINATOR, Role.COORDINATOR) == []


def test_an_address_that_somebody_proved_to_be_theirs_makes_no_other_account(patient, desk, coordinator):
    EmailAddress.objects.create(user=patient.user, email="second@example.com", verified=True)
    new = {"email": "second@example.com", "full_name": "Sam Second", "role": "therapist", "is_active": "on"}
    refused = desk.post(reverse("admin:accounts_user_add"), new)
    assert (refused.status_code, b"has this e-mail address already" in refused.content) == (200, True)
    # SEC-02: nor does one that only looks the same, with the long s of old prints, by any way in.
    twin = "\u017fecond@example.com"
    client = Client()
    signup = client.post("/accounts/signup/", {"email": twin, "password1": cast.PASSWORD})
    answers = [desk.post(reverse("admin:accounts_user_add"), {**new, "email": twin}), signup]
    answers += [client.post("/accounts/password/reset/", {"email": twin})]
    assert [b"plain letters" in answer.content for answer in answers] == [True, True, True]
    assert not RegisterForm({"email": twin}).has_error("email", "required")
    assert RegisterForm({"email": twin}).has_error("email", "letters")
    with pytest.raises(ValueError, match="plain"):
        User.objects.create_user(twin)
    with pytest.raises(Conflict):
        register(coordinator, replace(PERSON, email="second@example.com"))


def test_a_role_is_changed_only_after_reading_what_it_takes_away(busy, desk):
    refused = change(desk, busy, role="therapist").content.decode()
    for said in ("claim and decide cases; prescribe", "visits ahead: 1; patients in their care: 1"):
        assert said in refused
    busy.refresh_from_db()
    assert busy.role == "prescriber"
    assert change(desk, busy, role="therapist", understood="on").status_code == 302
    busy.refresh_from_db()
    assert busy.role == "therapist"


def test_who_leaves_is_signed_out_everywhere_at_once(busy, desk):
    """SEC-10: also after the account is opened again."""
    at_work = cast.signed_in(busy)
    assert at_work.get(reverse("admin:index")).status_code == 200
    UserSession.objects.create(user=busy, session_key=at_work.session.session_key, ip="127.0.0.1", user_agent="x")
    assert "sign in at all" in change(desk, busy, is_active=None).content.decode()
    assert change(desk, busy, is_active=None, understood="on").status_code == 302
    assert at_work.get(reverse("admin:index")).status_code == 302
    User.objects.filter(pk=busy.pk).update(is_active=True)
    assert at_work.get(reverse("admin:index")).status_code == 302


def test_a_page_from_before_a_colleague_saved_undoes_nothing_unread(busy, desk):
    """Correcting a name opens no account that was closed meanwhile, and ends no licence that was renewed."""
    clinician = busy.clinician
    licence, before = clinician.licences.get(state="CA"), date(2027, 3, 4)
    type(licence).objects.filter(pk=licence.pk).update(expires_on=before)
    user_page = reverse("admin:accounts_user_change", args=[busy.pk])
    page = reverse("admin:accounts_clinician_change", args=[clinician.pk])
    account, person = (desk.get(address).context["adminform"].form.stands for address in (user_page, page))
    User.objects.filter(pk=busy.pk).update(is_active=False)
    type(licence).objects.filter(pk=licence.pk).update(expires_on=before.replace(year=2029))
    refused = change(desk, busy, full_name="Jordan Corrected", _seen=account)
    shown = refused.content.decode()
    assert (refused.status_code, "Jordan Corrected" in shown, "May sign in: no" in shown) == (409, True, True)
    names = ("display_name", "credentials", "npi", "dea_number", "zone")
    given = {**{name: getattr(clinician, name) or "" for name in names}, "practice_address": "", "phone": ""}
    row = {"id": licence.pk, "clinician": clinician.pk, "state": "CA", "number": "1", "expires_on": before}
    given |= {f"licences-0-{name}": str(value) for name, value in row.items()}
    given |= {"licences-TOTAL_FORMS": "1", "licences-INITIAL_FORMS": "1", "_seen": person}
    assert desk.post(page, given).status_code == 409
    busy.refresh_from_db()
    licence.refresh_from_db()
    assert (busy.is_active, busy.full_name == "Jordan Corrected", licence.expires_on.year) == (False, False, 2029)
    # Whoever has read what stands there may replace it.
    again = change(desk, busy, full_name="Jordan Corrected", _seen=refused.context["adminform"].form.stands)
    assert again.status_code == 302


@pytest.mark.parametrize("lost", [{"role": "coordinator", "is_active": "on"}, {"role": "administrator"}])
def test_somebody_always_remains_who_manages_people(administrator, lost):
    """Two administrators who take each other's role at the same moment: the second finds that nobody else is left."""
    data = {"email": administrator.email, "full_name": "", "understood": "on", **lost}
    alone = StaffForm(data, instance=User.objects.get(pk=administrator.pk))
    assert [error.code for error in alone.non_field_errors().as_data()] == ["last"]
    cast.make_user("second@example.com", Role.ADMINISTRATOR)
    assert StaffForm(data, instance=User.objects.get(pk=administrator.pk)).is_valid()


def test_somebody_new_is_invited_and_sets_no_password_here(desk):
    data = {"email": "New@Example.com", "full_name": "New Person", "role": "coordinator", "is_active": "on"}
    assert "An invitation goes to" in desk.post(reverse("admin:accounts_user_add"), data, follow=True).content.decode()
    new = User.objects.get(email="new@example.com")
    [message] = Notification.objects.filter(recipient=new)
    assert (message.template, message.channel) == ("staff_invitation", "email")
    assert not new.has_usable_password()
    Notification.objects.update(created_at=message.created_at - timedelta(seconds=1))
    with time_machine.travel(message.created_at, tick=False):  # within the same hour of the clock
        again = desk.get(change(desk, new, invite="on")["Location"]).content.decode()
    assert ("No other one is sent" in again, "An invitation goes to" in again) == (True, False)
    assert Notification.objects.filter(recipient=new).count() == 1
    assert AuditEvent.objects.filter(action="user.invited").count() == 1, "the trail says what was sent"


def test_people_are_found_by_name_role_and_second_step(desk, coordinator, patient):
    """A patient by record number alone: the address of the page holds what was searched for."""
    User.objects.create_user("fresh@example.com", None, role=Role.COORDINATOR, full_name="Fresh Sample")
    address = reverse("admin:accounts_user_changelist")
    for query, emails in (
        ("?q=placeholder", {"coordinator@example.com"}),
        ("?q=FRESH@ex", {"fresh@example.com"}),
        (f"?q={patient.user.email}", set()),
        (f"?q={patient.mrn}", {patient.user.email}),
        ("?second=no&is_staff__exact=1", {"fresh@example.com"}),
        ("?role__exact=coordinator&second=yes", {"coordinator@example.com"}),
    ):
        page = desk.get(address + query).content.decode()
        known = ("coordinator@example.com", "fresh@example.com", patient.user.email)
        shown = {email for email in known if f">{email}<" in page}
        assert shown == emails, query


def test_what_is_in_hands_is_one_question(busy, patient, django_assert_num_queries):
    case = {"clinician": busy.clinician, "status": "in_person", "claimed_at": NOON}
    Review.objects.create(patient=patient, decision=make_decision(patient), **case)
    OnCall.objects.create(clinician=busy.clinician, position=1)
    for weekday in range(2):
        DutyWeek.objects.create(clinician=busy.clinician, weekday=weekday, starts="08:00", ends="20:00", zone="UTC")
    with django_assert_num_queries(1):
        held = [one.number for one in in_hands(busy, NOON)]
    assert held == [1, 2, 1, 1, 1], "on call, the rota, the visit, the case that waits for one in person, the patient"
