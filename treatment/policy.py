"""Loads the dated treatment policy: every number with its source, checked at load time.

Pure Python: no Django, no clock, no database. A file with a missing or unknown key is refused, because a
misspelt limit must never be read as "no limit".
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from harmoniously.core.common.published import NotPublishedError, published_bytes

POLICIES = Path(__file__).parent / "policies"
CURRENT_VERSION = "2026.1"


class PolicyError(ValueError):
    """A policy file is incomplete, misspelt or of the wrong type."""


@dataclass(frozen=True)
class DosingPolicy:
    """Policy section 8; doses in mg per session."""

    start_low_mg: int
    start_high_mg: int
    start_low_mg_per_kg: float
    start_high_mg_per_kg: float
    reduced_start_factor: float
    older_age_years: int
    low_weight_kg: int
    step_up_max_mg: int
    step_up_max_percent: int
    written_reason_from_mg: int
    second_prescriber_above_mg: int
    first_shipment_sessions: int
    pressure_recent_days: int
    video_after_session: int
    video_every_sessions: int
    new_evaluation_after_weeks: int


@dataclass(frozen=True)
class IntervalPolicy:
    """Time between sessions, in hours that really pass (not hours on the wall)."""

    minimum_hours: int


@dataclass(frozen=True)
class PhasePolicy:
    """Policy section 8: how long and how often in each phase; days are local days."""

    induction_weeks: int
    induction_per_week: int
    induction_sessions_least: int
    induction_sessions_most: int
    induction_longest_days: int
    maintenance_per_week: int
    maintenance_longest_days: int
    early_days: int


@dataclass(frozen=True)
class PreparationPolicy:
    """The day before a session."""

    sitter_hours: int
    children_hours: int


@dataclass(frozen=True)
class LawPolicy:
    """Policy section 10."""

    refill_months: int
    refill_count: int
    telemedicine_until: date
    pdmp_valid_hours: int
    telemedicine_counsel_switch: bool


@dataclass(frozen=True)
class SupplyPolicy:
    """Policy section 9, stop and refer: what of the supply a prescriber must read; units and days."""

    early_refill_days: int
    early_refill_count: int
    early_refill_window_days: int
    unaccounted_units: int


@dataclass(frozen=True)
class GatePolicy:
    """Policy section 9, before the dose; pressures in mmHg, heart rate in beats a minute."""

    systolic_limit: int
    diastolic_limit: int
    clinician_systolic: int
    clinician_diastolic: int
    emergency_systolic: int
    emergency_diastolic: int
    readings_per_round: int
    repeats: int
    repeat_after_minutes: int
    repeat_before_minutes: int
    heart_rate_low: int
    heart_rate_high: int
    food_hours: int
    clear_liquid_hours: int
    alcohol_cannabis_hours: int
    valid_minutes: int
    answers_valid_minutes: int
    held_closes_hours_after: int
    closes_hours_after: int


@dataclass(frozen=True)
class SessionPolicy:
    """Policy section 9, from the dose to the release; minutes count from the start."""

    alert_systolic: int
    alert_diastolic: int
    alert_rise_systolic: int
    alert_rise_diastolic: int
    sitter_check_minutes: int
    sitter_check_grace_minutes: int
    first_vitals_from_minutes: int
    first_vitals_until_minutes: int
    release_from_minutes: int
    release_systolic_within: int
    no_release_minutes: int


@dataclass(frozen=True)
class CheckInPolicy:
    """Policy section 9, after the session and between sessions; `local_hour` is on the patient's clock."""

    after_hours: int
    due_hours: int
    second_reminder_hours: int
    follow_up_hours: int
    flag_side_effect_from: int
    flag_red_side_effect_from: int
    flag_bladder_from: int
    questionnaire_every_sessions: int
    questionnaire_every_days: int
    questionnaire_weekly_days: int
    monthly_days: int
    resting_after_days: int
    local_hour: int
    flag_craving_from: int
    phq9_worsening: int


@dataclass(frozen=True)
class TitrationPolicy:
    """What a proposed dose does inside the limits of the dosing section; doses in mg per session."""

    usual_step_mg: int
    fragile_step_factor: float
    step_down_percent: int
    no_step_up_from_effect: int
    response_percent: int


