"""One patient with the fullest history that the product can tell, and everybody who may try to see it.

Every free field of the patient holds a word that occurs nowhere else, so that a leak can be found by searching for it.
"""

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Address
from typing import Any

from django.db import transaction
from django.test import Client

from billing.models import Charge
from harmoniously.core.accounts.models import AccountRecovery, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import Alert, AlertKind, FollowUp, FollowUpKind
from harmoniously.core.alerts.services import open_follow_up, raise_alert
from harmoniously.core.audit.models import AccessReview
from harmoniously.core.common.opened import OpenedPage
from harmoniously.core.documents.cleaning import Cleaned
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.seeding.answers import Circumstances
from harmoniously.nonprod.seeding.life import Life, begin_life
from harmoniously.nonprod.seeding.practice import open_practice
from harmoniously.portal.access_reviews import services as access_reviews
from harmoniously.portal.people import contact, recovery, registering
from harmoniously.portal.people.registering import Person
from intake.models import EligibilityDecision, Facility
from intake.requests import papers
from intake.requests.models import InformationRequest, PaperKind, mark_of
from intake.rules.care import Care
from telemedicine.models import Appointment, Room
from telemedicine.referrals import services as referrals
from telemedicine.referrals import words as referral_words
from telemedicine.reviews import services as reviews
from telemedicine.reviews.deciding import services as deciding
from telemedicine.rules.slots import VisitKind
from telemedicine.services import feeds, guests
from tests import cast
from treatment.models import CheckIn, DoseSession, Prescription, Product, Shipment
from treatment.rules.adverse import Assessment, Criterion
from treatment.rules.transfer import PARTS
from treatment.services import adverse, journal, orders, prescriptions, refills, sitters, transfer
from treatment.services.sessions import review_session
from treatment.services.ticks import tick

DAY = timedelta(days=1)
WORDS = ("Qzname", "Qzcalled", "Qzstreet", "Qzsitter", "Qzquestion", "Qzreason")
# BUG-06: what stood in answers, names and prescriptions of peers, and what templates and PDFs could mistake for code.
PAYLOADS = (
    "<script>alert('qz1')</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "'><iframe srcdoc='<script>4</script>'>",
    "</textarea><script>alert(5)</script>",
    "<a href='javascript:alert(6)'>6</a>",
    "{{ 7|add:7 }}{% debug %}",
    '#panic("8")',
    "\r\nATTENDEE:mailto:qz9@evil.example",
    "<!--<base href=//evil.example>",
)

# The columns of the access table, in order.
PEOPLE = (
    "anonymous",
    "patient",
    "other",
    "coordinator",
    "prescriber_out",
    "prescriber_in",
    "therapist",
    "administrator",
)


@dataclass
class World:
    """The patient's story with its rows, and a session of everybody."""

    life: Life
    done: DoseSession
    ahead: DoseSession
    token: str
    visit: Appointment
    alert: Alert
    follow_up: FollowUp
    users: dict[str, User]
    sessions: dict[str, str]
    # The secrets of the clinician's calendar address, and of the link of who is invited to the visit.
    feed: str
    guest: str
    # And of the link of somebody who was registered on the telephone.
    invitation: str
    # And of the two links of somebody who lost mailbox and password.
    recovery: str
    recovery_stop: str
    # Another one for each run: what limits the rate of sign-in outlives the tests.
    address: str = field(default_factory=lambda: str(IPv4Address(0x0A000000 + secrets.randbelow(1 << 24))))

    @property
    def patient(self) -> Patient:
        return self.life.patient

    def client(self, who: str) -> Client:
        """A browser of one of PEOPLE, signed in unless anonymous; a crash answers 500 as it would to people."""
        client = Client(raise_request_exception=False, REMOTE_ADDR=self.address)
        if who != "anonymous":
            client.cookies["sessionid"] = self.sessions[who]
        return client

    @cached_property
    def rows(self) -> dict[str, Any]:
        """The row whose primary key belongs into an address, by what stands in its pattern."""
        own = {"patient": self.patient}
        return {
            "decision": EligibilityDecision.objects.filter(**own).first(),
            "paper": self.patient.papers.first(),
            "request": self.patient.information_requests.filter(status="open").first(),
            "document": SignedDocument.objects.filter(**own, kind__startswith="consent.").first(),
            "shipment": Shipment.objects.filter(**own).first(),
            "prescription": Prescription.objects.filter(**own).first(),
            "session": self.ahead,
            "waiting": self.patient.dose_sessions.filter(held_at__isnull=False).first(),
            "check-in": CheckIn.objects.get(session=self.done, kind="day"),
            "visit": self.visit,
            "charge": Charge.objects.filter(**own).first(),
            "alert": self.alert,
            "follow_up": self.follow_up,
            "patient": self.patient,
            "thread": self.patient.threads.first(),
            "referral": self.patient.referrals.first(),
            "elsewhere": self.patient.elsewhere.first(),
            "message_file": self.patient.message_files.first(),
            "journal": self.patient.journal.first(),
            "event": self.patient.adverse_events.first(),
            "refill": self.patient.refill_requests.first(),
            "transfer": self.patient.transfers.first(),
            "clinician": self.life.clinician,
            "note": self.patient.visit_notes.first(),
            "verdict": self.patient.verdicts.first(),
            "access_review": AccessReview.objects.first(),
        }


