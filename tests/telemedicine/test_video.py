"""The video visit: who gets in and when, what is carried between two browsers, and what leaves the practice."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from twilio.http.response import Response

from harmoniously.core.accounts import sessions
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Guest, Room, Signal
from telemedicine.rules.calls import SIGNAL_BYTES, SIGNALS_A_SECOND, Stage
from telemedicine.services import calls, guests, reschedule, visits
from telemedicine.video import signals, twilio_video
from telemedicine.video.checks import video_is_configured
from telemedicine.video.p2p import PeerToPeer, ice_servers
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import guest_of
from tests.cast import signed_in, take_into_care
from tests.telemedicine.conftest import TOMORROW

pytestmark = pytest.mark.django_db
HOME = {"state": "CA", "street": "1 Test Way", "city": "Testville", "zip": "90001", "phone": "+14155550132"}
SOON = TOMORROW - timedelta(minutes=10)
HELLO = {"kind": "hello", "at": "clinician", "from": "a" * 32}
BACK = {**HELLO, "at": "patient"}
SECOND = timedelta(seconds=1)


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refused:
        call(*args, **kwargs)
    return refused.value.code


def enter(visit, at=SOON, **place):
    return calls.enter(appointment=visit, location={**HOME, **place}, by=visit.patient.user, now=at)


def fresh(room):
    return Room.objects.select_related("appointment__patient__user", "appointment__clinician__user").get(pk=room.pk)


def test_vid_03_the_clinician_admits_whom_the_law_lets_in(visit, other_prescriber):
    """From the agreement to the end; nobody is connected before, after, or after the visit was moved."""
    patient, doctor = visit.patient.user, visit.clinician.user
    assert code_of(enter, visit, TOMORROW - timedelta(minutes=16)) == "too_early"
    assert code_of(enter, visit, TOMORROW + timedelta(minutes=60)) == "too_late"
    assert enter(visit, state="NV") is None
    assert code_of(calls.admit, appointment=visit, by=doctor, now=SOON) == "nobody_waits"
    assert enter(visit) == enter(visit)
    room = fresh(room_of(visit))
    assert calls.stage(room.appointment, room, SOON) == Stage.WAITING
    for who in (patient, doctor):
        assert code_of(calls.join, room=room, by=who, now=SOON) == "not_open"
    with pytest.raises(PermissionDenied):
        calls.admit(appointment=visit, by=other_prescriber.user, now=SOON)
    gone = SOON + timedelta(seconds=31)
    assert code_of(calls.admit, appointment=visit, by=doctor, now=gone) == "nobody_waits"
    calls.seen(room=room, by=patient, now=gone)
    for _click in range(2):
        calls.admit(appointment=visit, by=doctor, now=gone + SECOND)
    room = fresh(room)
    assert (room.admitted_at, room.appointment.started_at) == (gone + SECOND, gone + SECOND)
    assert AuditEvent.objects.filter(action="video.admitted").count() == 1
    # A running call stays, however late it gets, until the clinician ends it.
    late = TOMORROW + timedelta(hours=3)
    assert calls.join(room=room, by=patient, now=late)["kind"] == "p2p"
    signals.send(room=room, by=patient, payload=HELLO, now=late)
    PeerToPeer().end(room)
    assert not Signal.objects.exists()
    visits.complete(appointment=visit, by=doctor, now=late)
    assert code_of(calls.join, room=fresh(room), by=doctor, now=late) == "not_open"
    # A stale page lets nobody in after a visit that was held by telephone.
    Room.objects.filter(pk=room.pk).update(admitted_at=None, patient_seen_at=late)
    assert code_of(calls.admit, appointment=visit, by=doctor, now=late) == "not_booked"
    assert fresh(room).admitted_at is None


def test_a_moved_visit_has_no_room_until_the_patient_agrees_again(visit, coordinator):
    enter(visit)
    reschedule(appointment=visit, starts_at=TOMORROW + timedelta(hours=2), by=coordinator, now=SOON)
    visit.refresh_from_db()
    assert room_of(visit) is None


def test_vid_04_signals_arrive_once_in_order_and_are_forgotten(visit):
    patient, doctor = visit.patient.user, visit.clinician.user
    room = fresh(enter(visit))
    for number in range(SIGNALS_A_SECOND):
        signals.send(room=room, by=patient, payload={**HELLO, "from": f"{number:08d}"}, now=SOON)
    assert code_of(signals.send, room=room, by=patient, payload=HELLO, now=SOON) == "too_many"
    signals.send(room=room, by=doctor, payload=BACK, now=SOON)  # the other side's rate is its own
    signals.send(room=room, by=patient, payload=HELLO, now=SOON + SECOND)
    heard = signals.heard(room=room, by=doctor, after=5, now=SOON + SECOND)
    assert [one["seq"] for one in heard] == [*range(6, 21), 22]
    assert [one["seq"] for one in signals.heard(room=room, by=patient, after=0, now=SOON)] == [21]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(payload, ' ') FROM telemedicine_signal")
        assert "hello" not in cursor.fetchone()[0]
    over = SOON + timedelta(minutes=2)
    assert [one["seq"] for one in signals.heard(room=room, by=doctor, after=0, now=over)] == [22]
    assert signals.sweep(now=over) == 21


@pytest.fixture
def call(at_noon, visit):
    """The call has begun; where both pages ask."""
    at_noon.move_to(SOON)
    enter(visit)
    with transaction.atomic():
        calls.admit(appointment=visit, by=visit.clinician.user, now=SOON)
    return f"/visits/{visit.pk}/call/"


def post(client, address, payload, **headers):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return client.post(address, body, content_type="application/json", **headers)


def test_nobody_but_the_two_of_the_visit_hears_or_says_anything(
    call, visit, other_prescriber, other_patient, coordinator
):
    take_into_care(visit.patient, other_prescriber)
    strangers = [
        (signed_in(other_patient.user), call, {404}),
        (signed_in(other_prescriber.user), f"/admin{call}", {404}),
        (signed_in(coordinator), f"/admin{call}", {403}),
    ]
    for client, address, wanted in strangers:
        answers = {client.get(address).status_code, client.get(f"{address}state/").status_code}
        answers |= {post(client, f"{address}{name}/", HELLO).status_code for name in ("send", "join")}
        assert answers == wanted
    assert not Signal.objects.exists()
    assert AuditEvent.objects.filter(action="room.refused").count() == 8


def test_the_two_of_the_visit_tell_each_other_and_polling_keeps_nobody_signed_in(call, visit):
    """BUG-05, SEC-10, ASVS 17.3: what is no message does nothing, and a closed account hears nothing more."""
    patient, doctor = signed_in(visit.patient.user), signed_in(visit.clinician.user)
    assert patient.get(call).status_code == doctor.get(f"/admin{call}").status_code == 200
    seen = patient.session[sessions.LAST_SEEN]
    assert post(patient, f"{call}send/", HELLO).status_code == 204
    for body, status in (
        (b"{", 422),
        (b"[" * 60_000, 422),
        ({"kind": "chat"}, 422),
        ({**HELLO, "kind": "candidate", "to": "b" * 32, "candidate": {"candidate": "\ud800"}}, 422),
        (b" " * (SIGNAL_BYTES + 1), 413),
    ):
        assert post(patient, f"{call}send/", body).status_code == status
    about = {"at": "clinician", "from": "a" * 32, "to": "b" * 32}
    offer = {"kind": "description", **about, "description": {"type": "offer", "sdp": "v=0\0"}}
    assert post(patient, f"{call}send/", offer).status_code == 204
    news = doctor.get(f"/admin{call}state/?after=0").json()
    assert [one["kind"] for one in news["signals"]] == ["hello", "description"]
    assert (news["stage"], news["there"], news["telephone"]) == ("open", True, False)
    assert doctor.get(f"/admin{call}state/?after=-1e9").status_code == 200
    assert patient.session[sessions.LAST_SEEN] == seen
    strict = signed_in(visit.patient.user)
    strict.handler.enforce_csrf_checks = True
    assert post(strict, f"{call}send/", HELLO).status_code == 403
    assert 'data-known="open true false"' in doctor.get(f"/admin/visits/{visit.pk}/").content.decode()
    with CaptureQueriesContext(connection) as asked:
        assert patient.post(f"{call}phone/").url == f"/visits/{visit.pk}/"
    # The trail before the room, as admitting does: else the two wait for each other.
    [first, *_rest] = [
        one["sql"] for one in asked if "FOR UPDATE" in one["sql"] or 'UPDATE "telemedicine' in one["sql"]
    ]
    assert "audit_auditchain" in first
    assert doctor.get(f"/admin{call}state/").json()["telephone"] is True
    assert "asks to be called by telephone" in doctor.get(f"/admin/visits/{visit.pk}/").content.decode()
    visit.patient.user.is_active = False
    visit.patient.user.save()
    assert post(patient, f"{call}send/", HELLO).status_code != 204


def test_vid_05_turn_names_live_one_hour_and_carry_the_secrets_sign(settings):
    settings.STUN_URLS, settings.TURN_URLS = ["stun:stun.example"], ["turns:turn.example:443?transport=tcp"]
    settings.TURN_SECRET = "s" * 32
    stun, turn = ice_servers(key=UUID(int=7), at=1_800_000_000)
    assert stun == {"urls": ["stun:stun.example"]}
    assert turn["username"] == f"1800003600:{UUID(int=7)}"
    wanted = hmac.new(b"s" * 32, turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == wanted
    settings.VIDEO_RELAY_ONLY = True
    given = PeerToPeer().join_payload(Room(), None)
    assert (given["relay_only"], given["seconds"], len(given["ice"])) == (True, 3600, 2)
    settings.STUN_URLS = settings.TURN_URLS = []
    assert ice_servers(key=UUID(int=7), at=0) == []


def test_production_without_a_relay_is_told_so(settings):
    def told(**given):
        for name, value in given.items():
            setattr(settings, name, value)
        return {one.id for one in video_is_configured()}

    assert told() == set()
    assert told(PRODUCTION=True) == {"telemedicine.W001"}
    assert told(TURN_URLS=["turns:turn.example"]) == {"telemedicine.E002"}
    assert told(TURN_SECRET="s") == set()
    assert told(TURN_URLS=[], VIDEO_RELAY_ONLY=True) == {"telemedicine.E003", "telemedicine.W001"}
    assert told(VIDEO_BACKEND="telemedicine.video.twilio_video.TwilioVideo") == {"telemedicine.E001"}


@pytest.fixture
def twilio(settings, monkeypatch):
    """Invented keys, and what would have gone to Twilio."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY_SID = "AC" + "0" * 32, "SK" + "0" * 32
    settings.TWILIO_API_KEY_SECRET = "k" * 32
    settings.VIDEO_BACKEND = "telemedicine.video.twilio_video.TwilioVideo"
    asked = []

    class Recorder:
        def __init__(self, **_options):
            pass

        def request(self, method, url, data=None, **_rest):
            asked.append((method, url, data))
            return Response(201, json.dumps({"sid": "RM" + "0" * 32}))

    monkeypatch.setattr(twilio_video, "TwilioHttpClient", Recorder)
    return asked


