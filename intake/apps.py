from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from harmoniously.core.accounts.models import User


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self) -> None:
        """Alerts about an agreement lead to the agreements of the patient, those about an answer show its words."""
        from harmoniously.core.alerts.presenting import name_step, name_subject, name_words
        from intake.requests.staff_identity import to_compare

        name_step(to_compare, "identity_check")
        name_subject("consent", _agreements_page)
        name_words("intake", _words)


def _words(pk: UUID) -> list[str]:
    from intake.safety import words_in

    return words_in(pk)


def _agreements_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    from harmoniously.core.documents.consents.selectors import patient_of

    patient_id = patient_of(pk)
    return reverse("admin:agreements", args=[patient_id]) if patient_id else ""
