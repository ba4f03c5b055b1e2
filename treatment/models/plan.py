"""The plan and its dose sessions, with the vitals taken around each dose."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES
from treatment.models.prescription import FREQUENCY_CHOICES, Prescription
from treatment.rules.rhythm import Kind


class PlanStatus(models.TextChoices):
    """A plan runs until it is ended; a new prescription gets a new plan."""

    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class Plan(BaseModel):
    """When the patient takes the sessions of one prescription: an hour on their own clock and the days that work."""

    Status = PlanStatus
    MOVES: ClassVar[dict[str, set[str]]] = {PlanStatus.ACTIVE: {PlanStatus.ENDED}}

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plans")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="plans")
    status = models.CharField(max_length=8, choices=PlanStatus.choices, default=PlanStatus.ACTIVE)
    zone = models.CharField(max_length=40)
    hour = models.TimeField()
    frequency = models.CharField(max_length=16, choices=FREQUENCY_CHOICES)
    first_day = models.DateField(null=True, blank=True)
    # Monday is 0; [["2026-12-24", "2026-12-27"]]: first and last day of each absence.
    no_weekdays = models.JSONField(default=list, blank=True)
    away = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient"], condition=Q(status="active"), name="treatment_plan_one_active"),
        ]

    def __str__(self) -> str:
        return f"plan, {self.get_status_display()}"


class SessionStatus(models.TextChoices):
    """Where a session stands."""

    SCHEDULED = "scheduled", _("Planned")
    RELEASED = "released", _("Ready to begin")
    HELD = "held", _("On hold")
    STARTED = "started", _("In progress")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    MISSED = "missed", _("Missed")


class SkipReason(models.TextChoices):
    """Why a patient leaves a session out."""

    NO_TIME = "no_time", _("Something came up that day")
    NO_SITTER = "no_sitter", _("Nobody can be with me")
    NOT_WELL = "not_well", _("I am not well")
    SIDE_EFFECTS = "side_effects", _("I worry about how it made me feel")
    NOT_READY = "not_ready", _("I do not feel ready")
    NO_MEDICINE = "no_medicine", _("I do not have the medicine")
    AWAY = "away", _("I am away from home")
    NOT_NEEDED = "not_needed", _("I feel that I do not need it now")
    OTHER = "other", _("Another reason")


class DoseSession(BaseModel):
    """One dose on one local day. `gate_*` hold what the readiness gate was decided on (design I8)."""

    Status = SessionStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        SessionStatus.SCHEDULED: {
            SessionStatus.RELEASED,
            SessionStatus.HELD,
            SessionStatus.CANCELLED,
            SessionStatus.MISSED,
        },
        SessionStatus.RELEASED: {
            SessionStatus.STARTED,
            SessionStatus.HELD,
            SessionStatus.SCHEDULED,
            SessionStatus.CANCELLED,
            SessionStatus.MISSED,
        },
        SessionStatus.HELD: {SessionStatus.SCHEDULED, SessionStatus.CANCELLED, SessionStatus.MISSED},
        SessionStatus.STARTED: {SessionStatus.COMPLETED},
    }
    # Still to come; a held one waits for a clinician or a new date.
    OPEN = (SessionStatus.SCHEDULED, SessionStatus.RELEASED, SessionStatus.HELD, SessionStatus.STARTED)
    TAKEN = (SessionStatus.STARTED, SessionStatus.COMPLETED)
    # After a hold at the gate, as long as what it was held for stands with it: another day begins the gate anew.
    HELD_BACK = (SessionStatus.HELD, SessionStatus.MISSED)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="dose_sessions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="sessions")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=SessionStatus.choices, default=SessionStatus.SCHEDULED)
    zone = models.CharField(max_length=40)
    local_day = models.DateField()
    starts_at = models.DateTimeField()
    units = models.PositiveSmallIntegerField()
    strength_mg = models.DecimalField(max_digits=6, decimal_places=2)
    # Where the patient said they will be, with the address for an ambulance; empty means at home.
    state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True, default="")
    place = EncryptedJSONField(null=True, blank=True)
    skip_reason = models.CharField(max_length=16, choices=SkipReason.choices, blank=True, default="")
    skip_words = EncryptedTextField(null=True, blank=True)

    gate_attempt = models.PositiveSmallIntegerField(default=1)
    gate_answers = EncryptedJSONField(default=dict)
    gate_facts = EncryptedJSONField(default=dict)
    gate_reasons = EncryptedJSONField(default=list)
    gate_policy = models.CharField(max_length=16, blank=True, default="")
    gate_passed_at = models.DateTimeField(null=True, blank=True)
    gate_valid_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    # A prescriber has read why it was held; of an earlier hold of the same session that says nothing.
    hold_read_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    sitter_released_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    # A prescriber has read how it went; a step up of the dose needs it (policy section 8).
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["starts_at"]
        indexes: ClassVar = [
            models.Index(fields=["status", "starts_at"], name="treatment_session_due"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(status__in=["released", "started"]),
                name="treatment_dosesession_one_running",
            ),
            models.UniqueConstraint(
                fields=["patient", "local_day"],
                condition=Q(status__in=["scheduled", "released", "started", "completed"]),
                name="treatment_dosesession_one_a_day",
            ),
            models.UniqueConstraint(fields=["plan", "number"], name="treatment_dosesession_numbered"),
            models.CheckConstraint(condition=Q(units__gte=1), name="treatment_dosesession_units"),
            models.CheckConstraint(
                condition=~Q(status__in=["released", "started", "completed"])
                | Q(gate_passed_at__isnull=False, gate_valid_until__gt=F("gate_passed_at")),
                name="treatment_dosesession_gate_passed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["started", "completed"], started_at__isnull=False)
                | ~Q(status__in=["started", "completed"]) & Q(started_at__isnull=True),
                name="treatment_dosesession_started_when",
            ),
            models.CheckConstraint(
                # By the sitter's release, or by a prescriber who reached the patient when the sitter did not release.
                condition=Q(status="completed", completed_at__isnull=False)
                & (Q(sitter_released_at__isnull=False) | Q(reviewed_at__isnull=False))
                | ~Q(status="completed") & Q(completed_at__isnull=True),
                name="treatment_dosesession_completed_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(held_at__isnull=False), name="treatment_dosesession_held_when"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.number}, {self.get_status_display()}"

    @property
    def mg(self) -> Decimal:
        """What this session takes, mg."""
        return self.strength_mg * self.units

    @property
    def hold_unread(self) -> bool:
        """Whether it was held at the gate and no prescriber has read why."""
        if self.status not in self.HELD_BACK or self.held_at is None:
            return False
        return self.hold_read_at is None or self.hold_read_at < self.held_at

    @property
    def check_in(self) -> Any:
        """The check-in of the day after; None before the session was started."""
        return next((row for row in self.check_ins.all() if row.kind == Kind.DAY), None)


class Preparation(BaseModel):
    """What the patient ticked off for one session, and what they want from it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="preparations")
    session = models.OneToOneField(DoseSession, on_delete=models.PROTECT, related_name="preparation")
    ticked = models.JSONField(default=list, blank=True)
    intention = EncryptedTextField(blank=True, default="")
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"preparation of {self.session_id}"


