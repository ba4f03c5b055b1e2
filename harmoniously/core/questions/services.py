"""Keeping the answers to a scored questionnaire."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.questions.instruments import (
    CssrsAnswers,
    CssrsSinceLastAnswers,
    Score,
    score_gad7,
    score_pcl5,
    score_peg,
    score_phq9,
    suicide_risk,
    suicide_risk_since_last,
)
from harmoniously.core.questions.models import Assessment

Items = Sequence[int | None]
SCORERS: Mapping[str, Callable[[Items], Score]] = {
    Assessment.Instrument.PHQ9: score_phq9,
    Assessment.Instrument.GAD7: score_gad7,
    Assessment.Instrument.PCL5: score_pcl5,
    Assessment.Instrument.PEG: score_peg,
}


def record_assessment(
    *,
    patient: Patient,
    instrument: str,
    answers: Items | CssrsAnswers | CssrsSinceLastAnswers,
    context: str,
    by: Actor,
    now: datetime,
    language: str = "en",
) -> Assessment:
    """Score an instrument and keep answers, total and band.

    ``answers`` are the items in order (None = unanswered), for the C-SSRS its answers; its band is the risk level and
    it has no total. ``context`` says where it was asked ("intake", "session", "check_in"), ``language`` in which
    published wording. Raises ValueError for a wrong number of items or a value out of range.
    """
    kept, total, band = _scored(instrument, answers)
    with transaction.atomic():
        row = Assessment.objects.create(
            patient=patient,
            instrument=instrument,
            context=context,
            answers=kept,
            total=None if total is None else Decimal(str(total)),
            band=band,
            language=language,
            taken_at=now,
            created_at=now,
        )
        record(actor=by, action="assessment.recorded", now=now, subject=row, instrument=instrument, context=context)
    return row


def _scored(instrument: str, answers: Any) -> tuple[Any, float | None, str]:
    if isinstance(answers, CssrsSinceLastAnswers):
        return asdict(answers), None, suicide_risk_since_last(answers).value
    if isinstance(answers, CssrsAnswers):
        return asdict(answers), None, suicide_risk(answers).value
    score = SCORERS[instrument](answers)
    return list(answers), score.total, score.band or ""
