"""The eligibility policy as frozen data, read from one TOML file and refused when anything in it is not understood.

The file is what a medical director edits (`intake/policies/2026.1.toml`); see docs/eligibility.md. Missing or unknown
keys, a brand with two owners, a class or tier that does not exist, a condition without a rule and the wording of a
finding that does not exist are `PolicyError`s, which name the line and the key.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from harmoniously.core.common.published import NotPublishedError, digests, published_bytes
from intake.case import CONDITION_CODES
from intake.catalogue import TIERS, Antidepressant, Catalogue, MedicineGroup
from intake.names import NameIndex
from intake.policy_table import PolicyError, Table, line_of
from intake.rules.codes import finding_codes

POLICIES = Path(__file__).parent / "policies"
CURRENT = "2026.1"

__all__ = ["Policy", "PolicyError", "find_policy", "load_policy", "read_policy", "versions"]

CONDITION_RULES = ("fixed", "vascular_event", "bipolar", "seizures", "use_disorder")


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
class Wording:
    """What a finding says instead of its usual sentences."""

    patient: str
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
    wording: Mapping[str, Wording]
    spellings: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)
    names: NameIndex = field(repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.version)

    def section(self, number: int) -> str:
        """The source to name for a rule that has no number of its own."""
        return f"{self.section_source}, section {number}"


def load_policy(path: Path | None = None) -> Policy:
    """A policy file, the current version when `path` is None. Raises PolicyError.

    A version, which is in SHA256SUMS beside it, is refused when it was edited after it was published; any other file
    is a draft and is read as it stands. A file is read once per process: a new version comes with a new process.
    """
    return find_policy(CURRENT) if path is None else _load(path.absolute())


def versions() -> tuple[str, ...]:
    """The versions that this program holds; decisions made under one of them name it."""
    return tuple(sorted(name.removesuffix(".toml") for name in digests(POLICIES) if "/" not in name))


def find_policy(name: str) -> Policy:
    """A policy by one of the `versions`, or by the path of its file. Raises PolicyError."""
    if name in versions():
        return _load((POLICIES / f"{name}.toml").absolute())
    if not Path(name).exists():
        raise PolicyError("", f"is neither a version ({', '.join(versions())}) nor a file")
    return _load(Path(name).absolute())


@cache
def _load(file: Path) -> Policy:
    version = file.parent == POLICIES.absolute() and file.stem in versions()
    try:
        text = (published_bytes(POLICIES, file.name) if version else file.read_bytes()).decode("utf-8-sig")
        policy = read_policy(tomllib.loads(text))
    except OSError as error:
        raise PolicyError("", f"cannot be read ({error.strerror})") from error
    except NotPublishedError as error:
        raise PolicyError("", str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyError("", f"is not TOML ({error})") from error
    except PolicyError as error:
        raise PolicyError(error.path, error.problem, line_of(text, error.path)) from error
    if version and file.stem != policy.version:
        raise PolicyError("version", f"must be {file.stem}, the name of its file", line_of(text, "version"))
    return policy


def read_policy(raw: Mapping[str, Any]) -> Policy:
    """Build a policy from the parsed file. Raises PolicyError for anything missing, unknown or contradictory."""
    top = Table("", raw)
    states = top.table("states")
    numbers = top.table("numbers")
    treatments = top.table("other_treatments")
    catalogue = Catalogue()
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
        wording=MappingProxyType({}),
        spellings=catalogue.listed(),
        names=catalogue.index(),
    )
    _check_states(states, policy.states_served)
    _check_order(policy)
    policy = replace(policy, wording=_wording(top, policy))
    for table in (states, numbers, treatments, top):
        table.finish()
    return policy


def _check_states(table: Table, served: frozenset[str]) -> None:
    for state in sorted(served):
        if not re.fullmatch(r"[A-Z]{2}", state):
            raise PolicyError(table.at("served"), f"{state!r} is not the two letters of a state")


# Each number must not be less than the one before it, else one rule would swallow the other.
_ORDER = (
    ("resistance", ("borderline_weeks", "minimum_weeks")),
    ("resistance", ("failure_percent", "response_percent")),
    ("timing", ("recent_event_weeks", "early_event_weeks")),
    ("blood_pressure", ("systolic_limit", "systolic_high", "systolic_urgent")),
    ("blood_pressure", ("diastolic_limit", "diastolic_high", "diastolic_urgent")),
    ("people", ("adult_age", "older_age")),
    ("people", ("heart_rate_low", "heart_rate_high")),
)
_AT_LEAST_ONE = (
    ("resistance", "failed_classes"),
    ("resistance", "different_medicines"),
    ("blood_pressure", "high_days"),
)


def _check_order(policy: Policy) -> None:
    for section, names in _ORDER:
        for lower, higher in pairwise(names):
            numbers = getattr(policy, section)
            if getattr(numbers, higher).value < getattr(numbers, lower).value:
                raise PolicyError(f"numbers.{section}.{higher}", f"must not be less than {lower}")
    for section, name in _AT_LEAST_ONE:
        if getattr(getattr(policy, section), name).value < 1:
            raise PolicyError(f"numbers.{section}.{name}", "must be 1 or more")


def _wording(top: Table, policy: Policy) -> Mapping[str, Wording]:
    """Findings that this version words anew; their tiers and facts stay as the rules give them."""
    if not top.has("wording"):
        return MappingProxyType({})
    codes = finding_codes(
        {code: rule.rule for code, rule in policy.conditions.items()}, (group.key for group in policy.groups.values())
    )
    found = {}
    for code, row in top.table("wording").tables():
        if code not in codes:
            raise PolicyError(row.path, "is not the code of a finding")
        found[code] = Wording(row.text("patient"), row.text("clinician"))
        row.finish()
    return MappingProxyType(found)


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
            about=row.choice("about", (code, "pregnancy")) if row.has("about") else code,
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
