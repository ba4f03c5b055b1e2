"""Two clocks on every session: how long since a person did something, and how long since sign-in (SEC-04).

Both measure the real time, not the demo clock: moving the demo to tomorrow is not a day of absence.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from harmoniously.core.common import clock

STARTED, LAST_SEEN, HELD_OPEN = "session_started", "session_last_seen", "session_held_open_until"
TOUCH_EVERY = timedelta(seconds=15)
LONGEST_HOLD = timedelta(hours=6)
View = TypeVar("View", bound=Callable[..., Any])


def does_not_extend_session(view: View) -> View:
    """Mark a view that a page calls by itself: it never counts as something a person did (BUG-05)."""
    view.extends_session = False  # type: ignore[attr-defined]
    return view


def begin(session: SessionBase, *, at: datetime) -> None:
    """Start both clocks."""
    session[STARTED] = session[LAST_SEEN] = at.timestamp()


def touch(session: SessionBase, *, at: datetime) -> None:
    """A person did something; written at most every 15 seconds to spare the database."""
    if at.timestamp() - session.get(LAST_SEEN, 0) >= TOUCH_EVERY.total_seconds():
        session[LAST_SEEN] = at.timestamp()


def hold_open(session: SessionBase, *, until: datetime) -> None:
    """No limit applies until then, at most six hours: nobody is signed out during a dose (policy section 9).

    The cookie outlives the browser as long: a phone whose battery died goes on where it was.
    """
    session.set_expiry(LONGEST_HOLD)
    session[HELD_OPEN] = min(until, clock.wall() + LONGEST_HOLD).timestamp()


def release_hold(session: SessionBase) -> None:
    """The dose is over; the limits apply again from now."""
    session.pop(HELD_OPEN, None)
    session.set_expiry(None)
    session[LAST_SEEN] = clock.wall().timestamp()


def is_over(session: SessionBase, *, is_staff: bool, at: datetime) -> bool:
    """Whether the session has reached its idle limit or its absolute limit."""
    moment = at.timestamp()
    if moment < session.get(HELD_OPEN, 0):
        return False
    idle = settings.SESSION_IDLE_MINUTES_STAFF if is_staff else settings.SESSION_IDLE_MINUTES_PATIENT
    if moment - session.get(LAST_SEEN, moment) >= idle * 60:
        return True
    return bool(moment - session.get(STARTED, moment) >= settings.SESSION_ABSOLUTE_MINUTES * 60)
