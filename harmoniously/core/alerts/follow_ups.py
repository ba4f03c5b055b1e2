"""Verbs of the worklist: open and close. A follow-up says whom to reach and why, never what is clinical.

Most follow-ups are opened and closed by what has written the trail before, so here too the trail comes first and then
the row: in two orders a colleague who closes one and whatever closes it by itself would wait for each other.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpKind, FollowUpState, FollowUpStep, StepKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications

CLOSED = "closed"  # why its reminders do not go out


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


def close_follow_up(
    *,
    by: Actor,
    now: datetime,
    follow_up: FollowUp | None = None,
    about: str | None = None,
    keep: str = "",
    note: str = "",
    batch: UUID | None = None,
) -> int:
    """Close one follow-up, or every open one `about` something that settled itself; returns how many were closed.

    Of those `about` something, the one whose dedupe_key is `keep` stays open.

    A colleague who closes one by hand writes a note; `batch` is the key of the form. Sent again, it does
    nothing. Raises RuleViolation for an empty note, PermissionDenied for a staff account that does not work
    follow-ups, Conflict when it was closed meanwhile, a colleague has it or the same form was taken back,
    ValueError for neither or both.
    """
    if (follow_up is None) == (about is None):
        raise ValueError("Say which follow-up, or what they are about.")
    if follow_up is not None:
        return _close_by_hand(follow_up, by, now, note, batch or uuid4())
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


def _close_by_hand(follow_up: FollowUp, by: Actor, now: datetime, note: str, batch: UUID) -> int:
    if isinstance(by, User):
        require(by, Permission.WORK_FOLLOW_UPS)
        if not note.strip():
            raise RuleViolation(_("Write what you did, in a few words."), "note_missing")
    with transaction.atomic():
        hold_chain(follow_up.patient)
        if did_before(follow_up, batch) is not None:
            return 0
        rows = FollowUp.objects.select_for_update(of=("self",)).select_related("patient", "owner")
        row = rows.get(pk=follow_up.pk)
        if not row.is_open:
            raise Conflict(_("This one is closed already."), "raced")
        other = others_hands(row, by) if isinstance(by, User) else None
        if other is not None:
            raise Conflict(_("%(name)s has this one.") % {"name": other.display_name}, "in_other_hands")
        if isinstance(by, User):
            FollowUpStep.objects.create(
                follow_up=row,
                patient=row.patient,
                kind=StepKind.CLOSED,
                at=now,
                by=by,
                batch=batch,
                was=stand_of(row),
                words=note.strip(),
                created_at=now,
            )
        _close(row, by, now, note)
    follow_up.refresh_from_db()
    return 1


def open_again(*, patient: Patient, kinds: Collection[str], closed_at: datetime, by: User, now: datetime) -> int:
    """What something closed by itself stands open as before: that was taken back. Returns how many.

    Inside the transaction that takes it back. What it was is known by who did it, and when.
    """
    hold_chain(patient)
    closed = FollowUp.objects.select_for_update(of=("self",)).select_related("patient")
    rows = list(closed.filter(patient=patient, kind__in=kinds, closed_at=closed_at, closed_by=by))
    for row in rows:
        row.state, row.closed_at, row.closed_by = (
            FollowUpState.CLAIMED if row.owner_id else FollowUpState.OPEN,
            None,
            None,
        )
        row.save(update_fields=["state", "closed_at", "closed_by"])
        notifications.bring_back(about=reminders_of(row), reason=CLOSED)
        record(actor=by, action="follow_up.undone", now=now, subject=row, step="closed")
    return len(rows)


def others_hands(row: FollowUp, by: User) -> User | None:
    """The colleague who has it; None for one's own, and where whoever had it does not work on the list any more."""
    owner = row.owner if row.state == FollowUpState.CLAIMED else None
    return owner if owner is not None and owner != by and can(owner, Permission.WORK_FOLLOW_UPS) else None


def did_before(follow_up: FollowUp, batch: UUID) -> FollowUpStep | None:
    """What the same form did before: a second click changes nothing. Raises Conflict when that was taken back."""
    twin = FollowUpStep.objects.filter(batch=batch, follow_up=follow_up).first()
    if twin is not None and twin.undone_at is not None:
        raise Conflict(_("This was taken back. Open the page anew to do it again."), "taken_back")
    return twin


def stand_of(row: FollowUp) -> dict[str, str | None]:
    """How it stands, for the day when the next step is taken back."""
    return {
        "state": row.state,
        "owner": str(row.owner_id) if row.owner_id else None,
        "until": row.snoozed_until.isoformat() if row.snoozed_until else None,
    }


def reminders_of(row: FollowUp) -> str:
    """The `about` of the reminders that were sent for it."""
    return f"follow_up:{row.pk}"


def _close(row: FollowUp, by: Actor, now: datetime, note: str) -> None:
    row.state, row.closed_at, row.note = FollowUpState.CLOSED, now, note.strip()
    row.closed_by = by if isinstance(by, User) else None
    row.save(update_fields=["state", "closed_at", "note", "closed_by"])
    notifications.cancel_about(about=reminders_of(row), now=now, reason=CLOSED)
    record(actor=by, action="follow_up.closed", now=now, subject=row, kind=row.kind)
