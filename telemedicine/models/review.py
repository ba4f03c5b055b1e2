"""A prescriber's look at one eligibility decision, from the claim to the answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel


class Review(BaseModel):
    """One review per decision: newer answers make a newer decision, and so a newer review.

    The row appears when a prescriber first claims the case. Until then the case waits in the queue, which is a query.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLAIMED = "claimed", _("Claimed")
        ASKED = "asked", _("Waiting for the patient")
        IN_PERSON = "in_person", _("Waiting for a visit in person")
        DECIDED = "decided", _("Decided")
        REPLACED = "replaced", _("Replaced by newer answers")

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        REFERRED = "referred", _("Referred")

    MOVES: ClassVar[dict[str, set[str]]] = {
        Status.OPEN: {Status.CLAIMED, Status.REPLACED},
        Status.CLAIMED: {Status.OPEN, Status.ASKED, Status.IN_PERSON, Status.DECIDED, Status.REPLACED},
        Status.ASKED: {Status.CLAIMED, Status.IN_PERSON, Status.DECIDED, Status.REPLACED},
        Status.IN_PERSON: {Status.CLAIMED, Status.DECIDED, Status.REPLACED},
        Status.DECIDED: set(),
        Status.REPLACED: set(),
    }

    patient = models.ForeignKey("accounts.Patient", on_delete=models.PROTECT, related_name="reviews")
    decision = models.OneToOneField("intake.EligibilityDecision", on_delete=models.PROTECT, related_name="review")
    clinician = models.ForeignKey(
        "accounts.Clinician", on_delete=models.PROTECT, related_name="reviews", null=True, blank=True
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    # For the record, read by clinicians; and what the patient reads, in plain words.
    reason = EncryptedTextField(blank=True, default="")
    words_to_patient = EncryptedTextField(blank=True, default="")
    claimed_at = models.DateTimeField(null=True, blank=True)
    # The colleague who handed the case over to who has it; empty for what they took themselves.
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    # By when the newest question is to be answered; after it the case is back among those that wait for us.
    answer_due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="telemedicine_review_status_known",
                condition=Q(status__in=["open", "claimed", "asked", "in_person", "decided", "replaced"]),
            ),
            models.CheckConstraint(
                name="telemedicine_review_claimed_by_someone",
                condition=Q(status__in=["open", "replaced"]) | Q(clinician__isnull=False, claimed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="telemedicine_review_decided_is_complete",
                condition=~Q(status="decided")
                | Q(outcome__in=["approved", "declined", "referred"], decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["clinician", "status"], name="review_by_clinician")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_status_display()})"
