"""One thread between a patient and their care team."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.selectors import on_care_team
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.models import Message

LONGEST = 4000  # characters


def send(*, patient: Patient, body: str, form_token: UUID, by: User, now: datetime) -> Message:
    """Add a message to the patient's thread; the same `form_token` of the same author writes it once.

    A message of the care team tells the patient, without its words, that one is waiting. Raises PermissionDenied for
    somebody outside the care team, RuleViolation for an empty or overlong text.
    """
    from_patient = by.pk == patient.user_id
    if not from_patient and not may_write(by, patient, now):
        raise PermissionDenied("message")
    text = body.strip()
    if not text:
        raise RuleViolation(_("Write your message first."), "empty")
    if len(text) > LONGEST:
        raise RuleViolation(_("Please keep it under %(longest)d characters.") % {"longest": LONGEST}, "too_long")
    try:
        with transaction.atomic():
            message = Message.objects.create(
                patient=patient,
                author=by,
                from_patient=from_patient,
                body=text,
                sent_at=now,
                created_at=now,
                form_token=form_token,
            )
            record(actor=by, action="message.sent", now=now, subject=message, from_patient=from_patient)
            if not from_patient:
                _tell_patient(message, now=now)
    except IntegrityError:
        twin = Message.objects.filter(author=by, form_token=form_token, patient=patient).first()
        if twin is None:
            raise
        return twin
    return message


def open_thread(*, patient: Patient, by: User, now: datetime) -> None:
    """Record that the thread was read, and that what the other side wrote has been seen."""
    from_patient = by.pk == patient.user_id
    if not from_patient and not may_write(by, patient, now):
        raise PermissionDenied("message")
    with transaction.atomic():
        unread = Message.objects.filter(patient=patient, from_patient=not from_patient, read_at__isnull=True)
        seen = unread.update(read_at=now, read_by=by)
        record(actor=by, action="thread.viewed", now=now, patient=patient, newly_read=seen)
        if from_patient and seen:
            notifications.cancel_about(about=_group(patient), now=now, reason="read")


def may_write(user: User, patient: Patient, now: datetime) -> bool:
    """The care team: clinicians who care for the patient, and the coordinators, as the page tells the patient."""
    if can(user, Permission.VIEW_CLINICAL):
        return on_care_team(user, patient, at=now)
    return can(user, Permission.WORK_FOLLOW_UPS)


def _tell_patient(message: Message, *, now: datetime) -> None:
    """One notice for all that is unread: a second message while the first waits does not ring again."""
    earlier = Message.objects.for_patient(message.patient).unread_by_patient().exclude(pk=message.pk)
    if earlier.exists():
        return
    for channel in (Channel.EMAIL, Channel.SMS):
        if channel == Channel.SMS and message.patient.sms_consent_at is None:
            continue
        notifications.schedule(
            template="message_waiting",
            recipient=message.patient.user,
            channel=channel,
            due_at=now,
            dedupe_key=f"message:{message.pk}:{channel.value}",
            about=_group(message.patient),
            variables={"link": reverse("telemedicine:messages")},
            now=now,
        )


def _group(patient: Patient) -> str:
    return f"messages:{patient.pk}"
