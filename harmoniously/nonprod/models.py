"""Tables that exist outside production only."""

from typing import ClassVar

from django.db import models

from harmoniously.core.common.models import BaseModel


class MailboxMessage(BaseModel):
    """One e-mail or text as its reader would get it. Invented people only, so nothing is encrypted."""

    channel = models.CharField(max_length=8, choices=[("email", "E-mail"), ("sms", "Text message")])
    address = models.CharField(max_length=254, db_index=True)
    subject = models.CharField(max_length=255, blank=True, default="")
    body = models.TextField()
    # The outbox row it came from; empty for the mails of the sign-in pages.
    notification = models.UUIDField(null=True, blank=True, db_index=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-sent_at", "-created_at"]
        indexes: ClassVar = [models.Index(fields=["-sent_at"], name="nonprod_mailbox_newest")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"
