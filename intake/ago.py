"""How long ago something was, in whole weeks on the recent and so the safer side. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

DAYS_PER_WEEK = 7
WEEKS_PER_YEAR = 52  # policy section 5
MOST_WEEKS = 2000  # the range of the case format; no rule looks further back than 52


def weeks_ago(given: Mapping[str, Any] | None) -> int | None:
    """Whole weeks of a Kind.AGO, rounded down; None when it was left empty."""
    return None if given is None else min(_weeks(given), MOST_WEEKS)


def _weeks(given: Mapping[str, Any]) -> int:
    amount = int(given["amount"])
    in_weeks = {
        "years": amount * WEEKS_PER_YEAR,
        "months": amount * WEEKS_PER_YEAR // 12,
        "days": amount // DAYS_PER_WEEK,
    }
    return in_weeks.get(given["unit"], amount)


def before_birth(given: Mapping[str, Any] | None, born: str | None, today: date) -> bool:
    """Whether this long ago somebody was not born yet."""
    if given is None or born is None:
        return False
    # A year of 52 weeks is a day or two short, so the first year of life is left out of doubt.
    return date.fromisoformat(born) - (today - timedelta(weeks=_weeks(given))) > timedelta(days=366)