def test_vid_02_a_twilio_token_names_nobody_and_lives_ten_minutes(
    twilio, at_noon, visit, django_capture_on_commit_callbacks
):
    room, patient, doctor = fresh(enter(visit)), visit.patient.user, visit.clinician.user
    with django_capture_on_commit_callbacks(execute=True):
        calls.admit(appointment=visit, by=doctor, now=SOON)
    [(_method, url, made)] = twilio
    assert url == "https://video.twilio.com/v1/Rooms"
    assert (made["Type"], made["MaxParticipants"], made["RecordParticipantsOnConnect"]) == ("group", 3, "false")
    at_noon.move_to(SOON)
    page = signed_in(patient).get(f"/visits/{visit.pk}/call/")  # VID-08
    policy = page.headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://global.vss.twilio.com wss://sdkgw.us1.twilio.com;" in policy + ";"
    assert "media-src 'self' blob: mediastream:;" in policy + ";"
    assert "twilio" not in signed_in(patient).get("/home/").headers["Content-Security-Policy"]
    ways = [calls.join(room=fresh(room), by=who, now=SOON) for who in (patient, doctor)]
    # A room that could not be made, or was closed when both were away, is there again for whoever joins.
    assert [one[2] for one in twilio] == [made] * 3
    now, identities = clock.wall().timestamp(), set()
    for way in ways:
        claims = jwt.decode(way["token"], "k" * 32, algorithms=["HS256"], options={"verify_exp": False})
        assert claims["exp"] - now <= 600 + 1
        assert claims["grants"]["video"] == {"room": f"v-{room.pk}"} == {"room": way["room"]}
        identities.add(str(UUID(claims["grants"]["identity"])))
    assert len(identities) == 2
    assert identities.isdisjoint({str(key) for key in (patient.pk, doctor.pk, visit.pk, visit.patient.pk)})
    assert set(ways[0]["people"].values()) == {"patient", "clinician", "guest"}
    # A token cannot be taken back: who must leave holds one for a room that is closed, and the others meet in another.
    asked = {"name": "Ana", "relation": "friend", "email": "", "now": SOON}
    guest, _secret = guests.invite(appointment=room.appointment, by=doctor, **asked)
    Guest.objects.filter(pk=guest.pk).update(agreed_at=SOON, admitted_at=SOON)
    third = calls.join(room=fresh(room), by=guest_of(room.appointment), now=SOON)
    with django_capture_on_commit_callbacks(execute=True):
        guests.end(guest=guest, by=patient, now=SOON)
    assert twilio[-1][1].endswith(third["room"])
    assert calls.join(room=fresh(room), by=patient, now=SOON)["room"] == f"{third['room']}-1"
    with django_capture_on_commit_callbacks(execute=True):
        visits.complete(appointment=visit, by=doctor, now=TOMORROW)
    assert twilio[-1][2] == {"Status": "completed"}
