"""What a patient and the care team write to each other: conversations, messages, files, hand-overs."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.documents.models import Upload


class Topic(models.TextChoices):
    """What a conversation is about, in the patient's words; it decides who of the practice may read it."""

    HEALTH = "health", _("My health or my treatment")
    VISIT = "visit", _("A visit: its time, or how to join")
    DELIVERY = "delivery", _("A delivery, or my address")
    BILL = "bill", _("A bill or a payment")
    ACCOUNT = "account", _("My account or this website")
    OTHER = "other", _("Something else")


# Coordinators read and answer these; everything else is read by clinicians who care for the patient.
ADMINISTRATIVE = frozenset({Topic.VISIT, Topic.DELIVERY, Topic.BILL, Topic.ACCOUNT})


class ThreadStatus(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Thread(BaseModel):
    """One conversation of one patient with the care team."""

    MOVES: ClassVar[dict[str, set[str]]] = {
        ThreadStatus.OPEN: {ThreadStatus.CLOSED},
        ThreadStatus.CLOSED: {ThreadStatus.OPEN},
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="threads")
    topic = models.CharField(max_length=12, choices=Topic.choices)
    status = models.CharField(max_length=8, choices=ThreadStatus.choices, default=ThreadStatus.OPEN)
    opened_at = models.DateTimeField()
    # Who answers; empty is the whole team. Somebody who may not read it any more counts as nobody (selectors).
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The oldest message of the patient that nobody has answered yet.
    waiting_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-opened_at"], name="telemedicine_threads_of"),
            models.Index(
                fields=["waiting_since"], name="telemedicine_threads_waiting", condition=Q(waiting_since__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="open") | Q(waiting_since__isnull=True),
                name="%(app_label)s_%(class)s_closed_waits_for_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.status})"

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.status == ThreadStatus.OPEN

    @property
    def administrative(self) -> bool:
        """Whether coordinators may read it."""
        return self.topic in ADMINISTRATIVE


class MessageQuerySet(models.QuerySet["Message"]):
    def for_patient(self, patient: Patient) -> Self:
        return self.filter(patient=patient)

    def unread_by_patient(self) -> Self:
        return self.filter(from_patient=False, read_at__isnull=True)

    def unread_by_team(self) -> Self:
        return self.filter(from_patient=True, read_at__isnull=True)


class Message(BaseModel):
    """Written once, never changed. `read_at` is when the other side opened it: of the practice, whoever answers."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_patient = models.BooleanField()
    body = EncryptedTextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # Comes from the form, so that a form sent twice writes one message.
    form_token = models.UUIDField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        ordering = ["sent_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["author", "form_token"], name="%(app_label)s_%(class)s_once_per_form"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="%(app_label)s_%(class)s_read_at_and_by",
            ),
        ]
        indexes = [
            models.Index(fields=["thread", "sent_at"], name="telemedicine_message_thread"),
            models.Index(fields=["author", "sent_at"], name="telemedicine_message_sent"),
            models.Index(fields=["patient"], name="telemedicine_message_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M} UTC"


class MessageFile(BaseModel):
    """A file that came with a message, written anew by us (docs/adr/0015)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="message_files")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="file")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="message_file")

    def __str__(self) -> str:
        return f"file of message {self.message_id}"


class HandOver(BaseModel):
    """A conversation went to another person, or back to the whole team; the note is for staff only."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="hand_overs")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="hand_overs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    note = EncryptedTextField()
    at = models.DateTimeField()
    # When whoever it went to opened it.
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["to"], name="telemedicine_handover_unseen", condition=Q(seen_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"hand-over of {self.thread_id}"
