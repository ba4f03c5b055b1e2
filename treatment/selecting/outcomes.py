"""The course of a treatment in numbers: scores, blood pressure, bladder signs and doses, read once for a whole page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions.models import Assessment
from harmoniously.core.questions.scales import SCALES
from treatment.models import CheckIn, DoseSession, Vital, VitalPhase
from treatment.rules.checkin import SIDE_EFFECTS
from treatment.rules.outcomes import Score
from treatment.rules.rhythm import Kind
from treatment.selecting.compared import Beginning, beginning_of

# More than ten years of weekly questionnaires.
MOST = 600


@dataclass(frozen=True)
class Dose:
    """One session that was taken."""

    at: datetime
    number: int
    mg: Decimal
    session: DoseSession


@dataclass(frozen=True)
class Pressure:
    """A reading in mmHg: the last one before a dose, or one at home between sessions."""

    at: datetime
    systolic: int
    diastolic: int
    before_dose: bool


@dataclass(frozen=True)
class Bladder:
    """The three bladder signs of one check-in, each from 0 to 3."""

    at: datetime
    worst: int


@dataclass(frozen=True)
class Outcomes:
    """Everything there is, oldest first; `scores` has every scale that was ever answered.

    `beginning` is that of the newest course of treatment: how it went is told of that course alone.
    """

    scores: Mapping[str, list[Score]] = field(default_factory=dict)
    bands: Mapping[tuple[str, datetime], str] = field(default_factory=dict)
    doses: tuple[Dose, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    bladder: tuple[Bladder, ...] = ()
    beginning: Beginning = Beginning(None, None)

    @property
    def first_dose(self) -> datetime | None:
        """The start of the first session there ever was."""
        return self.doses[0].at if self.doses else None

    @property
    def moments(self) -> list[datetime]:
        """Every moment that has a number."""
        found = [score.at for scores in self.scores.values() for score in scores]
        found += [row.at for row in self.doses] + [row.at for row in self.pressures]
        return sorted(found + [row.at for row in self.bladder])


def outcomes_of(patient: Patient) -> Outcomes:
    """The course of one patient; five queries whatever its length."""
    rows = Assessment.objects.filter(patient=patient, total__isnull=False, instrument__in=SCALES).order_by("-taken_at")
    newest = list(rows.defer("answers")[:MOST])[::-1]
    scores: dict[str, list[Score]] = {}
    for row in newest:
        scores.setdefault(row.instrument, []).append(Score(row.taken_at, row.total or Decimal(0)))
    return Outcomes(
        scores=scores,
        bands={(row.instrument, row.taken_at): row.band for row in newest},
        doses=_doses(patient),
        pressures=_pressures(patient),
        bladder=_bladder(patient),
        beginning=beginning_of(patient),
    )


def _doses(patient: Patient) -> tuple[Dose, ...]:
    """Sessions are counted over the whole treatment here: a new prescription begins at number 1 again."""
    rows = DoseSession.objects.filter(patient=patient, status__in=DoseSession.TAKEN).order_by("started_at")
    rows = rows.defer("gate_answers", "gate_facts", "gate_reasons")
    taken = [row for row in rows if row.started_at is not None]
    return tuple(Dose(row.started_at, at, row.mg, row) for at, row in enumerate(taken, 1) if row.started_at)


def _pressures(patient: Patient) -> tuple[Pressure, ...]:
    rows = Vital.objects.filter(patient=patient, phase__in=(VitalPhase.GATE, VitalPhase.HOME)).order_by(
        "-taken_at", "-round", "-place"
    )
    found: list[Pressure] = []
    seen = set()
    for row in rows[: 4 * MOST]:
        # Of the readings before one dose, the last one is the pressure that the dose was taken at.
        key = row.session_id or row.pk
        if key not in seen:
            seen.add(key)
            found.append(Pressure(row.taken_at, row.systolic, row.diastolic, row.phase == VitalPhase.GATE))
    return tuple(found[::-1])


def _bladder(patient: Patient) -> tuple[Bladder, ...]:
    rows = CheckIn.objects.filter(patient=patient, status="answered", kind__in=(Kind.DAY, Kind.MONTH))
    found = []
    for row in rows.only("answers", "answered_at").order_by("-answered_at")[:MOST]:
        ratings = [row.answer("bladder", name) for name in SIDE_EFFECTS[14:]]
        known = [rating for rating in ratings if isinstance(rating, int)]
        if known and row.answered_at is not None:
            found.append(Bladder(row.answered_at, max(known)))
    return tuple(found[::-1])
