"""Who has what in hand, of everything in the prescribers' queue but the applications (those have their Review)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.models import BaseModel


class ClaimEnd(models.TextChoices):
    """How a claim ended."""

    RELEASED = "released", _("Given back")
    HANDED_OVER = "handed_over", _("Handed over")
    LAPSED = "lapsed", _("Left for too long")
    OVER = "over", _("Done, or no longer theirs")


class WorkClaim(BaseModel):
    """One clinician has one thing in hand, until they give it back, hand it over, or it is done.

    A claim opens no record: whoever has one reaches what they could reach without it. `kind` and `subject` name the
    row that waits (work/sources.py); a claim counts only while that row still waits.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="work_claims")
    kind = models.CharField(max_length=12)
    subject = models.UUIDField()
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="work_claims")
    claimed_at = models.DateTimeField()
    # The colleague who handed it over; empty for what one took oneself.
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=12, choices=ClaimEnd.choices, blank=True, default="")

    class Meta:
        verbose_name = _("claim")
        ordering: ClassVar = ["-claimed_at"]
        indexes: ClassVar = [
            models.Index(fields=["clinician"], condition=Q(ended_at__isnull=True), name="telemedicine_claims_open"),
        ]
        constraints: ClassVar = [
            # Nothing is in two hands.
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(ended_at__isnull=True), name="%(app_label)s_%(class)s_one_hand"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="") | Q(ended_at__isnull=False) & ~Q(ended_how=""),
                name="%(app_label)s_%(class)s_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
