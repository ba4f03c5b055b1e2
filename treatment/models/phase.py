"""The words of the phases, and every change of phase with who decided it and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.rules import phases

PHASE_MOVES = phases.MOVES


class PhaseChoice(models.TextChoices):
    """The phases of rules/phases.py, in words."""

    INDUCTION = phases.Phase.INDUCTION.value, _("Induction")
    REVIEW = phases.Phase.REVIEW.value, _("Review")
    MAINTENANCE = phases.Phase.MAINTENANCE.value, _("Maintenance")
    TAPER = phases.Phase.TAPER.value, _("Taper")
    DISCHARGED = phases.Phase.DISCHARGED.value, _("Discharged")


class PhaseReason(models.TextChoices):
    """Why a prescriber changes the phase."""

    INDUCTION_COMPLETE = "induction_complete", _("The induction is complete")
    RESPONSE = "response", _("It helps")
    PARTIAL_RESPONSE = "partial_response", _("It helps in part")
    NO_BENEFIT = "no_benefit", _("It does not help enough")
    RELAPSE = "relapse", _("Symptoms came back")
    SIDE_EFFECTS = "side_effects", _("Side effects")
    SAFETY = "safety", _("Safety")
    PATIENT_WISH = "patient_wish", _("The patient's wish")
    OTHER = "other", _("Another reason")


class PhaseChange(BaseModel):
    """One decision about the phase: kept as it was made, with what the rules said that day (design I8)."""

    Reason = PhaseReason

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="phase_changes")
    chart = models.ForeignKey("treatment.Chart", on_delete=models.PROTECT, related_name="phase_changes")
    before = models.CharField(max_length=12, choices=PhaseChoice.choices)
    after = models.CharField(max_length=12, choices=PhaseChoice.choices)
    rhythm = models.CharField(max_length=16, blank=True, default="")
    reason = models.CharField(max_length=20, choices=PhaseReason.choices)
    words = EncryptedTextField(blank=True, default="")
    facts = EncryptedJSONField(default=dict)
    policy_version = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="phase_changes_made")

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"
