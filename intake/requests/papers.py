"""Verbs of documents: keep, take back, compare a photo ID, and a word on whether one does."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents import uploads
from harmoniously.core.documents.cleaning import Cleaned
from intake.drafts import lock_case
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


def sent_before(patient: Patient, token: UUID | None) -> Paper | None:
    """What a form made that was sent already. A form that is sent twice sends one document (I9)."""
    return None if token is None else Paper.objects.filter(patient=patient, pk=_key(patient, token)).first()


def _key(patient: Patient, token: UUID) -> UUID:
    # Mixed with the patient, so that no form can name the row of somebody else.
    return uuid5(patient.pk, token.hex)


def keep(
    *,
    patient: Patient,
    kind: PaperKind,
    made: Cleaned,
    dated: date | None,
    by: User,
    now: datetime,
    token: UUID | None = None,
    replaces: Paper | None = None,
) -> Paper:
    """Keep a document that was looked at, in place of another one when ``replaces`` says so.

    Raises IllegalMove when that one was replaced or taken back meanwhile.
    """
    with transaction.atomic():
        if replaces is not None:
            _give_way(_locked(replaces), by=by, now=now)
        upload = uploads.keep(patient=patient, made=made, by=by, now=now)
        paper = Paper(
            patient=patient,
            kind_sealed=kind.value,
            upload=upload,
            dated_sealed=dated.isoformat() if dated and kind in DATED else None,
            replaces=replaces,
            created_at=now,
        )
        if token is not None:
            paper.pk = _key(patient, token)
        paper.save(force_insert=True)
        record(actor=by, action="paper.sent", now=now, subject=paper)
    return paper


def _locked(paper: Paper) -> Paper:
    """The row as it is now; nobody hands it in, replaces it or takes it back until this transaction ends."""
    lock_case(paper.patient)
    rows = Paper.objects.select_for_update(of=("self",)).select_related("patient__user", "upload", "compared_by")
    return rows.get(pk=paper.pk)


def _give_way(old: Paper, *, by: User, now: datetime) -> None:
    advance(old, PaperStatus.REPLACED, by=by, now=now)
    close_follow_up(about=old.about, by=by, now=now)
    if old.handed_in_at is None:
        uploads.erase(upload=old.upload, by=by, now=now)


def remove(*, paper: Paper, by: User, now: datetime) -> None:
    """Take back a document that was not handed in yet; its content is erased. Raises RuleViolation afterwards."""
    with transaction.atomic():
        row = _locked(paper)
        if row.status == PaperStatus.REMOVED:
            return
        if row.handed_in_at is not None:
            raise RuleViolation(
                _("This was handed in and belongs to your record now. You can send a newer one instead."), "handed_in"
            )
        advance(row, PaperStatus.REMOVED, by=by, now=now)
        close_follow_up(about=row.about, by=by, now=now)
        uploads.erase(upload=row.upload, by=by, now=now)


def judge(*, paper: Paper, accept: bool, words: str, by: User, now: datetime) -> bool:
    """Say that a document does not do, with the reason for the patient, or that it does after all.

    Prescribers say it of any, coordinators of a photo ID, which they compare.

    False when the same was said already: a second click changes nothing. Raises RuleViolation without a reason,
    Conflict when somebody else said it first, in other words, or a colleague compared it, whom only a prescriber
    contradicts, PermissionDenied for who may not review.
    """
    if paper.kind != PaperKind.IDENTITY or not can(by, Permission.WORK_FOLLOW_UPS):
        require(by, Permission.REVIEW_CASES)
    words = "" if accept else words.strip()
    if not accept and len(words) < SHORTEST_WORDS:
        raise RuleViolation(_("Say in a few words what is wrong with it: the patient reads this."), "no_reason")
    with transaction.atomic():
        row, to = _locked(paper), PaperStatus.ON_FILE if accept else PaperStatus.NOT_ACCEPTED
        if row.status == to and row.words == words:
            return False
        if row.status == to:
            raise Conflict(_("Somebody was faster: the patient was told already. Nothing was changed."), "raced")
        if row.status not in (PaperStatus.ON_FILE, PaperStatus.NOT_ACCEPTED):
            gone = _("The patient sent a newer one or took this back: it counts no more. Nothing was changed.")
            raise Conflict(gone, "gone")
        if row.compared_at is not None and not can(by, Permission.REVIEW_CASES):
            raise _compared_already(row)
        row.words, row.compared_at, row.compared_by = words, None, None
        row.save(update_fields=["words", "compared_at", "compared_by"])
        advance(row, to, by=by, now=now)
        close_follow_up(about=row.about, by=by, now=now)
        if accept and row.kind == PaperKind.IDENTITY:
            ask_to_compare(paper=row, by=by, now=now, again=f":{now.isoformat()}")
    return True


def _compared_already(row: Paper) -> Conflict:
    """What happened to a photo that somebody compared meanwhile."""
    name = row.compared_by.display_name if row.compared_by else ""
    words = _("%(name)s compared this photo already: it is the patient’s. Nothing was changed.")
    return Conflict(words % {"name": name}, "compared")


def ask_to_compare(*, paper: Paper, by: Actor, now: datetime, again: str = "") -> None:
    """Put it on the coordinators' worklist that a photo ID came, or `again` that it counts after all."""
    open_follow_up(
        kind=FollowUpKind.IDENTITY_CHECK,
        patient=paper.patient,
        about=paper.about,
        dedupe_key=f"{paper.about}{again}",
        due_at=now,
        by=by,
        now=now,
    )


def compared(*, paper: Paper, by: User, now: datetime) -> bool:
    """A coordinator compared a photo ID: it shows the patient's name and birth date. False when they said that already.

    Raises Conflict for one that was replaced, taken back, found not to do, or compared by a colleague,
    PermissionDenied for who may not say it.
    """
    require(by, Permission.WORK_FOLLOW_UPS)
    with transaction.atomic():
        row = _locked(paper)
        if row.kind != PaperKind.IDENTITY or row.status != PaperStatus.ON_FILE:
            raise Conflict(_("This photo counts no more. Nothing was changed."), "gone")
        if row.compared_at is not None:
            if row.compared_by != by:
                raise _compared_already(row)
            return False
        row.compared_at, row.compared_by = now, by
        row.save(update_fields=["compared_at", "compared_by"])
        record(actor=by, action="paper.compared", now=now, subject=row)
        close_follow_up(about=row.about, by=by, now=now)
    return True


def on_file(patient: Patient) -> list[dict[str, Any]]:
    """The letters and records that count, as the case format has them, in the order of their dates."""
    rows = Paper.objects.filter(patient=patient, status=PaperStatus.ON_FILE)
    counted = ({"kind": row.kind.value, "dated": row.dated_sealed} for row in rows if row.kind in DATED)
    return sorted(counted, key=lambda one: (one["dated"], one["kind"]))


def hand_in(*, patient: Patient, by: Actor, now: datetime) -> None:
    """From now on what is on file belongs to the record: it went to the practice with answers."""
    kept = Paper.objects.filter(patient=patient, status=PaperStatus.ON_FILE, handed_in_at__isnull=True)
    came = list(kept.select_related("patient"))
    kept.update(handed_in_at=now)
    for row in came:
        if row.kind == PaperKind.IDENTITY:
            ask_to_compare(paper=row, by=by, now=now)
