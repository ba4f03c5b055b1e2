"""The eligibility policy as frozen data, read from one TOML file and refused when anything in it is not understood.

The file is what a medical director edits (`intake/policies/2026.1.toml`); see docs/eligibility.md. Missing or unknown
keys, a brand with two owners, a class or tier that does not exist and a condition without a rule are `PolicyError`s.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from intake.case import CONDITION_CODES
from intake.dose import Dose, read_dose
from intake.names import FORMS, NameIndex, normalise
from intake.policy_table import PolicyError, Table

POLICIES = Path(__file__).parent / "policies"
CURRENT = "2026.1"

__all__ = ["Policy", "PolicyError", "load_policy", "read_policy"]

TIERS = ("exclude", "information", "review", "note", "none")
CONDITION_RULES = ("fixed", "vascular_event", "bipolar", "seizures", "use_disorder")
OPIOIDS = ("opioid_full_agonist", "opioid_partial_agonist")
BENZODIAZEPINE = "benzodiazepine"


@dataclass(frozen=True)
class Number:
    """A threshold with the source it is from; its unit is in the name of the field that holds it."""

    value: float
    source: str


@dataclass(frozen=True)
class Resistance:
    failed_classes: Number
    different_medicines: Number
    minimum_weeks: Number
    borderline_weeks: Number
    intolerance_weeks: Number
    failure_percent: Number
    response_percent: Number
    ketamine_failure_percent: Number


@dataclass(frozen=True)
class Timing:
    letter_days: Number
    recent_event_weeks: Number
    early_event_weeks: Number
    year_weeks: Number
    remission_months: Number


@dataclass(frozen=True)
class BloodPressure:
    """mmHg; the limits pass, `high` and `urgent` are reached at their value."""

    recent_days: Number
    systolic_limit: Number
    diastolic_limit: Number
    systolic_near: Number
    diastolic_near: Number
    systolic_high: Number
    diastolic_high: Number
    high_days: Number
    systolic_urgent: Number
    diastolic_urgent: Number
    older_systolic: Number


@dataclass(frozen=True)
class People:
    adult_age: Number
    older_age: Number
    low_weight_kg: Number
    high_bmi: Number
    heart_rate_low: Number
    heart_rate_high: Number


@dataclass(frozen=True)
class Indications:
    """The score at which an indication reaches its threshold (inclusive)."""

    phq9: Number
    gad7: Number
    pcl5: Number


@dataclass(frozen=True)
class Product:
    """How one product of an ingredient differs: by brand (`names`, normalised) or by release form."""

    names: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    never: bool = False
    minimum: float | None = None
    labelled: float | None = None
    equals: float | None = None
    weekly: bool = False
    dose: Dose | None = None


@dataclass(frozen=True)
class Antidepressant:
    """Minimum adequate dose in mg a day; from `borderline_from` up to the minimum a dose is borderline."""

    ingredient: str
    drug_class: str
    source: str
    minimum: float
    borderline_from: float | None = None
    never: bool = False
    counted: bool = True
    course_weeks: float | None = None
    products: tuple[Product, ...] = ()
    dose: Dose = Dose()


@dataclass(frozen=True)
class MedicineGroup:
    """What a group of medicines taken now means: its tier ("none" = no finding) and what is said about it."""

    key: str
    tier: str
    source: str
    patient: str = ""
    clinician: str = ""


@dataclass(frozen=True)
class ConditionRule:
    """What a condition code means: `plain` names it and `why` explains it to the patient, `change` says what would
    change an exclusion, `when` asks for the date that the tier depends on."""

    code: str
    rule: str
    tier: str
    about: str
    source: str
    plain: str
    why: str
    change: str
    when: str
    clinician: str


@dataclass(frozen=True)
class Policy:
    """One version of the eligibility policy."""

    version: str
    effective_on: date
    section_source: str
    states_served: frozenset[str]
    states_source: str
    resistance: Resistance
    timing: Timing
    blood_pressure: BloodPressure
    people: People
    indications: Indications
    antidepressants: Mapping[str, Antidepressant]
    other_treatments: frozenset[str]
    other_treatments_source: str
    groups: Mapping[str, MedicineGroup]
    components: Mapping[str, tuple[str, ...]]
    conditions: Mapping[str, ConditionRule]
    spellings: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)
    names: NameIndex = field(repr=False, compare=False)

    def section(self, number: int) -> str:
        """The source to name for a rule that has no number of its own."""
        return f"{self.section_source}, section {number}"


def load_policy(path: Path | None = None) -> Policy:
    """A policy file, the current version when `path` is None. Raises PolicyError.

    A file is read once per process: a stored version never changes, a new one comes with a new process.
    """
    return _load((path or POLICIES / f"{CURRENT}.toml").absolute())


@cache
def _load(file: Path) -> Policy:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError("", f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError("", f"is not TOML ({error})") from error
    return read_policy(raw)


def read_policy(raw: Mapping[str, Any]) -> Policy:
    """Build a policy from the parsed file. Raises PolicyError for anything missing, unknown or contradictory."""
    top = Table("", raw)
    states = top.table("states")
    numbers = top.table("numbers")
    treatments = top.table("other_treatments")
    catalogue = _Catalogue()
    policy = Policy(
        version=top.text("version"),
        effective_on=top.day("effective_on"),
        section_source=top.text("section_source"),
        states_served=frozenset(states.texts("served")),
        states_source=states.text("source"),
        resistance=_numbers(numbers, "resistance", Resistance),
        timing=_numbers(numbers, "timing", Timing),
        blood_pressure=_numbers(numbers, "blood_pressure", BloodPressure),
        people=_numbers(numbers, "people", People),
        indications=_numbers(numbers, "indications", Indications),
        antidepressants=catalogue.read_antidepressants(top.table("antidepressants")),
        other_treatments=catalogue.read_treatments(treatments.table("names")),
        other_treatments_source=treatments.text("source"),
        groups=catalogue.read_medicines(top.table("medicines")),
        components=catalogue.read_combinations(top.table("combinations")),
        conditions=_conditions(top.table("conditions")),
        spellings=catalogue.listed(),
        names=catalogue.index(),
    )
    for table in (states, numbers, treatments, top):
        table.finish()
    return policy


_Section = TypeVar("_Section", Resistance, Timing, BloodPressure, People, Indications)


def _numbers(numbers: Table, key: str, section: type[_Section]) -> _Section:
    table = numbers.table(key)
    values = {}
    for one in fields(section):
        number = table.table(one.name)
        values[one.name] = Number(number.number("value"), number.text("source"))
        number.finish()
    table.finish()
    return section(**values)


_CHANGE = "If this is not right, or if it changes, tell us and we will look again."
_WHEN = "Tell us how long ago it last happened."


def _conditions(table: Table) -> Mapping[str, ConditionRule]:
    rules = {}
    for code, row in table.tables():
        if code not in CONDITION_CODES:
            raise PolicyError(row.path, "is not a condition code")
        rule = row.choice("rule", CONDITION_RULES)
        rules[code] = ConditionRule(
            code=code,
            rule=rule,
            tier=row.choice("tier", TIERS) if rule == "fixed" else "",
            about=row.text("about") if row.has("about") else code,
            source=row.text("source"),
            plain=row.text("plain"),
            why=row.text("why"),
            # Optional at every tier, so that a director can change a tier alone.
            change=row.text("change") if row.has("change") else _CHANGE,
            when=row.text("when") if row.has("when") else _WHEN,
            clinician=row.text("clinician"),
        )
        row.finish()
    for code in sorted(CONDITION_CODES - rules.keys()):
        raise PolicyError(table.at(code), "is missing")
    return MappingProxyType(rules)


class _Catalogue:
    """Collects every name of every medicine, and refuses an ingredient or a name that is listed twice."""

    def __init__(self) -> None:
        self.spellings: dict[str, list[str]] = {}
        self.components: dict[str, tuple[str, ...]] = {}
        self.class_groups: dict[str, MedicineGroup] = {}

    def add(self, table: Table, key: str, names: tuple[str, ...]) -> None:
        if key in self.spellings:
            raise PolicyError(table.at(key), "is listed twice")
        self.spellings[key] = [key.replace("_", " "), *names]

    def read_antidepressants(self, table: Table) -> Mapping[str, Antidepressant]:
        found = {}
        for drug_class, row in table.tables():
            source = row.text("source")
            group = MedicineGroup(drug_class, row.choice("tier", TIERS), source)
            if group.tier != "none":
                group = replace(
                    group,
                    source=row.text("medicine_source"),
                    patient=row.text("patient"),
                    clinician=row.text("clinician"),
                )
            ingredients = row.table("ingredients")
            for ingredient, entry in ingredients.tables():
                names = entry.texts("names")
                self.add(ingredients, ingredient, names)
                self.class_groups[ingredient] = group
                found[ingredient] = self._antidepressant(ingredient, drug_class, source, entry)
            row.finish()
        return MappingProxyType(found)

    def _antidepressant(self, ingredient: str, drug_class: str, source: str, entry: Table) -> Antidepressant:
        products = entry.get("products") if entry.has("products") else []
        one = Antidepressant(
            ingredient=ingredient,
            drug_class=drug_class,
            source=source,
            minimum=entry.number("minimum"),
            borderline_from=entry.number("borderline_from") if entry.has("borderline_from") else None,
            never=entry.flag("never", False),
            counted=entry.flag("counted", True),
            course_weeks=entry.number("course_weeks") if entry.has("course_weeks") else None,
            products=tuple(
                self._product(ingredient, Table(entry.at(f"products.{at}"), product))
                for at, product in enumerate(products)
            ),
            dose=read_dose(entry) or Dose(),
        )
        if entry.has("components"):
            self.components[ingredient] = entry.texts("components")
        entry.finish()
        return one

    def _product(self, ingredient: str, entry: Table) -> Product:
        names = entry.texts("names") if entry.has("names") else ()
        forms = entry.texts("forms") if entry.has("forms") else ()
        for form in forms:
            if form not in FORMS:
                raise PolicyError(entry.at("forms"), f"{form} is not a release form that names are read for")
        self.spellings[ingredient].extend(names)
        product = Product(
            names=frozenset(normalise(name) for name in names),
            forms=frozenset(forms),
            never=entry.flag("never", False),
            minimum=entry.number("minimum") if entry.has("minimum") else None,
            labelled=entry.number("labelled") if entry.has("labelled") else None,
            equals=entry.number("equals") if entry.has("equals") else None,
            weekly=entry.flag("weekly", False),
            dose=read_dose(entry),
        )
        if bool(product.labelled) != bool(product.equals):
            raise PolicyError(entry.path, "labelled and equals go together")
        entry.finish()
        return product

    def read_treatments(self, table: Table) -> frozenset[str]:
        for key in table.raw:
            self.add(table, key, table.texts(key))
        return frozenset(table.raw)

    def read_medicines(self, table: Table) -> Mapping[str, MedicineGroup]:
        """The group of every ingredient, antidepressant classes included."""
        groups = dict(self.class_groups)
        for key, row in table.tables():
            group = MedicineGroup(
                key, row.choice("tier", TIERS), row.text("source"), row.text("patient"), row.text("clinician")
            )
            ingredients = row.table("ingredients")
            for ingredient in ingredients.raw:
                self.add(ingredients, ingredient, ingredients.texts(ingredient))
                groups[ingredient] = group
            row.finish()
        for key in (*OPIOIDS, BENZODIAZEPINE):
            if not table.has(key):
                raise PolicyError(table.at(key), "is missing")
        return MappingProxyType(groups)

    def read_combinations(self, table: Table) -> Mapping[str, tuple[str, ...]]:
        for key, row in table.tables():
            self.add(table, key, row.texts("names"))
            self.components[key] = row.texts("components")
            row.finish()
        for key, parts in self.components.items():
            for part in parts:
                if part not in self.spellings:
                    raise PolicyError(f"components of {key}", f"{part} is not in the catalogue")
        return MappingProxyType(self.components)

    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """Every catalogue key with its names as they are written, the plain ingredient first."""
        return MappingProxyType({key: tuple(names) for key, names in self.spellings.items()})

    def index(self) -> NameIndex:
        try:
            return NameIndex(self.spellings)
        except ValueError as error:
            raise PolicyError("names", str(error)) from error
