"""The outbox: one row per message, who opted out, and what the provider reported back."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class Urgency(models.IntegerChoices):
    """Safety messages go first, at any hour, at least once; convenience ones at most once."""

    SAFETY = 0, _("Safety")
    CONVENIENCE = 1, _("Convenience")


class State(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CLAIMED = "claimed", _("Being prepared")
    CALLING = "calling", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Not known whether sent")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Too late to send")


CANCELLABLE = (State.PENDING, State.CLAIMED)
MAY_HAVE_TOLD = (State.CALLING, State.SENT, State.DELIVERED, State.UNKNOWN)


class Notification(BaseModel):
    """One message to one person on one channel. Written in the transaction of its cause, sent after it.

    `due_at`, `ready_at`, `not_after` and `sent_at` are business time (the demo clock moves them). `lease_until`,
    `retry_at`, `called_at` and `unknown_since` are real time: moving the demo clock by a day must not make a message
    that is being sent look abandoned. `ready_at` is `due_at`, or the morning after it when that fell in quiet hours.
    """

    template = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.CONVENIENCE)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    # Set only when the message goes to somebody without an account (a sitter) on the recipient's behalf.
    address = EncryptedTextField(blank=True, default="")
    # Of a text's number when it was scheduled, so that "STOP" finds what is waiting; checked again on sending.
    address_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    # Sealed: the link to a sitter's page opens without signing in (BUG-27).
    variables = EncryptedJSONField(default=dict, blank=True)
    about = models.CharField(max_length=80, db_index=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=80, blank=True, default="")
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    unknown_since = models.DateTimeField(null=True, blank=True)
    looked_up = models.BooleanField(default=False)
    provider_sid = models.CharField(max_length=64, blank=True, default="")
    provider_status = models.CharField(max_length=16, blank=True, default="")
    called_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "urgency", "ready_at"],
                name="notifications_to_send",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["lease_until"],
                name="notifications_leased",
                condition=models.Q(state__in=["claimed", "calling"]),
            ),
            models.Index(
                fields=["state", "unknown_since"],
                name="notifications_to_settle",
                condition=models.Q(state__in=["unknown", "failed"]),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notifications_notification_lease_paired",
                condition=models.Q(state__in=["claimed", "calling"], claim__isnull=False, lease_until__isnull=False)
                | (~models.Q(state__in=["claimed", "calling"]) & models.Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="notifications_notification_sent_has_time",
                condition=~models.Q(state__in=["sent", "delivered"]) | models.Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notifications_notification_not_after_follows_due",
                condition=models.Q(not_after__isnull=True) | models.Q(not_after__gte=models.F("due_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} by {self.channel}, {self.state}"

    @property
    def is_safety(self) -> bool:
        return self.urgency == Urgency.SAFETY


class OptOut(BaseModel):
    """A number that must get no text. Kept as a keyed digest: the row says nothing about whose number it is.

    Opting in again closes the row (`until`); the history stays.
    """

    address_digest = models.CharField(max_length=64)
    source = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address_digest"],
                condition=models.Q(until__isnull=True),
                name="notifications_optout_one_open_per_number",
            ),
        ]

    def __str__(self) -> str:
        return f"opt-out since {self.since:%Y-%m-%d} ({self.source})"


class RemindersOff(BaseModel):
    """Somebody wants no reminders of visits on a channel. Switching on again closes the row (`until`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "channel"],
                condition=models.Q(until__isnull=True),
                name="notifications_remindersoff_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"no reminders by {self.channel} since {self.since:%Y-%m-%d}"


class DeliveryReport(BaseModel):
    """What the provider told us about a message, once per status whatever the number of repeats."""

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="reports")
    provider_sid = models.CharField(max_length=64)
    status = models.CharField(max_length=16)
    error_code = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider_sid", "status"], name="notifications_deliveryreport_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_sid} {self.status}"


class InboundText(BaseModel):
    """A text somebody sent to us. The words are the person's own, so they are encrypted."""

    provider_sid = models.CharField(max_length=64, unique=True)
    sender = EncryptedTextField()
    body = EncryptedTextField(blank=True, default="")
    meaning = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="inbound_texts"
    )
    handled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"text received {self.received_at:%Y-%m-%d} ({self.meaning})"
