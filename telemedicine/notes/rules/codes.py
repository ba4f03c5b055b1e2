"""Which billing codes a visit's time and decision suggest. A suggestion: the clinician confirms. Pure; whole minutes.

Sources: CPT 2024 (AMA), office or other outpatient visits: total time on the day of the visit must be met or exceeded,
or the level of medical decision making; the ranges of 2021 to 2023 begin at the same minutes. CPT, psychotherapy:
less than 16 minutes is not reported; beside a visit of evaluation and management its level rests on the decision
making alone, and no minute counts for both.

CPT, psychiatric diagnostic evaluation: 90791 without and 90792 with medical services (which needs somebody who may
give them: here a prescriber). CPT gives them no minutes. Neither is reported on the day of a psychotherapy, nor by the
same person on the day of a visit of evaluation and management: they stand alone. CPT, prolonged outpatient service:
99417 for each whole 15 minutes beyond what 99205 (60) and 99215 (40) begin with, only where the time of the day gave
that level and not the decision making, and not beside psychotherapy. A shorter rest is not reported. Medicare takes
G2212 with later thresholds instead, which is not in the table.
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
    DIAGNOSTIC = "diagnostic"
    PROLONGED = "prolonged"


class Decision(StrEnum):
    """The level of medical decision making."""

    STRAIGHTFORWARD = "straightforward"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True)
class Code:
    """One code; `least` and `most` are minutes, both within it, and `decision` is the level that gives it too.

    Without `least` no minutes belong to it.
    """

    code: str
    family: Family
    least: int | None
    most: int | None = None
    decision: Decision | None = None


EVALUATION_SOURCE = "CPT 2024, office or other outpatient visits"
THERAPY_SOURCE = "CPT 2024, psychotherapy"
DIAGNOSTIC_SOURCE = "CPT 2024, psychiatric diagnostic evaluation"
PROLONGED_SOURCE = "CPT 2024, prolonged service on the date of an outpatient visit"
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
    Code("90791", Family.DIAGNOSTIC, None),
    Code("90792", Family.DIAGNOSTIC, None),
    Code("99417", Family.PROLONGED, None),
)
BY_CODE = {one.code: one for one in CODES}
# Who was seen here within three years is an established patient (CPT).
ESTABLISHED_YEARS = 3
SOURCES = {
    Family.ADD_ON: THERAPY_SOURCE,
    Family.THERAPY: THERAPY_SOURCE,
    Family.DIAGNOSTIC: DIAGNOSTIC_SOURCE,
    Family.PROLONGED: PROLONGED_SOURCE,
}
# What prolonged service is counted from, and its step, in minutes.
PROLONGED_FROM = {"99205": 60, "99215": 40}
PROLONGED_STEP = 15
_DIAGNOSTIC = {False: "90791", True: "90792"}  # by whether a prescriber holds the visit


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
    """Whose codes the visit may have. Evaluation and management, and what hangs on it, is for prescribers alone."""
    first = (Family.DIAGNOSTIC,) if seen.kind == "evaluation" else ()
    if seen.is_therapy:
        return (Family.THERAPY, *first)
    return (Family.NEW if seen.new_patient else Family.ESTABLISHED, Family.ADD_ON, Family.PROLONGED, *first)


def choices(seen: Seen) -> tuple[Code, ...]:
    """The codes to choose from, in the order of the table."""
    diagnostic = _DIAGNOSTIC[seen.prescriber]
    found = (one for one in CODES if one.family in families(seen))
    return tuple(one for one in found if one.family != Family.DIAGNOSTIC or one.code == diagnostic)


def prolonged_units(codes: Collection[str], minutes: int | None) -> int:
    """How often 99417 is reported beside these codes: once for each whole 15 minutes; 0 where it is not."""
    begins = [PROLONGED_FROM[code] for code in codes if code in PROLONGED_FROM]
    return max(0, (minutes - begins[0]) // PROLONGED_STEP) if begins and minutes is not None else 0


def instead(seen: Seen) -> tuple[Code, ...]:
    """What may be reported instead of what is suggested: the diagnostic evaluation of a first visit by a prescriber."""
    return () if seen.is_therapy else _diagnostic(seen)


def suggest(seen: Seen) -> tuple[Code, ...]:
    """What the time and the decision say, at most one of each family; nothing for what is too short.

    With psychotherapy beside it the evaluation goes by the decision alone. Without, by whichever of the two is higher.
    A therapist's evaluation is the diagnostic one, whatever its time.
    """
    if seen.is_therapy:
        return _diagnostic(seen) or _by_minutes(Family.THERAPY, seen.therapy_minutes)
    main = families(seen)[0]
    added = _by_minutes(Family.ADD_ON, seen.therapy_minutes)
    decided = tuple(one for one in CODES if one.family == main and seen.decision and one.decision == seen.decision)
    if added:
        return (*decided, *added)
    timed = _by_minutes(main, seen.minutes)
    highest = max((*decided, *timed), key=lambda one: one.least or 0, default=None)
    if highest is None:
        return ()
    return (highest, BY_CODE["99417"]) if prolonged_units([highest.code], seen.minutes) else (highest,)


def _diagnostic(seen: Seen) -> tuple[Code, ...]:
    return tuple(one for one in choices(seen) if one.family == Family.DIAGNOSTIC)


def _by_minutes(family: Family, minutes: int | None) -> tuple[Code, ...]:
    if minutes is None:
        return ()
    fitting = [one for one in CODES if one.family == family and one.least is not None and one.least <= minutes]
    return tuple(fitting[-1:])


class Wrong(StrEnum):
    """Why a choice of codes cannot be."""

    UNKNOWN = "unknown"
    TWO_OF_A_KIND = "two_of_a_kind"
    ADD_ON_ALONE = "add_on_alone"
    NOT_BESIDE = "not_beside"
    NOT_PROLONGED = "not_prolonged"
    OTHER_MINUTES = "other_minutes"


def check(codes: Collection[str], seen: Seen) -> Wrong | None:
    """What is wrong with the codes that were chosen, or None. No code at all is a choice too.

    A code of psychotherapy is its minutes: without them, and below 16, there is none.
    """
    allowed = {one.code for one in choices(seen)}
    if not set(codes) <= allowed:
        return Wrong.UNKNOWN
    used = [BY_CODE[code].family for code in set(codes)]
    if len(used) != len(set(used)):
        return Wrong.TWO_OF_A_KIND
    if Family.DIAGNOSTIC in used and len(used) > 1:
        return Wrong.NOT_BESIDE
    if Family.PROLONGED in used and (Family.ADD_ON in used or not prolonged_units(codes, seen.minutes)):
        return Wrong.NOT_PROLONGED
    if used == [Family.ADD_ON]:
        return Wrong.ADD_ON_ALONE
    talked = [BY_CODE[code] for code in codes if BY_CODE[code].family in {Family.ADD_ON, Family.THERAPY}]
    fits = all(_by_minutes(one.family, seen.therapy_minutes) == (one,) for one in talked)
    return None if fits else Wrong.OTHER_MINUTES
