"""The sitter: invited by a private link, without an account."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel
from treatment.models.plan import DoseSession


class SitterInvitation(BaseModel):
    """A private link for one person and one session. Only the digest of the token is kept."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sitter_invitations")
    session = models.ForeignKey(DoseSession, on_delete=models.PROTECT, related_name="invitations")
    name = EncryptedTextField()
    phone = EncryptedTextField(blank=True, default="")
    email = EncryptedTextField(blank=True, default="")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Further days on which the sitter said they cannot be there, as ISO dates.
    cannot = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(revoked_at__isnull=True),
                name="treatment_sitterinvitation_one_live",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(declined_at__isnull=True),
                name="treatment_sitterinvitation_one_answer",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="treatment_sitterinvitation_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation to session {self.session_id}"


class SitterCheck(BaseModel):
    """One look at the patient, every 15 minutes."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sitter_checks")
    session = models.ForeignKey(DoseSession, on_delete=models.PROTECT, related_name="sitter_checks")
    invitation = models.ForeignKey(SitterInvitation, on_delete=models.PROTECT, related_name="checks")
    number = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField()
    responds = models.BooleanField()
    breathing_normal = models.BooleanField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="treatment_sittercheck_numbered"),
        ]

    def __str__(self) -> str:
        return f"sitter check {self.number}"
