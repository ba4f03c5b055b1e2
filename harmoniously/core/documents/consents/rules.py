"""What a patient's agreements are worth: plain decisions, no Django, no clock, no database.

Source: requirements SEC-15 and ASVS 2.3.1 (no step without the consent that it rests on). House: which step rests on
which agreement, and that an older signed version covers what is under way but begins nothing new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What somebody did with a text."""

    READ = "read"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """What stands for one kind: never signed, the present words, older words, or taken back."""

    NEVER = "never"
    CURRENT = "current"
    OUTDATED = "outdated"
    WITHDRAWN = "withdrawn"


class Activity(StrEnum):
    """A step that rests on agreements."""

    HAND_IN = "hand_in"
    CHECKOUT = "checkout"
    BOOKING = "booking"
    APPROVAL = "approval"
    ORDER = "order"
    DOSE = "dose"


_EVERY = ("treatment", "telehealth", "privacy", "payment")
_CARE = ("treatment", "telehealth", "privacy")
# Not listed, so never stopped: crisis help, Get help, messages, check-ins, a session that runs, a visit that is booked,
# moving or cancelling anything, reading one's record.
NEEDS: Mapping[Activity, tuple[str, ...]] = {
    Activity.HAND_IN: _EVERY,
    Activity.CHECKOUT: _EVERY,
    Activity.BOOKING: ("telehealth", "privacy"),
    # A prescriber's yes to treatment. The prices are not among them: money never decides care.
    Activity.APPROVAL: _CARE,
    # Signing a prescription, ordering or sending a shipment.
    Activity.ORDER: _CARE,
    # Planning sessions, passing the gate of the day, beginning a dose.
    Activity.DOSE: _CARE,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One act on one kind, with the hash of the words that it was about."""

    kind: str
    act: Act
    text_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What the events of one kind come to. `read` says whether the present words were read since the last decision."""

    state: State
    read: bool


def reading(events: Iterable[Event], current_sha256: str) -> Reading:
    """Fold the events of one kind, in their order, against the hash of the words that are to be signed now."""
    state, read = State.NEVER, False
    for event in events:
        if event.act is Act.READ:
            read = event.text_sha256 == current_sha256
        elif event.act is Act.SIGNED:
            state = State.CURRENT if event.text_sha256 == current_sha256 else State.OUTDATED
            read = False
        else:
            state, read = State.WITHDRAWN, False
    return Reading(state, read)


def missing(states: Mapping[str, State], activity: Activity) -> tuple[str, ...]:
    """The kinds that a step needs and that are not signed in their present words."""
    return tuple(kind for kind in NEEDS[activity] if states.get(kind, State.NEVER) is not State.CURRENT)


def taken_back(states: Mapping[str, State], activity: Activity) -> tuple[str, ...]:
    """The kinds that a step needs and that the patient took back: it is not only late, the patient said no."""
    return tuple(kind for kind in NEEDS[activity] if states.get(kind) is State.WITHDRAWN)


def stopped(states: Mapping[str, State]) -> tuple[Activity, ...]:
    """The steps that wait for a signature."""
    return tuple(activity for activity in Activity if missing(states, activity))


def plain_name(name: str) -> str:
    """A name for comparing: case and spacing do not matter."""
    return " ".join(name.split()).casefold()
