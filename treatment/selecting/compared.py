"""What scores are compared with: each course of treatment has its own beginning."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions.selectors import scored
from treatment.models import Chart, DoseSession
from treatment.rules.outcomes import Score, baseline

# The last score, and the lowest since before the first dose where it is lower: a slow rise has no big step.
Compared = dict[str, float | None]


@dataclass(frozen=True)
class Beginning:
    """Where the newest course of treatment began: after the end of the one before it (None: it is the first), and at
    its own first dose (None: there was none yet).
    """

    after: datetime | None
    first_dose: datetime | None

    def counts(self, at: datetime) -> bool:
        """Whether what was answered at this moment belongs to this course; its intake does."""
        return self.after is None or at > self.after


def beginnings(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients with what `beginning_on` reads."""
    charts = Chart.objects.filter(patient=OuterRef("pk")).order_by("-opened_at")
    doses = DoseSession.objects.filter(prescription__chart=OuterRef("pk"), status__in=DoseSession.TAKEN)
    first = Subquery(doses.order_by("started_at").values("started_at")[:1])
    return patients.annotate(
        course_after=Subquery(charts.values("closed_at")[1:2]),
        course_first_dose=Subquery(charts.annotate(first_dose=first).values("first_dose")[:1]),
    )


def beginning_on(row: Any) -> Beginning:
    """From a row with `beginnings`: no query more."""
    return Beginning(row.course_after, row.course_first_dose)


def beginning_of(patient: Patient) -> Beginning:
    """Where the newest course of this patient began; one query."""
    return beginning_on(beginnings(Patient.objects.only("pk")).get(pk=patient.pk))


def compared_with(patient: Patient, instrument: str) -> Compared:
    """`before`: the last complete score; `lowest`: the best from the one before the first dose on, if it was better.

    Nothing of a treatment that has ended: whoever begins again is compared with how they began again.
    """
    beginning, rows = beginning_of(patient), scored(patient, instrument)
    scores = [
        Score(row.taken_at, row.total) for row in rows if row.total is not None and beginning.counts(row.taken_at)
    ]
    if not scores:
        return {"before": None}
    began = baseline(scores, beginning.first_dose)
    counted = [score.total for score in scores if began is None or score.at >= began.at]
    last, lowest = scores[-1].total, min(counted)
    found: Compared = {"before": _plain(last)}
    return found | {"lowest": _plain(lowest)} if lowest < last else found


def _plain(total: Decimal) -> float:
    """A whole score without a point, as it is kept and put into words."""
    return int(total) if total == int(total) else float(total)
