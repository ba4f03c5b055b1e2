"""Verbs of documents: send, take back, and a prescriber's word on whether one does."""

from datetime import date, datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import uploads
from intake.policy import load_policy
from intake.requests.models import DATED, Paper, PaperKind, PaperStatus
from intake.requests.rules import letter_problem

SHORTEST_WORDS = 10  # characters of a reason that a patient can act upon


def require_date(*, patient: Patient, kind: PaperKind, dated: date | None, now: datetime) -> None:
    """Raise RuleViolation when the date of a letter is missing, lies ahead, or is too old to count."""
    if kind not in DATED:
        return
    if dated is None:
        raise RuleViolation(_("Enter the date that stands on the letter."), "undated")
    most = int(load_policy().timing.letter_days.value)
    problem = letter_problem(dated, clock.today(patient.zone, now), most)
    if problem == "future":
        raise RuleViolation(_("This day lies in the future. Enter the date that stands on the letter."), "future")
    if problem == "old":
        text = _("This letter is more than %(days)s days old. Please ask for a new one.")
        raise RuleViolation(text % {"days": most}, "old")


def send(
    *,
    patient: Patient,
    kind: PaperKind,
    file: BinaryIO,
    dated: date | None,
    by: User,
    now: datetime,
    replaces: Paper | None = None,
) -> Paper:
    """Keep a document, in place of another one when ``replaces`` says so.

    Raises UploadRefused for a file that is not kept, RuleViolation for a date that cannot count.
    """
    require_date(patient=patient, kind=kind, dated=dated, now=now)
    # Not inside the transaction below: a refusal is written into the trail and stays there.
    upload = uploads.receive(patient=patient, file=file, letters=kind in DATED, by=by, now=now)
    with transaction.atomic():
        if replaces is not None:
            _give_way(replaces, by=by, now=now)
        paper = Paper.objects.create(
            patient=patient,
            kind=kind,
            upload=upload,
            dated_sealed=dated.isoformat() if dated and kind in DATED else None,
            replaces=replaces,
            created_at=now,
        )
        record(actor=by, action="paper.sent", now=now, subject=paper, kind=kind.value)
    return paper


def _give_way(old: Paper, *, by: User, now: datetime) -> None:
    advance(old, PaperStatus.REPLACED, by=by, now=now)
    if old.handed_in_at is None:
        uploads.erase(upload=old.upload, by=by, now=now)


def remove(*, paper: Paper, by: User, now: datetime) -> None:
    """Take back a document that was not handed in yet; its content is erased. Raises RuleViolation afterwards."""
    if not paper.removable:
        raise RuleViolation(
            _("This was handed in and belongs to your record now. You can send a newer one instead."), "handed_in"
        )
    with transaction.atomic():
        advance(paper, PaperStatus.REMOVED, by=by, now=now)
        uploads.erase(upload=paper.upload, by=by, now=now)


def judge(*, paper: Paper, accept: bool, words: str, by: User, now: datetime) -> None:
    """Say that a document does not do, with the reason for the patient, or that it does after all.

    Raises RuleViolation without a reason, Conflict when somebody was faster, PermissionDenied for who may not review.
    """
    require(by, Permission.REVIEW_CASES)
    if not accept and len(words.strip()) < SHORTEST_WORDS:
        raise RuleViolation(_("Say in a few words what is wrong with it: the patient reads this."), "no_reason")
    with transaction.atomic():
        paper.words = "" if accept else words.strip()
        paper.save(update_fields=["words"])
        advance(paper, PaperStatus.ON_FILE if accept else PaperStatus.NOT_ACCEPTED, by=by, now=now)


def on_file(patient: Patient) -> list[dict[str, Any]]:
    """The letters and records that count, as the case format has them, in the order of their dates."""
    rows = Paper.objects.filter(patient=patient, status=PaperStatus.ON_FILE, kind__in=DATED)
    return sorted(
        ({"kind": row.kind, "dated": row.dated_sealed} for row in rows), key=lambda one: (one["dated"], one["kind"])
    )


def hand_in(*, patient: Patient, now: datetime) -> None:
    """From now on what is on file belongs to the record: it went to the practice with answers."""
    kept = Paper.objects.filter(patient=patient, status=PaperStatus.ON_FILE, handed_in_at__isnull=True)
    kept.update(handed_in_at=now)
