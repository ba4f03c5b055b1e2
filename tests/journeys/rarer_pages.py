"""Pages of rarer moments, each as its address shows it then; told inside the running demo after every_page.

What is typed wrong (422) and what was overtaken (409), the people of a visit by video, a note before its signature, the
second factor, a session that runs, lists without a line, and what we say when something broke. The people are new and
made by the practice's own services, so that nobody else's story changes.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, OnCall, Patient, User
from harmoniously.core.alerts import working
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.services import close_follow_up, open_follow_up
from harmoniously.core.alerts.working import Doer
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.common.opened import OpenedPage
from harmoniously.nonprod.personas.people import BY_KEY
from intake.models import Submission
from intake.pages import INTAKE
from telemedicine.models import Appointment, Guest, VisitNote
from telemedicine.notes import amending
from telemedicine.notes import services as notes
from telemedicine.notes.rules.templates import TEMPLATES
from telemedicine.services import calls, guests, visits
from telemedicine.week import value_of
from tests import cast
from tests.journeys import passkeys, rarer_desk, rarer_people, session_people
from tests.telemedicine.cases import make_decision, make_paid, make_visit
from treatment.models import CheckIn

HOST = "rarer.example"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AT_HOME = {"state": "CA", "street": "1 Test Way", "city": "Testville", "zip": "90001", "phone": "+14155550132"}
EMPTY = """
portal:home treatment:home treatment:check_ins treatment:outcomes treatment:journal treatment:letters
telemedicine:visits telemedicine:messages telemedicine:messages_sent telemedicine:referrals billing:bills
intake:papers intake:asked admin:index admin:patients admin:messages admin:messages_sent admin:schedule
""".split()  # noqa: SIM905
Row = dict[str, Any]


def tell() -> None:
    """Print a row for each: the name of its address and what is rare about it, whose session, the path.

    `sent` are the fields of a form that is sent there, `status` what comes back; `body` is a page that no address
    shows on demand.
    """
    now = clock.now()
    parts = (
        _visits,
        _notes,
        _booking,
        _answers,
        _worklist,
        _second_factor,
        _session,
        _tables,
        _people,
        _nothing_yet,
        _broken,
    )
    # Their passwords are of no use outside of this process, and a good hash of each takes its time.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        print(json.dumps([row for part in parts for row in part(now)]))


def _row(name: str, user: User | None, path: str, **more: Any) -> Row:
    return {"name": name, "session": _session_of(user), "path": path, **more}


_sessions: dict[User, str] = {}


def _session_of(user: User | None) -> str:
    if user is not None and user not in _sessions:
        _sessions[user] = cast.signed_in(user).cookies["sessionid"].value
    return _sessions[user] if user else ""


def _patient(name: str, *clinicians: Clinician) -> Patient:
    """Somebody in care for two days, who has agreed to everything and has a decision."""
    since = clock.now() - 2 * DAY
    called = {"legal_name": f"{name.title()} Example", "preferred_name": name.title()}
    patient = cast.make_patient(f"{name}@{HOST}", agreed=False, **called)
    cast.agree(patient, since)
    for clinician in clinicians:
        cast.take_into_care(patient, clinician, since)
    make_decision(patient)
    return patient


def _doctor(name: str) -> Clinician:
    return cast.make_clinician(f"{name}@{HOST}", display_name=f"Dr {name.title()} Placeholder")


def _invited(visit: Appointment, now: datetime) -> tuple[Guest, str]:
    by = visit.patient.user
    return guests.invite(appointment=visit, name="Ash", relation="family", email="", by=by, now=now)


# A visit by video: asked, agreed to, waiting, in it, over


def _visits(now: datetime) -> Iterator[Row]:
    waiting, open_, coming, over = (_visit(name, now) for name in ("vela", "wanda", "xeno", "yara"))
    for visit in (waiting, open_, over):
        calls.enter(appointment=visit, location=AT_HOME, by=visit.patient.user, now=now)
    links = {visit: _invited(visit, now) for visit in (waiting, open_, coming, over)}
    for visit in (open_, coming):
        guests.agree(guest=links[visit][0], by=visit.patient.user, now=now)
    for visit in (open_, over):
        calls.admit(appointment=visit, by=visit.clinician.user, now=now)
    calls.guest_seen(links[open_][0], now)
    guests.admit(guest=links[open_][0], by=open_.clinician.user, now=now)
    visits.complete(appointment=over, by=over.clinician.user, now=now)
    for name, visit in (("waits", waiting), ("goes on", open_)):
        yield _row(f"telemedicine:call, {name}", visit.patient.user, reverse("telemedicine:call", args=[visit.pk]))
        yield _row(f"admin:call, {name}", visit.clinician.user, reverse("admin:call", args=[visit.pk]))
    yield _row("admin:visit, waits", waiting.clinician.user, reverse("admin:visit", args=[waiting.pk]))
    yield _row("telemedicine:guest, asked", waiting.patient.user, reverse("telemedicine:guest", args=[waiting.pk]))
    for name, visit in (("not agreed to", waiting), ("in the call", open_), ("agreed to", coming)):
        yield _row(f"telemedicine:guest_room, {name}", None, guests.link_of(links[visit][1]))
    ended = {"status": HTTPStatus.GONE}
    yield _row("telemedicine:guest_room, over", None, guests.link_of(links[over][1]), **ended)
    join = reverse("telemedicine:join", args=[coming.pk])
    yield _row("telemedicine:join", coming.patient.user, join)
    yield _row("telemedicine:join, left empty", coming.patient.user, join, sent={}, status=422, light=False)


def _visit(name: str, now: datetime) -> Appointment:
    clinician = _doctor(f"{name}-doctor")
    return make_visit(_patient(name, clinician), clinician, starts_at=now + 5 * MINUTE, status="booked")


# The note: two versions, something wrong in it, its last look, and what is added to it


def _notes(now: datetime) -> Iterator[Row]:
    whole, going_on = _written("nora", now), _visit("otto", now)
    visits.state_location(appointment=going_on, location=AT_HOME, by=going_on.patient.user, now=now)
    visits.start(appointment=going_on, by=going_on.clinician.user, now=now)
    doctor, path = whole.clinician.user, reverse("admin:visit_note", args=[whole.pk])
    yield _row("admin:check_note", doctor, reverse("admin:check_note", args=[whole.pk]))
    refusal = reverse("admin:decline_refill", args=[whole.patient_id])
    yield _row("admin:decline_refill, looked at", doctor, refusal, sent={"words": "We speak on Monday first."})
    elsewhere = {"edit": str(uuid4()), "base": "0", "turn": "1", "history": "Written in another tab."}
    yield _row("admin:visit_note, two versions", doctor, path, sent=elsewhere, status=409)
    wrong = {**elsewhere, "minutes": "forty", "do": "check"}
    path = reverse("admin:visit_note", args=[going_on.pk])
    yield _row("admin:visit_note, wrong", going_on.clinician.user, path, sent=wrong, status=422)
    own = VisitNote.objects.filter(status=VisitNote.Status.SIGNED, amendments=None)
    note = own.filter(author__user__email=BY_KEY["prescriber"].email)[0]
    by = note.author.user
    amending.write(note=note, reason="Left out.", words="Slept well.", page=OpenedPage(uuid4()), by=by, now=now)
    yield _row("admin:check_amendment", by, reverse("admin:check_amendment", args=[note.pk]))
    again = {**elsewhere, "reason": "A correction.", "words": "Slept badly."}
    path = reverse("admin:amend_note", args=[note.pk])
    yield _row("admin:amend_note, two versions", by, path, sent=again, status=409)


def _written(name: str, now: datetime) -> Appointment:
    """A visit of yesterday, with a note in which nothing is missing."""
    clinician, began = _doctor(f"{name}-doctor"), now - DAY
    visit = make_visit(_patient(name, clinician), clinician, starts_at=began, status="booked")
    visits.state_location(appointment=visit, location=AT_HOME, by=visit.patient.user, now=began)
    visits.start(appointment=visit, by=clinician.user, now=began)
    visits.complete(appointment=visit, by=clinician.user, now=began + 40 * MINUTE)
    sections = dict.fromkeys(TEMPLATES[visit.kind].names, "As before.")
    sections |= {"risk_level": "none", "mental_suicidal": "denied", "mental_homicidal": "denied"}
    written = notes.Written(sections, {"minutes": 40, "therapy_minutes": None, "decision": "", "codes": []})
    notes.keep(visit=visit, written=written, page=OpenedPage(uuid4(), 0, 1), by=clinician.user, now=now)
    return visit


# Booking: kept for ten minutes, moved, and faster than somebody else


def _booking(now: datetime) -> Iterator[Row]:
    visit = Appointment.objects.booked().filter(starts_at__gt=now + 3 * HOUR)[0]
    patient = _patient("piet", visit.clinician)
    make_paid(patient)
    book = reverse("telemedicine:book")
    yield _row("telemedicine:book, no time chosen", patient.user, book, sent={}, status=422, light=False)
    taken = {"slot": value_of(visit.starts_at, visit.clinician_id), "state": visit.patient.state}
    yield _row("telemedicine:book, taken", patient.user, book, sent=taken, status=409, light=False)
    free = _free(visit.patient.user, reverse("telemedicine:move", args=[visit.pk]))
    path = reverse("telemedicine:confirm_move", args=[visit.pk])
    yield _row("telemedicine:confirm_move", visit.patient.user, f"{path}?slot={free}")
    own = {"slot": _free(patient.user, book)}
    held = _browser(patient.user).post(book, own)
    yield _row("telemedicine:confirm", patient.user, held["Location"])
    caller = _patient("pia", visit.clinician)
    make_paid(caller)
    yield from rarer_desk.rows(visit, caller, taken, rarer_desk.Tools(_row, _browser, _free))


def _browser(user: User | None) -> Client:
    client = Client(HTTP_HOST=settings.PUBLIC_BASE_URL.partition("//")[2])
    client.cookies["sessionid"] = _session_of(user)
    return client


def _free(user: User, path: str) -> str:
    """The last free time that a page offers."""
    found = re.findall(r'name="slot" value="([^"]+)"', _browser(user).get(path).content.decode())
    return str(found[-1])


# What somebody typed wrong, one form of each family


def _answers(now: datetime) -> Iterator[Row]:
    draft = next(row for row in Submission.objects.filter(status="draft") if "sitter_details" in row.answers)
    page = reverse("intake:page", args=[INTAKE.slug(INTAKE.by_key["substances"])])
    yield _row("intake:page, wrong", draft.patient.user, page, sent={}, status=422, light=False)
    robin = User.objects.get(email=BY_KEY["patient"].email)
    yield _row(
        "telemedicine:message_new, wrong", robin, reverse("telemedicine:message_new"), sent={}, status=422, light=False
    )
    desk = User.objects.get(email=BY_KEY["administrator"].email)
    yield _row("admin:enter_duty_week, wrong", desk, reverse("admin:enter_duty_week"), sent={}, status=422, light=False)


# The worklist: put off, with a history, done, and what is sent there by mistake


def _worklist(now: datetime) -> Iterator[Row]:
    desk = User.objects.get(email=BY_KEY["coordinator"].email)
    off, done = (_waits(name, now) for name in ("zora", "abel"))
    tried = working.Tried("call", reached=False, words="Left a message.")
    working.log_contact(follow_up=off, tried=tried, zone="UTC", doer=Doer(desk, now, uuid4()))
    asked = {"until": now + HOUR, "words": "Asked for noon.", "zone": "UTC"}
    working.snooze(follow_up=off, doer=Doer(desk, now, uuid4()), **asked)
    close_follow_up(follow_up=done, by=desk, now=now, note="Came by.")
    for name, row in (("put off", off), ("done", done)):
        yield _row(f"admin:follow_up_close, {name}", desk, reverse("admin:follow_up_close", args=[row.pk]))
    path = reverse("admin:follow_up_contact", args=[off.pk])
    yield _row("admin:follow_up_contact, wrong", desk, path, sent={}, status=422, light=False)
    path = reverse("admin:worklist_together")
    yield _row("admin:worklist_together, nothing ticked", desk, path, sent={"does": "close"}, status=422, light=False)
    yield _row("admin:worklist, put off", desk, f"{reverse('admin:worklist')}?show=snoozed", light=False)


def _waits(name: str, now: datetime) -> FollowUp:
    about = {"about": f"rarer:{name}", "dedupe_key": f"rarer:{name}", "due_at": now, "by": SYSTEM, "now": now}
    return open_follow_up(kind="information_overdue", patient=_patient(name), **about)


# The second factor


def _second_factor(now: datetime) -> Iterator[Row]:
    user = _patient("quinn").user
    TOTP.activate(user, generate_totp_secret())
    key = WebAuthn.add(user, "Phone", passkeys.credential()).instance
    client = Client(HTTP_HOST=settings.PUBLIC_BASE_URL.partition("//")[2])
    client.post(reverse("account_login"), {"login": user.email, "password": cast.PASSWORD})
    half = {"session": client.cookies["sessionid"].value}
    yield _row("mfa_authenticate", None, reverse("mfa_authenticate")) | half
    client = cast.signed_in(user, second_factor=True, HTTP_HOST=settings.PUBLIC_BASE_URL.partition("//")[2])
    client.post(reverse("mfa_generate_recovery_codes"))
    assert Authenticator.objects.filter(user=user, type="recovery_codes").exists()
    fresh = {"session": client.cookies["sessionid"].value}
    for name, args in (
        ("mfa_view_recovery_codes", []),
        ("mfa_list_webauthn", []),
        ("mfa_edit_webauthn", [key.pk]),
        ("mfa_remove_webauthn", [key.pk]),
        ("mfa_reauthenticate_webauthn", []),
    ):
        yield _row(name, None, reverse(name, args=args)) | fresh


# The day of a session, for the patient and for who sits with them


def _session(now: datetime) -> Iterator[Row]:
    stages = {"answered": ["rhea"], "ready": ["sage"], "begun": ["tess"]}
    told = session_people.made(stages, host=HOST)
    users = {name: User.objects.get(email=f"{name}@{HOST}") for name in told}

    def of(name: str, who: str) -> Row:
        return _row(name, users[who], reverse(name, args=[told[who]["session"]]))

    yield of("treatment:gate_reading", "rhea")
    yield of("treatment:gate_outcome", "sage")
    yield of("treatment:live", "tess")
    yield of("treatment:reading", "tess")
    early = CheckIn.objects.get(patient__user=users["tess"], kind="day")
    yield _row("treatment:check_in", users["tess"], reverse("treatment:check_in", args=[early.pk]))
    yield _row("treatment:sitter, in the session", None, told["tess"]["sitter"])


# The tables of the administrators


def _tables(_now: datetime) -> Iterator[Row]:
    desk = User.objects.get(email=BY_KEY["administrator"].email)
    yield _row(
        "admin:accounts_oncall_delete", desk, reverse("admin:accounts_oncall_delete", args=[OnCall.objects.last().pk])
    )
    doctor = User.objects.get(email=BY_KEY["prescriber"].email)
    path = reverse("admin:accounts_user_change", args=[doctor.pk])
    yield _row("admin:accounts_user_change, takes away", desk, path, sent={"role": "therapist"})
    states = reverse("admin:setup_states")
    yield _row("admin:setup_states, one", desk, f"{states}?state=CA")
    wrong = {"state": "CA", "is_open": "0", "reason": ""}
    yield _row("admin:setup_states, wrong", desk, states, sent=wrong, status=422, light=False)
    yield _row(
        "admin:setup_agreements, one", desk, f"{reverse('admin:setup_agreements')}?kind=treatment&version=2026.2"
    )
    compared = "?policy=intake&old=2026.1&new=2026.1"
    yield _row("admin:setup_policies, compared", desk, reverse("admin:setup_policies") + compared, light=False)
    month = "?starts_at__year=2026&starts_at__month=11"
    yield _row("admin:telemedicine_appointment_changelist, a month", desk, f"/admin/telemedicine/appointment/{month}")


def _people(now: datetime) -> Iterator[Row]:
    yield from rarer_people.rows(now, _row)


# Nothing yet: the lists of a patient and of a clinician of today


def _nothing_yet(_now: datetime) -> Iterator[Row]:
    patient, clinician = cast.make_patient(f"una@{HOST}").user, _doctor("una-doctor").user
    for name in EMPTY:
        user = clinician if name.startswith("admin:") else patient
        yield _row(f"{name}, nothing yet", user, reverse(name), light=False)


# What we say when something broke


def _broken(_now: datetime) -> Iterator[Row]:
    desk, narrow = User.objects.get(email=BY_KEY["coordinator"].email), {"light": False}
    yield _row("404", None, "/nothing-here/", status=404)
    yield _row("404, staff", desk, "/admin/nothing-here/", status=404, **narrow)
    yield _row("403, staff", desk, reverse("admin:review_queue"), status=403, **narrow)
    old = {"csrfmiddlewaretoken": "old"}
    yield _row("403, open for too long", None, reverse("portal:check"), sent=old, status=403, **narrow)
    for name in ("500", "503"):
        yield _row(name, None, f"/{name}/", body=render_to_string(f"{name}.html"), status=int(name), **narrow)
