"""Papers of a case: the consents that were signed, and the letters and records that the rules counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import UNREADABLE, legible
from harmoniously.core.documents.consents.selectors import history_of
from harmoniously.core.documents.models import ConsentAct, ConsentEvent
from intake.models import EligibilityDecision
from intake.requests.models import DATED, Paper, PaperStatus
from intake.requests.selectors import staff_title
from telemedicine.reviews.course import Course, row_of
from telemedicine.reviews.wording import calendar_day, spoken

LETTER_WORDS = {
    "cardiology_letter": gettext_lazy("Cardiology letter"),
    "treating_clinician_letter": gettext_lazy("Treating clinician’s letter"),
    "pain_records": gettext_lazy("Pain records"),
}


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One signed text; `document` is the signed copy that prints."""

    title: str
    version: str
    signed_at: datetime
    zone: str
    name: str
    revoked_at: datetime | None
    document: UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """One paper that a decision counted, with the day it was written."""

    title: str
    dated: str


def agreed(patient: Patient) -> list[ConsentEvent]:
    """What the patient signed and took back, the newest first; one query that opens no text."""
    return list(history_of(patient).defer("document__content"))


def consents(patient: Patient, acts: list[ConsentEvent]) -> list[ConsentRow]:
    """What the patient signed, from the acts of `agreed`, with when it was taken back."""
    back = {act.kind: act for act in reversed(acts) if act.act == ConsentAct.WITHDRAWN}
    return [
        ConsentRow(
            title=str(row.get_kind_display()),
            version=row.version,
            signed_at=row.at,
            zone=row.zone,
            name=patient.legal_name,
            revoked_at=_taken_back(row, back.get(row.kind)),
            document=row.document_id,
        )
        for row in acts
        if row.act == ConsentAct.SIGNED and row.document_id
    ]


def _taken_back(signed: ConsentEvent, back: ConsentEvent | None) -> datetime | None:
    """When the newest withdrawal of the kind came after this signature."""
    return back.at if back is not None and back.sequence > signed.sequence else None


def letters(decision: EligibilityDecision) -> list[Letter]:
    """The letters and records that this decision was made with."""
    return [
        Letter(str(LETTER_WORDS.get(row["kind"]) or spoken(row["kind"])), calendar_day(row.get("dated")))
        for row in decision.facts.get("documents") or []
    ]


@dataclass(frozen=True, slots=True)
class Sent:
    """One document that the patient sent; `may_open` is false until the reader has the patient in care."""

    pk: UUID
    title: str
    dated: str
    sent_at: datetime
    accepted: bool
    counts: bool
    may_open: bool


def sent(course: Course, *, may_open: bool) -> list[Sent]:
    """What the patient sent, newest first; each file is read at its own door."""
    rows = [row_of(Paper, row, "kind_sealed", "dated_sealed") for row in course.of("papers")]
    return [_sent(row, may_open=may_open) for row in rows]


def _sent(row: Paper, *, may_open: bool) -> Sent:
    kind, dated = legible(row, "kind_sealed", None), legible(row, "dated_sealed", None)
    return Sent(
        pk=row.pk,
        title=staff_title(kind) if kind else str(UNREADABLE),
        dated=calendar_day(dated),
        sent_at=row.created_at,
        accepted=row.status == PaperStatus.ON_FILE,
        counts=kind in DATED,
        may_open=may_open,
    )
