"""One invented patient's life with the practice, step by step, each at its own past moment."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from billing import services as billing
from billing.gateway.interface import Event, Report
from billing.models import Charge
from billing.prices import Purpose
from billing.rules import ChargeStatus
from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.services import ensure_patient
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.documents.cleaning import Cleaned
from harmoniously.nonprod.payments.gateway import NAME as EMBEDDED
from harmoniously.nonprod.personas.services import account
from harmoniously.nonprod.seeding.agreements import sign_everything
from harmoniously.nonprod.seeding.answers import Circumstances, intake_answers
from harmoniously.nonprod.seeding.check_ins import QUIET_EVENING, answers_to, send
from harmoniously.nonprod.seeding.notes import write_note
from harmoniously.nonprod.seeding.people import Person, invent
from harmoniously.nonprod.seeding.practice import Practice
from harmoniously.nonprod.seeding.watch import watch
from intake import services as intake
from intake.models import EligibilityDecision, Submission
from intake.pages import INTAKE
from telemedicine import selectors as telemedicine
from telemedicine.conversation import services as conversation
from telemedicine.models import Appointment, Message, Thread, Topic
from telemedicine.reviews import services as reviews
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.services import booking, due, visits
from treatment import selectors as treatment
from treatment.models import DoseSession, HandoverMethod, Pharmacy, Prescription, Product
from treatment.rules.rhythm import Kind
from treatment.selecting.check_ins import check_ins_due
from treatment.services import (
    check_in_opening,
    checkins,
    gate,
    handing,
    orders,
    parcels,
    plans,
    prescriptions,
    refills,
    sessions,
    sitters,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Life:
    """A patient and the moment up to which their story has been told."""

    practice: Practice
    person: Person
    story: Circumstances
    rng: Random
    now: datetime
    patient: Patient = field(init=False)

    def __post_init__(self) -> None:
        user = account(self.person.email, self.person.name, Role.PATIENT)
        self.patient = ensure_patient(user=user)

    @property
    def clinician(self) -> Clinician:
        """Who is asked first."""
        return self.practice.west

    def uuid(self) -> UUID:
        """A form token that the same seed gives again."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    def later(self, step: timedelta) -> None:
        """Let time pass."""
        self.now += step

    def begin_intake(self, *, pages: int | None = None) -> Submission:
        """Answer the intake, or only its first pages."""
        user = self.patient.user
        draft = intake.start(patient=self.patient, by=user, now=self.now)
        on = clock.today(self.person.zone, self.now)
        given = intake_answers(self.person, self.story, self.rng, on=on, emergency=self.person.sitter)
        ready = [page for page in INTAKE.pages if page.key in given]
        version = draft.version
        for page in ready[:pages]:
            self.later(MINUTE)
            saved = intake.save_page(
                submission=draft, page=page, given=given[page.key], version=version, by=user, now=self.now
            )
            version = saved.submission.version
            if saved.crisis:
                break
        draft.refresh_from_db()
        self.patient.refresh_from_db()
        return draft

    def hand_in(self) -> EligibilityDecision:
        """The whole intake, signed and decided."""
        draft = self.begin_intake()
        sign_everything(self.patient, self.now)
        return intake.submit(submission=draft, by=self.patient.user, now=self.now)

    def pay(self) -> Charge:
        """The evaluation fee, by the test gateway."""
        self.later(10 * MINUTE)
        user = self.patient.user
        charge = billing.open_charge(patient=self.patient, purpose=Purpose.EVALUATION, by=user, now=self.now)
        billing.start_checkout(charge=charge, by=user, now=self.now)
        report = Report(str(charge.pk), ChargeStatus.PAID, payment_reference=f"embedded_payment_{charge.pk}")
        billing.apply_event(
            event=Event(f"seed_{charge.pk}", "embedded.paid", report), gateway_name=EMBEDDED, now=self.now
        )
        return charge

    def book(
        self,
        *,
        kind: VisitKind = VisitKind.EVALUATION,
        after: timedelta = timedelta(days=1),
        clinician: Clinician | None = None,
    ) -> Appointment:
        """The first free time with the clinician, or with another one, after a while."""
        clinician = clinician or self.clinician
        window = Span(self.now + after, self.now + after + timedelta(days=6))
        free = telemedicine.offers(
            kind=kind, state=self.patient.state, window=window, now=self.now, clinicians=[clinician.pk]
        )
        return booking.book(
            patient=self.patient,
            clinician=clinician,
            starts_at=free[self.rng.randrange(min(len(free), 12))].starts_at,
            kind=kind,
            by=self.patient.user,
            now=self.now,
        )

    def visit(self, appointment: Appointment, *, said: str = "", signs: bool = True) -> None:
        """The visit takes place and its note is written, with these words in it, and signed or left as a draft."""
        self.now = max(self.now, appointment.starts_at)
        where = {
            "state": self.person.state,
            "street": self.person.street,
            "city": "Testville",
            "zip": "90001",
            "phone": self.person.phone,
        }
        there = visits.state_location(appointment=appointment, location=where, by=self.patient.user, now=self.now)
        by = appointment.clinician.user
        begun = visits.start(appointment=there, by=by, now=self.now)
        self.now = appointment.ends_at
        over = visits.complete(appointment=begun, by=by, now=self.now)
        write_note(over, said=said, signs=signs, now=self.now + 5 * MINUTE)

    def approve(self, decision: EligibilityDecision) -> None:
        """The prescriber takes the case and approves."""
        self.later(HOUR)
        by = self.clinician.user
        reviews.claim(decision=decision, by=by, now=self.now)
        reason = "Two adequate trials without response, no contraindication found, sitter named, risks discussed."
        reviews.approve(decision=decision, reason=reason, by=by, now=self.now)

    def decline(self, decision: EligibilityDecision) -> None:
        """The prescriber takes the case and declines; the fee goes back."""
        self.later(HOUR)
        by = self.clinician.user
        reviews.claim(decision=decision, by=by, now=self.now)
        words = "After our talk I believe that treatment at a clinic is safer for you than treatment at home."
        reviews.decline(decision=decision, reason="Home situation not suitable.", words=words, by=by, now=self.now)

    def prescribe(self, *, sessions_ordered: int = 8, frequency: str = "weekly") -> Prescription:
        """Draft and sign a lozenge."""
        self.later(HOUR)
        product = Product.objects.get(form="lozenge", strength_mg=Decimal(100))
        order = orders.Order(
            product=product,
            units_per_session=1,
            quantity_units=sessions_ordered,
            first_shipment_units=2,
            frequency=frequency,
            directions="Dissolve one lozenge in the mouth for 10 minutes, then spit out, with the sitter present.",
            visit_state=self.patient.state,
            # Without one no first prescription may be signed once the DEA's flexibilities have ended.
            in_person_visit_on=(self.now - timedelta(days=7)).date(),
            pdmp_state=self.patient.state,
            pdmp_checked_at=self.now,
            pdmp_result="no_concern",
        )
        by = self.clinician.user
        draft = prescriptions.draft_prescription(patient=self.patient, order=order, by=by, now=self.now)
        return prescriptions.sign_prescription(prescription=draft, by=by, now=self.now)

    def receive(self, prescription: Prescription) -> None:
        """The pharmacy got it, sent it, and the parcel came."""
        self.hand_over(prescription)
        self.later(timedelta(days=1))
        self.ship()
        self.later(timedelta(days=2))
        self.unpack()

    def hand_over(self, prescription: Prescription) -> None:
        """The order is faxed to the pharmacy of its product."""
        self.later(HOUR)
        pharmacy = Pharmacy.objects.get(enabled=True)
        handing.hand_over(
            prescription=prescription,
            handed=handing.Handed(pharmacy, HandoverMethod.FAX, pharmacy.fax, "Order desk"),
            form_token=UUID(int=prescription.pk.int ^ 1),
            by=self.clinician.user,
            now=self.now,
        )

    def ship(self) -> None:
        """The coordinator hears from the pharmacy that the parcel left."""
        parcel = treatment.waiting_shipment(self.patient)
        if parcel is not None:
            by = self.practice.coordinator
            tracking = f"TEST{parcel.pk.int % 10**10:010d}"
            parcels.note_filled(shipment=parcel, by=by, now=self.now - HOUR)
            parcels.note_shipped(shipment=parcel, carrier="UPS", tracking=tracking, by=by, now=self.now)

    def unpack(self) -> None:
        """Confirm the parcel that is on its way."""
        parcel = treatment.waiting_shipment(self.patient)
        if parcel is not None:
            parcels.confirm_delivery(shipment=parcel, by=self.patient.user, now=self.now)

    def ask_for_more(self) -> None:
        """The patient asks for the next supply."""
        refills.request_refill(patient=self.patient, by=self.patient.user, now=self.now)

    def refill(self, units: int = 6) -> None:
        """The patient asks, the prescriber looks and orders, the parcel comes."""
        self.ask_for_more()
        self.later(2 * HOUR)
        refills.approve_refill(
            patient=self.patient,
            request=self.patient.refill_requests.get(status="requested"),
            clinician=self.clinician,
            units=units,
            looked=refills.Looked(self.patient.state, self.now, "no_concern"),
            now=self.now,
        )
        self.later(timedelta(days=2))
        self.unpack()

    def look_at_visits(self) -> None:
        """What the calendar opens by itself."""
        due.bring_up_to_date(patient=self.patient, by=SYSTEM, now=self.now)

    def plan(self, prescription: Prescription) -> None:
        """Choose the hour of the sessions."""
        wishes = plans.PlanWishes(hour=time(self.rng.choice((15, 16, 17, 18))))
        plans.plan_sessions(prescription=prescription, wishes=wishes, by=self.patient.user, now=self.now)

    def next_session(self) -> DoseSession | None:
        """The session that comes next."""
        return treatment.next_session(self.patient)

    def invite(self, session: DoseSession, *, confirmed: bool = True) -> None:
        """The sitter gets the link, and says yes."""
        invitation, _token = sitters.invite_sitter(
            session=session,
            name=self.person.sitter,
            phone="",
            email="sitter@demo.example",
            by=self.patient.user,
            now=self.now,
        )
        if confirmed:
            sitters.sitter_confirm(invitation=invitation, adult=True, stays=True, now=self.now)

    def answer_gate(self, session: DoseSession, *, pressure: tuple[int, int] = (124, 80)) -> DoseSession:
        """Every question of the gate and two readings."""
        user = self.patient.user
        for page, names in gate.PAGES.items():
            bad = {"alcohol_or_cannabis", "new_medicine", "illness", "pregnancy_possible", *gate.PAGES["safety"]}
            answers: dict[str, object] = {name: name not in bad for name in names}
            if page == "place":
                answers["address"] = self.patient.address
            gate.answer_gate(session=session, page=page, answers=answers, by=user, now=self.now)
            self.later(MINUTE)
        for number in (1, 2):
            session, _ = gate.record_gate_reading(
                session=session,
                number=number,
                systolic=pressure[0] + number,
                diastolic=pressure[1],
                heart_rate=72,
                by=user,
                now=self.now,
            )
            self.later(MINUTE)
        return session

    def go_through(self, session: DoseSession) -> DoseSession:
        """A session from the sitter's invitation to the release, without anything unusual."""
        self.now = max(self.now, session.starts_at - timedelta(hours=4))
        self.invite(session)
        self.now = max(self.now, session.starts_at - 20 * MINUTE)
        ready = self.answer_gate(session)
        user = self.patient.user
        started = sessions.start_session(session=ready, by=user, now=self.now)
        began = self.now
        invitation = treatment.live_invitation(started)
        if invitation is None:
            raise LookupError("A session that started has a sitter.")
        watch(started, invitation, began=began, by=user, key=self.uuid)
        self.now = began + 125 * MINUTE
        return sessions.sitter_release(invitation=invitation, oriented=True, walking=True, now=self.now)

    def check_in(self, session: DoseSession, *, effects: int = 1, answered: bool = True) -> None:
        """The day after: answer the short questions, or not."""
        self.now = max(self.now, session.starts_at + timedelta(hours=25))
        row, short = session.check_in, session.check_ins.filter(kind=Kind.AFTER, status="open").first()
        if row is None or not answered:
            return
        user = self.patient.user
        if short is not None:
            send(short, QUIET_EVENING, now=self.now)
        for page, names in checkins.PAGES.items():
            quiet: dict[str, object] = dict.fromkeys(names, 0)
            if page == "body":
                quiet[names[0]] = effects
            if page == "mood":
                quiet = {"mood": "better", "mania_signs": False, "psychosis_signs": False}
            if page == "safety":
                quiet = dict.fromkeys(names, False)
            row, _ = checkins.save_page(check_in=row, page=page, answers=quiet, by=user, now=self.now)
        checkins.answer_check_in(check_in=row, by=user, now=self.now)

    def score(self, phq9: int, gad7: int) -> None:
        """The questionnaires that are due, and the questions of the month with them."""
        for row in check_in_opening.open_due(patient=self.patient, by=self.patient.user, now=self.now):
            self.now = max(self.now, row.due_at)
        for row in check_ins_due(self.patient, self.now):
            if row.kind in (Kind.SCORES, Kind.MONTH):
                send(row, answers_to(row, {"phq9": phq9, "gad7": gad7}, self.rng), now=self.now)

    def write(
        self, body: str, *, by_clinic: bool = False, topic: Topic = Topic.HEALTH, made: Cleaned | None = None
    ) -> Message:
        """A message in the conversation about a topic; the first one begins it."""
        by = self.clinician.user if by_clinic else self.patient.user
        thread = Thread.objects.filter(patient=self.patient, topic=topic).order_by("opened_at").first()
        last = thread.messages.last() if by_clinic and thread is not None else None
        words = conversation.Words(body, self.uuid(), made, last.pk if last is not None else None)
        if thread is None:
            return conversation.begin(patient=self.patient, topic=topic, words=words, by=by, now=self.now)
        return conversation.reply(thread=thread, words=words, by=by, now=self.now)


def begin_life(
    practice: Practice,
    number: int,
    story: Circumstances,
    *,
    start: datetime,
    seed: int,
    name: str = "",
    email: str = "",
    state: str = "",
) -> Life:
    """A new patient whose story starts at a moment; number and seed decide everything that is left to chance."""
    rng = Random(f"{seed}:{number}")  # noqa: S311  (invented people, not secrets)
    return Life(practice, invent(rng, number, year=start.year, name=name, email=email, state=state), story, rng, start)
