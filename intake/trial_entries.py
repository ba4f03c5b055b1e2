"""One antidepressant as it was entered, in the terms of the case format: mg a day, and weeks. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import ngettext

from harmoniously.core.questions.specs import SAID_ON
from intake.dose import NOT_ASKED
from intake.policy import load_policy
from intake.rules.trials import dose_of

UNKNOWN = "unknown"
STILL_TAKING = "still_taking"
MG_PER_UNIT = {"mg": 1.0, "g": 1000.0, "mcg": 0.001}
DAYS_PER_WEEK = 7
_MONTH = len("2020-03")


def trial_facts(entry: Mapping[str, Any], *, as_of: date) -> dict[str, Any]:
    """A row of `antidepressant_trials`; what was not answered is None."""
    improvement = entry.get("improvement")
    return {
        "medicine": entry["medicine"],
        "max_daily_dose_mg": dose_in_mg(entry),
        "weeks_at_dose": weeks_at_dose(entry, as_of=as_of),
        "taken_for": entry.get("taken_for"),
        "episode": entry.get("episode"),
        "improvement_percent": None if improvement in (None, UNKNOWN) else int(improvement),
        "stopped_because": entry.get("stopped"),
    }


def dose_in_mg(entry: Mapping[str, Any]) -> float | None:
    """The dose as the case format wants it; None when it is not known or not asked."""
    amount, unit = entry.get("dose"), entry.get("dose_unit")
    if amount is None or unit in (None, UNKNOWN, NOT_ASKED):
        return None
    if unit in MG_PER_UNIT:
        return float(amount) * MG_PER_UNIT[unit]
    product = dose_of(entry["medicine"], load_policy())
    return amount * product.mg if product.unit == unit else None


def weeks_at_dose(entry: Mapping[str, Any], *, as_of: date) -> float | None:
    """The weeks as they were given, else from the dates.

    Somebody who still takes it has surely taken it until the day on which they said so (``as_of`` when it is not
    kept): how much better they were then says nothing of weeks that passed since.
    """
    weeks: float | None = entry.get("weeks")
    if weeks is not None or entry.get("started") is None:
        return weeks
    until = min(entry.get(SAID_ON) or as_of.isoformat(), as_of.isoformat())
    ended = entry.get("ended") or (until if entry.get("stopped") == STILL_TAKING else None)
    return None if ended is None else shortest(entry["started"], ended)


def shortest(started: str, ended: str) -> float:
    """Weeks that surely lie between: a month without its day is read as late for a start and as early for an end."""
    days = (first_day(ended) - last_day(started)).days
    return round(max(days, 0) / DAYS_PER_WEEK, 2)


def longest(started: str, ended: str) -> float:
    """Weeks that can at most lie between."""
    return round(((last_day(ended) - first_day(started)).days + 1) / DAYS_PER_WEEK, 2)


def is_told(started: str, ended: str) -> bool:
    """Whether two dates say how long it was: two months that touch say hardly anything."""
    return min(len(started), len(ended)) > _MONTH or shortest(started, ended) > 0


def first_day(when: str) -> date:
    """The first day that a Kind.MONTH can mean."""
    return date.fromisoformat(when if len(when) > _MONTH else f"{when}-01")


def last_day(when: str) -> date:
    """The last day that a Kind.MONTH can mean."""
    first = first_day(when)
    if len(when) > _MONTH:
        return first
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def weeks_in_words(weeks: float) -> str:
    """ "1 week", "5.9 weeks"."""
    # The plural of a language is chosen by a whole number; 5.9 and 0 read as many.
    number = int(weeks) if weeks == int(weeks) else 2
    return ngettext("%(weeks)s week", "%(weeks)s weeks", number) % {"weeks": f"{weeks:g}"}