def begin(moment: datetime, *, days: int = 20, number: int = 1, **person: str) -> Life:
    """A life that began some days ago, with its practice; fields of the person may be replaced."""
    start = (moment - timedelta(days=days)).replace(hour=16, minute=0, second=0, microsecond=0)
    practice = open_practice(moment - timedelta(days=120))
    told = begin_life(practice, number, Circumstances(), start=start, seed=1, state="CA", email="full@demo.example")
    told.person = replace(told.person, sex="male", **person)
    return told


def tell(life: Life, said: str) -> DoseSession:
    """From the intake to the check-in after the first session, and a message each way; the first session."""
    decision = life.hand_in()
    life.pay()
    life.visit(life.book(), said=said)
    _approve(life, decision, said)
    order = _prescribe(life, said)
    life.receive(order)
    life.plan(order)
    life.write(f"May I take it in the evening? {said}", made=Cleaned("image/jpeg", b"\xff\xd8\xff", 1))
    life.write(f"Yes, whenever your sitter can stay. {said}", by_clinic=True)
    session = life.next_session()
    assert session is not None
    done = life.go_through(session)
    life.check_in(done)
    life.score(14, 9)
    review_session(session=done, by=life.clinician.user, now=life.now)
    asked = refills.request_refill(patient=life.patient, by=life.patient.user, now=life.now)
    said_no = {"reason": f"Qzreason {said}", "words_to_patient": f"Qzreason {said}", "now": life.now}
    refills.decline_refill(request=asked, clinician=life.clinician, **said_no)
    return done


def _approve(life: Life, decision: EligibilityDecision, said: str) -> None:
    """As the seed does, with free words in the record and for the patient."""
    by, life.now = life.clinician.user, life.now + timedelta(hours=1)
    reviews.claim(decision=decision, by=by, now=life.now)
    free = {"reason": f"Qzreason {said}", "words": f"Qzreason {said}"}
    more = {"place": f"Qzreason {said}", "we_call": True}
    deciding.write(decision=decision, kind="in_person", more=more, by=by, now=life.now, **free)
    reviews.approve(decision=decision, by=by, now=life.now, **free)


def _prescribe(life: Life, said: str) -> Prescription:
    """As the seed does, with free words in the directions and the written reason."""
    life.later(timedelta(hours=1))
    order = orders.Order(
        product=Product.objects.get(form="lozenge", strength_mg=Decimal(100)),
        units_per_session=1,
        quantity_units=8,
        first_shipment_units=2,
        frequency="weekly",
        directions=f"Dissolve one lozenge, then spit out. {said}"[:400],
        written_reason=f"Qzreason {said}",
        visit_state="CA",
        in_person_visit_on=(life.now - timedelta(days=7)).date(),
        pdmp_state="CA",
        pdmp_checked_at=life.now,
        pdmp_result="no_concern",
    )
    by = life.clinician.user
    draft = prescriptions.draft_prescription(patient=life.patient, order=order, by=by, now=life.now)
    return prescriptions.sign_prescription(prescription=draft, by=by, now=life.now)


def _hostile(word: str) -> str:
    return " ".join((word, *PAYLOADS))


