"""What every patient page may ask for: how many messages of the care team are unread. For base_patient.html."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.roles import Role
from telemedicine.selectors import unread_for_patient


def patient_nav(request: HttpRequest) -> dict[str, object]:
    """`unread_messages`, counted only when a page shows it."""
    return {"unread_messages": SimpleLazyObject(lambda: _unread(request))}


def _unread(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.role != Role.PATIENT:
        return 0
    found: Patient | None = getattr(request, "patient", None) or getattr(user, "patient", None)
    return unread_for_patient(found) if found else 0
