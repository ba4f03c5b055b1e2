"""What the clinician of a visit writes about it, and what is added later. The database keeps what was signed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from telemedicine.models.appointment import Appointment, Kind


class VisitNote(BaseModel):
    """The one note of a visit. While it is a draft only its author sees it; signed, a trigger guards every column.

    `sections` and `billing` are what the form holds; `content` is what was signed, word for word and with the numbers
    as they stood, and `content_sha256` its digest. `version` counts every writing; `writer` is the opened page that
    wrote last, with its `turn`, so that two tabs never overwrite each other.

    `raised` is the level of suicide risk for which this note stopped the treatment and alerted already, `raise_at` when
    a level that stands in the draft does so by itself, and `risk_said_at` when that level came to stand there.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SIGNED = "signed", _("Signed")

    MOVES: ClassVar[dict[str, set[str]]] = {Status.DRAFT: {Status.SIGNED}, Status.SIGNED: set()}

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="note")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visit_notes")
    author = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="visit_notes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    template_version = models.CharField(max_length=16)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    sections = EncryptedJSONField(default=dict)
    # {"minutes", "therapy_minutes", "decision", "codes"}
    billing = EncryptedJSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    writer = models.UUIDField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)
    kept_at = models.DateTimeField()
    raised = models.CharField(max_length=8, blank=True, default="")
    raise_at = models.DateTimeField(null=True, blank=True)
    risk_said_at = models.DateTimeField(null=True, blank=True)

    visit_began_at = models.DateTimeField(null=True, blank=True)
    visit_ended_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    content = EncryptedJSONField(default=dict)
    content_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("visit note")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", signed_at__isnull=True, content_sha256="")
                | Q(
                    status="signed", signed_at__isnull=False, visit_began_at__isnull=False, visit_ended_at__isnull=False
                )
                & ~Q(content_sha256=""),
                name="%(app_label)s_%(class)s_signed_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-signed_at"], name="telemedicine_note_of_patient"),
            models.Index(fields=["raise_at"], name="telemedicine_note_to_raise", condition=Q(raise_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"note {self.get_status_display()}"


class NoteAmendment(BaseModel):
    """What the author adds to a signed note, and why; the note never changes, nor does a signed amendment.

    `version`, `writer` and `turn` are as in a note: until it is signed the page keeps it by itself.
    """

    note = models.ForeignKey(VisitNote, on_delete=models.PROTECT, related_name="amendments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    words = EncryptedTextField()
    version = models.PositiveIntegerField(default=0)
    writer = models.UUIDField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("amendment of a visit note")
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["note"], condition=Q(signed_at__isnull=True), name="%(app_label)s_%(class)s_one_unsigned"
            ),
        ]

    def __str__(self) -> str:
        return f"amendment {self.pk}"


class WithheldNote(BaseModel):
    """A note that its patient does not read for now, because reading it could endanger somebody (45 CFR 171.201).

    Rows of its own, since a signed note never changes; the history of what was decided stays.
    """

    note = models.ForeignKey(VisitNote, on_delete=models.PROTECT, related_name="withheld")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    review_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("note that is held back")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["note"], condition=Q(ended_at__isnull=True), name="%(app_label)s_%(class)s_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="%(app_label)s_%(class)s_ended_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"held back until {self.review_on}"
