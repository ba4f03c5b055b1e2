"""What a patient is asked after a dose and between doses: short, remembered page by page, read by a person."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from treatment.models.plan import DoseSession
from treatment.rules.rhythm import Kind


class CheckInKind(models.TextChoices):
    """When it is asked: twice after every dose, and by the calendar as long as the treatment runs."""

    AFTER = Kind.AFTER.value, _("Two hours after the dose")
    DAY = Kind.DAY.value, _("The day after the dose")
    SCORES = Kind.SCORES.value, _("Questionnaires")
    MONTH = Kind.MONTH.value, _("Once a month")


# Why one is closed whose question a later one asks as well.
OVERTAKEN = "overtaken"


class CheckInStatus(models.TextChoices):
    """Open until it is answered, or closed because a later one asks the same or the treatment ended."""

    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


OF_A_SESSION = (CheckInKind.AFTER.value, CheckInKind.DAY.value)


class CheckIn(BaseModel):
    """One check-in: one of its kind for a session, or one of its kind on a local day and never two open ones.

    The three moments come from the policy and are kept with the row, as is what it was opened on (`facts`) and what
    the scores were compared with (`scores`): a flag can be worked out again from the row alone (design I8).
    """

    Kind = CheckInKind
    Status = CheckInStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        CheckInStatus.OPEN: {CheckInStatus.ANSWERED, CheckInStatus.CLOSED},
        CheckInStatus.CLOSED: {CheckInStatus.ANSWERED},
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="check_ins")
    session = models.ForeignKey(DoseSession, null=True, blank=True, on_delete=models.PROTECT, related_name="check_ins")
    kind = models.CharField(max_length=8, choices=CheckInKind.choices, default=CheckInKind.DAY)
    # The local day it falls due on.
    day = models.DateField()
    status = models.CharField(max_length=10, choices=CheckInStatus.choices, default=CheckInStatus.OPEN)
    due_at = models.DateTimeField()
    second_reminder_at = models.DateTimeField()
    follow_up_at = models.DateTimeField()
    second_reminder_done_at = models.DateTimeField(null=True, blank=True)
    follow_up_opened_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answers = EncryptedJSONField(default=dict)
    # Which questionnaires it asks, in order, and what it was opened on.
    instruments = EncryptedJSONField(default=list)
    facts = EncryptedJSONField(default=dict)
    # {"phq9": {"before": 12, "now": 17}}: each score and the one it was compared with.
    scores = EncryptedJSONField(default=dict)
    flags = EncryptedJSONField(default=list)
    flagged = models.BooleanField(default=False)
    # Whether a flag stops the treatment until it is read: lists are ordered by it without opening one. Not known of
    # rows of an earlier time, which stand as if one did.
    stops = models.BooleanField(null=True, blank=True)
    # When the newest flag came; a prescriber who read it before that has not read it.
    flagged_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="check_ins_reviewed"
    )
    policy_version = models.CharField(max_length=16)

    class Meta:
        verbose_name = "check-in"
        ordering: ClassVar = ["-due_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["second_reminder_at"], condition=Q(status="open"), name="treatment_checkin_unanswered"
            ),
            models.Index(
                fields=["patient", "-flagged_at"], condition=Q(flagged=True), name="treatment_checkin_flagged"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "kind"], condition=Q(session__isnull=False), name="treatment_checkin_of_a_session"
            ),
            models.UniqueConstraint(
                fields=["patient", "kind", "day"], condition=Q(session__isnull=True), name="treatment_checkin_of_a_day"
            ),
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=Q(session__isnull=True, status="open"),
                name="treatment_checkin_one_open",
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=False, kind__in=OF_A_SESSION)
                | Q(session__isnull=True) & ~Q(kind__in=OF_A_SESSION),
                name="treatment_checkin_kind_and_session",
            ),
            models.CheckConstraint(
                condition=Q(due_at__lt=F("second_reminder_at"), second_reminder_at__lt=F("follow_up_at")),
                name="treatment_checkin_moments_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | ~Q(status="answered") & Q(answered_at__isnull=True),
                name="treatment_checkin_answered_when",
            ),
            models.CheckConstraint(
                condition=Q(flagged=True, flagged_at__isnull=False) | Q(flagged=False, flagged_at__isnull=True),
                name="treatment_checkin_flagged_when",
            ),
        ]

    def __str__(self) -> str:
        return f"check-in {self.get_status_display()}"

    @property
    def zone(self) -> str:
        """The zone in which its moments are told."""
        return self.session.zone if self.session is not None else self.patient.zone

    @property
    def unread(self) -> bool:
        """Whether it has a flag that no prescriber has read."""
        return self.flagged_at is not None and (self.reviewed_at is None or self.reviewed_at < self.flagged_at)

    @property
    def stand(self) -> str:
        """What a page that shows it has shown: changes with every new flag, of which none is ever taken back."""
        return f"{self.status}{len(self.flags)}"

    def answer(self, page: str, name: str = "answer") -> Any:
        """What was answered on a page; None where nothing was."""
        return self.answers.get(page, {}).get(name)
