"""Verbs of the journal: keep while it is written, save, delete, share, take back. The trail never holds its words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.opened import WROTE, OpenedPage, is_elsewhere, is_older, wrote
from treatment import journal_prompts
from treatment.models import DoseSession, JournalEntry, JournalShare
from treatment.selecting import journal as selectors

LONGEST = 20_000  # characters


@dataclass(frozen=True)
class Words:
    """What is written, and what it is about."""

    text: str
    prompt: str = ""
    session: DoseSession | None = None


class WrittenElsewhere(Conflict):
    """Another device wrote this entry, or deleted it, after the page was opened; nothing was written."""

    def __init__(self, entry: JournalEntry) -> None:
        super().__init__(_("This entry was changed on another device. Nothing was lost: here are both."), "elsewhere")
        self.entry = entry


def keep_draft(
    *, patient: Patient, token: UUID, words: Words, page: OpenedPage, by: User, now: datetime
) -> JournalEntry | None:
    """Keep what is being written, beside what was saved; nobody else ever reads it. None for nothing written yet.

    Raises WrittenElsewhere, RuleViolation for a text that is too long.
    """
    text = _fitting(words.text)
    with transaction.atomic():
        if not text and not JournalEntry.objects.filter(patient=patient, token=token).exists():
            return None
        row = _row(patient, token, words, now=now)
        _require_newest(row, page)
        if is_older(row, page) or text == row.newest:
            return row
        row.draft, row.draft_at = text, now
        wrote(row, page)
        row.save(update_fields=["draft", "draft_at", *WROTE])
        record(actor=by, action="journalentry.drafted", now=now, subject=row)
    return row


def save_entry(
    *, patient: Patient, token: UUID, words: Words, page: OpenedPage, by: User, now: datetime
) -> JournalEntry:
    """Save an entry, new or changed; the same page sent twice saves it once (I9).

    Raises WrittenElsewhere, RuleViolation for an empty or overlong text.
    """
    text = _fitting(words.text)
    if not text.strip():
        raise RuleViolation(_("Write something first, a word is enough."), "empty")
    with transaction.atomic():
        row = _row(patient, token, words, now=now)
        _require_newest(row, page)
        session_id = words.session.pk if words.session else None
        same = (row.text, row.session_id, row.draft, row.saved_at is None) == (text, session_id, None, False)
        if same:
            return row
        row.text, row.draft, row.draft_at, row.saved_at, row.session = text, None, None, now, words.session
        wrote(row, page)
        row.save(update_fields=["text", "draft", "draft_at", "saved_at", "session", *WROTE])
        record(actor=by, action="journalentry.saved", now=now, subject=row)
        if selectors.shares_of([row], now):
            _surface(row, by=by, now=now)
    return row


def _surface(row: JournalEntry, *, by: User, now: datetime) -> None:
    """What somebody else may read comes to a clinician when its words may mean danger; what is private, to nobody."""
    key = f"journal:{row.pk}:{row.version}"
    surface(text=row.text, patient=row.patient, about=f"journal:{row.pk}", key=key, by=by, now=now)


def _fitting(text: str) -> str:
    plain = text.replace("\r\n", "\n")
    if len(plain) > LONGEST:
        raise RuleViolation(
            _("Please keep one entry under %(longest)s characters. You can go on in a second one.")
            % {"longest": f"{LONGEST:,}"},
            "too_long",
        )
    return plain


def _row(patient: Patient, token: UUID, words: Words, *, now: datetime) -> JournalEntry:
    """The entry of a page's token, locked; made when it is the first writing."""
    known = journal_prompts.prompt_of(words.prompt)
    try:
        with transaction.atomic():
            JournalEntry.objects.get_or_create(
                patient=patient,
                token=token,
                defaults={
                    "prompt": known.code if known else "",
                    "prompts_version": journal_prompts.CURRENT if known else "",
                    "session": words.session,
                    "created_at": now,
                },
            )
    except IntegrityError:
        pass  # The same page, sent twice at once: the other one made it.
    return JournalEntry.objects.select_for_update(of=("self",)).get(patient=patient, token=token)


def _require_newest(row: JournalEntry, page: OpenedPage) -> None:
    if row.deleted_at is not None or is_elsewhere(row, page):
        raise WrittenElsewhere(row)


def _locked(entry: JournalEntry) -> JournalEntry:
    return JournalEntry.objects.select_for_update(of=("self",)).select_related("patient").get(pk=entry.pk)


def drop_draft(*, entry: JournalEntry, by: User, now: datetime) -> JournalEntry:
    """Go back to what was saved. A second click does nothing; RuleViolation for an entry that was never saved."""
    with transaction.atomic():
        row = _locked(entry)
        if row.draft is None:
            return row
        if row.saved_at is None:
            raise RuleViolation(_("This entry was never saved. Save it, or delete it."), "never_saved")
        row.draft, row.draft_at, row.version = None, None, row.version + 1
        row.save(update_fields=["draft", "draft_at", "version"])
        record(actor=by, action="journalentry.draft_dropped", now=now, subject=row)
    return row


def delete_entry(*, entry: JournalEntry, by: User, now: datetime) -> None:
    """Remove every word of an entry for good; nobody reads it any more. A second click does nothing."""
    with transaction.atomic():
        row = _locked(entry)
        if row.deleted_at is not None:
            return
        row.text, row.draft, row.draft_at, row.session = "", None, None, None
        row.prompt, row.prompts_version = "", ""
        row.deleted_at, row.version = now, row.version + 1
        row.save()
        JournalShare.objects.filter(entry=row, taken_back_at__isnull=True).update(taken_back_at=now)
        record(actor=by, action="journalentry.deleted", now=now, subject=row)


def share_entry(*, entry: JournalEntry, clinician: Clinician, by: User, now: datetime) -> JournalShare:
    """Let one therapist in the patient's care read one saved entry. A second click does nothing.

    Raises RuleViolation for an entry that was never saved, and for anybody who is no therapist of the patient.
    """
    with transaction.atomic():
        row = _locked(entry)
        if row.deleted_at is not None or row.saved_at is None:
            raise RuleViolation(_("Save the entry first. Then you can share it."), "not_saved")
        if not selectors.therapists_of(row.patient, now).filter(pk=clinician.pk).exists():
            raise RuleViolation(_("You can share with a therapist who cares for you now."), "no_therapist")
        # One that ended with the therapist's care is over; sharing again is a new decision.
        before = JournalShare.objects.filter(entry=row, clinician=clinician, taken_back_at__isnull=True)
        before.exclude(pk__in=selectors.standing_shares(now).values("pk")).update(taken_back_at=now)
        share, made = JournalShare.objects.get_or_create(
            entry=row,
            clinician=clinician,
            taken_back_at=None,
            defaults={"patient": row.patient, "shared_at": now, "created_at": now},
        )
        if made:
            record(actor=by, action="journalentry.shared", now=now, subject=row, clinician=str(clinician.pk))
            _surface(row, by=by, now=now)
    return share


def take_back(*, entry: JournalEntry, by: User, now: datetime) -> None:
    """Nobody else reads the entry any more, from this moment. A second click does nothing."""
    with transaction.atomic():
        row = _locked(entry)
        if JournalShare.objects.filter(entry=row, taken_back_at__isnull=True).update(taken_back_at=now):
            record(actor=by, action="journalentry.taken_back", now=now, subject=row)
