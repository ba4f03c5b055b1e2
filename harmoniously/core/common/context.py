"""What is known about the request being served, for the trail and the door: its id, the caller's address, its kind."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Emergency:
    """That a record was opened in an emergency: the key of the opening, whose record, and until when."""

    key: UUID
    patient: UUID
    until: datetime


@dataclass
class RequestContext:
    """One request: an id of ours, the address it came from, and whether it asks to change something."""

    request_id: str
    ip: str
    writes: bool = False
    # Set by the door of a record that opens only for this reason: every event about it says so, and every page.
    emergency: Emergency | None = None


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current() -> RequestContext | None:
    """The request being served by this thread, or None in a worker or command."""
    return _current.get()


def enter(context: RequestContext | None) -> None:
    """Make a request the current one (or none)."""
    _current.set(context)
