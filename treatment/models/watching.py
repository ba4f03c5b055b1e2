"""What was tapped on a device during a session, once each, whenever it arrives."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from treatment.models.plan import DoseSession


class SessionEventKind(models.TextChoices):
    """What somebody told during a session."""

    NOTE = "note", _("How it feels")
    READING = "reading", _("Blood pressure")
    CHECK = "check", _("Sitter's check")
    HELP = "help", _("Asked for help")


class SessionEvent(BaseModel):
    """One tap. `key` is made by the device, so that what is sent again counts once; `at` is when it happened there.

    `created_at` is when it arrived: minutes later, when there was no network. A reading or a check has its own row
    under the same id; a note is sealed in `content`.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="session_events")
    session = models.ForeignKey(DoseSession, on_delete=models.PROTECT, related_name="events")
    key = models.UUIDField()
    kind = models.CharField(max_length=8, choices=SessionEventKind.choices)
    at = models.DateTimeField()
    content = EncryptedJSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "key"], name="treatment_sessionevent_once"),
            models.CheckConstraint(condition=Q(at__lte=F("created_at")), name="treatment_sessionevent_not_ahead"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of session {self.session_id}"
