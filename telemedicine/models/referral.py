"""Other care: a patient is referred to a facility with a letter they signed for, and what was given elsewhere."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.documents.models import SignedDocument


class ReferralStatus(models.TextChoices):
    ASKED = "asked", _("Waiting for the patient’s signature")
    ALLOWED = "allowed", _("Signed: to be sent")
    SENT = "sent", _("Sent")
    APPOINTMENT = "appointment", _("Has an appointment there")
    ATTENDED = "attended", _("Was seen there")
    DECLINED = "declined", _("Did not come about")
    WITHDRAWN = "withdrawn", _("Taken back before it was sent")


class Referral(BaseModel):
    """One letter to one facility. It goes out only as the patient read and signed it, and not after they took it back.

    ``facility`` names the row of the directory; name, address and what it is for are sealed as they were, because where
    somebody is sent tells what they have.
    """

    S = ReferralStatus
    MOVES: ClassVar[dict[str, set[str]]] = {
        S.ASKED: {S.ALLOWED, S.WITHDRAWN},
        S.ALLOWED: {S.SENT, S.WITHDRAWN},
        S.SENT: {S.APPOINTMENT, S.ATTENDED, S.DECLINED},
        S.APPOINTMENT: {S.ATTENDED, S.DECLINED},
        S.ATTENDED: set(),
        S.DECLINED: {S.APPOINTMENT, S.ATTENDED},
        S.WITHDRAWN: set(),
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referrals")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="referrals")
    token = models.UUIDField()
    status = models.CharField(max_length=12, choices=ReferralStatus.choices, default=ReferralStatus.ASKED)
    # The key of the facility in the directory, sealed with the rest: no foreign key may tell where somebody goes.
    facility_sealed = EncryptedJSONField()
    need_sealed = EncryptedTextField()
    parts = EncryptedJSONField(default=list)
    letter = EncryptedJSONField()
    letter_sha256 = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    document = models.OneToOneField(
        SignedDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="referral"
    )
    allowed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome_note = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "token"], name="telemedicine_referral_once"),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "withdrawn"]) | Q(document__isnull=False, allowed_at__isnull=False),
                name="telemedicine_referral_signed_first",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True, status__in=["asked", "allowed", "withdrawn"])
                | Q(sent_at__isnull=False, sent_by__isnull=False, allowed_at__isnull=False),
                name="telemedicine_referral_sent_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"referral ({self.status})"

    @property
    def facility(self) -> dict[str, Any]:
        """Name, address, phone of the facility as they were when it was written."""
        known: dict[str, Any] = self.facility_sealed
        return known

    @property
    def need(self) -> str:
        """What it is for, as the patient reads it."""
        return str(self.need_sealed)


class ElsewhereKind(models.TextChoices):
    IV = "iv", _("Ketamine into a vein (IV)")
    IM = "im", _("Ketamine into a muscle (IM)")
    ESKETAMINE = "esketamine", _("Esketamine nasal spray")


class Elsewhere(BaseModel):
    """One treatment that was given in a clinic, as the patient or the clinic told it. Never scheduled by us."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="elsewhere")
    token = models.UUIDField()
    # {"kind", "given_on", "dose", "place", "course"}
    told = EncryptedJSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Entered by mistake: it stays, crossed out.
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-recorded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "token"], name="telemedicine_elsewhere_once"),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_by__isnull=True)
                | Q(struck_at__isnull=False, struck_by__isnull=False),
                name="telemedicine_elsewhere_struck_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"elsewhere {self.pk}"

    @property
    def kind_words(self) -> str:
        """What was given."""
        return str(ElsewhereKind(self.told["kind"]).label)

    @property
    def day_words(self) -> str:
        """The day on which it was given, with its year."""
        return clock.long_date_words(date.fromisoformat(self.told["given_on"]))
