"""The eligibility case: what a patient told us, as frozen data (its strict reader is case_reader.py).

The JSON format is version 1 of the eligibility case format (docs/eligibility.md). Every answer may be absent
or null, which means "not answered". A misspelt key, a wrong type or a value out of range is a `CaseError`,
never a guess: a key that is silently ignored could hide a contraindication.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from harmoniously.core.questions.instruments import CssrsAnswers

SCHEMA = 1


class CaseError(ValueError):
    """A case that cannot be read: `path` is the field ("conditions.0.weeks_ago"), `problem` what is wrong with it."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    INTERSEX = "intersex"


class Indication(StrEnum):
    DEPRESSION = "depression"
    BIPOLAR_DEPRESSION = "bipolar_depression"
    POSTPARTUM_DEPRESSION = "postpartum_depression"
    ANXIETY = "anxiety"
    PTSD = "ptsd"
    OCD = "ocd"
    CHRONIC_PAIN = "chronic_pain"


class TakenFor(StrEnum):
    DEPRESSION = "depression"
    ANXIETY = "anxiety"
    PTSD = "ptsd"
    OCD = "ocd"
    PAIN = "pain"
    SLEEP = "sleep"
    SMOKING = "smoking"
    OTHER = "other"


class Episode(StrEnum):
    CURRENT = "current"
    PREVIOUS = "previous"
    UNKNOWN = "unknown"


class StoppedBecause(StrEnum):
    NO_BENEFIT = "no_benefit"
    SIDE_EFFECTS = "side_effects"
    COST = "cost"
    OTHER = "other"
    STILL_TAKING = "still_taking"
    UNKNOWN = "unknown"


class Substance(StrEnum):
    ALCOHOL = "alcohol"
    CANNABIS = "cannabis"
    OPIOID = "opioid"
    COCAINE = "cocaine"
    STIMULANT = "stimulant"
    SEDATIVE = "sedative"
    KETAMINE = "ketamine"
    PCP = "pcp"
    OTHER = "other"


class Use(StrEnum):
    NEVER = "never"
    PAST = "past"
    LESS_THAN_MONTHLY = "less_than_monthly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    DAILY = "daily"


class Disorder(StrEnum):
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    REMISSION = "remission"


class Frequency(StrEnum):
    DAILY = "daily"
    AS_NEEDED = "as_needed"
    SHORT_COURSE = "short_course"


class DocumentKind(StrEnum):
    CARDIOLOGY_LETTER = "cardiology_letter"
    TREATING_CLINICIAN_LETTER = "treating_clinician_letter"
    PAIN_RECORDS = "pain_records"


CONDITION_CODES = frozenset(
    [
        "aneurysmal_vascular_disease",
        "arteriovenous_malformation",
        "intracerebral_hemorrhage",
        "myocardial_infarction",
        "stroke_or_tia",
        "unstable_angina",
        "heart_failure_decompensated",
        "serious_arrhythmia",
        "heart_failure_stable",
        "arrhythmia_treated",
        "coronary_disease_stable",
        "hypertension",
        "schizophrenia",
        "schizoaffective",
        "psychosis_current",
        "psychosis_family",
        "mania_current",
        "bipolar",
        "pregnant",
        "breastfeeding",
        "trying_to_conceive",
        "liver_severe",
        "liver_moderate",
        "liver_tests_abnormal",
        "raised_intracranial_pressure",
        "glaucoma_uncontrolled",
        "glaucoma_treated",
        "hyperthyroidism_untreated",
        "hyperthyroidism_treated",
        "cystitis_active",
        "cystitis_history",
        "substance_use_disorder",
        "opioid_use_disorder",
        "ketamine_allergy",
        "seizures",
        "respiratory_severe",
        "sleep_apnea",
        "dementia",
        "personality_disorder_severe",
    ]
)


@dataclass(frozen=True)
class Trial:
    """One period on an antidepressant, as the patient typed it."""

    medicine: str | None = None
    max_daily_dose_mg: float | None = None
    weeks_at_dose: float | None = None
    taken_for: TakenFor | None = None
    episode: Episode | None = None
    improvement_percent: float | None = None
    stopped_because: StoppedBecause | None = None


@dataclass(frozen=True)
class Condition:
    """A condition code of policy section 5; `weeks_ago` counts since the event, the last episode or the last use."""

    code: str | None = None
    weeks_ago: float | None = None


@dataclass(frozen=True)
class SubstanceUse:
    substance: Substance | None = None
    use: Use | None = None
    disorder: Disorder | None = None
    remission_months: float | None = None


@dataclass(frozen=True)
class Medicine:
    """A medicine the patient takes now; name and dose are the patient's own words."""

    name: str | None = None
    dose: str | None = None
    frequency: Frequency | None = None


@dataclass(frozen=True)
class Reading:
    """One blood-pressure reading in mmHg."""

    taken_on: date | None = None
    systolic: float | None = None
    diastolic: float | None = None


@dataclass(frozen=True)
class Reproductive:
    can_become_pregnant: bool | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    trying_to_conceive: bool | None = None


@dataclass(frozen=True)
class Document:
    kind: DocumentKind | None = None
    dated: date | None = None


Items = tuple[int | None, ...]


@dataclass(frozen=True)
class Case:
    """Everything that eligibility is decided from. None = not answered; a list that is given is complete."""

    as_of: date
    date_of_birth: date | None = None
    sex_at_birth: Sex | None = None
    state: str | None = None
    weight_kg: float | None = None
    height_cm: float | None = None
    indications: tuple[Indication, ...] | None = None
    antidepressant_trials: tuple[Trial, ...] | None = None
    phq9: Items | None = None
    gad7: Items | None = None
    pcl5: Items | None = None
    peg: Items | None = None
    cssrs: CssrsAnswers | None = None
    conditions: tuple[Condition, ...] | None = None
    substances: tuple[SubstanceUse, ...] | None = None
    medicines: tuple[Medicine, ...] | None = None
    blood_pressure: tuple[Reading, ...] | None = None
    heart_rate: float | None = None
    reproductive: Reproductive | None = None
    documents: tuple[Document, ...] | None = None
    adult_sitter: bool | None = None
    # True: the practice took no new patients there at that moment, whatever the policy says of the state.
    state_closed: bool | None = None

    @property
    def age(self) -> int | None:
        """Completed years on the day of assessment; someone born on 29 February turns a year older on 1 March."""
        if self.date_of_birth is None:
            return None
        return years_between(self.date_of_birth, self.as_of)

    def to_json(self) -> dict[str, Any]:
        """The case in its JSON format, every key present; `read_case` gives the same case back."""
        return {"schema": SCHEMA, **_plain_fields(self)}


def years_between(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _plain_fields(row: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if hasattr(value, "__dataclass_fields__"):
        return _plain_fields(value)
    return value
