"""What people set for themselves."""

from datetime import datetime

from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record


def choose(*, user: User, language: str, now: datetime) -> None:
    """Keep the language that somebody reads; does nothing when it is that one already."""
    if user.language == language:
        return
    with transaction.atomic():
        user.language = language
        user.save(update_fields=["language"])
        record(actor=user, action="account.language_chosen", now=now, subject=user, language=language)


def live_in(*, patient: Patient, zone: str, by: User, now: datetime) -> None:
    """Keep the zone in which a patient reads times; does nothing when it is that one already.

    No moment moves: visits, sessions and what is planned to be sent stay where they are. Words and the hours in which
    no text comes are made from the zone when they are needed.
    """
    if patient.zone == zone:
        return
    before = patient.zone
    with transaction.atomic():
        patient.zone = zone
        patient.save(update_fields=["zone"])
        record(actor=by, action="patient.zone_chosen", now=now, patient=patient, before=before, after=zone)
