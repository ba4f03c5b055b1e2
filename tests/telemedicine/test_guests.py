"""VID-02: a third person joins by invitation only, while the patient agrees, and once the clinician let them in."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts import sessions
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from telemedicine.models import Guest, Signal
from telemedicine.rules.calls import MOST_INVITATIONS, Stage
from telemedicine.services import calls, guests, reschedule, visits
from telemedicine.video import signals
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import guest_of
from tests.cast import signed_in, take_into_care
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.test_video import HOME, SOON, fresh

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
ANA = {"name": "Ana Example", "relation": "interpreter", "email": ""}
MAILED = {**ANA, "email": "ana@example.com"}
GUEST_HELLO = {"kind": "hello", "at": "guest", "from": "a" * 32}
HELLO = {"kind": "hello", "at": "clinician", "from": "b" * 32}
AS_CALL = {"Accept": "application/json"}
DONE = ["invited", "agreed", "admitted", "joined", "left", "admitted", "withdrawn"]


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refused:
        call(*args, **kwargs)
    return refused.value.code


def locks(call, **kwargs):
    """Which tables it locks rows of, in this order."""
    with CaptureQueriesContext(connection) as asked:
        call(now=SOON, **kwargs)
    return [one["sql"].split(' FROM "')[1].split('"')[0] for one in asked if "FOR " in one["sql"][-60:]]


def steps():
    """What the trail says of the third person, oldest first."""
    rows = AuditEvent.objects.filter(action__startswith="guest.").order_by("at", "pk")
    return [name for row in rows if (name := row.action.removeprefix("guest.")) != "opened"]


@pytest.fixture
def begun(at_noon, visit):
    """The patient and the clinician are in the call."""
    at_noon.move_to(SOON)
    calls.enter(appointment=visit, location=HOME, by=visit.patient.user, now=SOON)
    calls.admit(appointment=visit, by=visit.clinician.user, now=SOON)
    visit.refresh_from_db()
    return visit


def let_in(visit):
    """A third person who is in the call, and the secret of their link."""
    guest, secret = guests.invite(appointment=visit, by=visit.clinician.user, now=SOON, **ANA)
    guests.agree(guest=guest, by=visit.patient.user, now=SOON)
    calls.guest_seen(guest, SOON)
    guests.admit(guest=guest, by=visit.clinician.user, now=SOON)
    return guest_of(visit), secret


def test_each_step_needs_the_one_before_and_the_right_person(begun, other_prescriber, other_patient, coordinator):
    patient, doctor, room = begun.patient.user, begun.clinician.user, fresh(room_of(begun))
    for stranger in (other_patient.user, other_prescriber.user, coordinator):
        with pytest.raises(PermissionDenied):
            guests.invite(appointment=begun, by=stranger, now=SOON, **ANA)
    guest, _secret = guests.invite(appointment=begun, by=doctor, now=SOON, **ANA)
    assert code_of(guests.invite, appointment=begun, by=patient, now=SOON, **ANA) == "already_invited"
    calls.guest_seen(guest, SOON)
    # Nobody agrees for the patient, whoever invited; without it nobody is admitted.
    for stranger in (doctor, other_patient.user):
        with pytest.raises(PermissionDenied):
            guests.agree(guest=guest, by=stranger, now=SOON)
    assert code_of(guests.admit, guest=guest, by=doctor, now=SOON) == "not_agreed"
    assert calls.guest_stage(guest_of(begun), room, SOON) == Stage.ASKED
    assert code_of(calls.join, room=room, by=guest_of(begun), now=SOON) == "not_open"
    for _click in range(2):
        guests.agree(guest=guest, by=patient, now=SOON)
    for stranger in (patient, other_prescriber.user):
        with pytest.raises(PermissionDenied):
            guests.admit(guest=guest, by=stranger, now=SOON)
    gone = SOON + timedelta(seconds=31)
    assert code_of(guests.admit, guest=guest, by=doctor, now=gone) == "nobody_waits"
    assert code_of(calls.join, room=room, by=guest_of(begun), now=SOON) == "not_open"
    assert code_of(signals.send, room=room, by=patient, payload=GUEST_HELLO, now=SOON) == "nobody_there"
    for _click in range(2):
        guests.admit(guest=guest, by=doctor, now=SOON)
    assert calls.join(room=room, by=guest_of(begun), now=SOON)["kind"] == "p2p"
    signals.send(room=room, by=guest_of(begun), payload=HELLO, now=SOON)
    [heard] = signals.heard(room=room, by=doctor, after=0, now=SOON)
    assert (heard["by"], heard["kind"], "at" in heard) == ("guest", "hello", False)
    assert signals.heard(room=room, by=patient, after=0, now=SOON) == []


def test_whoever_left_is_let_in_anew_and_whom_the_patient_takes_back_is_out_at_once(begun):
    patient, doctor, room = begun.patient.user, begun.clinician.user, fresh(room_of(begun))
    guest, secret = let_in(begun)
    assert secret not in str(list(Guest.objects.values()))
    assert calls.join(room=room, by=guest, now=SOON)["kind"] == "p2p"
    trail_first = ["audit_auditchain", "telemedicine_appointment"]
    # I5: as everybody who changes the visit takes them; else one of two who press at once would get a deadlock.
    assert locks(guests.leave, guest=guest)[:2] == trail_first
    guests.leave(guest=guest, now=SOON)
    # What they joined with may still be good: the two meet in the next room, not with somebody unseen.
    assert fresh(room).turn == 1
    assert code_of(calls.join, room=room, by=guest_of(begun), now=SOON) == "not_open"
    calls.guest_seen(guest_of(begun), SOON)
    guests.admit(guest=guest, by=doctor, now=SOON)
    signals.send(room=room, by=patient, payload=GUEST_HELLO, now=SOON)
    stale = guest_of(begun)
    assert locks(guests.end, guest=guest, by=patient)[:2] == trail_first
    guests.end(guest=guest, by=patient, now=SOON)
    # Taken back: at once, for whoever still holds the row too, and nothing waits for them.
    assert not Signal.objects.exists()
    assert code_of(signals.send, room=room, by=stale, payload=HELLO, now=SOON) == "nobody_there"
    assert code_of(signals.send, room=room, by=doctor, payload=GUEST_HELLO, now=SOON) == "nobody_there"
    assert code_of(guests.agree, guest=guest, by=patient, now=SOON) == "ended"
    # Whose page asked for the way in before it was taken back, and is answered after.
    assert code_of(calls.join, room=room, by=stale, now=SOON) == "not_open"
    assert steps() == DONE
    assert fresh(room).turn == 2


def test_the_link_goes_out_once_the_patient_agreed_and_is_good_for_this_visit_at_its_time(visit, at_noon, coordinator):
    patient, doctor, before = visit.patient.user, visit.clinician.user, SOON - timedelta(hours=3)
    at_noon.move_to(before)
    guest, secret = guests.invite(appointment=visit, by=doctor, now=before, **MAILED)
    asked = Notification.objects.filter(about=guest.about)
    assert (secret, [(row.template, row.address) for row in asked]) == ("", [("action_needed", "")])
    guests.agree(guest=guest, by=patient, now=before)
    [mail] = asked.filter(template="visit_invitation")
    assert (mail.address, mail.recipient) == ("ana@example.com", patient)
    link = mail.variables["link"]
    visitor = Client()
    assert visitor.get(link).status_code == 200
    # No door opens early, for a link of another make, or after the visit was moved.
    assert visitor.get(f"{link}state/").status_code == visitor.post(f"{link}join/").status_code == 409
    assert visitor.get("/g/" + "a" * 43 + "/").status_code == 404
    reschedule(appointment=visit, starts_at=TOMORROW + timedelta(hours=2), by=coordinator, now=before)
    visit.refresh_from_db()
    # What has not gone out yet tells nobody of the old time.
    assert set(asked.values_list("state", "reason")) == {("cancelled", "replanned")}
    assert guest_of(visit) is None
    # Nobody comes who is not invited again, and an interpreter is missed only when it is too late.
    told = "Ana Example was invited before this visit was moved."
    assert told in signed_in(patient).get(f"/visits/{visit.pk}/").content.decode()
    assert visitor.get(link).status_code == 410
    late = visit.starts_at + timedelta(minutes=60)
    assert code_of(guests.invite, appointment=visit, by=doctor, now=late, **ANA) == "too_late"
    # Begun by telephone: the page of who was invited again says so, for they may wait there to its end.
    at_noon.move_to(at := visit.starts_at)
    visits.state_location(appointment=visit, location=HOME, by=patient, now=at)
    visits.start(appointment=visit, by=doctor, now=at)
    again, secret = guests.invite(appointment=visit, by=doctor, now=at, **ANA)
    guests.agree(guest=again, by=patient, now=at)
    waiting = visitor.get(guests.link_of(secret)).content.decode()
    assert '<div data-when="calling">' in waiting and '<div data-when="waiting" hidden>' in waiting
    assert visitor.get(f"{guests.link_of(secret)}state/").json()["calling"] is True
    # Five of one visit, however often it was moved: our mail is nobody's way to write to strangers.
    for _more in range(MOST_INVITATIONS - 2):
        guests.end(guest=again, by=patient, now=at)
        again, _secret = guests.invite(appointment=visit, by=patient, now=at, **ANA)
    guests.end(guest=again, by=patient, now=at)
    assert code_of(guests.invite, appointment=visit, by=patient, now=at, **ANA) == "too_many"


def post(client, address, payload):
    return client.post(address, json.dumps(payload), content_type="application/json")


def is_nobody_who_waits(visitor, link):
    """Mail programs open links too, again and again: one line in the trail a minute from each address (I7)."""
    opened = AuditEvent.objects.filter(action="guest.opened")
    for address, count in (("127.0.0.1", 1), ("192.0.2.7", 2)):
        assert visitor.get(link, REMOTE_ADDR=address).status_code == 200
        assert opened.count() == count


def test_the_page_of_the_third_person_says_what_they_wait_for_and_shows_nothing_of_the_patient(
    begun, other_patient, other_prescriber
):
    take_into_care(begun.patient, other_prescriber)
    patient, doctor = signed_in(begun.patient.user), signed_in(begun.clinician.user)
    here, call = f"/visits/{begun.pk}/guest/", f"/visits/{begun.pk}/call/"
    assert doctor.post(f"/admin{here}", {**ANA, "do": "invite"}).status_code == 302
    shown = doctor.get(f"/admin{here}").content.decode()
    link = "/g/" + shown.split("/g/")[1].split('"')[0]
    assert link not in doctor.get(f"/admin{here}").content.decode()  # shown once
    visitor = Client()
    before = visitor.get(link)
    assert "We wait until the patient agrees" in before.content.decode()
    assert "camera=(self)" in before.headers["Permissions-Policy"]
    named = begun.patient.display_name
    assert named not in before.content.decode()
    [guest] = Guest.objects.all()
    is_nobody_who_waits(visitor, link)
    assert doctor.get(f"/admin{call}state/").json()["guest"]["known"] == f"{guest.pk}:000"
    assert visitor.get(f"{link}state/").json()["stage"] == "asked"
    question = patient.get(call).content.decode()
    assert "May Ana Example join this visit?" in question
    yes = {"do": "agree", "guest": str(guest.pk)}
    for stranger, address in ((other_patient.user, here), (other_prescriber.user, f"/admin{here}")):
        assert signed_in(stranger).post(address, yes).status_code == 404
    assert doctor.post(f"/admin{here}", yes).status_code == 422  # the clinician's page has no such button
    assert patient.post(here, {**yes, "guest": "x"}).status_code == 404
    assert patient.post(here, yes).url == here
    waiting = visitor.get(link).content.decode()
    assert "You are in the waiting room" in waiting
    secrets = (begun.patient.legal_name, begun.patient.mrn, begun.patient.phone, "1 Test Way", begun.patient.user.email)
    assert [one for one in secrets if one in waiting or one in before.content.decode()] == []
    assert post(visitor, f"{link}send/", HELLO).status_code == 409
    news = doctor.get(f"/admin{call}state/").json()["guest"]
    assert news == {"known": f"{guest.pk}:101", "in": False}
    assert doctor.post(f"/admin{here}", {**yes, "do": "admit"}).status_code == 302
    seen = (staff := signed_in(other_prescriber.user)).session[sessions.LAST_SEEN]
    assert staff.get(f"{link}state/").json()["stage"] == "open"  # a colleague's polling keeps nobody signed in
    assert staff.session[sessions.LAST_SEEN] == seen
    assert visitor.post(f"{link}join/").json()["kind"] == "p2p"
    assert post(visitor, f"{link}send/", HELLO).status_code == 204
    assert post(Client(enforce_csrf_checks=True), f"{link}send/", HELLO).status_code == 403


def test_what_was_taken_back_or_is_over_opens_nothing(begun):
    """The next question of each page says so, and the link of an earlier invitation stays shut."""
    guest, secret = let_in(begun)
    patient, doctor, visitor = signed_in(begun.patient.user), signed_in(begun.clinician.user), Client()
    here, call, link = f"/visits/{begun.pk}/guest/", f"/visits/{begun.pk}/call/", guests.link_of(secret)
    assert "Remove Ana Example" in doctor.get(f"/admin{call}").content.decode()
    # The page of a call is told that it was done: the way to the next page looks like the way to sign in again.
    assert patient.post(here, {"do": "end", "guest": str(guest.pk)}, headers=AS_CALL).status_code == 204
    seen = patient.session[sessions.LAST_SEEN] - 60
    session = patient.session
    session[sessions.LAST_SEEN] = seen
    session.save()
    assert patient.get(call, headers={"X-By-Itself": "1"}).status_code == 200  # drawn anew by itself (BUG-05)
    assert patient.session[sessions.LAST_SEEN] == seen
    assert doctor.get(f"/admin{call}state/").json()["guest"] == {"known": "", "in": False}
    assert {visitor.get(f"{link}state/").status_code, post(visitor, f"{link}send/", HELLO).status_code} == {409}
    assert visitor.post(f"{link}join/").status_code == 409
    assert visitor.get(link).status_code == 410
    _again, other = let_in(begun)
    assert (visitor.get(link).status_code, visitor.get(guests.link_of(other)).status_code) == (410, 200)
    visits.complete(appointment=begun, by=begun.clinician.user, now=SOON)
    assert visitor.get(guests.link_of(other)).status_code == 410
    assert post(visitor, f"{guests.link_of(other)}send/", HELLO).status_code == 409
