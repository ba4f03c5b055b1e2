"""How long what a decision rests on stays good. Pure; the days are those of the policy (section 5)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from intake.policy import Policy


def good_until(facts: Mapping[str, Any], policy: Policy) -> date | None:
    """The last day on which the newest blood pressure of a case still counts; None when it has none with a date."""
    return _last_day(facts.get("blood_pressure"), "taken_on", int(policy.blood_pressure.recent_days.value))


def letters_good_until(facts: Mapping[str, Any], policy: Policy) -> date | None:
    """The last day on which every kind of letter of a case still counts; None when it has none with a date."""
    documents = facts.get("documents") or ()
    kinds = {document.get("kind") for document in documents}
    days = int(policy.timing.letter_days.value)
    ends = [_last_day([one for one in documents if one.get("kind") == kind], "dated", days) for kind in kinds]
    return min((end for end in ends if end is not None), default=None)


def _last_day(rows: Iterable[Mapping[str, Any]] | None, key: str, days: int) -> date | None:
    newest = max((row[key] for row in rows or () if row.get(key)), default=None)
    return date.fromisoformat(newest) + timedelta(days=days) if newest else None
