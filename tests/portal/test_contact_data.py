"""Contact data corrected on the telephone: with what was before, without a way into somebody else's account."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection
from django.urls import reverse

from harmoniously.core.accounts.lookup.finding import find
from harmoniously.core.accounts.lookup.rules import read
from harmoniously.core.accounts.models import ContactChange, Patient, User
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import addresses, consents
from harmoniously.core.notifications.models import Channel, Notification
from harmoniously.core.notifications.services import schedule
from harmoniously.portal.people import contact
from harmoniously.portal.people.contact import Correction
from harmoniously.portal.practice import states
from intake import drafts, people
from intake.pages import INTAKE
from telemedicine.models import Appointment
from telemedicine.rules.slots import VisitKind
from telemedicine.services import moving
from telemedicine.services.taking import Wanted
from telemedicine.staff_board import board_of
from telemedicine.staff_grid import Filters, rows_of, seeing_patients
from telemedicine.staff_misfits import misfits_of
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_visit

pytestmark = pytest.mark.django_db


def correct(patient, by, *, seen=None, proof="called_back", texts=False, **changes):
    values = {**contact.contact_of(patient), **changes}
    given = Correction(values, seen or contact.standing(patient), "moved", proof, texts)
    return contact.correct(patient=patient, correction=given, by=by, now=NOON)


def fresh(patient):
    return Patient.objects.select_related("user").get(pk=patient.pk)


def test_what_was_before_is_kept_sealed_with_who_and_why_and_the_patient_is_told_neutrally(patient, coordinator):
    correct(patient, coordinator, legal_name="Robin Renamed", city="Otherville", emergency_phone="+14155550100")
    row = fresh(patient)
    assert (row.legal_name, row.address["city"], row.address["street"]) == ("Robin Renamed", "Otherville", "1 Test Way")
    assert row.emergency_contact == {"name": "Sam Example", "phone": "+14155550100", "relation": "sibling"}
    [change] = contact.history_of(patient)
    assert (change.before["legal_name"], change.after["legal_name"]) == ("Robin Example", "Robin Renamed")
    assert (change.by, change.reason, set(change.after)) == (
        coordinator,
        "moved",
        {"legal_name", "city", "emergency_phone"},
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_contactchange t")
        [(dump,)] = cursor.fetchall()
    assert [word for word in ("Robin", "ville", "moved", "0100") if word in dump] == []
    found = [find(read(word, today=NOON.date()), Patient.objects.all()).patients for word in ("renamed", "example")]
    assert found == [[patient], []]
    [notice] = Notification.objects.filter(recipient=patient.user)
    assert (notice.template, notice.channel) == ("account_notice", "email")


def test_who_was_overtaken_is_told_and_writes_nothing(patient, coordinator):
    seen = contact.standing(patient)
    correct(patient, coordinator, city="Otherville")
    with pytest.raises(Conflict):
        correct(fresh(patient), coordinator, seen=seen, city="Thirdville")
    assert fresh(patient).address["city"] == "Otherville"
    with pytest.raises(RuleViolation):
        correct(fresh(patient), coordinator)
    assert ContactChange.objects.count() == 1


def test_a_new_number_ends_texts_until_it_is_asked_for_and_is_what_stop_is_held_against(patient, coordinator):
    """SEC-29: consent is given for one number."""
    consents.agree(patient=patient, source="portal", by=patient.user, now=NOON)
    waiting = schedule(
        template="appointment_starting",
        recipient=patient.user,
        channel=Channel.SMS,
        due_at=NOON + timedelta(days=1),
        dedupe_key="later",
        about="test",
        variables={"link": "/visits/", "when": NOON},
        now=NOON,
    )
    correct(patient, coordinator, phone="+14155550132")
    assert fresh(patient).sms_consent_at is None
    waiting.refresh_from_db()
    assert waiting.address_digest == addresses.digest("+14155550132")
    correct(fresh(patient), coordinator, phone="+14155550177", texts=True)
    assert fresh(patient).sms_consent_at == NOON
    # What waits goes to the number and the address of the moment in which it is sent.
    row = Notification.objects.select_related("recipient__patient").get(pk=waiting.pk)
    assert addresses.destination_of(row).address == "+14155550177"


def test_nobody_changes_a_way_in_without_saying_how_they_knew_who_called(patient, coordinator):
    for change in ({"phone": "+14155550132"}, {"email": "new@example.com"}):
        with pytest.raises(RuleViolation):
            correct(patient, coordinator, proof="", **change)
    correct(patient, coordinator, proof="", city="Otherville")


def test_a_new_e_mail_address_counts_once_it_is_confirmed_and_both_are_told(patient, coordinator, client):
    """ASVS 6.3.7, BUG-13"""
    assert correct(patient, coordinator, email="new@example.com").email == "confirm"
    user = User.objects.get(pk=patient.user_id)
    assert user.email == "patient@example.com"
    notice = Notification.objects.get(recipient=user, template="account_notice")
    assert notice.address == "patient@example.com"
    waiting = contact.waiting_address(patient)
    key = EmailConfirmationHMAC(waiting).key
    signed_in = cast.signed_in(user)
    assert signed_in.post(f"/accounts/confirm-email/{key}/").status_code == 302
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert [(row.email, row.primary, row.verified) for row in EmailAddress.objects.filter(user=user)] == [
        ("new@example.com", True, True)
    ]
    assert [message.to for message in mail.outbox] == [["patient@example.com"]]
    assert contact.waiting_address(patient) is None


def test_an_address_that_is_taken_back_or_somebody_elses_changes_nothing(patient, other_patient, coordinator, client):
    with pytest.raises(RuleViolation):
        correct(patient, coordinator, email=other_patient.user.email)
    correct(patient, coordinator, email="wrong@example.com")
    key = EmailConfirmationHMAC(contact.waiting_address(patient)).key
    for _click in range(2):
        contact.take_back_address(patient=patient, by=coordinator, now=NOON)
    client.post(f"/accounts/confirm-email/{key}/")
    assert User.objects.get(pk=patient.user_id).email == "patient@example.com"


def test_a_misheard_address_hands_nobody_the_account(patient, coordinator, client):
    """BUG-13: whoever reads the mail there neither confirms it nor gets a way to another password."""
    correct(patient, coordinator, email="stranger@example.com")
    key = EmailConfirmationHMAC(contact.waiting_address(patient)).key
    assert client.post(f"/accounts/confirm-email/{key}/").url.startswith("/accounts/login/")
    client.post("/accounts/password/reset/", {"email": "stranger@example.com"})
    assert User.objects.get(pk=patient.user_id).email == "patient@example.com"
    assert not [message for message in mail.outbox if "password/reset/key" in message.body]


def test_an_address_that_the_patient_adds_takes_nobodys_place(patient):
    mine = EmailAddress.objects.create(user=patient.user, email="second@example.com")
    cast.signed_in(patient.user).post(f"/accounts/confirm-email/{EmailConfirmationHMAC(mine).key}/")
    assert User.objects.get(pk=patient.user_id).email == "patient@example.com"
    assert EmailAddress.objects.filter(user=patient.user).count() == 2


def test_the_page_keeps_what_was_typed_beside_what_stands_there_now(patient, coordinator):
    client, page = cast.signed_in(coordinator), f"/admin/patients/{patient.pk}/contact/"
    opened = client.get(page).context["form"].initial
    correct(patient, coordinator, city="Otherville")
    late = client.post(page, {**opened, "city": "Thirdville", "reason": "moved again"})
    body = late.content.decode()
    assert (late.status_code, "Otherville" in body, 'value="Thirdville"' in body) == (409, True, True)
    again = {**opened, "city": "Thirdville", "reason": "moved again", "seen": late.context["form"]["seen"].value()}
    assert [client.post(page, again).status_code for _click in range(2)] == [302, 302]
    assert (fresh(patient).address["city"], ContactChange.objects.count()) == ("Thirdville", 2)


def test_the_visits_of_who_moves_are_counted_where_they_live_now_on_every_page(
    patient, prescriber, coordinator, django_capture_on_commit_callbacks
):
    """The states, the schedule and the visit itself say the same; what was booked for a third state stays."""
    at, now = clock.now() + timedelta(days=2), clock.now()
    prescriber.licences.create(state="OR", number="OR-1", expires_on=at.date() + timedelta(days=9))
    home, away = (
        make_visit(patient, prescriber, starts_at=at + timedelta(hours=hour), status="booked") for hour in (0, 1)
    )
    for visit, state in ((home, "CA"), (away, "OR")):
        type(visit).objects.filter(pk=visit.pk).update(state=state)

    def stranded():
        week = rows_of(seeing_patients(), clock.today("UTC", at) - timedelta(days=3), "UTC", now, Filters())
        on_grid = {one.visit.pk for one in misfits_of(week) if "no licence" in one.words}
        day = clock.today(prescriber.zone, at)
        assert board_of([prescriber], day, prescriber.zone, now, Filters()).unlicensed == on_grid
        return {row.code: row.uncovered for row in states.states(now) if row.uncovered}, on_grid

    assert correct(patient, coordinator, city="Otherville").unlicensed == 0
    assert stranded() == ({}, set())
    assert correct(fresh(patient), coordinator, state="NV").unlicensed == 1
    assert stranded() == ({"NV": 1}, {home.pk})
    assert correct(fresh(patient), coordinator, state="CA").unlicensed == 0
    assert stranded() == ({}, set())
    away.refresh_from_db()
    assert away.state == "OR"
    # The patient says it themselves: nobody at the practice saw it, so somebody is asked to call.
    told = fresh(patient)
    given = {"street": "1 Test Way", "city": "Reno", "state": "NV", "zip": "89501"}
    page_said = {"answers": {"where_you_are": given}, "page": INTAKE.by_key["where_you_are"], "by": patient.user}
    with django_capture_on_commit_callbacks(execute=True):
        people.fill(patient=told, now=now, **page_said)
    assert stranded() == ({"NV": 1}, {home.pk})
    assert patient.follow_ups.get(kind="visit_needed").about == home.about
    correct(fresh(patient), coordinator, state="CA")
    stale = Appointment.objects.get(pk=home.pk)
    client, page = cast.signed_in(coordinator), f"/admin/patients/{patient.pk}/contact/"
    moves = {**client.get(page).context["form"].initial, "state": "NV", "reason": "moved"}
    [*_saved, told] = get_messages(client.post(page, moves).wsgi_request)
    assert str(told).startswith("1 visit ahead is with somebody who has no licence where they live now")
    with pytest.raises(Conflict):
        moving._move(stale, Wanted(patient, prescriber, at + timedelta(hours=3), VisitKind(home.kind), "CA"))


def test_a_correction_stands_in_the_answers_that_are_not_handed_in_yet(patient, coordinator):
    """Handing them in later brings back neither the old number nor the consent that was given for it."""
    consents.agree(patient=patient, source="portal", by=patient.user, now=NOON)
    draft = drafts.start(patient=patient, by=patient.user, now=NOON)
    about = {**people.known_of(patient, INTAKE.by_key["about_you"]), "texts": True}
    draft.answers = {"about_you": about}
    draft.save(update_fields=["answers"])
    correct(patient, coordinator, phone="+14155550132", city="Otherville")
    draft.refresh_from_db()
    assert draft.answers["about_you"] == {**about, "phone": "+14155550132", "texts": False}
    assert (list(draft.answers), draft.page_versions) == (["about_you"], {"about_you": 1})


def test_the_questionnaire_begins_with_what_was_told_on_the_telephone(patient):
    consents.agree(patient=patient, source="phone", by=patient.user, now=NOON)
    drafts.start(patient=patient, by=patient.user, now=NOON)
    page = cast.signed_in(patient.user).get(reverse("intake:page", args=[INTAKE.slug(INTAKE.by_key["about_you"])]))
    assert page.status_code == 200
    shown = page.content.decode()
    assert all(f'value="{value}"' in shown for value in ("Robin Example", "1985"))
    assert 'name="texts"' in shown
    assert "checked" in shown.partition('name="texts"')[2][:200]


def test_the_new_address_is_asked_once_however_often_the_button_is_pressed(patient, coordinator):
    client, page = cast.signed_in(coordinator), f"/admin/patients/{patient.pk}/contact/"
    opened = client.get(page).context["form"].initial
    new = f"{uuid4().hex}@example.com"  # the limit outlives the tests
    filled = {**opened, "email": new, "reason": "new provider", "proof": "called_back"}
    assert [client.post(page, filled).status_code for _click in range(2)] == [302, 302]
    for _click in range(2):
        client.post(f"{page}email/", {})
    assert [message.to for message in mail.outbox] == [[new]]
    assert ContactChange.objects.count() == Notification.objects.filter(template="account_notice").count() == 1
    # And its link is good whatever was pressed.
    [link] = re.findall(r"/accounts/confirm-email/\S+/", mail.outbox[0].body)
    cast.signed_in(patient.user).post(link)
    assert User.objects.get(pk=patient.user_id).email == new
