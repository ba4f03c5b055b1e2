"""In which order prescribers look at what waits for them: one ladder for every kind of work.

Danger first, then what stops a treatment, then promises already late, decisions that are due, what arrived, what comes
soon; on one rung the riskier first, then whoever has waited longest. Whether a patient has paid is shown but never
sorts: money does not decide care. A licence decides whether something stands in somebody's queue at all
(work/selectors.py), never where. The queue orders in SQL by the same tables, so that a page of fifty costs the same
whatever the length of the queue; a test compares both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from telemedicine.conversation.rules import answer_by

# A visit this close makes a case worth reading now. House choice: a prescriber prepares the day before.
VISIT_SOON = timedelta(hours=24)
# What the result page promises after the first visit: the decision in writing within two working days.
DECISION_WITHIN = 2


class Urgency(IntEnum):
    """Rungs of the ladder; the lower number is looked at first."""

    CRISIS = 0
    HELD = 1
    STOPPED = 2
    PRIORITY = 3
    LATE = 4
    DECISION_DUE = 5
    ARRIVED = 6
    VISIT_SOON = 7
    WAITING = 8
    WITH_PATIENT = 9


class Kind(StrEnum):
    """What there is to do; the values stand in addresses."""

    APPLICATION = "application"
    INFORMATION = "information"  # an application about which something arrived
    CHECK_IN = "check-in"
    SESSION = "session"  # held at the gate
    SUPPLY = "supply"
    EVENT = "event"
    SECOND = "second"  # a colleague's draft over the ceiling
    REFILL = "refill"
    RENEWAL = "renewal"


CASES = (Kind.APPLICATION, Kind.INFORMATION)
# What tells of a patient in treatment stands at least as high as the patient's hold.
TELLING = (Kind.CHECK_IN, Kind.SESSION, Kind.SUPPLY, Kind.EVENT)

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
# On one rung; what is not known of a risk counts as moderate.
RISKS = {"high": 0, "moderate": 1, "incomplete": 1, "low": 2, "none": 3}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the order of one case depends on.

    `asked`: it is the patient's turn; `overdue`: they did not answer in time, or nobody recorded the visit in person in
    its time. `arrived`: the patient answered, or sent something, and nobody has looked. `promise_over`: the time in
    which the decision was promised after the visit is over.
    """

    suicide_risk: str
    waiting_since: datetime
    hold: str | None = None
    visit_completed: bool = False
    next_visit_at: datetime | None = None
    # It is the patient's turn: a question has time left for its answer, or a visit in person is to take place.
    asked: bool = False
    overdue: bool = False
    arrived: bool = False
    promise_over: bool = False


def urgency(case: Waiting, now: datetime) -> Urgency:
    """The rung of one case at a moment."""
    for rung, holds, risks in LADDER:
        if case.hold in holds or case.suicide_risk in risks:
            return rung
    if case.asked and case.arrived:
        return Urgency.ARRIVED
    if case.asked:
        return Urgency.LATE if case.overdue else Urgency.WITH_PATIENT
    if case.visit_completed:
        return Urgency.LATE if case.promise_over else Urgency.DECISION_DUE
    if case.arrived:
        return Urgency.ARRIVED
    if case.next_visit_at is not None and case.next_visit_at <= now + VISIT_SOON:
        return Urgency.VISIT_SOON
    return Urgency.WAITING


def order_key(case: Waiting, now: datetime) -> tuple[int, int, datetime]:
    """Sort key: rung, then the riskier, then the oldest first."""
    return urgency(case, now).value, RISKS[case.suicide_risk], case.waiting_since


@dataclass(frozen=True, slots=True)
class Work:
    """What the order of anything else depends on.

    `stops`: no session takes place until it is read. `late`: the time in which it was to be done has passed.
    """

    kind: Kind
    since: datetime
    hold: str | None = None
    stops: bool = False
    late: bool = False
    asked: bool = False
    arrived: bool = False


# (rung, the name of what puts work there), in the order they are tried; the last rung is where it stands otherwise.
TOLD = ((Urgency.STOPPED, "stops"), (Urgency.LATE, "late"), (Urgency.PRIORITY, ""))
ASKED_FOR = (
    (Urgency.LATE, "late"),
    (Urgency.ARRIVED, "arrived"),
    (Urgency.WITH_PATIENT, "asked"),
    (Urgency.DECISION_DUE, ""),
)


def work_urgency(work: Work) -> Urgency:
    """The rung of what is no case."""
    steps = TOLD if work.kind in TELLING else ASKED_FOR
    if work.kind in TELLING:
        for rung, holds, _risks in LADDER:
            if work.hold in holds:
                return rung
    return next(rung for rung, name in steps if not name or getattr(work, name))


def work_key(work: Work) -> tuple[int, int, datetime]:
    """Sort key beside that of a case; of whom nothing is asked here no risk is known."""
    return work_urgency(work).value, RISKS["none"], work.since


def last_late_day(today: date) -> date:
    """The last day of a visit whose decision was promised for a day before today."""
    day = today
    while answer_by(day, DECISION_WITHIN) >= today:
        day -= timedelta(days=1)
    return day
