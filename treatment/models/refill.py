"""A request for the next supply, from the patient's click to the prescriber's word."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES
from treatment.models.prescription import PdmpResult, Prescription
from treatment.models.supply import Shipment


class RefillRequestStatus(models.TextChoices):
    """A request waits, or has one of four ends."""

    REQUESTED = "requested", _("Requested")
    ASKED = "asked", _("Waiting for the patient")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVERTAKEN = "overtaken", _("Overtaken")


class RefillRequest(BaseModel):
    """One review of a refill, with what it was decided on (design I8). One waits at a time."""

    Status = RefillRequestStatus
    WAITING = (RefillRequestStatus.REQUESTED, RefillRequestStatus.ASKED)
    _ENDS: ClassVar[set[str]] = {
        RefillRequestStatus.APPROVED,
        RefillRequestStatus.DECLINED,
        RefillRequestStatus.WITHDRAWN,
        RefillRequestStatus.OVERTAKEN,
    }
    MOVES: ClassVar[dict[str, set[str]]] = {
        RefillRequestStatus.REQUESTED: {RefillRequestStatus.ASKED, *_ENDS},
        RefillRequestStatus.ASKED: _ENDS,
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="refill_requests")
    # The newest prescription when it was asked for; approved, it may be answered with a newer one.
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="refill_requests")
    status = models.CharField(max_length=10, choices=RefillRequestStatus.choices, default=RefillRequestStatus.REQUESTED)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Clinician, null=True, blank=True, on_delete=models.PROTECT, related_name="refills_decided"
    )
    # What was ordered by the approval: the next shipment, or the first one of a new prescription.
    shipment = models.OneToOneField(
        Shipment, null=True, blank=True, on_delete=models.PROTECT, related_name="refill_request"
    )
    # For the record; and what the patient reads, in plain words.
    reason = EncryptedTextField(blank=True, default="")
    words_to_patient = EncryptedTextField(blank=True, default="")
    answer_read_at = models.DateTimeField(null=True, blank=True)
    # A code: stopped, replaced, cancelled, ended.
    overtaken_by = models.CharField(max_length=20, blank=True, default="")

    pdmp_state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True, default="")
    pdmp_checked_at = models.DateTimeField(null=True, blank=True)
    pdmp_result = models.CharField(max_length=12, choices=PdmpResult.choices, blank=True, default="")

    facts = EncryptedJSONField(default=dict)
    policy_version = models.CharField(max_length=16)

    class Meta:
        ordering: ClassVar = ["-requested_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["requested_at"], condition=Q(status__in=["requested", "asked"]), name="treatment_refill_waiting"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(status__in=["requested", "asked"]),
                name="treatment_refillrequest_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "asked"], decided_at__isnull=True)
                | ~Q(status__in=["requested", "asked"]) & Q(decided_at__isnull=False),
                name="treatment_refillrequest_decided_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "declined"]) | Q(decided_by__isnull=False),
                name="treatment_refillrequest_decided_by_a_clinician",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(shipment__isnull=False),
                name="treatment_refillrequest_approved_what",
            ),
        ]

    def __str__(self) -> str:
        return f"refill {self.get_status_display()}"
