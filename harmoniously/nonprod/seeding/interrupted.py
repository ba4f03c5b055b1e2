"""What interrupts a treatment in the demo: a pause, and a count that finds one unit missing."""

from uuid import UUID

from harmoniously.nonprod.seeding.life import Life
from treatment import selectors as treatment
from treatment.models import EntryKind
from treatment.services import ending, supply


def pause(life: Life, note: str) -> None:
    """The prescriber pauses the treatment."""
    order = treatment.standing_prescription(life.patient)
    if order is not None:
        by = life.clinician.user
        ending.pause_prescription(prescription=order, reason="side_effects", note=note, by=by, now=life.now)


def count_one_short(life: Life) -> None:
    """The patient counts what is left, and one is missing."""
    for row in treatment.ledger_of(life.patient).rows[:1]:
        said = supply.Said(EntryKind.COUNT, max(0, row.line.at_home - 1), "One is missing. I cannot find it.")
        token = UUID(int=row.prescription.pk.int ^ 2)
        by = life.patient.user
        supply.write_entry(prescription=row.prescription, said=said, form_token=token, by=by, now=life.now)
