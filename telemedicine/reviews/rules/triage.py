"""In which order prescribers look at waiting cases.

Danger first, then promises already made (a visit held, a visit soon), then whoever has waited longest. Whether a
patient has paid is shown but never sorts: money does not decide care. The queue orders in SQL by the same table
(`LADDER`), so that a page of fifty costs the same whatever the length of the queue; a test compares both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

# A visit this close makes a case worth reading now. House choice: a prescriber prepares the day before.
VISIT_SOON = timedelta(hours=24)


class Urgency(IntEnum):
    """Rungs of the ladder; the lower number is looked at first."""

    CRISIS = 0
    HELD = 1
    STOPPED = 2
    PRIORITY = 3
    DECISION_DUE = 4
    VISIT_SOON = 5
    WAITING = 6
    WITH_PATIENT = 7


CASE = "case"
# (rung, hold levels that put a case there, suicide risks that put a case there), in the order they are tried.
# CASE is the hold of a treatment that newer answers speak against.
# `incomplete` has the protections of `moderate` until it is answered (policy section 4).
LADDER: tuple[tuple[Urgency, tuple[str, ...], tuple[str, ...]], ...] = (
    (Urgency.CRISIS, ("high",), ("high",)),
    (Urgency.HELD, ("moderate", "incomplete"), ()),
    (Urgency.STOPPED, (CASE,), ()),
    (Urgency.PRIORITY, (), ("moderate", "incomplete")),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the order of one case depends on."""

    suicide_risk: str
    waiting_since: datetime
    hold: str | None = None
    visit_completed: bool = False
    next_visit_at: datetime | None = None
    # It is the patient's turn: a question has time left for its answer, or a visit in person is to take place.
    asked: bool = False


def urgency(case: Waiting, now: datetime) -> Urgency:
    """The rung of one case at a moment."""
    for rung, holds, risks in LADDER:
        if case.hold in holds or case.suicide_risk in risks:
            return rung
    if case.asked:
        return Urgency.WITH_PATIENT
    if case.visit_completed:
        return Urgency.DECISION_DUE
    if case.next_visit_at is not None and case.next_visit_at <= now + VISIT_SOON:
        return Urgency.VISIT_SOON
    return Urgency.WAITING


def order_key(case: Waiting, now: datetime) -> tuple[int, datetime]:
    """Sort key: rung, then the oldest first."""
    return urgency(case, now).value, case.waiting_since


class RefillUrgency(IntEnum):
    """The same for requests for the next supply, which stand beside the cases; the lower number is looked at first."""

    LATE = 0
    WAITING = 1
    WITH_PATIENT = 2


def refill_urgency(requested_at: datetime, *, asked: bool, within: timedelta, now: datetime) -> RefillUrgency:
    """The rung of one request: late once the time in which it is answered is over, whoever was asked something."""
    if now - requested_at >= within:
        return RefillUrgency.LATE
    return RefillUrgency.WITH_PATIENT if asked else RefillUrgency.WAITING
