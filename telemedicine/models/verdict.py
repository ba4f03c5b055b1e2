"""What a prescriber decides on a case, from the words to when it takes effect; and the visit in person it asks for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel


class Verdict(BaseModel):
    """One decision in two steps: written to be looked at, then confirmed; ten seconds later it takes effect.

    Everything that it sets in motion happens when it takes effect, so that undoing it before has nothing to take back.
    A text that was written is never changed: other words are another row.
    """

    class Kind(models.TextChoices):
        ASK = "ask", _("Ask the patient")
        APPROVE = "approve", _("Approve")
        DECLINE = "decline", _("Decline")
        REFER = "refer", _("Refer to other care")
        IN_PERSON = "in_person", _("Require a visit in person")

    class Status(models.TextChoices):
        WRITTEN = "written", _("Written, not confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        IN_EFFECT = "in_effect", _("In effect")
        UNDONE = "undone", _("Undone")
        DROPPED = "dropped", _("Written anew")
        FAILED = "failed", _("Did not take effect")

    MOVES: ClassVar[dict[str, set[str]]] = {
        Status.WRITTEN: {Status.CONFIRMED, Status.DROPPED},
        Status.CONFIRMED: {Status.IN_EFFECT, Status.UNDONE, Status.FAILED},
        Status.IN_EFFECT: set(),
        Status.UNDONE: set(),
        Status.DROPPED: set(),
        Status.FAILED: set(),
    }

    patient = models.ForeignKey("accounts.Patient", on_delete=models.PROTECT, related_name="verdicts")
    review = models.ForeignKey("telemedicine.Review", on_delete=models.PROTECT, related_name="verdicts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WRITTEN)
    # For the record; and what the patient reads, in their language.
    reason = EncryptedTextField(blank=True, default="")
    words = EncryptedTextField(blank=True, default="")
    # What else belongs to the kind: settled points, the wait for a new application, the letter, the days for an answer.
    more = EncryptedJSONField(default=dict)
    written_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # From this moment it takes effect; until then it can be undone.
    effective_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # Why it did not take effect, in words for the prescriber.
    failure = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-written_at"]
        indexes: ClassVar = [
            models.Index(fields=["effective_at"], name="telemedicine_verdict_due", condition=Q(status="confirmed")),
            models.Index(fields=["review", "-written_at"], name="telemedicine_verdict_of"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review"], condition=Q(status="confirmed"), name="telemedicine_verdict_one_confirmed"
            ),
            models.CheckConstraint(
                name="telemedicine_verdict_confirmed_has_moments",
                condition=Q(status__in=["written", "dropped"], confirmed_at__isnull=True, effective_at__isnull=True)
                | Q(
                    status__in=["confirmed", "in_effect", "undone", "failed"],
                    confirmed_at__isnull=False,
                    effective_at__gt=models.F("confirmed_at"),
                ),
            ),
            models.CheckConstraint(
                name="telemedicine_verdict_done_has_moment",
                condition=Q(status__in=["in_effect", "undone", "failed"], done_at__isnull=False)
                | Q(status__in=["written", "confirmed", "dropped"], done_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.status})"

    @property
    def told(self) -> dict[str, Any]:
        """What else belongs to the kind."""
        found: Any = self.more
        return dict(found)


class InPersonVisit(BaseModel):
    """A prescriber wants the patient seen in person before anything is approved; it stands until that was recorded.

    It belongs to the patient, not to one set of answers: newer answers do not make it unnecessary.
    """

    patient = models.ForeignKey("accounts.Patient", on_delete=models.PROTECT, related_name="in_person_visits")
    review = models.ForeignKey("telemedicine.Review", on_delete=models.PROTECT, related_name="in_person_visits")
    clinician = models.ForeignKey("accounts.Clinician", on_delete=models.PROTECT, related_name="+")
    # Where to, in words that the patient reads.
    place = EncryptedTextField(blank=True, default="")
    # Whether we call to arrange it; else the patient does.
    we_call = models.BooleanField(default=True)
    required_at = models.DateTimeField()
    met_on = models.DateField(null=True, blank=True)
    met_where = EncryptedTextField(blank=True, default="")
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # The case was declined, or the treatment ended: nobody waits for it any more.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-required_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(recorded_at__isnull=True, ended_at__isnull=True),
                name="telemedicine_inpersonvisit_one_open",
            ),
            models.CheckConstraint(
                name="telemedicine_inpersonvisit_recorded_is_complete",
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True, met_on__isnull=True)
                | Q(recorded_at__isnull=False, recorded_by__isnull=False, met_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"visit in person {self.pk}"
