"""What a patient said since the approval, as the apps above hand it over: treatment does not read the intake itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from harmoniously.core.accounts.models import Patient
from treatment.rules.today import Found, Pressure


@dataclass(frozen=True)
class CaseSaid:
    """The newest answers with what the eligibility rules say of them, and where the patient was at the last visit."""

    at: datetime
    facts: Mapping[str, Any]
    findings: tuple[Found, ...] = ()
    visit_state: str = ""


Teller = Callable[[Patient], CaseSaid | None]
_TELLERS: list[Teller] = []


def told_by(teller: Teller) -> None:
    """Register who knows the newest answers; there is one."""
    _TELLERS[:] = [teller]


def newest_said(patient: Patient) -> CaseSaid | None:
    """The newest answers, or None when nobody has any."""
    return _TELLERS[0](patient) if _TELLERS else None


def medicines_in(facts: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names on a list of medicines as a case holds them; None when it was not answered."""
    rows = facts.get("medicines")
    if not isinstance(rows, list):
        return None
    return tuple(str(row.get("name", "") if isinstance(row, dict) else row) for row in rows)


def pressures_in(facts: Mapping[str, Any], place: str) -> list[Pressure]:
    """The readings of a case that have a day and both numbers."""
    found = []
    for row in facts.get("blood_pressure") or []:
        on, systolic, diastolic = row.get("taken_on"), row.get("systolic"), row.get("diastolic")
        if on and systolic and diastolic:
            found.append(Pressure(date.fromisoformat(on), int(systolic), int(diastolic), place))
    return found
