"""Verbs of the worklist: open, take, close. A follow-up says whom to reach and why, never what is clinical.

Most follow-ups are opened and closed by what has written the trail before, so here too the trail comes first and then
the row: in two orders a colleague who closes one and whatever closes it by itself would wait for each other.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation


def open_follow_up(
    *,
    kind: FollowUpKind | str,
    patient: Patient,
    about: str,
    dedupe_key: str,
    due_at: datetime,
    by: Actor,
    now: datetime,
) -> FollowUp:
    """Put something on the coordinators' worklist from `due_at` on; the same `dedupe_key` gives the same row."""
    wanted = FollowUpKind(kind)
    existing = FollowUp.objects.filter(dedupe_key=dedupe_key).first()
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            hold_chain(patient)
            row = FollowUp.objects.create(
                kind=wanted,
                patient=patient,
                about=about,
                dedupe_key=dedupe_key,
                due_at=due_at,
                opened_at=now,
                created_at=now,
            )
            record(actor=by, action="follow_up.opened", now=now, subject=row, kind=wanted.value, about=about)
    except IntegrityError:
        twin = FollowUp.objects.filter(dedupe_key=dedupe_key).first()
        if twin is None:
            raise
        return twin
    return row


def claim_follow_up(*, follow_up: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take a follow-up into one's own hands. Raises PermissionDenied, Conflict when a colleague has it already."""
    require(by, Permission.WORK_FOLLOW_UPS)
    with transaction.atomic():
        hold_chain(follow_up.patient)
        open_row = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.OPEN)
        if not open_row.update(state=FollowUpState.CLAIMED, owner=by):
            raise Conflict(_("A colleague has this one already, or it is done."), "raced")
        follow_up.state, follow_up.owner = FollowUpState.CLAIMED, by
        record(actor=by, action="follow_up.claimed", now=now, subject=follow_up)
    return follow_up


def close_follow_up(
    *,
    by: Actor,
    now: datetime,
    follow_up: FollowUp | None = None,
    about: str | None = None,
    keep: str = "",
    note: str = "",
) -> int:
    """Close one follow-up, or every open one `about` something that settled itself; returns how many were closed.

    Of those `about` something, the one whose dedupe_key is `keep` stays open.

    A colleague who closes one by hand writes a note. Raises RuleViolation for an empty one, PermissionDenied for a
    staff account that does not work follow-ups, Conflict when it was closed meanwhile, ValueError for neither or both.
    """
    if (follow_up is None) == (about is None):
        raise ValueError("Say which follow-up, or what they are about.")
    if follow_up is not None:
        return _close_by_hand(follow_up, by, now, note)
    with transaction.atomic():
        waiting = FollowUp.objects.filter(about=about).exclude(state=FollowUpState.CLOSED).exclude(dedupe_key=keep)
        patients = set(waiting.values_list("patient", flat=True))
        if not patients:
            return 0
        hold_chain(*patients)
        rows = list(waiting.select_for_update(of=("self",)).select_related("patient").order_by("pk"))
        for row in rows:
            _close(row, by, now, note)
    return len(rows)


def _close_by_hand(follow_up: FollowUp, by: Actor, now: datetime, note: str) -> int:
    if isinstance(by, User):
        require(by, Permission.WORK_FOLLOW_UPS)
        if not note.strip():
            raise RuleViolation(_("Write what you did, in a few words."), "note_missing")
    with transaction.atomic():
        hold_chain(follow_up.patient)
        row = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        if row.state == FollowUpState.CLOSED:
            raise Conflict(_("A colleague closed this one already."), "raced")
        _close(row, by, now, note)
    follow_up.refresh_from_db()
    return 1


def _close(row: FollowUp, by: Actor, now: datetime, note: str) -> None:
    row.state, row.closed_at, row.note = FollowUpState.CLOSED, now, note.strip()
    row.closed_by = by if isinstance(by, User) else None
    row.save(update_fields=["state", "closed_at", "note", "closed_by"])
    record(actor=by, action="follow_up.closed", now=now, subject=row, kind=row.kind)
