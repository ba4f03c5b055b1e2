"""How a course of scores is named: where it began, response, remission, change (policy section 3). No promise in it.

Shares are compared in whole numbers of hundredths, so that 50 % is 50 % and 49 % is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from treatment.policy import Policy


class Change(StrEnum):
    """How the newest score stands against the one before the first dose."""

    FIRST = "first"  # nothing to compare with yet
    REMISSION = "remission"  # PHQ-9 under 5, having come down by half or more
    LOW = "low"  # PHQ-9 under 5, but not down by half: it was low before
    RESPONSE = "response"  # down by half or more (PEG: by 30 % or more)
    BETTER = "better"  # PCL-5 down by 10 points or more
    WORSE = "worse"  # PHQ-9 up by 5 or more, PCL-5 up by 10 or more
    SAME = "same"  # none of these


@dataclass(frozen=True)
class Score:
    """One complete questionnaire."""

    at: datetime
    total: Decimal


@dataclass(frozen=True)
class Course:
    """The first score that counts, the newest one, the share it fell by in per cent, and what that is called.

    `fall` is rounded toward zero, so that it never says more than there is; negative where the score rose, None where
    the first one was 0 or there is only one.
    """

    baseline: Score
    newest: Score
    fall: int | None
    change: Change


def baseline(scores: Sequence[Score], first_dose: datetime | None) -> Score | None:
    """What the others are compared with: the last score before the first dose, or the first there is."""
    before = [score for score in scores if first_dose is not None and score.at <= first_dose]
    return max(before, key=lambda score: score.at) if before else min(scores, key=lambda s: s.at, default=None)


def course(scale: str, scores: Sequence[Score], first_dose: datetime | None, policy: Policy) -> Course | None:
    """How a scale went ("phq9", "gad7", "pcl5" or "peg"); None without a score."""
    began = baseline(scores, first_dose)
    if began is None:
        return None
    newest = max(scores, key=lambda score: score.at)
    if newest.at <= began.at:
        return Course(began, began, None, Change.FIRST)
    return Course(began, newest, _fall(began.total, newest.total), _change(scale, began.total, newest.total, policy))


def _fall(before: Decimal, now: Decimal) -> int | None:
    return int((before - now) * 100 / before) if before else None


def _fell_by(before: Decimal, now: Decimal, percent: int) -> bool:
    return before > 0 and (before - now) * 100 >= before * percent


def _change(scale: str, before: Decimal, now: Decimal, policy: Policy) -> Change:
    rule = policy.outcome
    if scale == "pcl5":
        if before - now >= rule.pcl5_points:
            return Change.BETTER
        return Change.WORSE if now - before >= rule.pcl5_points else Change.SAME
    responded = _fell_by(before, now, rule.peg_percent if scale == "peg" else policy.titration.response_percent)
    if scale == "phq9":
        if now - before >= policy.check_in.phq9_worsening:
            return Change.WORSE
        if now < rule.remission_below:
            return Change.REMISSION if responded else Change.LOW
    return Change.RESPONSE if responded else Change.SAME
