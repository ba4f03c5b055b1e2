from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from datetime import datetime

    from harmoniously.core.accounts.models import Patient, User
    from harmoniously.core.alerts.presenting import Place


class TreatmentConfig(AppConfig):
    name = "treatment"

    def ready(self) -> None:
        """Alerts lead to their pages; no reminder of a session goes out while the treatment stands still."""
        from harmoniously.core.alerts.presenting import name_beginning, name_place, name_step, name_subject, name_words
        from harmoniously.core.notifications.guards import ask_before_sending
        from treatment.services.reminders import held_sessions
        from treatment.staff_steps import open_parcel

        name_subject("session", _session_page)
        name_subject("check_in", _check_in_page)
        name_subject("supply", _ledger_page)
        name_subject("shipment", _parcel_page)
        name_subject("released", _parcel_page)
        ask_before_sending("session", held_sessions)
        name_place(_session_place)
        name_subject("adverse_event", _event_page)
        name_subject("journal", _journal_page)
        name_step(open_parcel, "parcel", "shipment_late")
        name_beginning(_session_begins, "sitter", "place")
        for kind in ("session", "intention", "journal", "transfer"):
            name_words(kind, partial(_words, kind))


def _words(kind: str, pk: UUID) -> list[str]:
    """What stands on no page of the staff. What they want from a session, and their journal, are the patient's own."""
    from treatment.models import DoseSession, Transfer

    if kind == "session":
        return [row.skip_words or "" for row in DoseSession.objects.filter(pk=pk)]
    return [row.purpose for row in Transfer.objects.filter(pk=pk)] if kind == "transfer" else []


def _session_place(patient: "Patient") -> "Place | None":
    from treatment.selecting.booking import stated_place

    return stated_place(patient)


def _session_begins(pk: UUID) -> "datetime | None":
    from treatment.models import DoseSession

    return DoseSession.objects.filter(pk=pk).values_list("starts_at", flat=True).first()


def _session_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:dose_session", args=[pk])


def _journal_page(reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    from harmoniously.core.common import clock
    from treatment.selecting.journal import standing_shares

    shared = standing_shares(clock.now()).filter(entry=pk, clinician__user=reader).exists()
    return reverse("admin:shared_journal_entry", args=[pk]) if shared else ""


def _check_in_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:check_in", args=[pk])


def _ledger_page(_reader: "User", patient_id: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:supply_ledger", args=[patient_id])


def _parcel_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:parcel", args=[pk])


def _event_page(_reader: "User", pk: UUID) -> str:
    from django.urls import reverse

    return reverse("admin:adverse_event", args=[pk])
