"""A meeting of one patient and one clinician. That no two overlap is promised by the database (0002_no_overlap)."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES, ZONE_OF_STATE
from telemedicine.rules.slots import VisitKind

CLINICIAN_CONSTRAINT = "telemedicine_appointment_clinician_free"
PATIENT_CONSTRAINT = "telemedicine_appointment_patient_free"


class Kind(models.TextChoices):
    """What the visit is for, in the words a patient reads. No clinical word: these also stand on schedules."""

    EVALUATION = VisitKind.EVALUATION.value, _("First visit")
    CHECK_IN = VisitKind.CHECK_IN.value, _("Follow-up visit")
    INTEGRATION = VisitKind.INTEGRATION.value, _("Integration visit")


class Status(models.TextChoices):
    HELD = "held", _("Being chosen")
    BOOKED = "booked", _("Booked")
    COMPLETED = "completed", _("Took place")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Missed")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def for_patient(self, patient: Patient) -> Self:
        return self.filter(patient=patient)

    def taking_time(self) -> Self:
        """What keeps a clinician and a patient busy: the same condition as the database's exclusion constraints."""
        return self.filter(status__in=[Status.HELD, Status.BOOKED])

    def booked(self) -> Self:
        return self.filter(status=Status.BOOKED)

    def with_people(self) -> Self:
        return self.select_related("patient__user", "clinician__user")


class Appointment(BaseModel):
    """Held while the patient confirms (`held_until`), then booked, then one of three ends."""

    Kind = Kind
    Status = Status

    MOVES: ClassVar[dict[str, set[str]]] = {
        Status.HELD: {Status.BOOKED, Status.CANCELLED},
        # Held again only where it was held, and both only within seconds, while nobody was told (services.changes).
        Status.BOOKED: {Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.HELD},
        Status.COMPLETED: set(),
        Status.CANCELLED: {Status.BOOKED},
        Status.NO_SHOW: set(),
    }

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="appointments")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.HELD)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    # Who of the clinic keeps this time for a caller; None for one that the patient chose online.
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # It is kept longer once, not for ever.
    hold_extended_at = models.DateTimeField(null=True, blank=True)
    # How often it was moved or cancelled: the SEQUENCE of the calendar file, and the version of the row.
    sequence = models.PositiveIntegerField(default=0)
    # Where the patient said, when it was booked, that they will be: who may see them there depends on it.
    state = models.CharField(_("state"), max_length=2, choices=STATE_CHOICES, blank=True, default="")
    # Where the patient is on the day {"state", "street", "city", "zip", "phone"}: for 911, and for the licence.
    location = EncryptedJSONField(null=True, blank=True)
    location_at = models.DateTimeField(null=True, blank=True)
    # False when the clinician has no licence where the patient is: the visit must not begin.
    location_licensed = models.BooleanField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # When the patient said, for this time, that they will come.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="%(app_label)s_%(class)s_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.HELD) | Q(held_until__isnull=False),
                name="%(app_label)s_%(class)s_held_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(hold_extended_at__isnull=True) | Q(held_by__isnull=False),
                name="%(app_label)s_%(class)s_extended_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(location_at__isnull=True, location_licensed__isnull=True, started_at__isnull=True)
                | Q(location_at__isnull=False, location_licensed=False, started_at__isnull=True)
                | Q(location_at__isnull=False, location_licensed=True),
                name="%(app_label)s_%(class)s_starts_where_licensed",
            ),
        ]
        indexes = [
            models.Index(fields=["clinician", "starts_at"], name="telemedicine_appt_clinician"),
            models.Index(fields=["patient", "starts_at"], name="telemedicine_appt_patient"),
            models.Index(fields=["held_until"], name="telemedicine_appt_held", condition=Q(status=Status.HELD)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def place(self) -> str:
        """The state in which the patient will be: the one they said, else where they live."""
        return self.state or self.patient.state

    @property
    def place_words(self) -> str:
        """Its name, "" when none is known."""
        return dict(STATE_CHOICES).get(self.place, "")

    @property
    def place_zone(self) -> str:
        """The zone of most of that state; the patient's own where none is known."""
        return ZONE_OF_STATE.get(self.place, self.patient.zone)

    @property
    def about(self) -> str:
        """The key under which everything sent about this visit is planned and withdrawn together."""
        return f"appointment:{self.pk}"
