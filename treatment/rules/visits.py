"""When a patient in treatment is seen again (house policy, section 8).

A video check-in after session 2 and then every 6 sessions (2, 8, 14 ...); a new evaluation after 12 weeks without a
session. A visit that is held after a session meets every check-in that was due by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from treatment.policy import Policy


class DueKind(StrEnum):
    """What the patient is seen for. The values are those of the visits that are booked."""

    CHECK_IN = "check_in"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class SeenFacts:
    """The completed sessions of this treatment and the visits with a prescriber that took place, in any order.

    `approved_at` is the newest approval by a prescriber; `last_taken_at` the start of the newest session, None before
    the first one.
    """

    completed: Sequence[datetime]
    visits_held: Sequence[datetime]
    approved_at: datetime
    last_taken_at: datetime | None


@dataclass(frozen=True)
class Due:
    """A visit that is due. `after_session` is the session that makes it due, 0 for a new evaluation."""

    kind: DueKind
    after_session: int
    since: datetime
    overdue_at: datetime


def asks_for_check_in(number: int, policy: Policy) -> bool:
    """Whether the session with this number, counted from 1, is followed by a video check-in."""
    rule = policy.dosing
    return number >= rule.video_after_session and (number - rule.video_after_session) % rule.video_every_sessions == 0


def evaluation_due_from(*, approved_at: datetime, last_taken_at: datetime | None, policy: Policy) -> datetime:
    """The last moment without a new evaluation: 12 weeks after the newest session, or approval when that is later."""
    unseen_since = approved_at if last_taken_at is None else max(approved_at, last_taken_at)
    return unseen_since + timedelta(weeks=policy.dosing.new_evaluation_after_weeks)


def evaluation_due(*, approved_at: datetime, last_taken_at: datetime | None, now: datetime, policy: Policy) -> bool:
    """Whether a prescriber has to approve anew: more than 12 weeks have passed without a session."""
    return now > evaluation_due_from(approved_at=approved_at, last_taken_at=last_taken_at, policy=policy)


def due_visit(facts: SeenFacts, *, now: datetime, policy: Policy) -> Due | None:
    """The one visit that is due now, or None. A new evaluation stands for every check-in that is due beside it."""
    if evaluation_due(approved_at=facts.approved_at, last_taken_at=facts.last_taken_at, now=now, policy=policy):
        since = evaluation_due_from(approved_at=facts.approved_at, last_taken_at=facts.last_taken_at, policy=policy)
        # Nothing ships and no session begins meanwhile, so it is overdue from the first moment.
        return Due(DueKind.EVALUATION, 0, since, since)
    last_held = max(facts.visits_held, default=None)
    for number, at in enumerate(sorted(facts.completed), start=1):
        if asks_for_check_in(number, policy) and (last_held is None or last_held < at) and at <= now:
            return Due(DueKind.CHECK_IN, number, at, at + timedelta(days=policy.visits.overdue_days))
    return None


def is_overdue(overdue_at: datetime, now: datetime) -> bool:
    """Whether a visit that is still due holds what is sent: from the moment on which its time is over."""
    return now >= overdue_at