def build() -> World:
    """The whole history, up to now; the next session has a sitter who has confirmed. Every free text is hostile."""
    now = datetime.now(UTC)
    free = {"name": "Qzname", "preferred": "Qzcalled", "street": "1 Qzstreet", "sitter": "Qzsitter"}
    life = begin(now, **{field: _hostile(word) for field, word in free.items()})
    done = tell(life, _hostile("Qzquestion"))
    life.now = now
    visit = life.book(kind=VisitKind.CHECK_IN, after=DAY)
    Room.objects.create(appointment=visit, sequence=visit.sequence, consented_at=now)
    tick(now=now)  # the sessions since then were missed
    ahead = life.next_session()
    assert ahead is not None
    assert ahead.starts_at > now
    # One of them was held at the gate, and no prescriber has read why: it waits in the queue.
    missed = DoseSession.objects.filter(patient=life.patient, status="missed").order_by("starts_at")[:1]
    DoseSession.objects.filter(pk__in=missed.values("pk")).update(held_at=done.started_at)
    invitation, token = sitters.invite_sitter(
        session=ahead, name=life.person.sitter, phone="", email="sitter@demo.example", by=life.patient.user, now=now
    )
    sitters.sitter_confirm(invitation=invitation, adult=True, stays=True, now=now)
    about = {"patient": life.patient, "about": f"session:{done.pk}", "by": life.patient.user, "now": now}
    alert = raise_alert(kind=AlertKind.SESSION_HELD, dedupe_key="security", **about)
    follow_up = open_follow_up(kind=FollowUpKind.CALL_BACK, dedupe_key="security", due_at=now, **about)
    _send_and_ask(life)
    _write_a_journal(life)
    _tell_of_an_event(life)
    _allow_a_letter(life)
    _refer(life)
    _correct(life)
    users = _people(life)
    access_reviews.begin(since=now - 60 * DAY, until=now, by=users["administrator"], now=now)
    # Seen in an hour: a click then writes no row about it, however long these tests run.
    at = now + timedelta(hours=1)
    sessions = {who: cast.signed_in(user, at=at).cookies["sessionid"].value for who, user in users.items()}
    feed = feeds.make(clinician=life.clinician, by=life.clinician.user, now=life.now)
    links = (feed, _invite(life, visit), _register(life), *_lose_the_way(life, users["administrator"]))
    return World(life, done, ahead, token, visit, alert, follow_up, users, sessions, *links)


def _invite(life: Life, visit: Appointment) -> str:
    """Somebody who may come to the visit ahead; the secret of their link."""
    invited = {"name": _hostile("Qzsitter")[:60], "relation": "family", "email": ""}
    guest, secret = guests.invite(appointment=visit, by=life.patient.user, now=life.now, **invited)
    guests.agree(guest=guest, by=life.patient.user, now=life.now)
    return secret


def _register(life: Life) -> str:
    """Somebody who telephoned and has not opened their account; the secret of their link."""
    who = Person(_hostile("Qzname"), date(1990, 5, 6), "CA", "+14155550166", "invited@demo.example")
    made = registering.register(person=who, token=uuid.uuid4(), by=life.practice.coordinator, now=life.now)
    message = Notification.objects.get(recipient=made.user, template="account_invitation")
    return str(message.variables["link"]).rstrip("/").rpartition("/")[2]


def _lose_the_way(life: Life, colleague: User) -> tuple[str, str]:
    """Somebody who lost mailbox and password; the secrets of the links that open the account and stop that.

    For the patient it was asked for.
    """
    by, days, words = life.practice.coordinator, recovery.WAITS + DAY, _hostile("Qzreason")
    asked = {"email": "found@demo.example", "proof": "seen", "reason": words, "by": by}
    recovery.ask(patient=life.patient, **{**asked, "email": "way@demo.example"}, now=life.now)
    lost = cast.make_patient("lost@demo.example", agreed=False)
    row = recovery.ask(patient=lost, **asked, now=life.now - days)
    recovery.agree(recovery=row, proof="seen", by=colleague, now=life.now - days)
    return ways_back(row)


def ways_back(row: AccountRecovery) -> tuple[str, str]:
    """The secrets of both links, from the messages about it."""
    rows = Notification.objects.filter(about=f"recovery:{row.pk}", channel="email").order_by("due_at")
    stop, way = (str(message.variables["link"]).partition("/r/")[2].partition("/")[0] for message in rows)
    return way, stop


def _correct(life: Life) -> None:
    """How the patient is reached was corrected on the telephone; what coordinators write themselves is hostile, too."""
    patient = Patient.objects.select_related("user").get(pk=life.patient.pk)
    values = {**contact.contact_of(patient), "emergency_phone": "+15550100178", "emergency_name": _hostile("Qzsitter")}
    correction = contact.Correction(values, contact.standing(patient), _hostile("Qzcalled"))
    contact.correct(patient=patient, correction=correction, by=life.practice.coordinator, now=life.now)


