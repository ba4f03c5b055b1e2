"""What needs a person: alerts that ring until acknowledged, safety holds, follow-ups for the coordinators."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.alerts import rules
from harmoniously.core.alerts.duty_models import DutyAcceptance, DutyException, DutyWeek
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpKind, FollowUpState, FollowUpStep
from harmoniously.core.alerts.plan_models import SafetyPlan
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel

__all__ = [
    "Alert",
    "CaseHold",
    "ContactAttempt",
    "DutyAcceptance",
    "DutyException",
    "DutyWeek",
    "FollowUp",
    "FollowUpKind",
    "FollowUpState",
    "FollowUpStep",
    "SafetyHold",
    "SafetyPlan",
]


class AlertKind(models.TextChoices):
    SUICIDE_RISK_HIGH = "suicide_risk_high", _("High suicide risk")
    SUICIDE_RISK_MODERATE = "suicide_risk_moderate", _("Moderate suicide risk")
    SESSION_HELD = "session_held", _("Session held at the readiness check")
    BLOOD_PRESSURE = "blood_pressure", _("Blood pressure out of range")
    SITTER_CHECK_MISSED = "sitter_check_missed", _("Sitter check missed")
    NO_RELEASE = "no_release", _("Session not released in time")
    HELP_PRESSED = "help_pressed", _("Asked for help now")
    CHECK_IN_FLAG = "check_in_flag", _("Check-in answer needs a clinician")
    DELIVERY_FAILED = "delivery_failed", _("A safety message could not be delivered")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Took back an agreement that care rests on")
    CASE_WORSE = "case_worse", _("Newer answers speak against the treatment")
    ADVERSE_EVENT = "adverse_event", _("Adverse event to look at")
    SERIOUS_EVENT = "serious_event", _("Serious event that no prescriber has read")
    SUPPLY = "supply", _("Medicine at home that nobody can account for, or asked for too early")
    CRISIS_WORDS = "crisis_words", _("Wrote words that may mean danger")


# Somebody may be in danger now: told again and again, to one person after another, until acknowledged, and once more
# while nobody reached them (rules.py). The others are told once, on both channels, and stay open on the list until a
# person acknowledges them. A kind is one line here; the list below says what it takes to resolve one.
RINGING = frozenset(
    {
        AlertKind.SUICIDE_RISK_HIGH,
        AlertKind.BLOOD_PRESSURE,
        AlertKind.SITTER_CHECK_MISSED,
        AlertKind.NO_RELEASE,
        AlertKind.HELP_PRESSED,
        AlertKind.SERIOUS_EVENT,
        AlertKind.CRISIS_WORDS,
    }
)


# About a person in danger: resolved only after a contact that reached them, or once emergency services took it over.
NEEDS_CONTACT = RINGING | {AlertKind.SUICIDE_RISK_MODERATE}


class AlertStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    RESOLVED = "resolved", _("Resolved")


class Alert(BaseModel):
    """One thing about one patient that a person must look at."""

    MOVES: ClassVar[dict[str, set[str]]] = {
        AlertStatus.OPEN: {AlertStatus.ACKNOWLEDGED},
        AlertStatus.ACKNOWLEDGED: {AlertStatus.RESOLVED},
        AlertStatus.RESOLVED: set(),
    }

    kind = models.CharField(max_length=32, choices=AlertKind.choices)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    about = models.CharField(max_length=80, db_index=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=16, choices=AlertStatus.choices, default=AlertStatus.OPEN)
    opened_at = models.DateTimeField()
    # When it was last said again while nobody had taken it. Empty: it was said once.
    newest_at = models.DateTimeField(null=True, blank=True)
    # How often it was told, and when next (empty: told once, or ended). One that was taken is told again as well, while
    # nobody reached the patient.
    tellings = models.PositiveIntegerField(default=0)
    tell_next_at = models.DateTimeField(null=True, blank=True)
    # Since when the administrators are told too and the emergency contact is shown.
    list_exhausted_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts_acknowledged"
    )
    acknowledgement_note = EncryptedTextField(blank=True, default="")
    # The colleague who went on in place of whoever took it first.
    taken_over_at = models.DateTimeField(null=True, blank=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts_taken_over"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts_resolved"
    )
    resolution_note = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["tell_next_at"], name="alerts_to_tell", condition=models.Q(tell_next_at__isnull=False)
            ),
            models.Index(fields=["status", "-opened_at"], name="alerts_listed"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="alerts_alert_acknowledged_by_a_person",
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, status="open")
                | models.Q(
                    acknowledged_at__isnull=False,
                    acknowledged_by__isnull=False,
                    status__in=["acknowledged", "resolved"],
                ),
            ),
            models.CheckConstraint(
                name="alerts_alert_rings_until_resolved",
                condition=models.Q(tell_next_at__isnull=True) | ~models.Q(status="resolved"),
            ),
            models.CheckConstraint(
                name="alerts_alert_taken_over_paired",
                condition=models.Q(taken_over_at__isnull=True, taken_over_by__isnull=True)
                | models.Q(taken_over_at__isnull=False, taken_over_by__isnull=False, acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(
                name="alerts_alert_resolved_paired",
                condition=models.Q(resolved_at__isnull=False, resolved_by__isnull=False, status="resolved")
                | (models.Q(resolved_at__isnull=True, resolved_by__isnull=True) & ~models.Q(status="resolved")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"

    @property
    def rings(self) -> bool:
        """Whether it is told again and again until a person acknowledges it."""
        return self.kind in RINGING

    @property
    def last_said_at(self) -> datetime:
        """What a contact must have known to settle it: what was said last."""
        return self.newest_at or self.opened_at

    @property
    def messages(self) -> str:
        """The `about` of the messages that tell of this alert."""
        return f"alert:{self.pk}"

    @property
    def needs_contact(self) -> bool:
        """Whether it is resolved only after a contact that reached the patient."""
        return self.kind in NEEDS_CONTACT

    @property
    def in_charge(self) -> User | None:
        """Who has it now: whoever took it over, else whoever took it; None while nobody did."""
        return self.taken_over_by or self.acknowledged_by

    @property
    def in_hand_since(self) -> datetime | None:
        """Since when they have it."""
        return self.taken_over_at or self.acknowledged_at


class ContactHow(models.TextChoices):
    """How somebody tried to reach a patient; what counts as reached stands in rules.settles."""

    CALL = rules.CALL, _("Called the patient, or whoever is with them")
    TEXT = rules.TEXT, _("Wrote a text message")
    VIDEO = rules.VIDEO, _("Spoke by video")
    IN_PERSON = rules.IN_PERSON, _("Saw them in person")
    EMERGENCY_CONTACT = rules.EMERGENCY_CONTACT, _("Called the emergency contact")
    EMERGENCY_SERVICES = rules.EMERGENCY_SERVICES, _("Asked 911 or the police for a welfare check")


class ContactAttempt(BaseModel):
    """One attempt to reach the patient of an alert: who, when, how, whether it reached them, and in which words."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="contacts")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contact_attempts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contact_attempts")
    at = models.DateTimeField()
    # When the page was opened on which it was written: it settles what was known then. Empty: everything until `at`.
    shown_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=20, choices=ContactHow.choices)
    reached = models.BooleanField()
    # Of the two above (rules.settles), as it was decided then.
    settles = models.BooleanField()
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["at", "created_at"]
        indexes: ClassVar = [models.Index(fields=["patient", "at"], name="alerts_contacts_of")]

    def __str__(self) -> str:
        return f"{self.how} ({'reached' if self.reached else 'not reached'})"


