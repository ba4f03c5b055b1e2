from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from harmoniously.core.accounts.models import Patient, User
    from harmoniously.core.alerts.presenting import Place


class TelemedicineConfig(AppConfig):
    name = "telemedicine"

    def ready(self) -> None:
        """Alerts lead to the visit (as its clinician holds it, else who and when), the case, the conversation."""
        from harmoniously.core.alerts.presenting import name_place, name_step, name_subject
        from harmoniously.core.notifications.guards import ask_before_sending
        from intake.people import tell_of_moves
        from telemedicine import staff_steps
        from telemedicine.reviews.telling import QUESTION, answered, newest_case
        from telemedicine.services.visits import moved_away
        from telemedicine.video import checks  # noqa: F401  (registers itself)
        from treatment.said import told_by

        told_by(newest_case)
        tell_of_moves(moved_away)
        ask_before_sending(QUESTION, answered)
        name_place(_visit_place)
        name_subject("appointment", _visit_page)
        name_subject("case", _case_page)
        name_subject("thread", _thread_page)
        name_subject("referral", _referral_page)
        name_step(staff_steps.find_time, "visit_missed", "visit_needed", "visit_overdue", "waiting_list")
        name_step(staff_steps.answer, "message_unanswered")
        name_step(staff_steps.ask_on, "referral")
        name_step(staff_steps.arrange_in_person, "in_person")


def _visit_place(patient: "Patient") -> "Place | None":
    from telemedicine.places import stated_place

    return stated_place(patient)


def _visit_page(reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    from telemedicine.selectors import holds_visit

    return reverse("admin:visit" if holds_visit(reader, pk) else "admin:appointment", args=[pk])


def _case_page(_reader: "User", patient_id: UUID) -> str:
    from django.urls import reverse

    from telemedicine.reviews.selectors import has_case

    return reverse("admin:case", args=[patient_id]) if has_case(patient_id) else ""


def _referral_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:referral_outcome", args=[pk])


def _thread_page(reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    from harmoniously.core.common import clock
    from telemedicine.conversation.selectors import visible_to

    readable = visible_to(reader, clock.now()).filter(pk=pk).exists()
    return reverse("admin:message_thread", args=[pk]) if readable else ""
