"""What a prescriber can do now from a case, and what of this patient waits for them; each leads back to the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.common import returning
from harmoniously.core.common.encryption import UNREADABLE
from telemedicine.models import Appointment
from telemedicine.reviews.course import Course, moment, opened
from telemedicine.reviews.taken import began, term_of
from telemedicine.reviews.wording import span
from treatment import words
from treatment.check_in_words import stored_flags
from treatment.models import AdverseEvent, CheckIn, DoseSession, EventStatus, Prescription, RefillRequest, SupplyFlag
from treatment.order_forms import EndForm, PauseForm, ResumeForm
from treatment.rules.checkin import STOP_CODES

BACK = returning.query("case")


@dataclass(frozen=True, slots=True)
class Open:
    """One thing of this patient that waits for a prescriber: what, why, since when."""

    tone: str
    what: str
    why: str
    since: datetime
    url: str
    waited: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The newest order that somebody signed."""

    pk: UUID
    product: str
    status: str
    state: str
    own: bool

    @property
    def in_force(self) -> bool:
        """Whether sessions are taken under it."""
        return self.status in Prescription.IN_FORCE


@dataclass(frozen=True, slots=True)
class Acts:
    """The links and forms of the column on the right; nothing for whoever may not prescribe for this patient."""

    links: list[tuple[str, str]] = field(default_factory=list)
    more: list[tuple[str, str]] = field(default_factory=list)
    pause_form: PauseForm | None = None
    resume_form: ResumeForm | None = None
    end_form: EndForm | None = None
    cancels: bool = False


def order_of(course: Course, user: User) -> Order | None:
    """The newest order, for whoever cares for the patient or wrote it."""
    row = course.order
    if row is None:
        return None
    own = row["prescriber__user"] == str(user.pk)
    if not (own or course.open):
        return None
    status = Prescription.Status(row["status"])
    return Order(UUID(row["id"]), row["product__name"], status.value, str(status.label), own)


def acts(course: Course, order: Order | None, user: User, visits: Iterable[Appointment]) -> Acts:
    """What is possible now for whoever cares for the patient; the pages themselves decide once more."""
    patient = course.patient
    about = _about(patient, user, visits)
    if not can(user, Permission.PRESCRIBE):
        return Acts(more=about)
    in_treatment = any(row["closed_at"] is None for row in course.of("charts"))
    standing = order is not None and order.status in Prescription.STANDING
    end = EndForm() if standing else None
    return Acts(
        links=_orders(course, order, patient, in_treatment=in_treatment),
        more=[*about, *(_treatment(patient) if in_treatment else [])],
        pause_form=PauseForm() if order and order.in_force else None,
        resume_form=ResumeForm() if order and order.status == Prescription.Status.PAUSED else None,
        end_form=end,
        cancels=bool(order and "cancelled" in Prescription.MOVES.get(order.status, ())),
    )


def _to(words: str, name: str, *args: Any, part: str = "") -> tuple[str, str]:
    return words, reverse(f"admin:{name}", args=args) + BACK + part


def _orders(course: Course, order: Order | None, patient: UUID, *, in_treatment: bool) -> list[tuple[str, str]]:
    if not in_treatment:
        return []
    draft = next((row for row in course.orders if row["status"] == Prescription.Status.DRAFT), None)
    found = []
    if draft is not None:
        found.append(_to(_("The draft, to read and sign"), "prescription_detail", UUID(draft["id"])))
    if order is None or order.status not in Prescription.STANDING:
        return [*found, _to(_("Write a prescription"), "draft_prescription", patient)]
    if order.in_force and any(row["started_at"] for row in course.sessions):
        found.append(_to(_("The next dose, as the rules propose it"), "draft_prescription", patient))
    return [
        *found,
        _to(_("Change the dose"), "draft_prescription", patient),
        _to(_("Next supply"), "refill", patient),
        _to(_("The order in force"), "prescription_detail", order.pk),
    ]


