"""What the score of a questionnaire is compared with when it is answered."""

from decimal import Decimal

from harmoniously.core.accounts.models import Patient
from harmoniously.core.questions.selectors import scored
from treatment.models import DoseSession
from treatment.rules.outcomes import Score, baseline

# The last score, and the lowest since before the first dose where it is lower: a slow rise has no big step.
Compared = dict[str, float | None]


def compared_with(patient: Patient, instrument: str) -> Compared:
    """`before`: the last complete score; `lowest`: the best from the one before the first dose on, if it was better."""
    scores = [Score(row.taken_at, row.total) for row in scored(patient, instrument) if row.total is not None]
    if not scores:
        return {"before": None}
    taken = DoseSession.objects.filter(patient=patient, status__in=DoseSession.TAKEN).order_by("started_at")
    began = baseline(scores, taken.values_list("started_at", flat=True).first())
    counted = [score.total for score in scores if began is None or score.at >= began.at]
    last, lowest = scores[-1].total, min(counted)
    found: Compared = {"before": _plain(last)}
    return found | {"lowest": _plain(lowest)} if lowest < last else found


def _plain(total: Decimal) -> float:
    """A whole score without a point, as it is kept and put into words."""
    return int(total) if total == int(total) else float(total)
