"""What a newer decision has against a treatment that a prescriber approved on an older one. Pure.

Policy section 9: stop and refer to the prescriber when any exclusion appears. What a prescriber has to look at before a
treatment, or what is not known, and neither stood there at the approval, is as new to them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Finding = Mapping[str, Any]
# House policy, section 3: worsening is 5 points or more; section 9: the treatment stops by it.
PHQ9_WORSE = 5
_HEAVY = ("review", "information", "exclude")
# These have their own watch, at every session or check-in, or say that the treatment helps [house]:
_WATCHED_ABOUTS = ("suicide_risk", "sitter")  # section 4 and its hold; the gate of the day
_WATCHED_CODES = (
    "blood_pressure.none_recent",  # measured at the gate
    "instrument.",  # a score has its own rule below
    "indication.none_reaches_threshold",  # somebody whom the treatment helps scores low
    "indication.not_scored",
)


def speaks_against(approved: Sequence[Finding], newest: Sequence[Finding]) -> list[Finding]:
    """The findings of the newest decision that are new, or heavier than they were when a prescriber approved."""
    known: dict[tuple[Any, ...], int] = {}
    for one in approved:
        known[_subject(one)] = max(_weight(one), known.get(_subject(one), 0))
    return [one for one in newest if _counts(one) and _weight(one) > known.get(_subject(one), 0)]


def scores_worse(approved: Mapping[str, Any], newest: Mapping[str, Any]) -> bool:
    """Whether the PHQ-9 total of the newest decision's scores is worse by as much as stops a treatment."""
    before, now = (scores.get("phq9", {}).get("total") for scores in (approved, newest))
    return before is not None and now is not None and now - before >= PHQ9_WORSE


def _counts(one: Finding) -> bool:
    watched = one["about"] in _WATCHED_ABOUTS or one["code"].startswith(_WATCHED_CODES)
    return one["tier"] == "exclude" or (one["tier"] in _HEAVY and not watched)


def _weight(one: Finding) -> int:
    return _HEAVY.index(one["tier"]) + 1 if one["tier"] in _HEAVY else 0


def _subject(one: Finding) -> tuple[Any, ...]:
    # Two medicines nobody knows are two subjects: the name that was typed tells them apart.
    return one["code"], one["about"], one["facts"].get("medicine")
