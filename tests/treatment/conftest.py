"""A patient in treatment: chart, signed prescription, delivered medicine, planned sessions, confirmed sitter."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.services import record_assessment
from tests import cast
from tests.treatment.remembered import Remembered, written
from treatment import selectors, services
from treatment.models import (
    DischargeReason,
    DoseSession,
    Handover,
    Leftover,
    Pharmacy,
    Prescription,
    SitterInvitation,
)
from treatment.services import discharging

# A Monday, 9 am in Los Angeles.
START = datetime.fromisoformat("2026-11-02T17:00:00+00:00")
# What the prescriber approved: read the day before.
FACTS = {
    "weight_kg": 72,
    "medicines": [],
    "blood_pressure": [{"taken_on": "2026-11-01", "systolic": 124, "diastolic": 80}],
}
ENDING = discharging.Ending(
    DischargeReason.GOAL_REACHED, "Well since June. Qzsummary", Leftover.DESTROY, "Dr Elm, in May."
)
CALM = {
    "sitter": {"sitter_adult": True, "sitter_reachable": True},
    "place": {"address_confirmed": True, "address": {"street": "1 Test Way"}},
    "food": {"food_ok": True, "liquids_ok": True},
    "today": {"alcohol_or_cannabis": False, "new_medicine": False, "illness": False, "pregnancy_possible": False},
    "safety": {"wish_dead": False, "suicidal_thoughts": False, "behavior": False},
    "rest": {"will_not_drive": True, "seated": True},
}


def refused(act, **arguments) -> str:
    """The code of the refusal that this call ends in."""
    with pytest.raises(RuleViolation) as refusal:
        act(**arguments)
    return refusal.value.code


def shown(client, address):
    """What a page of the desk sends back of what it showed; nothing when it asks for no reading."""
    found = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())
    return found[1] if found else ""


@dataclass
class Case:
    """One treatment and the people in it."""

    patient: Patient
    prescriber: Clinician
    # What was built before in this process, and how much was written when this course began.
    remembered: Remembered | None = None
    written: int = 0

    def recalled(self, state: str) -> bool:
        """Whether that state could be put back: only while nothing else has happened since the course began."""
        if self.remembered is None or written() != self.written:
            return False
        self.remembered.put_back(state)
        return True

    @property
    def first(self) -> tuple[DoseSession, SitterInvitation | None]:
        """The first session that is planned, and who was asked to be there."""
        session = selectors.sessions_of(self.patient)[0]
        return session, SitterInvitation.objects.filter(session=session).first()

    def order(self, **changes):
        products = {row.name: row for row in services.install_formulary(now=START)}
        fields = {
            "product": products["Lozenge 100 mg"],
            "units_per_session": 1,
            "quantity_units": 6,
            "first_shipment_units": 2,
            "frequency": "twice_weekly",
            "directions": "Hold one lozenge at a time under the tongue for 10 minutes, then spit out.",
            "visit_state": "CA",
            "pdmp_state": "CA",
            "pdmp_checked_at": START,
            "pdmp_result": "no_concern",
            **changes,
        }
        return services.Order(**fields)

    def draft(self, *, now: datetime = START, **changes) -> Prescription:
        return services.draft_prescription(
            patient=self.patient, order=self.order(**changes), by=self.prescriber.user, now=now
        )

    def signed(self, *, now: datetime = START, **changes) -> Prescription:
        if now == START and not changes and self.recalled("signed"):
            return Prescription.objects.get(patient=self.patient)
        draft = self.draft(now=now, **changes)
        return services.sign_prescription(prescription=draft, by=self.prescriber.user, now=now)

    def handed(self, prescription: Prescription, *, now: datetime = START, **changes) -> Handover:
        """The signed order, faxed to a pharmacy."""
        pharmacy, _made = Pharmacy.objects.get_or_create(
            name="Test Pharmacy", defaults={"address": "1 Mortar Lane", "phone": "+15550100140", "fax": "+15550100141"}
        )
        fields = {"pharmacy": pharmacy, "method": "fax", "reference": "+15550100141", **changes}
        token = fields.pop("form_token", None) or uuid4()
        handed = services.Handed(**fields)
        by = self.prescriber.user
        return services.hand_over(prescription=prescription, handed=handed, form_token=token, by=by, now=now)

    def arrived(self, *, now: datetime = START) -> None:
        """The parcel that the pharmacy has is with the patient."""
        shipment = selectors.waiting_shipment(self.patient)
        services.confirm_delivery(shipment=shipment, by=self.patient.user, now=now)

    def planned(self) -> list[DoseSession]:
        if self.recalled("planned"):
            return list(selectors.sessions_of(self.patient))
        prescription = self.signed()
        self.handed(prescription)
        self.arrived()
        wishes = services.PlanWishes(hour=time(18, 0), first_day=START.date() + timedelta(days=2))
        services.plan_sessions(prescription=prescription, wishes=wishes, by=self.patient.user, now=START)
        return list(selectors.sessions_of(self.patient))

    def invited(self, session: DoseSession) -> tuple[SitterInvitation, str]:
        return services.invite_sitter(
            session=session, name="Sam Example", phone="+12135550124", email="", by=self.patient.user, now=START
        )

    def answered(self, session: DoseSession, now: datetime, *, without: tuple[str, ...] = ()) -> None:
        """Every page of the gate; the gate decides as the last one is answered."""
        *earlier, last = [page for page in CALM if page not in without]
        row = DoseSession.objects.get(pk=session.pk)
        row.gate_answers |= {page: CALM[page] | {"at": now.isoformat()} for page in earlier}
        row.save(update_fields=["gate_answers"])
        services.answer_gate(session=session, page=last, answers=CALM[last], by=self.patient.user, now=now)

    def measured(self, session: DoseSession, now: datetime, *values: tuple[int, int], rate: int = 70, first: int = 1):
        result = None
        for number, (systolic, diastolic) in enumerate(values, start=first):
            result = services.record_gate_reading(
                session=session,
                number=number,
                systolic=systolic,
                diastolic=diastolic,
                heart_rate=rate,
                by=self.patient.user,
                now=now + timedelta(seconds=number),
            )
        return result

    def ready(self) -> tuple[DoseSession, SitterInvitation, datetime]:
        if self.recalled("ready"):
            session, invitation = self.first
            return session, invitation, session.starts_at + timedelta(minutes=1)
        session = self.planned()[0]
        invitation, _token = self.invited(session)
        services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=START)
        now = session.starts_at
        self.answered(session, now)
        self.measured(session, now, (120, 80), (122, 78))
        session.refresh_from_db()
        return session, invitation, now + timedelta(minutes=1)

    def begun(self, session: DoseSession, invitation: SitterInvitation) -> DoseSession:
        """The session, started with that sitter."""
        services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=START)
        now = session.starts_at
        self.answered(session, now)
        self.measured(session, now, (120, 80), (122, 78))
        session.refresh_from_db()
        services.start_session(session=session, by=self.patient.user, now=now + timedelta(minutes=1))
        session.refresh_from_db()
        return session

    def started(self) -> tuple[DoseSession, SitterInvitation, datetime]:
        if self.recalled("started"):
            session, invitation = self.first
            return session, invitation, session.starts_at + timedelta(minutes=1)
        session, invitation, now = self.ready()
        services.start_session(session=session, by=self.patient.user, now=now)
        session.refresh_from_db()
        return session, SitterInvitation.objects.get(pk=invitation.pk), now

    def scored(self, at: datetime, phq9: int = 12) -> None:
        """A complete PHQ-9, so that its rhythm begins there."""
        items = [min(3, max(0, phq9 - 3 * place)) for place in range(8)] + [0]
        record_assessment(
            patient=self.patient, instrument="phq9", answers=items, context="intake", by=self.patient.user, now=at
        )

    def completed(self) -> tuple[DoseSession, datetime]:
        if self.recalled("completed"):
            session, _invitation = self.first
            return session, session.starts_at + timedelta(minutes=122)
        session, invitation, now = self.started()
        end = now + timedelta(minutes=121)
        services.record_vital(
            session=session, systolic=121, diastolic=79, heart_rate=70, by=self.patient.user, now=end, key=uuid4()
        )
        services.sitter_release(invitation=invitation, oriented=True, walking=True, now=end)
        session.refresh_from_db()
        return session, end


def begun(patient: Patient, prescriber: Clinician) -> Case:
    """The course begins: the patient is in care, and the chart is open."""
    cast.take_into_care(patient, prescriber, START)
    services.open_chart(patient=patient, facts=FACTS, by=prescriber.user, now=START)
    return Case(patient, prescriber)


@pytest.fixture(scope="session")
def courses() -> dict[str, Remembered]:
    """What this process has built."""
    return {}


@pytest.fixture
def case(patient: Patient, prescriber: Clinician, courses: dict[str, Remembered]) -> Case:
    if not connection.in_atomic_block:  # a test with real transactions
        return begun(patient, prescriber)
    if "case" not in courses:
        states = ("signed", "planned", "ready", "started", "completed")
        courses["case"] = Remembered(lambda: begun(patient, prescriber), states, START)
    courses["case"].put_back("begun")
    return Case(patient, prescriber, courses["case"], written())


@pytest.fixture
def at():
    """Moves the clock: `at(moment)`."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller.move_to
