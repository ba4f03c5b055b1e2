"""Who waits for an earlier time, and what was offered to them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES
from telemedicine.models.appointment import Appointment, Kind


class WaitingWish(BaseModel):
    """A patient waits for a time that comes free: one wish for each kind of visit. The first who asked comes first."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ENDED = "ended", _("Ended")

    MOVES: ClassVar[dict[str, set[str]]] = {Status.WAITING: {Status.ENDED}, Status.ENDED: set()}

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting_wishes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Where they will be during the visit.
    state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True, default="")
    # None: whoever may see them.
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Monday is 0; empty: any day. Wall times of the patient.
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    starts = models.TimeField()
    ends = models.TimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    asked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(status="waiting"), name="%(app_label)s_%(class)s_one_a_kind"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="telemedicine_wish_first", condition=Q(status="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.asked_at:%Y-%m-%d}"

    @property
    def place(self) -> str:
        """The state in which the patient will be."""
        return self.state or self.patient.state

    @property
    def about(self) -> str:
        """The group of the messages about it."""
        return f"waiting:{self.pk}"


class OfferedTime(BaseModel):
    """A time that came free and is kept for one who waits: the appointment is held for them until they answer."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        TAKEN = "taken", _("Taken")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Not answered")
        WITHDRAWN = "withdrawn", _("No longer possible")

    MOVES: ClassVar[dict[str, set[str]]] = {
        Status.OPEN: {Status.TAKEN, Status.DECLINED, Status.LAPSED, Status.WITHDRAWN},
        Status.TAKEN: set(),
        Status.DECLINED: set(),
        Status.LAPSED: set(),
        Status.WITHDRAWN: set(),
    }

    wish = models.ForeignKey(WaitingWish, on_delete=models.PROTECT, related_name="offers")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    held = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="offered")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    offered_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["wish"], condition=Q(status="open"), name="%(app_label)s_%(class)s_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"offered until {self.until:%Y-%m-%d %H:%M} UTC, {self.status}"
