"""What happens to a signed order: it is handed over to a pharmacy, and it may be paused."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.formulary import Pharmacy
from treatment.models.prescription import Prescription


class HandoverMethod(models.TextChoices):
    """How an order reaches the pharmacy. Electronic signing happens in a certified application, never here."""

    ELECTRONIC = "electronic", _("Electronically, by a certified application")
    FAX = "fax", _("By fax")
    PHONE = "phone", _("By phone")


class Handover(BaseModel):
    """That an order was given to a pharmacy: how, when, by whom, to whom, and under which reference. Added only."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="handovers")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="handovers")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="handovers")
    method = models.CharField(max_length=10, choices=HandoverMethod.choices)
    reference = EncryptedTextField(blank=True, default="")
    to_whom = EncryptedTextField(blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers")
    form_token = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["at"]

    def __str__(self) -> str:
        return f"handed over {self.get_method_display()}"


class Pause(BaseModel):
    """While it is open nothing of the order ships and no session is planned; a prescriber resumes it with a reason."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pauses")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="pauses")
    came_from = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=20)
    note = EncryptedTextField(blank=True, default="")
    paused_at = models.DateTimeField()
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pauses_made")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="pauses_ended"
    )
    resume_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-paused_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="treatment_pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("paused_at"), ended_by__isnull=False),
                name="treatment_pause_ended_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"paused since {self.paused_at:%Y-%m-%d}"