def _send_and_ask(life: Life) -> None:
    """A photo that the patient sent, and something that is asked of them."""
    about = {"patient": life.patient, "by": life.patient.user, "now": life.now}
    photo = papers.keep(kind=PaperKind.IDENTITY, made=Cleaned("image/jpeg", b"\xff\xd8\xff", 1), dated=None, **about)
    papers.ask_to_compare(paper=photo, by=life.patient.user, now=life.now)
    decision = EligibilityDecision.objects.filter(patient=life.patient).latest("decided_at")
    InformationRequest.objects.create(
        patient=life.patient,
        decision=decision,
        item_sealed="reading",
        item_mark=mark_of(life.patient.pk, "reading"),
        texts_sealed=["Qzquestion"],
        due_at=life.now + DAY,
    )


def _write_a_journal(life: Life) -> None:
    """An entry that is saved, with more that is only kept."""
    about = {"patient": life.patient, "token": uuid.uuid4(), "by": life.patient.user, "now": life.now}
    opened = OpenedPage(uuid.uuid4())
    said = journal.Words(_hostile("Qzquestion"), "after_first", life.patient.dose_sessions.first())
    journal.save_entry(words=said, page=opened, **about)
    journal.keep_draft(words=journal.Words(_hostile("Qzreason")), page=opened, **about)


def _tell_of_an_event(life: Life) -> None:
    """Something serious that the patient told of and the prescriber judged."""
    onset = life.now - DAY
    grave = Assessment("fainting", onset, frozenset({Criterion.HOSPITALIZATION}), 3)
    told = adverse.Told(grave, _hostile("Qzquestion"), life.patient.dose_sessions.first())
    event = adverse.report_event(
        patient=life.patient, token=uuid.uuid4(), told=told, by=life.patient.user, now=life.now
    )
    step = adverse.Step(grave, _hostile("Qzreason"))
    adverse.follow_up(event=event, version=1, step=step, by=life.clinician.user, now=life.now)


def _allow_a_letter(life: Life) -> None:
    """A permission for one letter, and the letter."""
    to = transfer.Recipient(_hostile("Qzquestion"), _hostile("Qzquestion"), _hostile("Qzquestion"))
    wish = transfer.Wish(to, PARTS, _hostile("Qzreason"), (life.now + 30 * DAY).date())
    about = {"patient": life.patient, "by": life.patient.user, "now": life.now}
    made = transfer.authorize(token=uuid.uuid4(), wish=wish, typed_name=life.patient.legal_name, **about)
    transfer.make_letter(transfer=made, by=life.clinician.user, now=life.now)


def _refer(life: Life) -> None:
    """What was given elsewhere, and a letter that was signed and sent."""
    about, now = {"patient": life.patient, "now": life.now}, life.now
    told = {
        "kind": "im",
        "given_on": "2026-01-02",
        "dose": "1",
        **dict.fromkeys(("place", "course"), _hostile("Qzreason")),
    }
    referrals.record_elsewhere(token=uuid.uuid4(), told=told, by=life.clinician.user, **about)
    place = Facility.objects.that_offer(need="therapy", state="CA")[0]
    wish = referrals.Wish(place, Care.THERAPY, _hostile("Qzreason"), tuple(referral_words.PARTS))
    row = referrals.refer(token=uuid.uuid4(), wish=wish, by=life.clinician.user, **about)
    signed = {"typed_name": life.patient.legal_name, "shown": row.letter_sha256}
    row = referrals.allow(referral=row, by=life.patient.user, now=now, **signed)
    referrals.mark_sent(referral=row, ask_on=(now + DAY).date(), by=life.clinician.user, now=now)


def _people(life: Life) -> dict[str, User]:
    other = cast.make_patient("other@example.com", legal_name="Kim Elsewhere", preferred_name="Kim")
    return {
        "patient": life.patient.user,
        "other": other.user,
        "coordinator": life.practice.coordinator,
        "prescriber_out": cast.make_clinician("outside@example.com", states=("CA",)).user,
        "prescriber_in": life.clinician.user,
        "therapist": life.practice.therapist.user,
        "administrator": cast.make_user("boss@example.com", Role.ADMINISTRATOR, full_name="Lee Instance"),
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def token() -> str:
    """A form token of a page that nobody has sent yet."""
    return str(uuid.uuid4())
