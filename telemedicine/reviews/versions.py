"""The versions of a patient's answers: each was handed in once, never changed, and decided under its own policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intake.models import EligibilityDecision
from telemedicine.reviews.wording import OUTCOME_TONES, Tagged

History = Sequence[EligibilityDecision]


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the list, the newest first."""

    key: UUID
    number: int
    handed_in: datetime
    outcome: Tagged
    policy_version: str
    is_current: bool
    shown: bool


def history_of(decision: EligibilityDecision) -> History:
    """The versions that were read together with a case, the newest first."""
    return getattr(decision, "history", None) or [decision]


def listed(shown: EligibilityDecision) -> list[Version]:
    """Every version of the patient whose decision is shown."""
    rows = history_of(shown)
    return [
        Version(
            key=row.pk,
            number=_count(rows) - at,
            handed_in=row.submission.submitted_at or row.decided_at,
            outcome=Tagged(OUTCOME_TONES[row.outcome], row.get_outcome_display()),
            policy_version=row.policy_version,
            is_current=row.is_current,
            shown=row.pk == shown.pk,
        )
        for at, row in enumerate(rows)
    ]


def before(decision: EligibilityDecision) -> EligibilityDecision | None:
    """The version that this one replaced, or None for the first."""
    rows = history_of(decision)
    place = next((at for at, row in enumerate(rows) if row.pk == decision.pk), len(rows)) + 1
    return rows[place] if place < len(rows) else None


def place_of(decision: EligibilityDecision) -> int:
    """Which version a decision is of, counted from the first."""
    rows = history_of(decision)
    return _count(rows) - next((at for at, row in enumerate(rows) if row.pk == decision.pk), 0)


def _count(rows: History) -> int:
    """How many versions there are in all; those before the ones that are shown keep their numbers, too."""
    return getattr(rows[0], "of_all", len(rows))