class HoldLevel(models.TextChoices):
    INCOMPLETE = "incomplete", _("Safety questions not answered")
    MODERATE = "moderate", _("Moderate suicide risk")
    HIGH = "high", _("High suicide risk")


class SafetyHold(BaseModel):
    """Nothing ships and no session starts for this patient until a clinician recorded a contact and a safety plan.

    A hold for unanswered questions also ends when they are answered without a finding. Questions that were left open
    under a stronger hold outlast it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="safety_holds")
    level = models.CharField(max_length=12, choices=HoldLevel.choices)
    about = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    # The newest finding of any level, also a weaker one; empty in holds of a time in which it was not kept.
    newest_at = models.DateTimeField(null=True, blank=True)
    # Safety questions were left open then, and nothing that was said since has shown the level.
    unanswered_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="holds_cleared"
    )
    contact_note = EncryptedTextField(blank=True, default="")
    # As of a contact: alerts that were raised after the page was opened are not settled by it.
    shown_at = models.DateTimeField(null=True, blank=True)
    # The plan as it stood when the hold was cleared; holds of an earlier time have it in free words.
    plan = models.ForeignKey(SafetyPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    safety_plan = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(cleared_at__isnull=True), name="alerts_safetyhold_one_open"
            ),
            models.CheckConstraint(
                name="alerts_safetyhold_cleared_by_a_person",
                condition=models.Q(cleared_at__isnull=True, cleared_by__isnull=True)
                | models.Q(cleared_at__isnull=False, cleared_by__isnull=False)
                | models.Q(cleared_at__isnull=False, level="incomplete"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} since {self.opened_at:%Y-%m-%d}"

    @property
    def last_told_at(self) -> datetime:
        """When the newest finding came."""
        return self.newest_at or self.opened_at

    @property
    def questions_open(self) -> bool:
        """Whether safety questions wait to be answered."""
        return self.level == HoldLevel.INCOMPLETE or self.unanswered_at is not None

    @property
    def left_open(self) -> bool:
        """Whether questions are unanswered that this hold will not end with."""
        return self.level != HoldLevel.INCOMPLETE and self.unanswered_at is not None


class CaseHold(BaseModel):
    """Nothing ships and no session starts for this patient until a prescriber approved the case as it is now.

    Opened when newer answers speak against a treatment that was approved on older ones (policy section 9).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="case_holds")
    about = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="case_holds_ended"
    )

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_at__isnull=True), name="alerts_casehold_one_open"
            ),
            models.CheckConstraint(
                name="alerts_casehold_ended_by_a_person",
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"case held since {self.opened_at:%Y-%m-%d}"
