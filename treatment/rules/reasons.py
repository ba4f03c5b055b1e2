"""The one shape in which every rule of treatment says why."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much a reason weighs."""

    NOTE = "note"  # worth knowing, blocks nothing
    ASK = "ask"  # something is still missing: a written reason, an answer, a few minutes
    REFUSE = "refuse"  # not like this


@dataclass(frozen=True)
class Reason:
    """A code that can be shown, audited and tested; `facts` are the numbers for its sentence."""

    code: str
    weight: Weight
    source: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def reason(code: str, weight: Weight, source: str = "", **facts: object) -> Reason:
    """Shorthand that turns keyword facts into the sorted tuple which a frozen Reason holds."""
    return Reason(code, weight, source, tuple(sorted((name, str(value)) for name, value in facts.items())))


def heaviest(reasons: tuple[Reason, ...]) -> Weight | None:
    """The heaviest weight among the reasons; None when there is none."""
    order = [Weight.REFUSE, Weight.ASK, Weight.NOTE]
    return next((weight for weight in order if any(item.weight is weight for item in reasons)), None)
