"""What must be true before a prescriber may approve a case.

Every missing thing is named with what to do about it, all of them at once, so that nobody finds the next obstacle
only after removing the first. The prescriber still decides: an empty answer is permission to decide, not an approval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Obstacle(StrEnum):
    NOT_AWAITING = "not_awaiting"
    NO_LICENCE = "no_licence"
    VISIT_MISSING = "visit_missing"
    IN_PERSON_MISSING = "in_person_missing"
    CONSENT_TAKEN_BACK = "consent_taken_back"
    CONSENT_UNSIGNED = "consent_unsigned"
    CRISIS_HOLD = "crisis_hold"
    SAFETY_PLAN_MISSING = "safety_plan_missing"
    INFORMATION_OPEN = "information_open"


# How long a first visit stays the ground of a decision. House: after this the patient is met again.
VISIT_COUNTS_FOR = timedelta(days=90)

# The outcomes a prescriber may turn into an approval. `not_eligible` and `crisis` are never approved from a case page.
APPROVABLE = frozenset({"eligible_for_review", "needs_information"})


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts about one case at the moment of the decision."""

    outcome: str
    licensed: bool
    visit_completed: bool
    hold: str | None
    # Kinds of consent that treatment rests on: taken back, and not signed in the words of today (also a new version).
    taken_back: tuple[str, ...]
    unsigned: tuple[str, ...]
    open_information: frozenset[str] = frozenset()
    # A prescriber wants the patient seen in person first, and nobody has recorded that it took place.
    in_person_open: bool = False


def obstacles(standing: Standing, resolved: Iterable[str] = ()) -> tuple[Obstacle, ...]:
    """Everything that stands between this case and an approval.

    `resolved` are the codes of the information findings that the prescriber says were settled at the visit; an
    information finding means an answer that could change the outcome is missing (policy section 1), so each needs a
    person's word before it stops counting.
    """
    checks = (
        (Obstacle.NOT_AWAITING, standing.outcome not in APPROVABLE),
        (Obstacle.NO_LICENCE, not standing.licensed),
        (Obstacle.CONSENT_TAKEN_BACK, bool(standing.taken_back)),
        (Obstacle.CONSENT_UNSIGNED, bool(standing.unsigned)),
        (Obstacle.CRISIS_HOLD, standing.hold == "high"),
        (Obstacle.SAFETY_PLAN_MISSING, standing.hold is not None and standing.hold != "high"),
        (Obstacle.VISIT_MISSING, not standing.visit_completed),
        (Obstacle.IN_PERSON_MISSING, standing.in_person_open),
        (Obstacle.INFORMATION_OPEN, bool(standing.open_information - frozenset(resolved))),
    )
    return tuple(obstacle for obstacle, found in checks if found)
