"""The end of a treatment, and the letters about it: for the patient, and for whoever the patient allows to have one."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.documents.models import SignedDocument
from treatment.models.prescription import Chart


class DischargeReason(models.TextChoices):
    """Why a treatment ended, as the patient reads it too."""

    GOAL_REACHED = "goal_reached", _("The treatment reached what it was for")
    PATIENT_WISH = "patient_wish", _("The patient wished to end it")
    NO_BENEFIT = "no_benefit", _("It did not help enough")
    SIDE_EFFECTS = "side_effects", _("Side effects")
    SAFETY = "safety", _("It was no longer safe at home")
    OTHER_CARE = "other_care", _("Care goes on elsewhere")
    OUT_OF_TOUCH = "out_of_touch", _("We could not reach the patient")


class Leftover(models.TextChoices):
    """What becomes of the medicine that is left at home."""

    NONE = "none", _("Nothing is left")
    RETURN = "return", _("Give it back at a collection site")
    DESTROY = "destroy", _("Make it unusable and throw it away")


class Discharge(BaseModel):
    """One chart, ended once, with the letter as it was written. Rows are only added, by trigger."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="discharges")
    chart = models.OneToOneField(Chart, on_delete=models.PROTECT, related_name="discharge")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="discharges")
    discharged_at = models.DateTimeField()
    reason = models.CharField(max_length=16, choices=DischargeReason.choices)
    leftover = models.CharField(max_length=8, choices=Leftover.choices)
    summary = EncryptedTextField()
    follow_up = EncryptedTextField()
    letter = EncryptedJSONField()
    letter_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["-discharged_at"]

    def __str__(self) -> str:
        return f"discharged {self.discharged_at:%Y-%m-%d}"


class Transfer(BaseModel):
    """A patient's permission to send one recipient one letter with named parts, and the letter once it was made.

    The permission itself is the signed document (45 CFR 164.508(c)). It ends on its day or when it is taken back.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="transfers")
    token = models.UUIDField()
    document = models.OneToOneField(SignedDocument, on_delete=models.PROTECT, related_name="transfer")
    # {"name", "practice", "address", "fax"}
    recipient = EncryptedJSONField()
    parts = EncryptedJSONField(default=list)
    purpose = EncryptedTextField(blank=True, default="")
    signed_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    letter = EncryptedJSONField(null=True, blank=True)
    letter_sha256 = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-signed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "token"], name="treatment_transfer_once"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, made_by__isnull=True, letter__isnull=True, letter_sha256="")
                | Q(made_at__isnull=False, made_by__isnull=False, letter__isnull=False) & ~Q(letter_sha256=""),
                name="treatment_transfer_made_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("signed_at")),
                name="treatment_transfer_revoked_after",
            ),
        ]

    def __str__(self) -> str:
        return f"transfer signed {self.signed_at:%Y-%m-%d}"
