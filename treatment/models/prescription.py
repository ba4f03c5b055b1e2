"""Chart and prescription: what a clinician confirmed and ordered."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES
from treatment.models.formulary import Product
from treatment.models.phase import PHASE_MOVES, PhaseChoice
from treatment.rules.calendar import Frequency

FREQUENCY_CHOICES = [
    (Frequency.TWICE_WEEKLY.value, _("Twice a week")),
    (Frequency.WEEKLY.value, _("Once a week")),
    (Frequency.EVERY_TWO_WEEKS.value, _("Every two weeks")),
    (Frequency.MONTHLY.value, _("Every four weeks")),
]


class Chart(BaseModel):
    """The confirmed facts of a patient in treatment, copied when a prescriber approved; one open chart a patient.

    Its row is also the lock that planning, starting and shipping take, so that two of them never pass each other.
    Its status is the phase of the treatment, which a prescriber sets; `rhythm` is how often sessions come in it, empty
    for as often as the prescription says.
    """

    Phase = PhaseChoice
    MOVES: ClassVar[dict[str, set[str]]] = PHASE_MOVES

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="charts")
    status = models.CharField(max_length=12, choices=PhaseChoice.choices, default=PhaseChoice.INDUCTION)
    rhythm = models.CharField(max_length=16, choices=FREQUENCY_CHOICES, blank=True, default="")
    # Empty in the first phase, which begins with the chart.
    phase_since = models.DateTimeField(null=True, blank=True)
    facts = EncryptedJSONField(default=dict)
    opened_at = models.DateTimeField()
    # When the facts were confirmed: what was said later is not among them.
    confirmed_at = models.DateTimeField()
    # The newest approval, which may go on with facts that were confirmed before it: 12 weeks without a session count
    # from it or from the newest session (policy section 8).
    approved_at = models.DateTimeField()
    # When to look next which questionnaires are due: once on every local day.
    rhythm_next_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at__isnull=True), name="treatment_chart_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_reason="")
                | Q(closed_at__isnull=False) & ~Q(closed_reason=""),
                name="treatment_chart_closed_with_reason",
            ),
            # A discharge is the one way to close it: the patient gets a letter.
            models.CheckConstraint(
                condition=Q(status="discharged", closed_at__isnull=False)
                | ~Q(status="discharged") & Q(closed_at__isnull=True),
                name="treatment_chart_closed_by_discharge",
            ),
        ]

    def __str__(self) -> str:
        return f"chart since {self.opened_at:%Y-%m-%d}"

    @property
    def since(self) -> datetime:
        """When the present phase began."""
        return self.phase_since or self.opened_at


class PrescriptionStatus(models.TextChoices):
    """Signed is immutable; a change is a new prescription that replaces the old one."""

    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed")
    SENT = "sent", _("Sent to the pharmacy")
    FILLED = "filled", _("Filled")
    SHIPPED = "shipped", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    PAUSED = "paused", _("Paused")
    REPLACED = "replaced", _("Replaced")
    STOPPED = "stopped", _("Stopped")
    CANCELLED = "cancelled", _("Cancelled")


# What ends or interrupts an order at any time.
_ENDS = (PrescriptionStatus.PAUSED, PrescriptionStatus.REPLACED, PrescriptionStatus.STOPPED)


class PdmpResult(models.TextChoices):
    """What the state's monitoring programme showed."""

    NOTHING = "no_concern", _("No concern")
    REVIEWED = "reviewed", _("Entries found, reviewed, no objection")
    CONCERN = "concern", _("Concern")


