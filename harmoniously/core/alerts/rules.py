"""When an alert is told again, and to whom: plain decisions, no Django, no clock, no database.

Source: policy section 4, with its numbers in policies/. The first on-call clinician at once, on both channels; again
every 5 minutes; after 15 minutes the next person as well, and so on; after 30 minutes, or when the list is used up, the
administrators as well, and the emergency contact is shown to staff. Whoever was told once is told on. Only a person's
acknowledgement ends it; time never does.

An alert that somebody took is told again, to that person and down the list as if it were new, when no contact was
recorded for 15 minutes. Only a contact that reached the patient ends that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from harmoniously.core.alerts.policy import AlarmPolicy


@dataclass(frozen=True)
class Telling:
    """Whom to tell now: positions on the on-call list (0 is first), and whether the administrators as well."""

    positions: tuple[int, ...]
    administrators: bool
    next_at: datetime


def telling(*, since: datetime, now: datetime, people: int, policy: AlarmPolicy) -> Telling:
    """Whom an alert is told to at `now` that has waited since `since`; `people` is the length of the on-call list.

    Positions that time skipped (a worker that was away, a demo clock that jumped) are told too: nobody is left out.
    """
    waited = max(now - since, timedelta(0))
    turn = waited // policy.next_person
    used_up = turn >= people
    return Telling(tuple(range(min(turn + 1, people))), used_up or waited >= policy.administrator, now + policy.repeat)


LEVELS = ("incomplete", "moderate", "high")


def stronger(level: str, other: str) -> str:
    """The stronger of two safety-hold levels (incomplete < moderate < high)."""
    return max(level, other, key=LEVELS.index)


CALL, TEXT, IN_PERSON, VIDEO = "call", "text", "in_person", "video"
EMERGENCY_CONTACT, EMERGENCY_SERVICES = "emergency_contact", "emergency_services"
# Ways to reach the patient, or whoever is with them.
DIRECT = (CALL, TEXT, IN_PERSON, VIDEO)


def settles(how: str, *, reached: bool) -> bool:
    """Whether an attempt ends the wait for a contact: the patient was reached, or emergency services took it over.

    Reaching the emergency contact is a step on the way, not a contact with the patient.
    """
    return reached and (how in DIRECT or how == EMERGENCY_SERVICES)


@dataclass(frozen=True)
class Step:
    """One step of the guided list: what it is, how often it was tried, and whether it is the next one."""

    how: str
    tries: int
    done: bool
    next: bool


def steps(attempts: tuple[tuple[str, bool], ...], *, calls: int) -> tuple[Step, ...]:
    """The way to somebody who does not answer: two calls, a text, the emergency contact, then 911.

    `attempts` are (how, reached) of what was recorded. A step that is skipped stays open; nothing is next once somebody
    was reached.
    """
    wanted = ((CALL, calls), (TEXT, 1), (EMERGENCY_CONTACT, 1), (EMERGENCY_SERVICES, 1))
    tries = {how: sum(tried == how for tried, _reached in attempts) for how, _times in wanted}
    open_ones = [how for how, times in wanted if tries[how] < times]
    over = any(settles(how, reached=reached) for how, reached in attempts)
    first = open_ones[0] if open_ones and not over else ""
    return tuple(Step(how, tries[how], tries[how] >= times, how == first) for how, times in wanted)


@dataclass(frozen=True)
class Spread:
    """The middle, the ninth of ten, and the worst of some waits."""

    median: timedelta
    ninth: timedelta
    worst: timedelta


def spread(waits: list[timedelta]) -> Spread | None:
    """The spread of the waits by nearest rank (a wait that was really there); None without any."""
    if not waits:
        return None
    rising = sorted(waits)
    median, ninth = (rising[-(-len(rising) * tenths // 10) - 1] for tenths in (5, 9))
    return Spread(median, ninth, rising[-1])
