"""The doors of treatment: a row is reached only through here; a stranger gets 404 and the read is audited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.audit.doors import door, lasting, patient_for, through
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.secret_links import digest_of
from treatment.models import (
    AdverseEvent,
    CheckIn,
    Discharge,
    DoseSession,
    JournalEntry,
    JournalShare,
    Prescription,
    PrescriptionStatus,
    RefillRequest,
    Shipment,
    SitterInvitation,
    SupplyFlag,
    TitrationProposal,
    Transfer,
)
from treatment.selecting import journal, picture
from treatment.selecting.second import may_sign_off
from treatment.services.sitters import actor_of

__all__ = [
    "adverse_event_for",
    "check_in_for",
    "discharge_for",
    "invitation_for",
    "journal_entry_for",
    "parcel_for",
    "patient_for",
    "patient_to_order_for",
    "order_to_read_for",
    "prescription_for",
    "proposal_of",
    "refill_for",
    "running_session",
    "session_for",
    "shared_entry_for",
    "shipment_for",
    "supply_flag_for",
    "transfer_for",
]


def prescription_for(user: Any, pk: UUID, *, action: str | None = None) -> Prescription:
    """A prescription: the patient's own, or of a patient in the clinician's care."""
    return door(user, _orders(), pk, action=action)


def order_to_read_for(user: Any, pk: UUID, *, action: str | None = None) -> Prescription:
    """The same to read; also a draft over the ceiling, for every colleague who may sign it off, as a case that waits.

    What one has signed off stays open to that one.
    """
    now = clock.now()
    rows = _orders().filter(pk=pk)
    if not can(user, Permission.VIEW_CLINICAL):
        return door(user, rows, pk, action=action)
    cares = Exists(care_relations(user, at=now).filter(patient=OuterRef("patient")))
    signs = Exists(may_sign_off(user, now).filter(pk=OuterRef("pk")))
    row = rows.annotate(cared_for=cares, to_sign_off=signs, opened=lasting(user, now, "patient")).first()
    if row is None:
        raise Http404
    waits = row.status == PrescriptionStatus.DRAFT and row.to_sign_off
    if waits or (
        row.second_prescriber and row.second_prescriber.user_id == user.pk and can(user, Permission.PRESCRIBE)
    ):
        record(actor=user, action=action or "prescription.viewed", now=now, subject=row)
        return row
    return through(user, row, action=action, cares=row.cared_for, opened=row.opened)


def _orders() -> QuerySet[Prescription]:
    return Prescription.objects.select_related("patient__user", "product", "prescriber__user", "second_prescriber")


def patient_to_order_for(user: Any, pk: UUID, now: datetime) -> Patient:
    """A patient with what an order for them rests on, as far as one row holds it (selecting/picture.py)."""
    return door(user, picture.marked(Patient.objects.select_related("user"), now), pk)


def proposal_of(patient: Patient, pk: UUID) -> TitrationProposal | None:
    """An answered proposal of a patient whose record is open already."""
    rows = TitrationProposal.objects.select_related("patient", "prescription__product")
    return rows.filter(pk=pk, patient=patient, answer=TitrationProposal.Answer.USED).first()


def refill_for(user: Any, pk: UUID) -> RefillRequest:
    """A request for the next supply, by the same rules."""
    return door(user, RefillRequest.objects.select_related("patient__user", "prescription", "decided_by"), pk)


def shipment_for(user: Any, pk: UUID) -> Shipment:
    """A shipment, by the same rules."""
    return door(user, Shipment.objects.select_related("patient__user", "prescription"), pk)


def parcel_for(user: Any, pk: UUID) -> Shipment:
    """A parcel by its outside: also for coordinators, who see whose it is and how far, never what is in it."""
    return door(user, Shipment.objects.select_related("patient__user", "prescription"), pk, clinical=False)


def supply_flag_for(user: Any, pk: UUID) -> SupplyFlag:
    """Something about the medicine at home that a prescriber must read."""
    return door(user, SupplyFlag.objects.select_related("patient__user"), pk)


def session_for(user: Any, pk: UUID, *, action: str | None = None) -> DoseSession:
    """A dose session, by the same rules."""
    rows = DoseSession.objects.select_related(
        "patient__user", "prescription__product", "prescription__chart", "prescription__prescriber", "plan"
    )
    return door(user, rows, pk, action=action)


def check_in_for(user: Any, pk: UUID) -> CheckIn:
    """A check-in, by the same rules."""
    return door(user, CheckIn.objects.select_related("patient__user", "session"), pk)


def adverse_event_for(user: Any, pk: UUID, *, action: str | None = None) -> AdverseEvent:
    """An adverse event: the patient's own, or of a patient in the clinician's care."""
    rows = AdverseEvent.objects.select_related(
        "patient__user", "session", "prescription__product", "reporter__clinician", "submitted_by__clinician"
    )
    return door(user, rows, pk, action=action)


def discharge_for(user: Any, pk: UUID, *, action: str | None = None) -> Discharge:
    """The end of a treatment: the patient's own, or of a patient in the clinician's care."""
    return door(user, Discharge.objects.select_related("patient__user", "clinician"), pk, action=action)


def transfer_for(user: Any, pk: UUID, *, action: str | None = None) -> Transfer:
    """A permission with its letter, by the same rules."""
    return door(user, Transfer.objects.select_related("patient__user", "document"), pk, action=action)


def journal_entry_for(user: User, pk: UUID, *, deleted: bool = False) -> JournalEntry:
    """An entry of the patient's own journal; a deleted one only for a page that still wants to write or delete it."""
    rows = JournalEntry.objects.select_related("patient__user", "session").filter(patient__user=user, pk=pk)
    row = (rows if deleted else rows.filter(deleted_at__isnull=True)).first()
    if row is None:
        raise _no_entry(user)
    record(actor=user, action="journalentry.viewed", now=clock.now(), subject=row)
    return row