class VitalPhase(models.TextChoices):
    """When a reading was taken."""

    GATE = "gate", _("Before")
    DURING = "during", _("During")
    AFTER = "after", _("Before release")
    HOME = "home", _("At home")


class Vital(BaseModel):
    """One blood pressure reading, mmHg, with the heart rate in beats a minute."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="vitals")
    # Empty for a reading between sessions, which the monthly check-in asks for.
    session = models.ForeignKey(DoseSession, null=True, blank=True, on_delete=models.PROTECT, related_name="vitals")
    phase = models.CharField(max_length=8, choices=VitalPhase.choices)
    # Which run of the gate, and which round and reading within it; 0 outside the gate.
    attempt = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    place = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField()
    systolic = models.PositiveSmallIntegerField()
    diastolic = models.PositiveSmallIntegerField()
    heart_rate = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["taken_at", "round", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "attempt", "round", "place"],
                condition=Q(phase="gate"),
                name="treatment_vital_once",
            ),
            models.CheckConstraint(
                condition=Q(phase="home", session__isnull=True) | ~Q(phase="home") & Q(session__isnull=False),
                name="treatment_vital_of_a_session",
            ),
            models.CheckConstraint(
                condition=Q(
                    systolic__gte=50,
                    systolic__lte=300,
                    diastolic__gte=20,
                    diastolic__lte=200,
                    heart_rate__gte=20,
                    heart_rate__lte=250,
                )
                & Q(systolic__gt=F("diastolic")),
                name="treatment_vital_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"reading {self.get_phase_display()}"
