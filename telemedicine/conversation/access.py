"""The doors to conversations and their files: a stranger gets 404, and every refusal is recorded."""

from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import record
from telemedicine.conversation import selectors
from telemedicine.models import HandOver, MessageFile, Thread


def own_thread(patient: Patient, pk: UUID) -> Thread:
    """One's own conversation; `services.open_thread` records the read."""
    found = _threads().filter(pk=pk, patient=patient).first()
    if found is None:
        raise Http404
    return found


def thread_for(user: User, pk: UUID, now: datetime) -> Thread:
    """A conversation, for those of the practice who may read it; `services.open_thread` records the read."""
    found: Any = selectors.as_read_by(_threads(), user, now).filter(pk=pk).first()
    if found is None:
        raise Http404
    thread: Thread = found
    if not found.readable:
        _refuse(user, thread, now)
    return thread


def gave_away(user: User, pk: UUID, now: datetime) -> bool:
    """Whether somebody handed a conversation over and may not read it since: a second click finds it gone."""
    last = HandOver.objects.filter(thread=pk).select_related("thread__patient").first()
    return last is not None and last.by_id == user.pk and not selectors.may_read(user, last.thread, now)


def thread_to_take(user: User, pk: UUID, now: datetime) -> Thread:
    """A conversation of a patient in nobody's care, for a prescriber who takes it."""
    found = selectors.beyond(user, now).filter(pk=pk).first() if can(user, Permission.REVIEW_CASES) else None
    if found is None:
        raise Http404
    return found


def patient_to_write_to(user: User, pk: UUID, now: datetime) -> Patient:
    """A patient whose conversations somebody of the practice may begin: coordinators any, clinicians their own."""
    found = Patient.objects.select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404
    who = selectors.reader(user, found, now)
    if not (who.cares or who.coordinates):
        record(actor=user, action="threads.refused", now=now, patient=found)
        raise Http404
    record(actor=user, action="threads.viewed", now=now, patient=found)
    return found


def file_for(user: User, pk: UUID, now: datetime) -> MessageFile:
    """A file that came with a message: the patient's own, or of a conversation that the reader may read."""
    rows = MessageFile.objects.select_related("upload", "patient__user", "message__thread__patient")
    found = rows.filter(pk=pk, upload__erased_at__isnull=True).first()
    if found is None:
        raise Http404
    thread = found.message.thread
    if user.pk != found.patient.user_id and not selectors.may_read(user, thread, now):
        _refuse(user, thread, now)
    record(actor=user, action="messagefile.viewed", now=now, subject=found)
    return found


def _threads() -> QuerySet[Thread]:
    return Thread.objects.select_related("patient__user", "assigned_to__clinician")


def _refuse(user: User, thread: Thread, now: datetime) -> NoReturn:
    record(actor=user, action="thread.refused", now=now, subject=thread)
    raise Http404
