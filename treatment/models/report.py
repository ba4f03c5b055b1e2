"""What a patient reported on a day of a session that a prescriber has to think of before the next order."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.models import BaseModel


class ReportCode(models.TextChoices):
    """Answers that outlive the day on which they were given."""

    MEDICINE = "medicine", _("A new medicine")
    PREGNANCY = "pregnancy", _("A possible pregnancy")


class Report(BaseModel):
    """One such answer; which session or check-in it was given at stands in `about`. Kept once for each of them."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reports")
    code = models.CharField(max_length=16, choices=ReportCode.choices)
    about = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about", "code", "at"], name="treatment_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.at:%Y-%m-%d}"
