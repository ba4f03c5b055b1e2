"""Closing the record of a pause, whatever ended it: resumed, stopped or replaced."""

from datetime import datetime

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import record
from treatment.models import Pause, Prescription


def end_pause(prescription: Prescription, *, note: str, by: User, now: datetime) -> None:
    """Close the open pause of an order, if there is one; the order itself is moved by the caller."""
    pause = Pause.objects.filter(prescription=prescription, ended_at__isnull=True).select_related("patient").first()
    if pause is None:
        return
    pause.ended_at, pause.ended_by, pause.resume_reason = now, by, note.strip()
    pause.save(update_fields=["ended_at", "ended_by", "resume_reason"])
    record(actor=by, action="prescription.pause_ended", now=now, subject=pause)