class Prescription(BaseModel):
    """One order for a controlled medicine (21 CFR 1306.05, 1306.22). A database trigger guards it once signed."""

    Status = PrescriptionStatus
    # How far the first of it got. The patient's word that it arrived counts, whoever forgot to note what was before;
    # what has left the pharmacy cannot be called back, only stopped. A delivery noted by mistake is taken back.
    MOVES: ClassVar[dict[str, set[str]]] = {
        PrescriptionStatus.DRAFT: {PrescriptionStatus.SIGNED, PrescriptionStatus.CANCELLED},
        PrescriptionStatus.SIGNED: {
            PrescriptionStatus.SENT,
            PrescriptionStatus.DELIVERED,
            PrescriptionStatus.CANCELLED,
            *_ENDS,
        },
        PrescriptionStatus.SENT: {
            PrescriptionStatus.FILLED,
            PrescriptionStatus.DELIVERED,
            PrescriptionStatus.CANCELLED,
            *_ENDS,
        },
        PrescriptionStatus.FILLED: {
            PrescriptionStatus.SHIPPED,
            PrescriptionStatus.DELIVERED,
            PrescriptionStatus.CANCELLED,
            *_ENDS,
        },
        PrescriptionStatus.SHIPPED: {PrescriptionStatus.DELIVERED, *_ENDS},
        PrescriptionStatus.DELIVERED: {
            PrescriptionStatus.SIGNED,
            PrescriptionStatus.SENT,
            PrescriptionStatus.FILLED,
            PrescriptionStatus.SHIPPED,
            *_ENDS,
        },
        # Resumed, it stands where it stood, or further on when the medicine came meanwhile.
        PrescriptionStatus.PAUSED: {
            PrescriptionStatus.SIGNED,
            PrescriptionStatus.SENT,
            PrescriptionStatus.FILLED,
            PrescriptionStatus.SHIPPED,
            PrescriptionStatus.DELIVERED,
            PrescriptionStatus.REPLACED,
            PrescriptionStatus.STOPPED,
        },
    }
    IN_FORCE = (
        PrescriptionStatus.SIGNED,
        PrescriptionStatus.SENT,
        PrescriptionStatus.FILLED,
        PrescriptionStatus.SHIPPED,
        PrescriptionStatus.DELIVERED,
    )
    # In force or paused: a patient has at most one of these.
    STANDING = (*IN_FORCE, PrescriptionStatus.PAUSED)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="prescriptions")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="prescriptions")
    prescriber = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="prescriptions")
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    status = models.CharField(max_length=10, choices=PrescriptionStatus.choices, default=PrescriptionStatus.DRAFT)

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prescriptions")
    strength_mg = models.DecimalField(max_digits=6, decimal_places=2)
    units_per_session = models.PositiveSmallIntegerField()
    quantity_units = models.PositiveSmallIntegerField()
    first_shipment_units = models.PositiveSmallIntegerField()
    refills = models.PositiveSmallIntegerField(default=0)
    frequency = models.CharField(max_length=16, choices=FREQUENCY_CHOICES)
    days_supply = models.PositiveSmallIntegerField()
    directions = EncryptedTextField()
    written_reason = EncryptedTextField(blank=True, default="")
    second_prescriber = models.ForeignKey(
        Clinician, null=True, blank=True, on_delete=models.PROTECT, related_name="second_signed"
    )
    second_signed_at = models.DateTimeField(null=True, blank=True)

    visit_state = models.CharField(max_length=2, choices=STATE_CHOICES)
    in_person_visit_on = models.DateField(null=True, blank=True)
    pdmp_state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True, default="")
    pdmp_checked_at = models.DateTimeField(null=True, blank=True)
    pdmp_result = models.CharField(max_length=12, choices=PdmpResult.choices, blank=True, default="")

    issued_on = models.DateField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    policy_version = models.CharField(max_length=16)
    # What was decided on and why, and the content of 21 CFR 1306.05 as it was on the day (design I8).
    decision = EncryptedJSONField(default=dict)
    content = EncryptedJSONField(default=dict)
    content_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(status="draft"), name="treatment_prescription_one_draft"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(status__in=["signed", "sent", "filled", "shipped", "delivered", "paused"]),
                name="treatment_prescription_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", signed_at__isnull=True, issued_on__isnull=True, content_sha256="")
                | Q(status="cancelled")
                | Q(signed_at__isnull=False, issued_on__isnull=False) & ~Q(content_sha256="") & ~Q(status="draft"),
                name="treatment_prescription_signed_complete",
            ),
            models.CheckConstraint(
                condition=Q(
                    units_per_session__gte=1,
                    quantity_units__gte=F("units_per_session"),
                    first_shipment_units__gte=1,
                    first_shipment_units__lte=F("quantity_units"),
                    refills__lte=5,
                ),
                name="treatment_prescription_counts",
            ),
            models.CheckConstraint(
                condition=Q(second_prescriber__isnull=True, second_signed_at__isnull=True)
                | Q(second_prescriber__isnull=False, second_signed_at__isnull=False)
                & ~Q(second_prescriber=F("prescriber")),
                name="treatment_prescription_second_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"prescription {self.get_status_display()}"

    @property
    def mg_per_session(self) -> Decimal:
        """Strength times units, mg."""
        return self.strength_mg * self.units_per_session

    @property
    def session_count(self) -> int:
        """Whole sessions that the quantity is for."""
        return self.quantity_units // self.units_per_session
