"""What every patient page may ask for: how many messages are unread (base_patient.html), whether the fee is paid."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from billing.selectors import evaluation_paid
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.roles import Role
from telemedicine.referrals.selectors import Waiting, waiting_for

Found = TypeVar("Found")


def patient_nav(request: HttpRequest) -> dict[str, object]:
    """`unread_messages`, `letter_to_sign` and `evaluation_paid`, looked up only when a page shows it."""
    waiting: Any = SimpleLazyObject(lambda: _of_patient(request, waiting_for, Waiting()))
    return {
        "unread_messages": SimpleLazyObject(lambda: waiting.messages),
        "letter_to_sign": SimpleLazyObject(lambda: waiting.letter),
        "evaluation_paid": SimpleLazyObject(lambda: _of_patient(request, evaluation_paid, False)),
    }


def _of_patient(request: HttpRequest, look: Callable[[Patient], Found], nothing: Found) -> Found:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.role != Role.PATIENT:
        return nothing
    found: Patient | None = getattr(request, "patient", None) or getattr(user, "patient", None)
    return look(found) if found else nothing
