"""Verbs of conversations: begin one, answer, ask, open.

Each takes the trail first and then the row, as the verbs do that call these (see alerts.follow_ups).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import care_of
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.services import advance, hold_chain, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import uploads
from harmoniously.core.documents.cleaning import Cleaned
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.conversation import chasing, selectors
from telemedicine.models import HandOver, Message, MessageFile, Thread, ThreadStatus, Topic

LONGEST = 4000  # characters


@dataclass(frozen=True)
class Words:
    """What somebody sends: the text, the token of the form it came from, and a file that was looked at.

    `shown` is the newest message that the page with the form showed, where it showed any.
    """

    body: str
    form_token: UUID
    made: Cleaned | None = None
    shown: UUID | None = None


def begin(*, patient: Patient, topic: Topic | str, words: Words, by: User, now: datetime) -> Message:
    """Begin a conversation with its first message; the same form of the same author begins it once.

    Raises PermissionDenied for who may not read what it is about, RuleViolation for an empty or overlong text.
    """
    text = sendable(words.body)
    thread = Thread(patient=patient, topic=Topic(topic), opened_at=now, created_at=now)
    require_may_write(thread, by, now)
    done = sent_before(patient, words.form_token, by)
    if done is not None:
        return done
    try:
        with transaction.atomic():
            hold_chain(patient)
            thread.assigned_to = by if by.pk != patient.user_id else only_clinician(thread, now)
            thread.save(force_insert=True)
            record(actor=by, action="thread.begun", now=now, subject=thread, topic=thread.topic)
            return _add(thread, text, words, by, now)
    except IntegrityError:
        return _twin(patient, words, by)


def reply(*, thread: Thread, words: Words, by: User, now: datetime) -> Message:
    """Add a message; the same form of the same author writes it once. A closed conversation goes on again.

    A message of the care team tells the patient, without its words, that one is waiting. Raises as `begin` does.
    """
    text = sendable(words.body)
    require_may_write(thread, by, now)
    done = sent_before(thread.patient, words.form_token, by)
    if done is not None:
        return done
    try:
        with transaction.atomic():
            hold_chain(thread.patient)
            row = locked(thread)
            if not row.is_open:
                advance(row, ThreadStatus.OPEN, by=by, now=now)
            return _add(row, text, words, by, now)
    except IntegrityError:
        return _twin(thread.patient, words, by)


def ask(*, patient: Patient, body: str, form_token: UUID, by: User, now: datetime) -> Message:
    """A clinician asks the patient something: in the open conversation about their health, else in a new one."""
    words, thread = Words(body, form_token), selectors.health_thread(patient)
    if thread is None:
        return begin(patient=patient, topic=Topic.HEALTH, words=words, by=by, now=now)
    return reply(thread=thread, words=words, by=by, now=now)


def sent_before(patient: Patient, form_token: UUID, by: User) -> Message | None:
    """What a form made that was sent already (I9)."""
    rows = Message.objects.filter(author=by, form_token=form_token, patient=patient)
    return rows.select_related("thread").first()


def _twin(patient: Patient, words: Words, by: User) -> Message:
    """What the same form made a moment ago, in another request."""
    twin = sent_before(patient, words.form_token, by)
    if twin is None:
        raise RuntimeError("A message was refused by the database and is not there.")
    return twin


def sendable(body: str) -> str:
    """A text as it is sent. Raises RuleViolation for an empty or overlong one."""
    text = body.strip()
    if not text:
        raise RuleViolation(_("Write your message first."), "empty")
    if len(text) > LONGEST:
        raise RuleViolation(_("Please keep it under %(longest)d characters.") % {"longest": LONGEST}, "too_long")
    return text


def require_may_write(thread: Thread, by: User, now: datetime) -> None:
    """Raise PermissionDenied for who is neither the patient nor may read the conversation."""
    if by.pk != thread.patient.user_id and not selectors.may_read(by, thread, now):
        raise PermissionDenied("message")


def only_clinician(thread: Thread, now: datetime) -> User | None:
    """Who has a patient's question in hand from the start: the one prescriber who cares, else the whole team."""
    if thread.administrative:
        return None
    found = care_of(thread.patient, at=now).filter(
        clinician__user__is_active=True, clinician__user__role=Role.PRESCRIBER
    )
    people = [relation.clinician.user for relation in found.select_related("clinician__user")[:2]]
    return people[0] if len(people) == 1 else None


