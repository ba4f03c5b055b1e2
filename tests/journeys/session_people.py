"""People in the running demo who have a session today, made by the practice's own services at past moments."""

import json
from datetime import date, datetime, time, timedelta
from itertools import count

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common import clock
from telemedicine.rules.slots import VisitKind
from telemedicine.services import booking
from tests import cast
from tests.journeys.intake_walk import PASSWORD
from tests.treatment.conftest import CALM, Case
from treatment import selectors, services
from treatment.models import DoseSession, Prescription

PACIFIC = "America/Los_Angeles"
STREET = {"street": "1 Test Way", "city": "Testville", "state": "CA", "zip": "90001"}


def noon_zone(now: datetime) -> str:
    """A zone in which it is the middle of the day, so that the hour of the run decides nothing."""
    shift = 12 - now.hour
    return f"Etc/GMT{-shift:+d}" if shift else "Etc/GMT"


def make(names: dict[str, list[str]]) -> None:
    """Print for each name the session's id and the sitter's path.

    "answered": every question of the check; "ready": at the button; "begun": after it.
    """
    print(json.dumps(made(names)))


def made(names: dict[str, list[str]], *, host: str = "example.com") -> dict[str, dict[str, str]]:
    """The same, told."""
    now = clock.now()
    told = {}
    for stage, people in names.items():
        for name in people:
            session, token = _planned(name, now, host)
            _answer(session, now)
            if stage != "answered":
                _measure(session)
            if stage == "begun":
                services.start_session(session=session, by=session.patient.user, now=clock.now())
            told[name] = {"session": str(session.pk), "sitter": f"/s/{token}/"}
    return told


def make_ahead(names: dict[str, list[str]], *, day: str, visit: str) -> None:
    """Print for each name what is theirs, for a session at six in the evening of a day, and a visit at a moment.

    "planned": session and sitter; "delivered": the medicine is there, nothing is planned, and a visit is booked.
    """
    now, told, numbers = clock.now(), {}, count(4100)
    for stage, people in names.items():
        for name in people:
            phone = f"+1555010{next(numbers)}"
            case, order = _delivered(name, now, PACIFIC, phone=phone, sms_consent_at=now)
            told[name] = {"order": str(order.pk), "phone": phone}
            if stage == "planned":
                session, token = _session(case, order, hour=time(18), first=date.fromisoformat(day), at=now)
                told[name] |= {"session": str(session.pk), "sitter": f"/s/{token}/"}
                continue
            booked = booking.book(
                patient=case.patient,
                clinician=case.prescriber,
                starts_at=datetime.fromisoformat(visit),
                kind=VisitKind.CHECK_IN,
                by=case.patient.user,
                now=now,
            )
            told[name]["visit"] = str(booked.pk)
    print(json.dumps(told))


def _planned(name: str, now: datetime, host: str) -> tuple[DoseSession, str]:
    zone = noon_zone(now)
    case, order = _delivered(name, now, zone, host=host)
    local = clock.local(now, zone)
    return _session(case, order, hour=time(local.hour), first=local.date(), at=now - timedelta(days=2))


def _delivered(
    name: str, now: datetime, zone: str, *, host: str = "example.com", **fields: object
) -> tuple[Case, Prescription]:
    """Somebody who can sign in, whose medicine arrived two days ago."""
    then = now - timedelta(days=2)
    prescriber = Clinician.objects.get(user__email="prescriber@demo.example")
    called = {"legal_name": f"{name.title()} Example", "preferred_name": name.title()}
    patient = cast.make_patient(f"{name}@{host}", zone=zone, address=STREET, agreed=False, **called, **fields)
    cast.agree(patient, then)
    patient.user.set_password(PASSWORD)
    patient.user.save(update_fields=["password"])
    cast.take_into_care(patient, prescriber, then)
    services.open_chart(patient=patient, facts={"weight_kg": 72, "medicines": []}, by=prescriber.user, now=then)
    case = Case(patient, prescriber)
    checked = {
        "pdmp_checked_at": then,
        "in_person_visit_on": (then - timedelta(days=7)).date(),
        "written_reason": "Measured at the visit.",
    }
    order = case.signed(now=then, **checked)
    case.handed(order, now=then)
    case.arrived(now=then)
    return case, order


def _session(case: Case, order: Prescription, *, hour: time, first: date, at: datetime) -> tuple[DoseSession, str]:
    """The first of the planned sessions, with a sitter who has said yes."""
    by = case.patient.user
    wishes = services.PlanWishes(hour=hour, first_day=first)
    services.plan_sessions(prescription=order, wishes=wishes, by=by, now=at)
    session = selectors.next_session(case.patient)
    assert session is not None
    invitation, token = services.invite_sitter(
        session=session, name="Alex", phone="+12135550124", email="", by=by, now=at
    )
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=at)
    return session, token


def _answer(session: DoseSession, now: datetime) -> None:
    for page, answers in CALM.items():
        services.answer_gate(session=session, page=page, answers=answers, by=session.patient.user, now=now)


def _measure(session: DoseSession) -> None:
    by = session.patient.user
    for number in (1, 2):
        services.record_gate_reading(
            session=session, number=number, systolic=122, diastolic=80, heart_rate=70, by=by, now=clock.now()
        )
