"""The five kinds of people with an account."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A person has exactly one role; what it may do stands in permissions.py."""

    PATIENT = "patient", _("Patient")
    PRESCRIBER = "prescriber", _("Prescriber")
    THERAPIST = "therapist", _("Therapist")
    COORDINATOR = "coordinator", _("Care coordinator")
    ADMINISTRATOR = "administrator", _("Administrator")


STAFF_ROLES: frozenset[Role] = frozenset(Role) - {Role.PATIENT}
CLINICIAN_ROLES: frozenset[Role] = frozenset({Role.PRESCRIBER, Role.THERAPIST})
