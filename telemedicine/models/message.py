"""One thread per patient with their care team."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel


class MessageQuerySet(models.QuerySet["Message"]):
    def for_patient(self, patient: Patient) -> Self:
        return self.filter(patient=patient)

    def unread_by_patient(self) -> Self:
        return self.filter(from_patient=False, read_at__isnull=True)

    def unread_by_team(self) -> Self:
        return self.filter(from_patient=True, read_at__isnull=True)


class Message(BaseModel):
    """Written once, never changed; `read_at` is when the other side first opened it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
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
            models.Index(fields=["patient", "sent_at"], name="telemedicine_message_thread"),
            models.Index(fields=["patient"], name="telemedicine_message_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M} UTC"