def _about(patient: UUID, user: User, visits: Iterable[Appointment]) -> list[tuple[str, str]]:
    """What everybody in care may do."""
    unsigned: Any = next((row for row in visits if _own_without_note(row, user)), None)
    note = [_to(_("Write the note of the visit"), "visit_note", unsigned.pk)] if unsigned else []
    return [
        *note,
        _to(_("Write a message"), "patient_messages", patient),
        _to(_("Safety plan"), "safety_plan", patient),
    ]


def _own_without_note(row: Any, user: User) -> bool:
    return row.started_at is not None and row.clinician.user_id == user.pk and not row.note_signed_at


def _treatment(patient: UUID) -> list[tuple[str, str]]:
    return [
        _to(_("Phase of the treatment"), "treatment_phase", patient),
        _to(_("Record an adverse event"), "record_adverse_event", patient),
        _to(_("Refer to other care"), "patient_referrals", patient),
        _to(_("End the treatment"), "discharge", patient),
    ]


# What waits


def waiting(course: Course, now: datetime) -> list[Open]:
    """What stops the treatment first, then the rest, the longest waiting first."""
    patient = course.patient
    found = [
        *_flagged(course),
        *_counted(course, patient),
        *_events(course),
        *_asked(course, patient),
        *_unread(course),
    ]
    return [replace(one, waited=span(one.since, now)) for one in sorted(found, key=_pressing)]


def _pressing(one: Open) -> tuple[bool, datetime]:
    return one.tone != "danger", one.since


def _flagged(course: Course) -> list[Open]:
    found = []
    for row in course.of("flagged"):
        flags = opened(CheckIn, row, "flags", None)
        stops = flags is None or any(flag["code"] in STOP_CODES for flag in flags)
        why = str(UNREADABLE) if flags is None else "; ".join(stored_flags(flags))
        what, url = _to(str(CheckIn.Kind(row["kind"]).label), "check_in", UUID(row["id"]))
        found.append(Open("danger" if stops else "caution", what, why, moment(row["flagged_at"]), url))
    return found


def _counted(course: Course, patient: UUID) -> list[Open]:
    what, url = _to(_("Medicine at home"), "supply_ledger", patient)
    return [
        Open(
            "danger",
            what,
            _counted_words(row),
            moment(row["raised_at"]),
            url,
        )
        for row in course.of("supply")
    ]


def _counted_words(row: dict[str, Any]) -> str:
    facts = opened(SupplyFlag, row, "facts", None)
    return str(UNREADABLE) if facts is None else words.stored_text(row["code"], facts, for_staff=True)


def _events(course: Course) -> list[Open]:
    found = []
    for row in course.of("events"):
        status = EventStatus(row["status"])
        if status not in AdverseEvent.LIVE:
            continue
        term = term_of(row)
        stops = row["serious"] or status == EventStatus.REPORTED or term == str(UNREADABLE)
        what, url = _to(_("Adverse event"), "adverse_event", UUID(row["id"]))
        why = f"{term}, {str(status.label).lower()}"
        found.append(Open("danger" if stops else "caution", what, why, moment(row["known_at"]), url))
    return found


def _asked(course: Course, patient: UUID) -> list[Open]:
    what, url = _to(_("Next supply"), "refill", patient)
    return [
        Open("info", what, str(RefillRequest.Status(row["status"]).label), moment(row["requested_at"]), url)
        for row in course.of("refills")
        if row["status"] in RefillRequest.WAITING
    ]


def _unread(course: Course) -> list[Open]:
    """Sessions that nobody has read yet: a step up of the dose waits for that; and those that were held."""
    found = []
    for row in course.sessions:
        what, url = _to(_("Session"), "dose_session", UUID(row["id"]))
        if row["status"] == DoseSession.Status.HELD:
            found.append(Open("danger", what, _("On hold: no dose was released"), began(row), url))
        elif row["status"] == DoseSession.Status.COMPLETED and row["reviewed_at"] is None:
            found.append(Open("info", what, _("Not reviewed yet"), began(row), url))
    return found
