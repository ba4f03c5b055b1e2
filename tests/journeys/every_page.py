"""Which rows of the seeded practice every page is opened with, and by whom; told inside the running demo."""

import json
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from harmoniously.core.accounts.models import CareRelation, Clinician, EmergencyAccess, OnCall, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import care_of, care_relations
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.common import clock
from harmoniously.core.documents.cleaning import Cleaned
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.portal.access_reviews import services as access_reviews
from harmoniously.portal.people import recovery, registering
from harmoniously.portal.people.registering import Person
from harmoniously.portal.staff_pages.break_glass import open_record
from intake.models import Facility, Submission
from intake.pages import INTAKE
from intake.requests import papers
from intake.requests.models import InformationRequest, PaperKind
from intake.rules.care import Care
from telemedicine.models import Appointment, Referral, Review, VisitNote
from telemedicine.models.referral import ReferralStatus
from telemedicine.referrals import services as referrals
from telemedicine.reviews.deciding import services as deciding
from telemedicine.reviews.rules.triage import Kind
from telemedicine.services import feeds, guests
from telemedicine.work import sources
from tests import cast
from tests.security.access_table import PUBLIC, TABLE
from tests.security.addresses import Address, all_addresses, path_of
from tests.security.history import PEOPLE, ways_back
from treatment.models import CheckIn, Discharge, DoseSession, JournalShare, Pharmacy, Product
from treatment.models.checkin import CheckInStatus
from treatment.services import checkins, sitters

STAFF = ("coordinator", "prescriber_in", "therapist", "administrator")
ACCOUNT = ("account_", "mfa_", "usersessions_")
# Who opens a chosen page that the table's people do not get to see, by what stands in its name.
CHOSEN_BY = (
    ("_change", "administrator"),
    ("journal_entry", "therapist"),
    ("admin:", "prescriber_in"),
)
Choice = tuple[Patient, dict[str, Any]]


def tell() -> None:
    """Print a row for every page that opens."""
    print(json.dumps(rows()))


def rows() -> list[dict[str, str]]:
    """A row for every page that opens: its name, who (a column of the access table), session and path."""
    now = clock.now()
    robin = Patient.objects.get(user__email=BY_KEY["patient"].email)
    choices, world = chosen(robin, now), world_of(robin, now)
    sessions: dict[User, str] = {}
    told = []
    for address in all_addresses():
        owner, kwargs = choices.get(address.name, (robin, None))
        path = path_of(address, world) if kwargs is None else reverse(address.viewname, kwargs=kwargs)
        for who in viewers(address, chosen=address.name in choices):
            user = person(who, owner, now)
            if user is not None and user not in sessions:
                sessions[user] = cast.signed_in(user).cookies["sessionid"].value
            key = sessions[user] if user else ""
            told.append({"name": address.name, "who": who, "session": key, "path": path})
    return told


def viewers(address: Address, *, chosen: bool) -> list[str]:
    """Everybody for whom the table says that it opens; the pages of an account are the same for all staff."""
    row = dict(zip(PEOPLE, TABLE[address.name]["get"], strict=True))
    if address.name in PUBLIC:
        return [who for who in ("anonymous", "patient") if row[who] == "200"][:1]
    asked = ("patient", "other", "coordinator") if address.name.startswith(ACCOUNT) else ("patient", *STAFF)
    able = [who for who in asked if row[who] == "200"]
    if chosen and not able:
        return [next((who for words, who in CHOSEN_BY if words in address.name), "patient")]
    return able


def person(who: str, owner: Patient, now: datetime) -> User | None:
    """Who that is for the owner of the row."""
    if who == "anonymous":
        return None
    if who == "patient":
        return owner.user
    if who == "other":
        return User.objects.filter(email="other@example.com").first() or cast.make_patient("other@example.com").user
    if who == "prescriber_in":
        own = care_of(owner, at=now).filter(clinician__user__role=Role.PRESCRIBER).first()
        if own is not None:
            return own.clinician.user
    return User.objects.get(email=BY_KEY[who.removesuffix("_in")].email)


