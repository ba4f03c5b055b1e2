"""Keeping what a patient reports on the day of a session, so that the next order cannot overlook it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from treatment.models import Report, ReportCode

# Which answer of the gate or of a check-in reports what.
ANSWERS = {"new_medicine": ReportCode.MEDICINE, "pregnancy_possible": ReportCode.PREGNANCY}


def note_reports(*, patient: Patient, answers: Mapping[str, Any], about: str, by: Actor, now: datetime) -> None:
    """Keep every answer that reports something. Inside the caller's transaction; the same moment twice is one row."""
    for name, code in ANSWERS.items():
        if answers.get(name) is True:
            row, made = Report.objects.get_or_create(
                about=about, code=code, at=now, defaults={"patient": patient, "created_at": now}
            )
            if made:
                record(actor=by, action="report.made", now=now, subject=row, code=code.value)
