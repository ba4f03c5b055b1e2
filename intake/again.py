"""When somebody who was refused may apply again: from the findings that excluded, by the table beside the policy.

Pure. The table (`intake/policies/again/<version>.toml`) has one entry for every code that excludes, with its source. A
number that the policy has is not repeated there: the entry names it, so that it stands in one place.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import ceil
from typing import Any

from harmoniously.core.common.published import NotPublishedError, digests, published_bytes
from intake.policy import CURRENT, POLICIES, Number, Policy, PolicyError, find_policy

UNITS = {"never": "", "adult": "", "over": "days", "reading": "days", "event": "weeks"}
# A number of the policy instead of one of the table's own: reached at that number, or only at the next whole one.
OF_POLICY, BEYOND_POLICY = "policy", "more_than"
ADULT_AGE = 18  # policy section 5; the day itself is worked out from the date of birth
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 52 * DAYS_PER_WEEK  # policy section 5: a year is 52 weeks
DAYS_IN = {"days": 1.0, "weeks": float(DAYS_PER_WEEK), "months": DAYS_PER_YEAR / 12}


@dataclass(frozen=True, slots=True)
class Wait:
    """One entry of the table: how the reason passes, how long that takes at least, and how the patient is told."""

    when: str
    amount: int
    words: str
    source: str


# What no table names is never cleared by the patient alone: a person looks at it.
UNKNOWN = Wait("never", 0, "Write to us if this has changed.", "[house] a finding that the table does not name")


@dataclass(frozen=True, slots=True)
class Again:
    """One reason of a refusal: from which day it may be looked at again, or None when it does not pass."""

    code: str
    words: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Reapplication:
    """All reasons together: every one of them has to have passed."""

    reasons: tuple[Again, ...]

    @property
    def never(self) -> bool:
        """Whether one of the reasons does not pass."""
        return any(reason.on is None for reason in self.reasons)

    @property
    def on(self) -> date | None:
        """The first day on which all may have passed; None when one never does."""
        days = [reason.on for reason in self.reasons if reason.on is not None]
        return None if self.never else max(days, default=None)

    def open(self, today: date) -> bool:
        """Whether a new application may be made on that day."""
        return not self.never and (self.on is None or self.on <= today)


@cache
def load_waits(version: str = CURRENT) -> Mapping[str, Wait]:
    """The table of a policy version; that of the current one where the version has none.

    Raises PolicyError for a table that was edited after it was published, a kind that does not exist, a number that is
    missing or left over, a number of the policy that does not exist, or a text that is empty.
    """
    own = version if f"again/{version}.toml" in digests(POLICIES) else CURRENT
    name = f"again/{own}.toml"
    try:
        raw = tomllib.loads(published_bytes(POLICIES, name).decode("utf-8"))
    except (NotPublishedError, OSError) as error:
        raise PolicyError("", str(error)) from error
    if raw["version"] != own:
        raise PolicyError("version", f"must be {own}, the name of its file")
    policy = find_policy(own)
    return {code: _wait(code, row, policy) for code, row in raw["codes"].items()}


def _wait(code: str, row: Mapping[str, Any], policy: Policy) -> Wait:
    unit = UNITS.get(row.get("when", ""))
    numbers = row.keys() & {unit, OF_POLICY, BEYOND_POLICY} if unit else set()
    wanted = {"when", "source", "words", *numbers}
    if unit is None or len(numbers) != bool(unit) or row.keys() != wanted or not (row["source"] and row["words"]):
        raise PolicyError(f"codes.{code}", "wrong or missing keys")
    return Wait(row["when"], _amount(code, row, unit, policy) if unit else 0, row["words"], row["source"])


def _amount(code: str, row: Mapping[str, Any], unit: str, policy: Policy) -> int:
    """The number of a row in its unit, from the row itself or from the policy."""
    amount = row.get(unit)
    if amount is None:
        path = str(row.get(OF_POLICY) or row.get(BEYOND_POLICY))
        section, _, name = path.partition(".")
        number = getattr(getattr(policy, section, None), name, None)
        days = DAYS_IN.get(name.rpartition("_")[2])
        if not isinstance(number, Number) or days is None:
            raise PolicyError(f"codes.{code}", f"{path} is no time of the policy")
        return ceil((number.value + (BEYOND_POLICY in row)) * days / DAYS_IN[unit])
    if type(amount) is not int or amount < 0:
        raise PolicyError(f"codes.{code}", f"{amount!r} is no number of days or weeks")
    return amount


def reapplication(
    findings: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], *, decided_on: date, waits: Mapping[str, Wait]
) -> Reapplication:
    """What a refusal's findings say about applying again. ``facts`` is the case; days are the patient's own."""
    reasons = []
    for finding in findings:
        if finding["tier"] != "exclude":
            continue
        wait = waits.get(finding["code"], UNKNOWN)
        reason = Again(finding["code"], wait.words, _first_day(wait, finding["facts"], facts, decided_on))
        if reason not in reasons:
            reasons.append(reason)
    return Reapplication(tuple(reasons))


def _first_day(wait: Wait, known: Mapping[str, Any], facts: Mapping[str, Any], decided_on: date) -> date | None:
    if wait.when == "never":
        return None
    if wait.when == "over":
        return decided_on + timedelta(days=wait.amount)
    if wait.when == "event":
        return decided_on + timedelta(days=max(0, wait.amount - int(known["weeks_ago"])) * DAYS_PER_WEEK)
    if wait.when == "reading":
        return date.fromisoformat(known["taken_on"]) + timedelta(days=wait.amount)
    born = date.fromisoformat(facts["date_of_birth"])
    # Somebody born on 29 February comes of age on 1 March of a common year.
    leap_day = (born.month, born.day) == (2, 29)
    return date(born.year + ADULT_AGE, 3, 1) if leap_day else born.replace(year=born.year + ADULT_AGE)