def world_of(robin: Patient, now: datetime) -> Any:
    """What the keys in addresses are taken from: the rows of one patient in treatment."""
    clinician = care_of(robin, at=now).filter(clinician__user__role=Role.PRESCRIBER)[0].clinician
    rows = {
        "decision": robin.eligibility_decisions.first(),
        "paper": papers.keep(
            patient=robin,
            kind=PaperKind.IDENTITY,
            made=Cleaned("image/jpeg", b"\xff\xd8\xff", 1),
            dated=None,
            by=robin.user,
            now=now,
        ),
        "document": robin.signed_documents.filter(kind__startswith="consent.").first(),
        "shipment": robin.shipments.first(),
        "prescription": robin.prescriptions.first(),
        "session": robin.dose_sessions.filter(starts_at__gt=now).first(),
        "check-in": robin.check_ins.filter(kind="day").last(),
        "visit": robin.appointments.first(),
        "charge": robin.charges.first(),
        "alert": robin.alerts.first(),
        "follow_up": robin.follow_ups.first(),
        "patient": robin,
        "thread": robin.threads.first(),
        "referral": robin.referrals.first(),
        "elsewhere": robin.elsewhere.first(),
        "journal": robin.journal.first(),
        "event": robin.adverse_events.first(),
        "refill": robin.refill_requests.first(),
        "note": robin.visit_notes.filter(status=VisitNote.Status.SIGNED).first(),
        "clinician": clinician,
        "access_review": access_reviews.begin(
            since=now - timedelta(days=60), until=now, by=User.objects.get(email=BY_KEY["administrator"].email), now=now
        ),
    }
    papers.ask_to_compare(paper=rows["paper"], by=robin.user, now=now)
    _invitation, token = sitters.invite_sitter(
        session=robin.dose_sessions.filter(starts_at__gt=now).last(),
        name="Sam",
        phone="",
        email="sitter@demo.example",
        by=robin.user,
        now=now,
    )
    visit = visit_of(BY_KEY["prescriber"].email, now)
    by = {"by": visit.patient.user, "now": now}
    guest, secret = guests.invite(appointment=visit, name="Ash", relation="family", email="", **by)
    guests.agree(guest=guest, **by)
    return SimpleNamespace(
        patient=robin,
        rows=rows,
        visit=visit,
        guest=secret,
        life=SimpleNamespace(clinician=clinician),
        feed=feeds.make(clinician=clinician, by=clinician.user, now=now),
        token=token,
        invitation=invited(now),
        **dict(zip(("recovery", "recovery_stop"), lost(now), strict=True)),
    )


def visit_of(email: str, now: datetime) -> Appointment:
    """The next visit of a clinician: who else joins it is arranged by nobody else."""
    return Appointment.objects.booked().filter(clinician__user__email=email, starts_at__gt=now)[0]


def invited(now: datetime) -> str:
    """The secret of the link of somebody who was registered on the telephone."""
    who = Person("Alex Newcomer", date(1990, 5, 6), "CA", "+14155550166", "alex.newcomer@demo.example")
    coordinator = User.objects.get(email=BY_KEY["coordinator"].email)
    made = registering.register(person=who, token=uuid.uuid4(), by=coordinator, now=now)
    message = Notification.objects.get(recipient=made.user, template="account_invitation")
    return str(message.variables["link"]).rstrip("/").rpartition("/")[2]


def lost(now: datetime) -> tuple[str, str]:
    """The secrets of both links of somebody who lost mailbox and password."""
    desk, boss = (User.objects.get(email=BY_KEY[who].email) for who in ("coordinator", "administrator"))
    patient = cast.make_patient("lost@demo.example", agreed=False)
    about = {"proof": "seen", "now": now - recovery.WAITS}
    row = recovery.ask(patient=patient, email="found@demo.example", reason="Lost the phone.", by=desk, **about)
    return ways_back(recovery.agree(recovery=row, by=boss, **about))


def chosen(robin: Patient, now: datetime) -> dict[str, Choice]:
    """Pages that Robin's rows do not open, with those of somebody whose story has got there."""
    return {name: choice for choices in (_intake(), _care(now), _desk(robin, now)) for name, choice in choices}


def _of(row: Any, **more: Any) -> Choice:
    return row.patient, {"pk": row.pk, **more}


def _intake() -> Iterator[tuple[str, Choice]]:
    """Somebody who stopped before handing in, and somebody who is asked for more."""
    draft = next(row for row in Submission.objects.filter(status="draft") if "sitter_details" in row.answers)
    medicines = {"slug": INTAKE.slug(INTAKE.by_key["medicines"])}
    trials = INTAKE.slug(INTAKE.by_key["antidepressants"])
    entry = {"slug": trials, "entry": uuid.UUID(draft.answers["antidepressants"]["items"][0]["id"])}
    yield "intake:start", (draft.patient, {})
    yield "intake:page", (draft.patient, {"slug": INTAKE.slug(INTAKE.by_key["substances"])})
    yield "intake:add", (draft.patient, medicines)
    yield "intake:entry", (draft.patient, entry)
    yield "intake:remove", (draft.patient, entry)
    unpaid = Submission.objects.filter(status="submitted", patient__charges=None, patient__safety_holds=None)[0]
    yield "portal:evaluation", (unpaid.patient, {})
    yield "intake:asked_one", _of(InformationRequest.objects.filter(status="open")[0])


