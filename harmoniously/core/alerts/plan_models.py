"""The safety plan of a patient, in the patient's own words; every version stays."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel

# The six steps of the Stanley-Brown Safety Planning Intervention (2012), in their order: they are gone through one
# after the other. Key, heading, what to ask.
STEPS = (
    (
        "warning_signs",
        _("Warning signs"),
        _("Thoughts, pictures, moods, situations, behavior: how do you notice that a crisis begins?"),
    ),
    (
        "coping",
        _("Things I can do by myself"),
        _("What takes your mind off it without anybody else: a walk, music, a shower?"),
    ),
    ("distraction", _("People and places that distract me"), _("Names, phone numbers, places with other people.")),
    ("helpers", _("People I can ask for help"), _("Names and phone numbers of people you can tell that it is bad.")),
    (
        "professionals",
        _("Professionals and agencies I can contact"),
        _("Clinicians with phone numbers, the nearest emergency room, 988, 911."),
    ),
    (
        "environment",
        _("Making my surroundings safe"),
        _("Medicine, weapons, anything you could use: who keeps it, where, since when?"),
    ),
)
KEYS = tuple(key for key, _heading, _question in STEPS)


class SafetyPlan(BaseModel):
    """One version of the plan, written down by a clinician together with the patient."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="safety_plans")
    version = models.PositiveSmallIntegerField()
    words = EncryptedJSONField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="safety_plans_written"
    )

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "version"], name="alerts_safetyplan_one_per_version"),
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.written_at:%Y-%m-%d}"

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Heading and words of each step, in order."""
        return [(str(heading), self.words.get(key, "")) for key, heading, _question in STEPS]
