"""Verbs of what is added to a signed note: write it, sign it, or not. The trail never holds its words."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.opened import OpenedPage, is_elsewhere, is_older, wrote
from harmoniously.core.documents.services import digest
from telemedicine.models import NoteAmendment, VisitNote
from telemedicine.notes import selectors
from telemedicine.notes.rules.templates import LONGEST
from telemedicine.services.visits import require_clinician


class AmendedElsewhere(Conflict):
    """Another page wrote the unsigned amendment (`row`), or ended it (None), after this one was opened.

    `newest` is what a page that is opened now is opened with.
    """

    def __init__(self, newest: NoteAmendment | None) -> None:
        row = newest if newest is not None and newest.signed_at is None else None
        told = (
            _("An amendment of yours was written in another tab or on another device meanwhile.")
            if row is not None
            else _("The amendment that this page was opened with was signed or thrown away meanwhile.")
        )
        super().__init__(told, "elsewhere")
        self.row, self.newest = row, newest


def write(*, note: VisitNote, reason: str, words: str, page: OpenedPage, by: User, now: datetime) -> None:
    """Keep what is to be added, and why, as it stands in one opened page; others read it once it is signed.

    What comes late from the same page changes nothing, and the same words twice are written once. Raises
    AmendedElsewhere when another page wrote it, or it was signed, since this one was opened.
    """
    _require_author(note, by)
    reason, words = reason.strip(), words.strip()
    if max(len(reason), len(words)) > LONGEST:
        raise RuleViolation(_("Please stay under %(most)s characters.") % {"most": f"{LONGEST:,}"}, "too_long")
    with transaction.atomic():
        _lock_note(note)
        newest = selectors.newest_amendment_of(note)
        row = newest if newest is not None and newest.signed_at is None else None
        if (row.reason, row.words) == (reason, words) if row is not None else not reason and not words:
            return
        if _is_elsewhere(newest, page):
            raise AmendedElsewhere(newest)
        if row is not None and is_older(row, page):
            return
        if row is None:
            # It counts on from the last one, so that a page that was opened before that was signed is known by it.
            before = newest.version if newest is not None else 0
            row = NoteAmendment(note=note, patient=note.patient, author=note.author, version=before, created_at=now)
        row.reason, row.words, row.written_at = reason, words, now
        wrote(row, page)
        row.save()
        record(actor=by, action="noteamendment.written", now=now, subject=row)


def _is_elsewhere(newest: NoteAmendment | None, page: OpenedPage) -> bool:
    if newest is None:
        return page.base > 0  # what it was opened with was thrown away
    signed_from_here = newest.signed_at is not None and newest.writer == page.edit
    return signed_from_here or is_elsewhere(newest, page)


def throw_away(*, note: VisitNote, page: OpenedPage, by: User, now: datetime) -> None:
    """Nothing is added after all: the unsigned amendment goes. A second click does nothing. Raises as `write`."""
    _require_author(note, by)
    with transaction.atomic():
        _lock_note(note)
        row = selectors.unsigned_amendment_of(note)
        if row is None:
            return
        if is_elsewhere(row, page):
            raise AmendedElsewhere(row)
        record(actor=by, action="noteamendment.thrown_away", now=now, subject=row)
        row.delete()


def _lock_note(note: VisitNote) -> None:
    """Who writes and who signs an amendment wait for each other here; the trail first."""
    hold_chain(note.patient)
    VisitNote.objects.select_for_update().only("pk").get(pk=note.pk)


def seen_of(row: NoteAmendment) -> str:
    """The digest of an amendment as the page that signs shows it."""
    return digest({"reason": row.reason, "words": row.words})


def is_whole(row: NoteAmendment) -> bool:
    """Whether it says what is added, and why."""
    return bool(row.reason and row.words)


def sign(*, note: VisitNote, seen: str, by: User, now: datetime) -> NoteAmendment | None:
    """Sign what the page showed; None when nothing waits any more, as after a second click.

    Raises Conflict when the page showed something else, RuleViolation while a part of it is empty.
    """
    _require_author(note, by)
    with transaction.atomic():
        _lock_note(note)
        row = selectors.unsigned_amendment_of(note)
        if row is None:
            return None
        if not is_whole(row):
            raise RuleViolation(_("Write what you add, and why."), "empty")
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
