"""What devices tell of a session, late and twice (I9): once, at the time it happened, and urgent things at once."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.services import acknowledge
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification
from tests import cast
from tests.treatment.conftest import refused
from treatment import selectors, services
from treatment.models import SessionEvent, SitterCheck, SitterInvitation, Vital
from treatment.services import sitters

JSON = {"HTTP_ACCEPT": "application/json"}
MINUTE = timedelta(minutes=1)


def test_what_waited_on_a_device_counts_once_and_at_its_own_time(case):
    """A reading of minute 45 that arrives at minute 130, twice, and beside it one that the sitter noted meanwhile."""
    session, invitation, now = case.started()
    late = {"session": session, "diastolic": 80, "heart_rate": 70, "by": case.patient.user, "key": uuid4()}
    arrived = now + 130 * MINUTE
    services.record_vital(
        session=session,
        systolic=125,
        diastolic=80,
        heart_rate=70,
        by=sitters.actor_of(invitation),
        key=uuid4(),
        now=now + 121 * MINUTE,
    )
    for again in range(2):
        services.record_vital(**late, systolic=170, after=45 * MINUTE, now=arrived + again * MINUTE)
    readings = Vital.objects.exclude(phase="gate").values_list("systolic", "phase", "taken_at", "created_at")
    assert list(readings) == [
        (170, "during", now + 45 * MINUTE, arrived),
        (125, "after", now + 121 * MINUTE, now + 121 * MINUTE),
    ]
    # It is judged at the time it was taken, and told at once, by both channels.
    alert = Alert.objects.get(kind="blood_pressure")
    assert alert.opened_at == arrived
    told = Notification.objects.filter(about=f"alert:{alert.pk}").values_list("channel", "due_at")
    assert sorted(told) == [("email", arrived), ("sms", arrived)]
    # It is not what the sitter's release is measured by: the newest of the last readings is.
    end = services.sitter_release(invitation=invitation, oriented=True, walking=True, now=arrived + 2 * MINUTE)
    assert end.status == "completed"
    # What happened before the end counts when it comes after it, and what happened later does not; a clock that
    # stands wrong is bounded by the session.
    note = {"session": session, "note": "sick", "by": case.patient.user, "now": arrived + 30 * MINUTE}
    for after, at in ((132 * MINUTE, arrived + 2 * MINUTE), (-5 * MINUTE, now)):
        key = uuid4()
        services.note_feeling(**note, key=key, after=after)
        assert SessionEvent.objects.get(key=key).at == at
    for after in (132 * MINUTE + timedelta(seconds=1), 400 * MINUTE, None):
        assert refused(services.note_feeling, **note, key=uuid4(), after=after) == "not_running"


def test_a_late_release_ends_the_session_when_the_sitter_ended_it(case):
    session, invitation, now = case.started()
    services.record_vital(
        session=session,
        systolic=121,
        diastolic=79,
        heart_rate=70,
        by=case.patient.user,
        key=uuid4(),
        after=125 * MINUTE,
        now=now + 205 * MINUTE,
    )
    release = {"invitation": invitation, "oriented": True, "walking": True, "now": now + 205 * MINUTE}
    # An older claim than 120 minutes is no release, whenever it arrives.
    assert refused(services.sitter_release, **release, after=119 * MINUTE) == "release_too_early"
    for _again in range(2):
        done = services.sitter_release(**release, after=127 * MINUTE)
    assert (done.status, done.sitter_released_at, done.completed_at) == ("completed", *[now + 127 * MINUTE] * 2)
    # A bad check that comes even later still calls the clinic.
    key = uuid4()
    bad = {"invitation": invitation, "responds": False, "breathing_normal": True, "key": key, "after": 56 * MINUTE}
    for again in range(2):
        services.sitter_check(**bad, now=now + (206 + again) * MINUTE)
    assert SitterCheck.objects.get().taken_at == now + 56 * MINUTE
    assert Alert.objects.filter(kind="help_pressed").count() == 1


def test_help_calls_once_while_it_rings_and_again_after_somebody_took_it(case):
    session, invitation, now = case.started()
    asked = {"session": session, "by": case.patient.user}
    first = uuid4()
    for key, later in ((first, 0), (first, 40), (uuid4(), 5)):
        services.get_help(**asked, key=key, now=now + later * timedelta(seconds=1))
    alert = Alert.objects.get(kind="help_pressed")
    assert Notification.objects.filter(about=f"alert:{alert.pk}").count() == 2
    acknowledge(alert=alert, by=case.prescriber.user, now=now + timedelta(seconds=20), note="Calling.")
    services.get_help(**asked, key=uuid4(), after=MINUTE, now=now + timedelta(seconds=30))
    assert Alert.objects.filter(kind="help_pressed", status="open").count() == 1


def test_a_note_is_sealed_and_stands_in_the_trail_without_its_content(case):
    session, _invitation, now = case.started()
    services.note_feeling(session=session, note="sick", by=case.patient.user, key=uuid4(), now=now + 24 * MINUTE)
    assert AuditEvent.objects.filter(action="dosesession.noted", facts={}).count() == 1
    row = SessionEvent.objects.get()
    assert (row.content, row.at) == ({"note": "sick"}, now + 24 * MINUTE)
    with pytest.raises(KeyError):
        services.note_feeling(session=session, note="x", by=case.patient.user, key=uuid4(), now=now)


def test_the_prescriber_reads_what_was_noted_and_when_it_arrived(case, prescriber_client, patient_client, at):
    session, _invitation, now = case.started()
    by = case.patient.user
    services.note_feeling(session=session, note="sick", by=by, key=uuid4(), after=30 * MINUTE, now=now + 50 * MINUTE)
    at(now + 55 * MINUTE)
    note = {"key": uuid4(), "note": "uneasy"}
    said = patient_client.post(f"/treatment/sessions/{session.pk}/now/note/", note, follow=True).content.decode()
    assert "Noted: Uneasy." in said
    assert "Breathe out slowly" in said
    page = prescriber_client.get(f"/admin/sessions/{session.pk}/").content.decode()
    lines = re.findall(r"Minute (\d+)(?:.*?arrived ([^<]+)<)?.*?<span class=.tag[^>]*>(\w+)", page)
    assert lines == [("30", clock.hour_words(now + 50 * MINUTE, session.zone), "Sick"), ("55", "", "Uneasy")]


def test_a_page_sends_what_it_kept_and_is_told_what_to_say(case, other_patient, at):
    """The phones of both, by the addresses they use: taken, refused, signed out, somebody else's, with CSRF on."""
    session, invitation, now = case.started()
    SitterInvitation.objects.filter(pk=invitation.pk).update(token_digest=sitters.digest_of("t" * 43))
    at(now + 50 * MINUTE)
    phone = cast.signed_in(case.patient.user, enforce_csrf_checks=True)
    live = f"/treatment/sessions/{session.pk}/now/"
    page = phone.get(live)
    assert page.context["kept"]["course"]["told"] == (162, 103)
    note = {"key": str(uuid4()), "note": "calm", "after": "1500"}
    assert phone.post(f"{live}note/", note, **JSON).status_code == 403
    csrf = {"csrfmiddlewaretoken": phone.get(f"{live}state/", **JSON).json()["csrf"]}
    for _again in range(2):
        assert phone.post(f"{live}note/", note | csrf, **JSON).json() == {"text": ""}
    assert SessionEvent.objects.get().at == now + 25 * MINUTE
    high = {"key": str(uuid4()), "pressure_0": "181", "pressure_1": "90", "heart_rate": "80"}
    assert "911" in phone.post(f"{live}reading/", high | csrf, **JSON).json()["text"]
    wrong = phone.post(f"{live}reading/", {**high, **csrf, "pressure_1": "400"}, **JSON)
    assert (wrong.status_code, "between" in wrong.json()["text"]) == (422, True)
    assert phone.post(f"{live}help/", {"key": "no key"} | csrf, **JSON).json() == {"text": ""}
    assert Alert.objects.filter(kind="help_pressed").count() == 1
    for stranger, code in ((cast.signed_in(other_patient.user), 404), (Client(), 302)):
        assert stranger.post(f"{live}note/", note, **JSON).status_code == code
    # The cookie outlives a browser that was closed by an empty battery, no longer than the session is held open.
    assert 0 < int(page.cookies["sessionid"]["max-age"]) <= 6 * 3600

    guest = Client(enforce_csrf_checks=True)
    check = {"key": str(UUID(int=7)), "responds": "yes", "breathing_normal": "no", "after": "2400"}
    for _again in range(2):
        assert "911" in guest.post(f"/s/{'t' * 43}/check/", check, **JSON).json()["text"]
    assert SitterCheck.objects.get().taken_at == now + 40 * MINUTE
    early = guest.post(f"/s/{'t' * 43}/release/", {**check, "oriented": "yes", "walking": "yes"}, **JSON)
    assert early.status_code == 422
    assert selectors.session_facts(session).released_at is None


def test_the_pages_that_a_browser_keeps_hold_nothing_of_anybody(case, patient_client):
    """ASVS 14.3: the worker and the empty pages are the same for everybody, whoever asks."""
    for address in ("/session-worker.js", "/session-offline/patient/", "/session-offline/sitter/"):
        anybody, somebody = Client().get(address), patient_client.get(address)
        assert anybody.content == somebody.content or "key" in anybody.content.decode()
        text = somebody.content.decode()
        for word in ("Robin", "csrf", case.patient.user.email, "Test Way", "Sign out"):
            assert word not in text, (address, word)
    worker = Client().get("/session-worker.js")
    assert worker["Content-Type"] == "text/javascript"
    assert "/static/js/vault.js" in worker.content.decode()
    out = patient_client.post("/accounts/logout/")
    assert out["Clear-Site-Data"] == '"storage"'
