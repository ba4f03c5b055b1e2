"""The numbers of the alarm, each with its source in policies/. Pure Python: no Django, no clock, no database."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from harmoniously.core.common.published import published_bytes

POLICIES = Path(__file__).parent / "policies"
CURRENT_VERSION = "2026.1"


@dataclass(frozen=True)
class AlarmPolicy:
    """Policy section 4: when an alert is told again and to whom, and when a contact is due."""

    repeat: timedelta
    next_person: timedelta
    administrator: timedelta
    contact_due: timedelta
    calls: int


@lru_cache
def load(version: str = CURRENT_VERSION) -> AlarmPolicy:
    """The policy of a version. Raises KeyError or NotPublishedError where a number is missing or was edited."""
    table = tomllib.loads(published_bytes(POLICIES, f"{version}.toml").decode())
    telling, contact = table["telling"], table["contact"]
    return AlarmPolicy(
        repeat=timedelta(minutes=telling["repeat_minutes"]["value"]),
        next_person=timedelta(minutes=telling["next_person_minutes"]["value"]),
        administrator=timedelta(minutes=telling["administrator_minutes"]["value"]),
        contact_due=timedelta(minutes=contact["due_minutes"]["value"]),
        calls=contact["calls"]["value"],
    )
