"""A note that its patient does not read for now, because reading it could endanger somebody.

45 CFR 171.201 lets a clinician who cares for the patient delay it, by a judgement about this one person, where reading
it is reasonably likely to endanger the life or physical safety of the patient or of somebody else (45 CFR
164.524(a)(3)). Distress is no reason. It is decided in writing and looked at again on a day; the patient is told so,
and that another clinician can look at the decision (45 CFR 164.524(a)(4)). It never ends by itself: what would
have endangered somebody yesterday may do so today.
"""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.selectors import on_care_team
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import VisitNote, WithheldNote
from telemedicine.notes.rules.writing import HELD_BACK_WITHIN, may_review_on

LONGEST = 2000  # characters


def standing() -> QuerySet[WithheldNote]:
    """What is held back now."""
    return WithheldNote.objects.filter(ended_at__isnull=True)


def standing_of(note: VisitNote) -> WithheldNote | None:
    """Why and until when this note is held back; None where the patient reads it."""
    return standing().filter(note=note).select_related("by__clinician").first()


def hold_back(*, note: VisitNote, reason: str, review_on: date, by: User, now: datetime) -> WithheldNote:
    """Hold a note back, or go on doing so until another day. The same twice is one.

    Raises PermissionDenied for who neither wrote it nor cares, RuleViolation without a reason or for another day.
    """
    _require(note, by, now)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise RuleViolation(_("Write whom it would endanger, and how."), "reason")
    if not may_review_on(review_on, today=clock.today(note.author.zone, now)):
        raise RuleViolation(
            _("Choose a day from tomorrow to %(days)s days from now.") % {"days": HELD_BACK_WITHIN.days}, "review_on"
        )
    with transaction.atomic():
        hold_chain(note.patient)
        before = standing_of(note)
        if before is not None:
            if (before.reason, before.review_on) == (reason, review_on):
                return before
            _end(before, by, now)
        row = WithheldNote.objects.create(
            note=note, patient=note.patient, reason=reason, review_on=review_on, by=by, at=now, created_at=now
        )
        record(actor=by, action="visitnote.withheld", now=now, subject=note, review_on=review_on.isoformat())
    return row


def give(*, note: VisitNote, by: User, now: datetime) -> None:
    """From now on the patient reads it. A second click does nothing. Raises PermissionDenied as above."""
    _require(note, by, now)
    with transaction.atomic():
        hold_chain(note.patient)
        row = standing_of(note)
        if row is not None:
            _end(row, by, now)
            record(actor=by, action="visitnote.given", now=now, subject=note)


def _end(row: WithheldNote, by: User, now: datetime) -> None:
    row.ended_at, row.ended_by = now, by
    row.save(update_fields=["ended_at", "ended_by"])


def _require(note: VisitNote, by: User, now: datetime) -> None:
    require(by, Permission.VIEW_CLINICAL)
    own = note.author.user_id == by.pk
    if not own and (note.status != VisitNote.Status.SIGNED or not on_care_team(by, note.patient, at=now)):
        raise PermissionDenied("note")
