"""What is known about the request being served, for the audit trail: its id and the caller's address."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestContext:
    """One request: an id of ours, and the address it came from."""

    request_id: str
    ip: str


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current() -> RequestContext | None:
    """The request being served by this thread, or None in a worker or command."""
    return _current.get()


def enter(context: RequestContext | None) -> None:
    """Make a request the current one (or none)."""
    _current.set(context)
