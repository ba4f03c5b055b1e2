"""Verbs of what is added to a signed note: write it, sign it. The trail never holds its words."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.services import digest
from telemedicine.models import NoteAmendment, VisitNote
from telemedicine.notes.rules.templates import LONGEST
from telemedicine.services.visits import require_clinician


class AmendedElsewhere(Conflict):
    """Another page wrote the unsigned amendment (`row`), or signed it (None), after this one was opened."""

    def __init__(self, row: NoteAmendment | None) -> None:
        told = (
            _("An amendment of yours was written in another tab or on another device meanwhile.")
            if row is not None
            else _("The amendment that this page was opened with was signed meanwhile.")
        )
        super().__init__(told, "elsewhere")
        self.row = row


def write(*, note: VisitNote, reason: str, words: str, seen: str, by: User, now: datetime) -> NoteAmendment:
    """Write what is to be added and why; it counts, and others read it, once it is signed.

    `seen` is the unsigned amendment that the page was opened with (`seen_of`). Raises AmendedElsewhere when
    another page wrote or signed it since; the same words twice are written once.
    """
    _require_author(note, by)
    reason, words = reason.strip(), words.strip()
    if not reason or not words:
        raise RuleViolation(_("Write what you add, and why."), "empty")
    if max(len(reason), len(words)) > LONGEST:
        raise RuleViolation(_("Please stay under %(most)s characters.") % {"most": f"{LONGEST:,}"}, "too_long")
    with transaction.atomic():
        _lock_note(note)
        row = NoteAmendment.objects.filter(note=note, signed_at__isnull=True).first()
        if row is not None and (row.reason, row.words) == (reason, words):
            return row
        if seen_of(row) != seen:
            raise AmendedElsewhere(row)
        row = row or NoteAmendment(note=note, patient=note.patient, author=note.author, created_at=now)
        row.reason, row.words, row.written_at = reason, words, now
        row.save()
        record(actor=by, action="noteamendment.written", now=now, subject=row)
    return row


def _lock_note(note: VisitNote) -> None:
    """Who writes and who signs an amendment wait for each other here; the trail first."""
    hold_chain(note.patient)
    VisitNote.objects.select_for_update().only("pk").get(pk=note.pk)


def seen_of(row: NoteAmendment | None) -> str:
    """The digest of an amendment as the page shows it; empty where none waits."""
    return digest({"reason": row.reason, "words": row.words}) if row is not None else ""


def sign(*, note: VisitNote, seen: str, by: User, now: datetime) -> NoteAmendment | None:
    """Sign what the page showed; None when nothing waits any more, as after a second click. Raises Conflict."""
    _require_author(note, by)
    with transaction.atomic():
        _lock_note(note)
        row = NoteAmendment.objects.filter(note=note, signed_at__isnull=True).first()
        if row is None:
            return None
        if seen_of(row) != seen:
            raise Conflict(_("The amendment has changed since this page was opened. Read it once more."), "seen")
        row.signed_at = now
        row.save(update_fields=["signed_at"])
        record(actor=by, action="noteamendment.signed", now=now, subject=row)
    return row


def _require_author(note: VisitNote, by: User) -> None:
    require_clinician(by, note.appointment)
    if note.status != VisitNote.Status.SIGNED:
        raise RuleViolation(_("An unsigned note is changed, not amended."), "not_signed")
