"""The check-in on the day after a session."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from treatment.models.plan import DoseSession


class CheckInStatus(models.TextChoices):
    """Open until it is answered, or closed by a person who reached the patient otherwise."""

    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


class CheckIn(BaseModel):
    """One check-in per session; the three moments come from the policy and are kept with the row."""

    Status = CheckInStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        CheckInStatus.OPEN: {CheckInStatus.ANSWERED, CheckInStatus.CLOSED},
        CheckInStatus.CLOSED: {CheckInStatus.ANSWERED},
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="check_ins")
    session = models.OneToOneField(DoseSession, on_delete=models.PROTECT, related_name="check_in")
    status = models.CharField(max_length=10, choices=CheckInStatus.choices, default=CheckInStatus.OPEN)
    due_at = models.DateTimeField()
    second_reminder_at = models.DateTimeField()
    follow_up_at = models.DateTimeField()
    second_reminder_done_at = models.DateTimeField(null=True, blank=True)
    follow_up_opened_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answers = EncryptedJSONField(default=dict)
    flags = EncryptedJSONField(default=list)
    flagged = models.BooleanField(default=False)
    policy_version = models.CharField(max_length=16)

    class Meta:
        ordering: ClassVar = ["-due_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["second_reminder_at"], condition=Q(status="open"), name="treatment_checkin_unanswered"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due_at__lt=F("second_reminder_at"), second_reminder_at__lt=F("follow_up_at")),
                name="treatment_checkin_moments_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | ~Q(status="answered") & Q(answered_at__isnull=True),
                name="treatment_checkin_answered_when",
            ),
        ]

    def __str__(self) -> str:
        return f"check-in {self.get_status_display()}"
