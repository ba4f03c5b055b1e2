"""The doors of the notes: the clinician of the visit writes; whoever cares, or is the patient, reads what is signed."""

from typing import Any
from uuid import UUID

from django.http import Http404

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.doors import through
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from telemedicine.models import Appointment, VisitNote


def visit_to_note(user: User, pk: UUID, *, action: str = "visitnote.opened") -> Appointment:
    """A visit for the clinician who held it, and nobody else; a draft is not yet part of the record.

    Also after they ceased to care for the patient: what happened is written down all the same.
    """
    visit = Appointment.objects.with_people().filter(pk=pk).first()
    if visit is None:
        raise Http404
    now = clock.now()
    if not can(user, Permission.VIEW_CLINICAL) or visit.clinician.user_id != user.pk:
        record(actor=user, action="visitnote.refused", now=now, subject=visit)
        raise Http404
    record(actor=user, action=action, now=now, subject=visit)
    return visit


def signed_note_for(user: Any, pk: UUID, *, action: str = "visitnote.viewed") -> VisitNote:
    """A signed note: for its author, for whoever cares for the patient, and for the patient."""
    rows = VisitNote.objects.select_related("patient__user", "author__user", "appointment")
    note = rows.filter(pk=pk, status=VisitNote.Status.SIGNED).first()
    if note is None:
        raise Http404
    if note.author.user_id == user.pk and can(user, Permission.VIEW_CLINICAL):
        record(actor=user, action=action, now=clock.now(), subject=note)
        return note
    return through(user, note, action=action)


def note_to_hold_back(user: User, pk: UUID) -> VisitNote:
    """A note to hold back from its patient: a draft for its author, a signed one for whoever cares as well."""
    rows = VisitNote.objects.select_related("patient__user", "author__user", "appointment")
    draft = rows.filter(pk=pk, status=VisitNote.Status.DRAFT, author__user=user).first()
    if draft is None or not can(user, Permission.VIEW_CLINICAL):
        return signed_note_for(user, pk)
    record(actor=user, action="visitnote.opened", now=clock.now(), subject=draft)
    return draft


def own_note_for(user: User, pk: UUID, *, action: str = "visitnote.viewed") -> VisitNote:
    """A signed note for its author, who alone adds to it."""
    note = signed_note_for(user, pk, action=action)
    if note.author.user_id != user.pk:
        raise Http404
    return note
