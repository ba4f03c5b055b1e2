"""Private links, ways back, second clicks, and fields that no form asked for."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common import clock
from telemedicine.models import Appointment, Message
from tests import cast
from tests.security.history import WORDS, token, undone
from treatment.models import CheckIn, DoseSession, SitterCheck, SitterInvitation, Vital
from treatment.services import sitters

pytestmark = pytest.mark.django_db
EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "\thttps://evil.example",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
)


# Ways back


@pytest.mark.parametrize("onward", EVIL)
def test_no_next_leads_to_another_host(world, onward):
    """ASVS 3.7.2"""
    with undone():
        staff, patient, visitor = (world.client(who) for who in ("administrator", "patient", "anonymous"))
        User.objects.get(email="other@example.com")
        credentials = {"login": "other@example.com", "password": cast.PASSWORD, "next": onward}
        answers = [
            visitor.post("/theme/", {"theme": "dark", "next": onward}),
            staff.post("/demo/clock/", {"by": "nothing", "next": onward}),
            patient.get("/accounts/login/", {"next": onward}),
            patient.post("/accounts/logout/", {"next": onward}),
            visitor.post("/demo/be/patient/", {"next": onward}),
            world.client("anonymous").post("/accounts/login/", credentials),
        ]
    for answer in answers:
        assert answer.status_code == 302
        target = answer["Location"]
        assert target.startswith("/") and target[1:2] not in {"/", "\\", "\t"}, target
        assert "evil" not in target


# The sitter's link


def sitter_page(world, key):
    """200 while it is good, 410 when it has ended, 404 when it never was."""
    response = world.client("anonymous").get(f"/s/{key}/")
    assert response.status_code == 200 or not any(word in response.content.decode() for word in WORDS)
    return response.status_code


def test_only_the_very_token_opens_the_sitters_page(world):
    invitation = SitterInvitation.objects.get(session=world.ahead, revoked_at__isnull=True)
    assert sitter_page(world, world.token) == 200
    digest = sitters.digest_of(world.token)
    for guess in (str(invitation.pk), invitation.pk.hex, digest, str(world.ahead.pk), world.token[:-1], "a" * 43):
        assert sitter_page(world, guess) == 404, guess
    assert invitation.token_digest == digest


def test_a_link_is_dead_after_a_new_invitation(world):
    session, by, now = world.ahead, world.patient.user, clock.now()
    sitters.invite_sitter(session=session, name="New", phone="", email="new@demo.example", by=by, now=now)
    assert sitter_page(world, world.token) == 410


def test_a_link_is_dead_after_its_time_and_after_the_session_is_left_out(world):
    with time_machine.travel(world.ahead.starts_at + timedelta(hours=25), tick=False):
        assert sitter_page(world, world.token) == 410
    left_out = world.client("patient").post(f"/treatment/sessions/{world.ahead.pk}/skip/", {"reason": "no_time"})
    assert left_out.status_code == 302
    assert sitter_page(world, world.token) == 410


@pytest.fixture
def running(world):
    """The session that comes next, on its day, begun by the patient with a double click."""
    session = DoseSession.objects.get(pk=world.ahead.pk)
    world.life.now = session.starts_at - timedelta(minutes=20)
    with time_machine.travel(world.life.now, tick=False) as traveller:
        world.life.answer_gate(session)
        traveller.move_to(world.life.now)
        client = cast.signed_in(world.patient.user)
        for _click in range(2):
            assert client.post(f"/treatment/sessions/{session.pk}/begin/").status_code == 302
        yield session, client, traveller


def test_a_session_that_is_begun_twice_runs_once(running):
    session, _client, _traveller = running
    assert CheckIn.objects.filter(session=session).count() == 2
    assert StatusChange.objects.filter(subject__endswith=str(session.pk), after="started").count() == 1


def test_the_sitters_second_click_does_nothing_and_the_link_ends_with_the_release(running, world):
    session, _client, traveller = running
    sitter, began = world.client("anonymous"), clock.now()
    for number in range(1, 9):
        traveller.move_to(began + timedelta(minutes=14 * number))
        for _click in range(2):
            check = {"key": uuid.UUID(int=number), "responds": "yes", "breathing_normal": "yes"}
            sitter.post(f"/s/{world.token}/check/", check)
    assert SitterCheck.objects.filter(session=session).count() == 8
    for minute in (114, 122):
        traveller.move_to(began + timedelta(minutes=minute))
        for _click in range(2):
            reading = {"key": uuid.UUID(int=minute), "pressure_0": "124", "pressure_1": "80", "heart_rate": "72"}
            sitter.post(f"/s/{world.token}/reading/", reading)
    assert Vital.objects.filter(session=session).exclude(phase="gate").count() == 2
    for _click in range(2):
        sitter.post(f"/s/{world.token}/release/", {"oriented": "yes", "walking": "yes"})
    session.refresh_from_db()
    assert session.status == "completed"
    # From here on the link shows that it is over and changes nothing.
    sitter.post(f"/s/{world.token}/check/", {"key": uuid.UUID(int=9), "responds": "yes", "breathing_normal": "yes"})
    sitter.post(f"/s/{world.token}/decline/")
    assert SitterCheck.objects.filter(session=session).count() == 8
    invitation = SitterInvitation.objects.get(session=session, revoked_at__isnull=True)
    assert (invitation.confirmed_at is None, invitation.declined_at) == (False, None)


def test_help_that_is_pressed_many_times_is_one_call_a_minute(running, world):
    session, client, _traveller = running
    for _click in range(3):
        client.post(f"/treatment/sessions/{session.pk}/now/help/")
        world.client("anonymous").post(f"/s/{world.token}/help/")
    assert Alert.objects.filter(patient=world.patient, kind="help_pressed").count() == 1


# Second clicks and fields nobody asked for


def test_a_message_that_is_sent_twice_is_one_and_says_only_what_the_form_asks(world):
    """BUG-03"""
    before = Message.objects.count()
    stranger = world.users["other"].patient
    form = {
        "topic": "health",
        "body": "Once only",
        "form_token": token(),
        "id": str(uuid.uuid4()),
        "patient": str(stranger.pk),
        "author": str(world.life.clinician.user_id),
        "from_patient": "false",
        "read_at": "2026-01-01",
        "sent_at": "2020-01-01",
    }
    for _click in range(2):
        assert world.client("patient").post("/messages/new/", form).status_code == 302
    assert Message.objects.count() == before + 1
    message = Message.objects.order_by("-sent_at").first()
    assert (message.patient, message.author, message.from_patient) == (world.patient, world.patient.user, True)
    assert (message.read_at, str(message.pk) == form["id"], message.sent_at.year > 2020) == (None, False, True)


def test_the_same_form_token_of_somebody_else_is_another_message(world):
    key = token()
    for who in ("patient", "other"):
        assert (
            world.client(who).post("/messages/new/", {"topic": "health", "body": who, "form_token": key}).status_code
            == 302
        )
    bodies = {message.body for message in Message.objects.filter(form_token=key)}
    assert bodies == {"patient", "other"}


def test_signing_up_makes_a_patient_whatever_else_is_posted(world):
    """BUG-03"""
    form = {
        "email": "new@example.com",
        "password1": "a long and unusual sentence 7",
        "role": "administrator",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "on",
        "id": str(world.users["administrator"].pk),
    }
    assert world.client("anonymous").post("/accounts/signup/", form).status_code == 302
    made = User.objects.get(email="new@example.com")
    assert (made.role, made.is_staff, made.is_superuser, str(made.pk) == form["id"]) == ("patient", False, False, False)


def test_an_alert_is_taken_and_resolved_once(world):
    staff = world.client("prescriber_in")
    for verb, state in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
        for _click in range(2):
            staff.post(f"/admin/alerts/{world.alert.pk}/{verb}/", {"note": "I am calling.", "status": "open"})
        changes = StatusChange.objects.filter(subject__endswith=str(world.alert.pk), after=state)
        assert changes.count() == 1


def test_a_follow_up_is_closed_once_and_stays_closed(world):
    staff = world.client("coordinator")
    for note in ("Reached by phone.", "Again"):
        staff.post(f"/admin/worklist/{world.follow_up.pk}/close/", {"note": note, "state": "open"})
    row = FollowUp.objects.get(pk=world.follow_up.pk)
    assert (row.state, row.note) == ("closed", "Reached by phone.")


def test_a_visit_that_is_cancelled_twice_is_cancelled_once(world):
    for _click in range(2):
        world.client("patient").post(f"/visits/{world.visit.pk}/cancel/", {"status": "completed"})
    assert Appointment.objects.get(pk=world.visit.pk).status == "cancelled"
    changes = StatusChange.objects.filter(subject__endswith=str(world.visit.pk), after="cancelled")
    assert changes.count() == 1


def test_a_check_in_that_was_sent_stays_as_it_was(world):
    row = CheckIn.objects.get(session=world.done, kind="day")
    page = f"/treatment/check-in/{row.pk}/mood/"
    answer = world.client("patient").post(page, {"mood": "1", "mania_signs": "yes", "psychosis_signs": "yes"})
    assert answer.status_code == 302
    assert CheckIn.objects.get(pk=row.pk).answers == row.answers
