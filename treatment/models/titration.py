"""What a prescriber made of a proposed dose, with what it was proposed on."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.prescription import Prescription


class ProposalAnswer(models.TextChoices):
    """Used means that it was put into the form, where the prescriber still changes, saves and signs."""

    USED = "used", _("Put into the form")
    DECLINED = "declined", _("Not followed")


class TitrationProposal(BaseModel):
    """A proposal as it stood when a prescriber used or declined it (design I8). Never shown to the patient."""

    Answer = ProposalAnswer

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="titration_proposals")
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="titration_proposals")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="titration_proposals")
    answer = models.CharField(max_length=8, choices=ProposalAnswer.choices)
    answered_at = models.DateTimeField()
    reason = EncryptedTextField(blank=True, default="")
    facts = EncryptedJSONField()
    proposal = EncryptedJSONField()
    # Of the facts: the same proposal answered the same way twice is one row.
    facts_sha256 = models.CharField(max_length=64)
    policy_version = models.CharField(max_length=16)

    class Meta:
        ordering: ClassVar = ["-answered_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prescription", "clinician", "answer", "facts_sha256"], name="treatment_titrationproposal_once"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.get_answer_display()}"
