"""Questions about adverse events."""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from harmoniously.core.accounts.models import CareRelation, Patient, User
from harmoniously.core.accounts.permissions import ROLE_PERMISSIONS, Permission
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common.encryption import DecryptionError
from treatment.models import AdverseEvent, AdverseEventNote, DoseSession, EventStatus, Prescription
from treatment.rules.adverse import stops_treatment

logger = logging.getLogger(__name__)
_PRESCRIBING = [role for role, given in ROLE_PERMISSIONS.items() if Permission.PRESCRIBE in given]


def events_of(patient: Patient) -> QuerySet[AdverseEvent]:
    """All events of a patient, the newest first."""
    return AdverseEvent.objects.select_related("session", "patient__user", "reporter__clinician").filter(
        patient=patient
    )


def reported_by(patient: Patient) -> QuerySet[AdverseEvent]:
    """What the patient told of themselves, newest first."""
    return events_of(patient).filter(reporter=patient.user).order_by("-known_at")


def events_for(user: User, now: datetime) -> QuerySet[AdverseEvent]:
    """The events of the patients in a clinician's care: what somebody has to look at first, then what is over."""
    caring: QuerySet[CareRelation] = care_relations(user, at=now)
    rows = AdverseEvent.objects.filter(Exists(caring.filter(patient=OuterRef("patient"))))
    return rows.select_related("patient__user", "session").order_by(F("look_due_at").asc(nulls_last=True), "-onset_at")


def due_for(user: User, now: datetime) -> QuerySet[AdverseEvent]:
    """Those whose time to be looked at, or to be reported, has come."""
    late = Q(look_due_at__lte=now) | Q(status=EventStatus.REPORTED)
    unsent = Q(report_due_at__lte=now, submitted_on__isnull=True)
    return events_for(user, now).filter(late | unsent)


def may_stop() -> QuerySet[AdverseEvent]:
    """Events that are not over, and those about which a prescriber did not write the last word."""
    notes = AdverseEventNote.objects.filter(event=OuterRef("pk")).order_by("-number")
    rows = AdverseEvent.objects.annotate(last_word=Subquery(notes.values("author__role")[:1])).order_by()
    return rows.filter(Q(status__in=AdverseEvent.LIVE) | ~Q(last_word__in=_PRESCRIBING))


def _read(row: Any) -> bool:
    return row.last_word in _PRESCRIBING


def stopping(rows: Iterable[AdverseEvent]) -> list[AdverseEvent]:
    """Those of `may_stop` that stop the treatment now."""
    return [row for row in rows if _stops(row)]


def _stops(row: AdverseEvent) -> bool:
    """A judgement that does not open may be any: it stops this patient, and nobody else's reminders or parcels."""
    try:
        return stops_treatment(row.assessment, live=row.status in AdverseEvent.LIVE, read=_read(row))
    except DecryptionError:
        logger.error("The judgement of event %s does not open: it stops the treatment.", row.pk)
        return True


def stopping_since(patients: Collection[UUID]) -> list[tuple[UUID, datetime]]:
    """Every event that stops the treatment of one of these patients now: whose, and since when."""
    rows = may_stop().filter(patient__in=patients).prefetch_related("notes__author")
    return [(row.patient_id, _since(row)) for row in stopping(rows)]


def _since(event: AdverseEvent) -> datetime:
    """The last moment at which it may have begun to stop: told, judged anew, opened again, or not a prescriber's word
    after one. A prescriber who only writes on begins nothing.
    """
    notes = list(event.notes.all())
    began = event.created_at
    for before, note in pairwise(notes):
        if _judged_anew(before, note) or (before.author.role in _PRESCRIBING and note.author.role not in _PRESCRIBING):
            began = note.at
    return began


def _judged_anew(before: AdverseEventNote, note: AdverseEventNote) -> bool:
    try:
        return bool(note.changes.keys() & {"term", "criteria"}) or "status" in before.changes
    except DecryptionError:
        return True  # it may have been


def sessions_to_name(patient: Patient) -> QuerySet[DoseSession]:
    """The sessions that something may have come after, newest first."""
    return DoseSession.objects.filter(patient=patient, status__in=DoseSession.TAKEN).order_by("-started_at")


def prescription_at(patient: Patient, session: DoseSession | None, at: datetime) -> Prescription | None:
    """What was taken: the order of the session, else of the last session before that moment, else the last signed."""
    if session is not None:
        return session.prescription
    taken = sessions_to_name(patient).filter(started_at__lte=at).select_related("prescription").first()
    if taken is not None:
        return taken.prescription
    signed = Prescription.objects.filter(patient=patient, signed_at__isnull=False, signed_at__lte=at)
    return signed.order_by("-signed_at").first()
