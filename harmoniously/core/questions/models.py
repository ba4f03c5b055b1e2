"""Answers to a scored questionnaire, with the score that was computed when they were given."""

from django.db import models
from django.db.models import Q

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel


class Assessment(BaseModel):
    """One instrument, answered once. Rows are added, never changed: the history is the trend."""

    class Instrument(models.TextChoices):
        """The instruments of policy section 3."""

        PHQ9 = "phq9", "PHQ-9"
        GAD7 = "gad7", "GAD-7"
        CSSRS = "cssrs", "C-SSRS screener"
        PCL5 = "pcl5", "PCL-5"
        PEG = "peg", "PEG"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    instrument = models.CharField(max_length=10, choices=Instrument.choices)
    # Where it was asked: "intake", "session", "check_in".
    context = models.CharField(max_length=20)
    answers = EncryptedJSONField()
    # Null when an item was left open: an incomplete score is no score (policy section 3).
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    band = models.CharField(max_length=40, blank=True)
    # In which published language it was shown; the score does not depend on it.
    language = models.CharField(max_length=5, default="en")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-taken_at"]
        indexes = [models.Index(fields=["patient", "instrument", "-taken_at"], name="assessment_trend")]
        constraints = [
            models.CheckConstraint(condition=Q(total__isnull=True) | Q(total__gte=0), name="assessment_total_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()} {self.pk}"
