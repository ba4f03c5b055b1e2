from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from harmoniously.core.accounts.models import User


class TreatmentConfig(AppConfig):
    name = "treatment"

    def ready(self) -> None:
        """Alerts about a session or its check-in lead to the page of the session."""
        from harmoniously.core.alerts.presenting import name_subject

        name_subject("session", _session_page)
        name_subject("check_in", _check_in_page)


def _session_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:dose_session", args=[pk])


def _check_in_page(reader: "User", pk: UUID) -> str:
    from treatment.selectors import session_of_check_in

    session = session_of_check_in(pk)
    return _session_page(reader, session) if session else ""
