"""Verbs of conversations that only the practice has: hand over, close, open again, take what nobody reads.

The trail first, then the row: as in `services`.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.audit.services import advance, hold_chain, record
from harmoniously.core.common.errors import RuleViolation
from telemedicine.conversation import chasing, selectors
from telemedicine.conversation.services import locked, only_clinician, require_may_write, until
from telemedicine.models import HandOver, Message, Thread, ThreadStatus, Topic


def hand_over(*, thread: Thread, to: User | None, note: str, by: User, now: datetime, health: bool = False) -> None:
    """Give a conversation to a colleague (None: the whole team), with a note that the patient never sees.

    `health`: it is about health after all; from then on coordinators cannot read it. A second click does nothing.
    Raises PermissionDenied, RuleViolation without a note, for somebody who may not read it, or where the whole team is
    nobody else.
    """
    require_may_write(thread, by, now)
    if not note.strip():
        raise RuleViolation(_("Write a note for your colleague."), "note_missing")
    with transaction.atomic():
        hold_chain(thread.patient)
        row = locked(thread)
        if health and row.administrative:
            chasing.settle(row, by=by, now=now)
            row.topic = Topic.HEALTH
            to = to if to is not None and selectors.may_read(to, row, now) else only_clinician(row, now)
        if to is not None and (not to.is_active or not selectors.may_read(to, row, now)):
            raise RuleViolation(_("This colleague may not read this conversation. Choose somebody else."), "stranger")
        if to is None and not health and not Thread.objects.filter(selectors.others(by, now), pk=row.pk).exists():
            # It would be listed for whoever gave it away, and for nobody else.
            raise RuleViolation(_("Nobody else can answer here: you are the whole team. It stays with you."), "alone")
        last = HandOver.objects.filter(thread=row).first()
        standing = (by.pk, note.strip(), row.assigned_to_id, to)
        if last is not None and (last.by_id, last.note, last.to_id, last.to) == standing:
            return
        row.assigned_to = to
        row.save(update_fields=["assigned_to", "topic"])
        kept = {"to": to, "note": note.strip(), "at": now, "created_at": now}
        HandOver.objects.create(patient=row.patient, thread=row, by=by, **kept)
        whom = str(to.pk) if to else "team"
        record(actor=by, action="thread.handed_over", now=now, subject=row, to=whom, topic=row.topic)


def close(*, thread: Thread, by: User, now: datetime, shown: UUID | None = None) -> None:
    """Nothing more is expected; the patient can go on any time. Does nothing when it is closed.

    `shown` is the newest message of the page. Raises RuleViolation where the patient wrote one that was not read, or
    that the page did not show.
    """
    require_may_write(thread, by, now)
    with transaction.atomic():
        hold_chain(thread.patient)
        row = locked(thread)
        last = Message.objects.filter(thread=row, pk=shown).first() if shown else None
        asked = Message.objects.filter(thread=row, from_patient=True)
        newer = last is not None and asked.exclude(until(last)).exists()
        if newer or asked.unread_by_team().exists():
            raise RuleViolation(_("There is a new message. Read it before you close this."), "unread")
        if row.is_open:
            chasing.settle(row, by=by, now=now)
            advance(row, ThreadStatus.CLOSED, by=by, now=now, waiting_since=None)


def reopen(*, thread: Thread, by: User, now: datetime) -> None:
    """Go on with a closed conversation. Does nothing when it is open."""
    require_may_write(thread, by, now)
    with transaction.atomic():
        hold_chain(thread.patient)
        row = locked(thread)
        if not row.is_open:
            advance(row, ThreadStatus.OPEN, by=by, now=now)


def take(*, thread: Thread, by: User, now: datetime) -> None:
    """A prescriber takes the conversation of a patient in nobody's care, and the patient into theirs."""
    require(by, Permission.REVIEW_CASES)
    with transaction.atomic():
        hold_chain(thread.patient)
        row = locked(thread)
        clinician = Clinician.objects.get(user=by)
        relation = care_relation_open(patient=row.patient, clinician=clinician, now=now)
        record(actor=by, action="carerelation.opened", now=now, subject=relation, why="message")
        row.assigned_to = by
        row.save(update_fields=["assigned_to"])
        record(actor=by, action="thread.taken", now=now, subject=row)
