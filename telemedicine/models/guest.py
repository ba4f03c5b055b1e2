"""The third person of a visit: invited by a private link, and there only while the patient agrees."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedTextField
from harmoniously.core.common.models import BaseModel
from telemedicine.models.appointment import Appointment


class Relation(models.TextChoices):
    """Who the invited person is."""

    FAMILY = "family", _("Family member or partner")
    FRIEND = "friend", _("Friend")
    SITTER = "sitter", _("Sitter")
    INTERPRETER = "interpreter", _("Interpreter")
    CLINICIAN = "clinician", _("Another clinician of the practice")
    OTHER = "other", _("Somebody else")


class GuestQuerySet(models.QuerySet["Guest"]):
    def invited(self) -> Self:
        """Whose invitation stands."""
        return self.filter(ended_at__isnull=True)


class Guest(BaseModel):
    """One named person for one visit at its time: a visit that is moved needs another invitation (`sequence`).

    The link is good while the visit's door is, and only its digest is kept. The patient agrees to this person, and may
    take it back at any moment; then the invitation has ended for good.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="guests")
    sequence = models.PositiveIntegerField()
    name = EncryptedTextField()
    relation = models.CharField(max_length=20, choices=Relation.choices)
    # Where the link is sent once the patient has agreed; empty when whoever invites passes it on.
    email = EncryptedTextField(blank=True, default="")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    # The first way in they were given; what it opened must be closed when the invitation ends.
    joined_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = GuestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment", "sequence"],
                condition=Q(ended_at__isnull=True),
                name="%(app_label)s_%(class)s_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(admitted_at__isnull=True) | Q(agreed_at__isnull=False),
                name="%(app_label)s_%(class)s_admitted_with_consent",
            ),
        ]

    def __str__(self) -> str:
        return f"guest {self.pk}"

    @property
    def patient(self) -> Patient:
        """Whose visit it is, for the trail."""
        return self.appointment.patient

    @property
    def about(self) -> str:
        """The key under which everything sent about this invitation is withdrawn together."""
        return f"guest:{self.pk}"