def _care(now: datetime) -> Iterator[tuple[str, Choice]]:
    """A visit ahead, a check-in that waits, a session of today, a treatment that has ended."""
    visit = visit_of(BY_KEY["prescriber"].email, now)
    for name in ("booked", "move", "cancel", "visit", "guest"):
        yield f"telemedicine:{name}", _of(visit)
    for name in ("appointment", "appointment_move", "visit_guest"):
        yield f"admin:{name}", _of(visit)
    waiting = CheckIn.objects.filter(status=CheckInStatus.OPEN, due_at__lte=now)[0]
    yield "treatment:check_in_page", _of(waiting, page=checkins.pages_of(waiting, now)[0].slug)
    today = DoseSession.objects.filter(status="scheduled", starts_at__range=(now, now + timedelta(days=1)))[0]
    yield "treatment:gate_page", _of(today, page="sitter")
    ended = Discharge.objects.all()[0]
    yield "treatment:ended", _of(ended)


def _desk(robin: Patient, now: datetime) -> Iterator[tuple[str, Choice]]:
    """A hold, a shared page of a journal, a note that is begun, a letter that was sent; what the site lists."""
    yield "admin:safety_hold", _of(SafetyHold.objects.filter(cleared_at=None)[0])
    share = JournalShare.objects.filter(taken_back_at=None)[0]
    yield "admin:shared_journal_entry", (share.patient, {"pk": share.entry_id})
    begun = VisitNote.objects.filter(status=VisitNote.Status.DRAFT)[0]
    yield "admin:visit_note", (begun.patient, {"pk": begun.appointment_id})
    for model in (User, Clinician, OnCall, CareRelation, Facility, Product, Pharmacy):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        yield name, (robin, {"object_id": model.objects.all()[0].pk})
    yield "admin:referral_outcome", _of(Referral.objects.filter(status="sent").first() or _sent(robin, now))
    yield "admin:verdict", _written(now)
    yield "admin:work_item", _waiting(now)
    yield "admin:break_glass_open", (robin, {"pk": _opened(robin, now).pk})


def _written(now: datetime) -> Choice:
    """A question that a prescriber has written on a case in hand and not confirmed yet."""
    held = Review.objects.filter(status__in=["claimed", "asked"], decision__is_current=True)
    review = held.select_related("clinician__user", "decision__patient__user")[0]
    row = deciding.write(
        decision=review.decision,
        kind="ask",
        words="Which medicines do you take now, and how much of each?",
        more={"days": 14},
        by=review.clinician.user,
        now=now,
    )
    return review.patient, {"patient_id": review.patient_id, "pk": row.pk}


def _waiting(now: datetime) -> Choice:
    """An application that nobody has in hand: nobody cares for the patient yet."""
    doctor = User.objects.get(email=BY_KEY["prescriber"].email)
    waiting = sources.waiting(doctor, now)[Kind.APPLICATION].filter(review=None, patient__care_relations=None)
    return waiting[0].patient, {"kind": Kind.APPLICATION.value, "pk": waiting[0].pk}


def _opened(robin: Patient, now: datetime) -> EmergencyAccess:
    """Robin's prescriber opened the record of somebody outside of their care."""
    relation = care_of(robin, at=now).filter(clinician__user__role=Role.PRESCRIBER)[0]
    own = care_relations(relation.clinician.user, at=now).values("patient")
    stranger = Patient.objects.exclude(pk__in=own)[0]
    why = "The sitter is on the telephone and cannot wake the patient."
    return open_record(mrn=stranger.mrn, kind="called", reason=why, by=relation.clinician.user, now=now)


def _sent(robin: Patient, now: datetime) -> Referral:
    clinician = care_of(robin, at=now)[0].clinician
    place = Facility.objects.that_offer(need=Care.THERAPY.value, state=robin.state)[0]
    wish = referrals.Wish(place, Care.THERAPY, "For talk therapy.", ("course",))
    row = referrals.refer(patient=robin, token=uuid.uuid4(), wish=wish, by=clinician.user, now=now)
    row = referrals.allow(referral=row, typed_name=robin.legal_name, shown=row.letter_sha256, by=robin.user, now=now)
    referrals.mark_sent(referral=row, ask_on=(now + timedelta(days=1)).date(), by=clinician.user, now=now)
    assert row.status in {ReferralStatus.ALLOWED, ReferralStatus.SENT}
    return row