def shared_entry_for(user: User, pk: UUID) -> JournalShare:
    """An entry that a patient shares with this therapist now, while the therapist cares for them."""
    now = clock.now()
    share = journal.shared_with(user, now).filter(entry=pk).first()
    if share is None:
        raise _no_entry(user)
    record(actor=user, action=journal.READ, now=now, subject=share.entry)
    return share


def _no_entry(user: User) -> Http404:
    """The same trace whether there is an entry or not: not even the trail may say that one exists."""
    record(actor=user, action="journal.refused", now=clock.now())
    return Http404()


def running_session(patient: Patient, pk: UUID) -> DoseSession:
    """The patient's own session for what the session page asks every few seconds.

    Opening that page was recorded by `session_for`; its polling is not a further read by a person.
    """
    row = DoseSession.objects.select_related("prescription__product").filter(pk=pk, patient=patient).first()
    if row is None:
        raise Http404
    return row


def invitation_for(token: str, *, now: datetime | None = None, polled: bool = False) -> SitterInvitation:
    """The invitation of a private link while it is good; 404 for an unknown, expired or revoked one (`was_invited`).

    The digest is looked up, so a wrong token says nothing by its timing. The read is recorded under the invitation.
    """
    at = now or clock.now()
    rows = SitterInvitation.objects.select_related(
        "session__patient__user", "session__prescription__product", "patient"
    )
    row = rows.filter(token_digest=digest_of(token), revoked_at__isnull=True, expires_at__gt=at).first()
    if row is None:
        raise Http404
    if not polled:
        record(actor=actor_of(row), action="sitter_invitation.opened", now=at, subject=row)
    return row


def was_invited(token: str) -> bool:
    """Whether a link that is not good any more once was: its holder may read that, and nothing of whom it was about."""
    return SitterInvitation.objects.filter(token_digest=digest_of(token)).exists()
