"""What one invented patient has beside the sessions: a therapist, and a journal."""

from datetime import timedelta

from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.audit.services import record
from harmoniously.nonprod.seeding.life import Life
from treatment.models import DoseSession
from treatment.services import journal

ENTRIES = (
    ("before_wish", "I would like some room for the quiet after the move. Not to solve it, only to look at it."),
    ("after_first", "Blue light through curtains. The sound of the street far below, and that I did not mind it."),
    ("days_different", "I answered two letters that had been lying there for weeks. It took ten minutes."),
)
SHARED = "after_first"


def write_journal(life: Life) -> None:
    """An entry before, after and some days after the first session; the therapist may read one."""
    first = DoseSession.objects.filter(patient=life.patient, status="completed").order_by("starts_at").first()
    if first is None or first.started_at is None:
        return
    user, therapist = life.patient.user, life.practice.therapist
    relation = care_relation_open(patient=life.patient, clinician=therapist, now=first.started_at)
    record(actor=user, action="care_relation.opened", now=first.started_at, subject=relation, why="visit")
    moments = (
        first.started_at - timedelta(hours=6),
        first.started_at + timedelta(hours=5),
        first.started_at + timedelta(days=3),
    )
    for (prompt, text), at in zip(ENTRIES, moments, strict=True):
        entry = journal.save_entry(
            patient=life.patient,
            token=life.uuid(),
            words=journal.Words(text, prompt, first),
            page=journal.OpenedPage(life.uuid()),
            by=user,
            now=at,
        )
        if prompt == SHARED:
            journal.share_entry(entry=entry, clinician=therapist, by=user, now=at + timedelta(minutes=10))
