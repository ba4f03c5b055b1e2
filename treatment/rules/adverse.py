"""Adverse events: what is serious, what contradicts itself, and by when somebody looks again.

Seriousness is what came of it (21 CFR 312.32(a), section B2 of Form FDA 3500); the grade is how strong it was (the five
general grades of CTCAE v5.0). One never follows from the other alone, but some pairs cannot both be true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules.checkin import SIDE_EFFECTS
from treatment.rules.reasons import Reason, Weight, reason

# What check-ins ask about, and what is known of the medicine or happens around it besides.
TERMS = (
    *SIDE_EFFECTS,
    "high_blood_pressure",
    "chest_pain",
    "fainting",
    "fall_or_injury",
    "trouble_breathing",
    "not_wakeable",
    "seizure",
    "allergic_reaction",
    "mouth_sores",
    "mania",
    "psychosis",
    "depression_worse",
    "suicidal_thoughts",
    "suicide_attempt",
    "craving_or_misuse",
    "overdose",
    "bladder_disease",
    "liver_disease",
    "pregnancy_exposure",
    "other",
)


# House policy 5: who has one of these is not treated at home, so it stops until somebody closed it.
EXCLUDING = frozenset({"mania", "psychosis", "seizure", "pregnancy_exposure"})
SUICIDAL = frozenset({"suicidal_thoughts", "suicide_attempt"})
# House policy 9, "stop and refer", and its list of emergencies: no dose before a prescriber has read it.
_READ_FIRST = EXCLUDING | SUICIDAL | {
    "allergic_reaction", "bladder_disease", "chest_pain", "craving_or_misuse", "depression_worse", "liver_disease",
    "not_wakeable", "overdose", "trouble_breathing",
}  # fmt: skip


class Criterion(StrEnum):
    """What makes an event serious, in the order of section B2."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALIZATION = "hospitalization"
    DISABILITY = "disability"
    CONGENITAL_ANOMALY = "congenital_anomaly"
    REQUIRED_INTERVENTION = "required_intervention"
    OTHER_SERIOUS = "other_serious"


class Causality(StrEnum):
    """The categories of the WHO-UMC system."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNCLASSIFIED = "unclassified"
    UNASSESSABLE = "unassessable"


class Action(StrEnum):
    """What was done with the medicine (ICH E2B(R3), G.k.8), and the house's own: sessions paused."""

    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    REDUCED = "reduced"
    INCREASED = "increased"
    UNCHANGED = "unchanged"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How it ended."""

    RESOLVED = "resolved"
    RESOLVED_SEQUELAE = "resolved_sequelae"
    NOT_RESOLVED = "not_resolved"
    FATAL = "fatal"


GRADES = (1, 2, 3, 4, 5)
DEADLY, THREATENING = 5, 4
_CTCAE = "CTCAE v5.0, general grades"
_B2 = "21 CFR 312.32(a); Form FDA 3500, B2"
# A finding of a check-in as a term: the effect that it names, else this.
_TERM_OF_FLAG: Mapping[str, str] = {
    "mania_signs": "mania",
    "psychosis_signs": "psychosis",
    "mood_worse": "depression_worse",
    "phq9_worse": "depression_worse",
    "risk_high": "suicidal_thoughts",
    "risk_moderate": "suicidal_thoughts",
    "cravings": "craving_or_misuse",
}


@dataclass(frozen=True)
class Assessment:
    """An event as it is judged now; what nobody judged yet is None."""

    term: str
    onset_at: datetime
    criteria: frozenset[Criterion] = frozenset()
    grade: int | None = None
    causality: Causality | None = None
    action: Action | None = None

    @property
    def serious(self) -> bool:
        """One criterion is enough."""
        return bool(self.criteria)


def stops_treatment(event: Assessment, *, live: bool, read: bool) -> bool:
    """Whether nothing may be ordered, shipped or taken because of an event.

    `live`: nobody closed it. `read`: a prescriber wrote the last word about it.
    """
    if live and event.term in EXCLUDING:
        return True
    return not read and (event.serious or event.term in _READ_FIRST)


def contradictions(event: Assessment, *, now: datetime) -> tuple[Reason, ...]:
    """Why the event cannot be kept like this; a NOTE is only worth a second look."""
    found = []
    if event.term not in TERMS:
        found.append(reason("term_unknown", Weight.REFUSE))
    if event.onset_at > now:
        found.append(reason("onset_in_future", Weight.REFUSE))
    if event.grade is not None and event.grade not in GRADES:
        found.append(reason("grade_unknown", Weight.REFUSE, _CTCAE))
    died = Criterion.DEATH in event.criteria
    if event.grade is not None and (event.grade == DEADLY) is not died:
        found.append(reason("death_and_grade", Weight.REFUSE, _CTCAE))
    if event.grade == THREATENING and not event.serious:
        found.append(reason("grade_4_not_serious", Weight.REFUSE, f"{_CTCAE}; {_B2}"))
    threat = Criterion.LIFE_THREATENING in event.criteria
    if threat and event.grade is not None and event.grade < THREATENING:
        found.append(reason("threat_and_low_grade", Weight.NOTE, f"{_CTCAE}; {_B2}"))
    return tuple(found)


def closing(event: Assessment, outcome: Outcome) -> tuple[Reason, ...]:
    """Why the event cannot end like this."""
    found = []
    if event.grade is None or event.causality is None or event.action is None:
        found.append(reason("not_judged", Weight.REFUSE, "house: an event is judged before it is closed"))
    if (outcome is Outcome.FATAL) is not (Criterion.DEATH in event.criteria):
        found.append(reason("fatal_and_death", Weight.REFUSE, _B2))
    return tuple(found)


def first_look(*, serious: bool, known_at: datetime, policy: Policy) -> datetime:
    """By when a clinician looks at an event that the clinic knows of since then."""
    rule = policy.adverse
    return known_at + timedelta(hours=rule.serious_first_hours if serious else rule.first_hours)


def next_look(*, serious: bool, at: datetime, policy: Policy) -> datetime:
    """By when somebody follows up again, after the follow-up at that moment."""
    rule = policy.adverse
    return at + timedelta(days=rule.serious_again_days if serious else rule.again_days)


def report_by(*, serious: bool, known_at: datetime, policy: Policy) -> datetime | None:
    """By when the report on a serious event is sent to FDA; None for one that is not serious."""
    return known_at + timedelta(days=policy.adverse.report_days) if serious else None


def term_of_flag(code: str, facts: Mapping[str, str]) -> str:
    """The term for a finding of a check-in."""
    effect = facts.get("effect", "")
    return effect if effect in TERMS else _TERM_OF_FLAG.get(code, "other")


def grade_of_rating(rating: str) -> int | None:
    """A patient's rating from 1 (a little) to 3 (very much) as a first grade; a clinician decides."""
    return int(rating) if rating in {"1", "2", "3"} else None
