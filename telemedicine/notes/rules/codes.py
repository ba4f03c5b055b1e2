"""Which billing codes a visit's time and decision suggest. A suggestion: the clinician confirms. Pure; whole minutes.

Sources: CPT 2024 (AMA), office or other outpatient visits: total time on the day of the visit must be met or exceeded,
or the level of medical decision making; the ranges of 2021 to 2023 begin at the same minutes. CPT, psychotherapy:
less than 16 minutes is not reported; beside a visit of evaluation and management its level rests on the decision
making alone, and no minute counts for both.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Codes of which one visit has at most one."""

    NEW = "new"
    ESTABLISHED = "established"
    ADD_ON = "add_on"
    THERAPY = "therapy"


class Decision(StrEnum):
    """The level of medical decision making."""

    STRAIGHTFORWARD = "straightforward"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True)
class Code:
    """One code; `least` and `most` are minutes, both within it, and `decision` is the level that gives it too."""

    code: str
    family: Family
    least: int
    most: int | None
    decision: Decision | None = None


EVALUATION_SOURCE = "CPT 2024, office or other outpatient visits"
THERAPY_SOURCE = "CPT 2024, psychotherapy"
CODES: tuple[Code, ...] = (
    Code("99202", Family.NEW, 15, 29, Decision.STRAIGHTFORWARD),
    Code("99203", Family.NEW, 30, 44, Decision.LOW),
    Code("99204", Family.NEW, 45, 59, Decision.MODERATE),
    Code("99205", Family.NEW, 60, None, Decision.HIGH),
    Code("99212", Family.ESTABLISHED, 10, 19, Decision.STRAIGHTFORWARD),
    Code("99213", Family.ESTABLISHED, 20, 29, Decision.LOW),
    Code("99214", Family.ESTABLISHED, 30, 39, Decision.MODERATE),
    Code("99215", Family.ESTABLISHED, 40, None, Decision.HIGH),
    Code("90833", Family.ADD_ON, 16, 37),
    Code("90836", Family.ADD_ON, 38, 52),
    Code("90838", Family.ADD_ON, 53, None),
    Code("90832", Family.THERAPY, 16, 37),
    Code("90834", Family.THERAPY, 38, 52),
    Code("90837", Family.THERAPY, 53, None),
)
BY_CODE = {one.code: one for one in CODES}
# Who was seen here within three years is an established patient (CPT).
ESTABLISHED_YEARS = 3


@dataclass(frozen=True)
class Seen:
    """One visit as far as its codes depend on it. `minutes` is the time of the day that is not psychotherapy."""

    kind: str
    prescriber: bool
    new_patient: bool
    minutes: int | None = None
    therapy_minutes: int | None = None
    decision: str = ""

    @property
    def is_therapy(self) -> bool:
        """Whether it is billed as psychotherapy alone."""
        return self.kind == "integration" or not self.prescriber


def families(seen: Seen) -> tuple[Family, ...]:
    """Whose codes the visit may have."""
    if seen.is_therapy:
        return (Family.THERAPY,)
    return (Family.NEW if seen.new_patient else Family.ESTABLISHED, Family.ADD_ON)


def choices(seen: Seen) -> tuple[Code, ...]:
    """The codes to choose from, in the order of the table."""
    return tuple(one for one in CODES if one.family in families(seen))


def suggest(seen: Seen) -> tuple[Code, ...]:
    """What the time and the decision say, at most one of each family; nothing for what is too short.

    With psychotherapy beside it the evaluation goes by the decision alone. Without, by whichever of the two is higher.
    """
    if seen.is_therapy:
        return _by_minutes(Family.THERAPY, seen.therapy_minutes)
    main = families(seen)[0]
    added = _by_minutes(Family.ADD_ON, seen.therapy_minutes)
    decided = tuple(one for one in CODES if one.family == main and seen.decision and one.decision == seen.decision)
    if added:
        return (*decided, *added)
    return tuple(sorted((*decided, *_by_minutes(main, seen.minutes)), key=lambda one: one.least)[-1:])


def _by_minutes(family: Family, minutes: int | None) -> tuple[Code, ...]:
    if minutes is None:
        return ()
    fitting = [one for one in CODES if one.family == family and one.least <= minutes]
    return tuple(fitting[-1:])


class Wrong(StrEnum):
    """Why a choice of codes cannot be."""

    UNKNOWN = "unknown"
    TWO_OF_A_KIND = "two_of_a_kind"
    ADD_ON_ALONE = "add_on_alone"


def check(codes: Collection[str], seen: Seen) -> Wrong | None:
    """What is wrong with the codes that were chosen, or None. No code at all is a choice too."""
    allowed = {one.code for one in choices(seen)}
    if not set(codes) <= allowed:
        return Wrong.UNKNOWN
    used = [BY_CODE[code].family for code in set(codes)]
    if len(used) != len(set(used)):
        return Wrong.TWO_OF_A_KIND
    return Wrong.ADD_ON_ALONE if used == [Family.ADD_ON] else None
