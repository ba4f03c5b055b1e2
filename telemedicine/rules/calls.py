"""Where a video visit stands, who sits in it, and which messages two browsers may exchange. Pure; instants are UTC."""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from telemedicine.rules.visits import Door

SIGNAL_BYTES = 64 * 1024  # VID-04
SIGNAL_LIFE = timedelta(minutes=2)  # VID-04
SIGNALS_A_SECOND = 20  # VID-04
PRESENT_WITHIN = timedelta(seconds=30)  # somebody whose page asked that recently is there
TOLD_EVERY = timedelta(seconds=5)  # how often a page's asking is written down
MOST_INVITATIONS = 5  # of one visit: our mail is nobody's way to write to strangers


class Seat(StrEnum):
    """Who somebody is in a visit: what one browser says is addressed to a seat, and each two seats connect alone."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    GUEST = "guest"  # the one person who was invited


# Of two who speak at once the one that stands earlier gives way (perfect negotiation).
_YIELDING = (Seat.GUEST, Seat.PATIENT, Seat.CLINICIAN)


def yields(one: Seat, other: Seat) -> bool:
    """Whether the browser of the first gives way to that of the second when both offer at once."""
    return _YIELDING.index(one) < _YIELDING.index(other)


class Stage(StrEnum):
    """What a person at the room's door finds."""

    CLOSED = "closed"  # too early, too late, not by video
    ASKED = "asked"  # invited, and the patient has not agreed to it
    WAITING = "waiting"  # agreed, and not admitted yet
    OPEN = "open"  # admitted: the browsers may connect
    OVER = "over"  # the visit is no longer booked


def stage_of(*, booked: bool, door: Door, agreed: bool, licensed: bool, admitted: bool) -> Stage:
    """Nobody connects before the clinician admitted; a running call stays as long as the visit's door does (VID-02)."""
    if not booked:
        return Stage.OVER
    if door != Door.OPEN or not agreed or not licensed:
        return Stage.CLOSED
    return Stage.OPEN if admitted else Stage.WAITING


def guest_stage_of(*, visit: Stage, door: Door, invited: bool, agreed: bool, admitted: bool) -> Stage:
    """What the third person finds: nothing without the patient's consent, nobody before the clinician admitted them.

    `visit` is where it stands for the two; `invited` is False once the invitation was taken back.
    """
    if not invited or visit == Stage.OVER or door == Door.LATE:
        return Stage.OVER
    if door == Door.EARLY:
        return Stage.CLOSED
    if not agreed:
        return Stage.ASKED
    return Stage.OPEN if visit == Stage.OPEN and admitted else Stage.WAITING


Check = Callable[[Any], bool]
_NAME = re.compile(r"[0-9a-f-]{8,40}")


def _is_name(value: Any) -> bool:
    """How a page calls itself: another one each time it is loaded."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_seat(value: Any) -> bool:
    return isinstance(value, str) and value in set(Seat)


def _is_text(value: Any) -> bool:
    """What browsers write to each other is plain ASCII; half a character could not even be stored."""
    return isinstance(value, str) and value.isascii()


def _is_text_or_none(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_line(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 64)


def _is_description(value: Any) -> bool:
    return _fits(value, {"type": lambda word: word in ("offer", "answer"), "sdp": _is_text})


def _is_candidate(value: Any) -> bool:
    parts: dict[str, Check] = {
        "candidate": _is_text,
        "sdpMid": _is_text_or_none,
        "sdpMLineIndex": _is_line,
        "usernameFragment": _is_text_or_none,
    }
    return (
        isinstance(value, dict)
        and "candidate" in value
        and _fits(value, {key: parts[key] for key in value if key in parts})
    )


def _fits(value: Any, shape: dict[str, Check]) -> bool:
    """A mapping with exactly these keys, each as its check wants it."""
    return isinstance(value, dict) and value.keys() == shape.keys() and all(shape[key](value[key]) for key in shape)


# `at` is the seat it goes to, `from` and `to` are what two pages call themselves.
_TO: dict[str, Check] = {"at": _is_seat, "from": _is_name, "to": _is_name}
_SHAPES: dict[str, dict[str, Check]] = {
    "hello": {"at": _is_seat, "from": _is_name},
    "welcome": _TO,
    "description": {**_TO, "description": _is_description},
    "candidate": {**_TO, "candidate": _is_candidate},
}


def is_signal(payload: Any) -> bool:
    """Whether a message is one of the four that the pages send: nothing else is carried from one browser to another."""
    if not isinstance(payload, dict) or not isinstance(payload.get("kind"), str):
        return False
    shape = _SHAPES.get(payload["kind"])
    rest = {key: value for key, value in payload.items() if key != "kind"}
    return shape is not None and _fits(rest, shape)