@dataclass(frozen=True)
class VisitsPolicy:
    """When a visit that is due is overdue, in days; when a risk in an unsigned note is raised, in minutes."""

    overdue_days: int
    risk_raised_after_minutes: int


@dataclass(frozen=True)
class RefillPolicy:
    """From which supply at home (whole sessions) a refill may be asked for, and how soon it is answered."""

    ask_from_sessions: int
    answer_hours: int


@dataclass(frozen=True)
class AdversePolicy:
    """Following up adverse events, from when the clinic knows of them."""

    serious_first_hours: int
    first_hours: int
    serious_again_days: int
    again_days: int
    report_days: int


@dataclass(frozen=True)
class OutcomePolicy:
    """Policy section 3, how a change of a score is named; the share of a response stands with the titration."""

    remission_below: int
    pcl5_points: int
    peg_percent: int


@dataclass(frozen=True)
class Policy:
    """One dated version of the numbers, with `sources["dosing.start_low_mg"]` beside each."""

    version: str
    effective_from: date
    dosing: DosingPolicy
    interval: IntervalPolicy
    phase: PhasePolicy
    preparation: PreparationPolicy
    law: LawPolicy
    supply: SupplyPolicy
    gate: GatePolicy
    session: SessionPolicy
    check_in: CheckInPolicy
    titration: TitrationPolicy
    visits: VisitsPolicy
    refill: RefillPolicy
    adverse: AdversePolicy
    outcome: OutcomePolicy
    sources: Mapping[str, str]

    def source(self, name: str) -> str:
        """Where the number `section.key` comes from."""
        return self.sources[name]


_SECTIONS: dict[str, type[Any]] = {
    "dosing": DosingPolicy,
    "interval": IntervalPolicy,
    "phase": PhasePolicy,
    "preparation": PreparationPolicy,
    "law": LawPolicy,
    "supply": SupplyPolicy,
    "gate": GatePolicy,
    "session": SessionPolicy,
    "check_in": CheckInPolicy,
    "titration": TitrationPolicy,
    "visits": VisitsPolicy,
    "refill": RefillPolicy,
    "adverse": AdversePolicy,
    "outcome": OutcomePolicy,
}


def _value(section: str, name: str, entry: object, wanted: type[Any]) -> Any:
    if not isinstance(entry, dict) or set(entry) != {"value", "source"} or not entry["source"]:
        raise PolicyError(f"{section}.{name}: needs a value and a source")
    value = entry["value"]
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise PolicyError(f"{section}.{name}: expected {wanted.__name__}, found {type(value).__name__}")
    return value


def _section(name: str, table: object, kind: type[Any], sources: dict[str, str]) -> Any:
    if not isinstance(table, dict):
        raise PolicyError(f"{name}: the section is missing")
    wanted = {field.name: field.type for field in fields(kind)}
    if set(table) != set(wanted):
        raise PolicyError(f"{name}: missing or unknown keys {sorted(set(table) ^ set(wanted))}")
    values = {}
    for key, entry in table.items():
        field_type = wanted[key]
        if not isinstance(field_type, type):
            raise PolicyError(f"{name}.{key}: the policy classes use plain types only")
        values[key] = _value(name, key, entry, field_type)
        sources[f"{name}.{key}"] = entry["source"]
    return kind(**values)


def parse(text: str) -> Policy:
    """Read a policy from TOML text; raises PolicyError when anything is missing, unknown or of a wrong type."""
    raw = tomllib.loads(text)
    unknown = set(raw) ^ (set(_SECTIONS) | {"version", "effective_from"})
    if unknown:
        raise PolicyError(f"missing or unknown: {sorted(unknown)}")
    sources: dict[str, str] = {}
    sections = {name: _section(name, raw[name], kind, sources) for name, kind in _SECTIONS.items()}
    return Policy(version=str(raw["version"]), effective_from=raw["effective_from"], sources=sources, **sections)


@lru_cache
def load(version: str = CURRENT_VERSION) -> Policy:
    """The policy of that version, from treatment/policies/<version>.toml, as it was published (SHA256SUMS there)."""
    name = f"{version}.toml"
    if not (POLICIES / name).is_file():
        raise PolicyError(f"no treatment policy {version}")
    try:
        return parse(published_bytes(POLICIES, name).decode("utf-8"))
    except NotPublishedError as error:
        raise PolicyError(str(error)) from error
