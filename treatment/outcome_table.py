"""The numbers of a course in one table for the prescriber: a row for each local day that has any, newest first."""

from dataclasses import dataclass, field
from datetime import date, datetime

from harmoniously.core.common import clock
from harmoniously.core.questions.scales import SCALES
from treatment.outcome_words import number
from treatment.selecting.outcomes import Dose, Outcomes


@dataclass
class Row:
    """One local day."""

    day: date
    doses: list[Dose] = field(default_factory=list)
    scores: dict[str, list[str]] = field(default_factory=dict)
    pressures: list[str] = field(default_factory=list)
    bladder: list[str] = field(default_factory=list)
    # In the order of the table's scales.
    cells: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """The names of the scales that were answered, and the rows."""

    scales: list[str]
    rows: list[Row]


def build(found: Outcomes, zone: str) -> Table:
    """Put every number under its day."""
    days: dict[date, Row] = {}

    def on(at: datetime) -> Row:
        day = clock.local(at, zone).date()
        return days.setdefault(day, Row(day))

    for key, scores in found.scores.items():
        for score in scores:
            on(score.at).scores.setdefault(key, []).append(f"{number(score.total)}")
    for dose in found.doses:
        on(dose.at).doses.append(dose)
    for reading in found.pressures:
        on(reading.at).pressures.append(f"{reading.systolic}/{reading.diastolic}")
    for sign in found.bladder:
        on(sign.at).bladder.append(f"{sign.worst}")
    keys = [key for key in SCALES if key in found.scores]
    rows = sorted(days.values(), key=lambda row: row.day, reverse=True)
    for row in rows:
        row.cells = [", ".join(row.scores.get(key, [])) for key in keys]
    return Table([SCALES[key].name for key in keys], rows)