def locked(thread: Thread) -> Thread:
    """The row as it is now, until the transaction ends."""
    return Thread.objects.select_for_update(of=("self",)).select_related("patient__user").get(pk=thread.pk)


def _add(thread: Thread, text: str, words: Words, by: User, now: datetime) -> Message:
    patient, from_patient = thread.patient, by.pk == thread.patient.user_id
    message = Message.objects.create(
        patient=patient,
        thread=thread,
        author=by,
        from_patient=from_patient,
        body=text,
        sent_at=now,
        created_at=now,
        form_token=words.form_token,
    )
    if words.made is not None:
        upload = uploads.keep(patient=patient, made=words.made, by=by, now=now)
        MessageFile.objects.create(patient=patient, message=message, upload=upload, created_at=now)
    record(actor=by, action="message.sent", now=now, subject=message, from_patient=from_patient)
    if from_patient:
        thread.waiting_since = thread.waiting_since or now
        about, key = f"thread:{thread.pk}", f"message:{message.pk}"
        surface(text=text, patient=patient, about=about, key=key, by=by, now=now)
    else:
        # Whoever answers has read what the page showed; what came meanwhile still waits.
        shown = Message.objects.filter(thread=thread, pk=words.shown).first() if words.shown else None
        asked = Message.objects.filter(thread=thread, from_patient=True)
        if shown is not None:
            _mark_read(thread, from_patient=True, by=by, now=now, up_to=shown)
        left = asked.exclude(until(shown)) if shown is not None else asked.filter(read_at__isnull=True)
        since = left.order_by("sent_at").values_list("sent_at", flat=True).first()
        if since != thread.waiting_since:
            chasing.settle(thread, by=by, now=now)
        thread.waiting_since = since
        _tell_patient(message, now=now)
    thread.save(update_fields=["waiting_since"])
    return message


def until(shown: Message) -> Q:
    """What stands above a message and the message itself, in the order of the page."""
    return Q(sent_at__lt=shown.sent_at) | Q(sent_at=shown.sent_at, pk__lte=shown.pk)


def _mark_read(thread: Thread, *, from_patient: bool, by: User, now: datetime, up_to: Message | None = None) -> int:
    unread = Message.objects.filter(thread=thread, from_patient=from_patient, read_at__isnull=True)
    if up_to is not None:
        unread = unread.filter(until(up_to))
    return unread.update(read_at=now, read_by=by)


def open_thread(*, thread: Thread, by: User, now: datetime, up_to: Message | None = None) -> None:
    """Record that a conversation was read, and that what the other side wrote has been seen, `up_to` what was shown.

    Of the practice it has been seen when whoever answers opened it: a colleague who looks in leaves it unread.
    """
    if by.pk == thread.patient.user_id:
        _open_own(thread, by, now, up_to)
        return
    with transaction.atomic():
        row = selectors.as_read_by(Thread.objects.all(), by, now).get(pk=thread.pk)
        if not row.readable:
            raise PermissionDenied("message")
        if row.handed or (row.news and row.answers):
            hold_chain(thread.patient)
            if row.handed:
                opened = HandOver.objects.filter(selectors.STANDS, thread=thread, seen_at__isnull=True).values("pk")
                HandOver.objects.filter(pk__in=opened).update(seen_at=now)
        theirs = row.news and row.answers
        seen = _mark_read(thread, from_patient=True, by=by, now=now, up_to=up_to) if theirs else 0
        record(actor=by, action="thread.viewed", now=now, subject=thread, newly_read=seen)


@transaction.atomic
def _open_own(thread: Thread, by: User, now: datetime, up_to: Message | None) -> None:
    hold_chain(thread.patient)
    seen = _mark_read(thread, from_patient=False, by=by, now=now, up_to=up_to)
    record(actor=by, action="thread.viewed", now=now, subject=thread, newly_read=seen)
    if seen and not selectors.unread_for_patient(thread.patient):
        notifications.cancel_about(about=_group(thread.patient), now=now, reason="read")


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
