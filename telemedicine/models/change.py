"""What was moved or cancelled, by whom, and what it was before: for the next person, and to take it back."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.models import BaseModel
from telemedicine.models.appointment import Appointment


class VisitChange(BaseModel):
    """One change of one visit: that the clinic booked, moved or cancelled it. Rows are added, and marked once when
    taken back. `before_*` is how it stood; of a booking, as it was booked."""

    class Act(models.TextChoices):
        BOOKED = "booked", _("Booked")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="changes")
    act = models.CharField(max_length=10, choices=Act.choices)
    # None: the practice's own scheduled work.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    before_clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="+")
    before_starts_at = models.DateTimeField()
    before_state = models.CharField(max_length=2, blank=True, default="")
    before_sequence = models.PositiveIntegerField()
    before_confirmed_at = models.DateTimeField(null=True, blank=True)
    # The messages that it withdrew: they go out after all when it is taken back.
    withdrawn = ArrayField(models.UUIDField(), default=list, blank=True)
    # Until when it can be taken back; None when it cannot, because somebody was told at once.
    undo_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undo_until__isnull=False),
                name="%(app_label)s_%(class)s_undone_where_possible",
            ),
        ]
        indexes = [models.Index(fields=["appointment", "-at"], name="telemedicine_change_newest")]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M} UTC"

    @property
    def patient(self) -> Patient:
        """Whose visit it was, for the trail."""
        return self.appointment.patient
