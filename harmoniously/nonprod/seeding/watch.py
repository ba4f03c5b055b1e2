"""What is told during a session without anything unusual: eight checks, two readings, two notes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from harmoniously.core.accounts.models import User
from treatment.models import DoseSession, SitterInvitation
from treatment.services import watching

MINUTE = timedelta(minutes=1)
NOTES = {28: "light", 70: "calm"}
READINGS = (50, 122)


def watch(
    session: DoseSession, invitation: SitterInvitation, *, began: datetime, by: User, key: Callable[[], UUID]
) -> None:
    """The sitter's checks every 14 minutes, and what the patient tells; each at its minute."""
    own: dict[str, Any] = {"session": session, "by": by}
    for minute in sorted({*range(14, 113, 14), *NOTES, *READINGS}):
        now = began + minute * MINUTE
        if minute in READINGS:
            watching.record_vital(**own, systolic=132, diastolic=84, heart_rate=78, key=key(), now=now)
            continue
        if minute in NOTES:
            watching.note_feeling(**own, note=NOTES[minute], key=key(), now=now)
        watching.sitter_check(invitation=invitation, responds=True, breathing_normal=True, key=key(), now=now)
