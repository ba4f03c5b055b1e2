"""What the apps above know at the moment of sending: whether a message about something of theirs must wait.

A reminder is scheduled days before it goes out. Whoever schedules it names its group ("session:<uuid>") and may
register one question here, which the dispatcher asks just before it calls the provider: nothing that stands still may
be reminded of. Safety messages are never asked about.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from harmoniously.core.notifications.models import Notification

logger = logging.getLogger(__name__)
Guard = Callable[[Collection[str], datetime], Collection[str]]
_GUARDS: dict[str, Guard] = {}


def ask_before_sending(kind: str, guard: Guard) -> None:
    """Register the question for groups of one kind; `guard` gets keys ("<uuid>") and the moment, and
    returns those that must wait."""
    _GUARDS[kind] = guard


def withheld(rows: Iterable[Notification], *, at: datetime) -> frozenset[UUID]:
    """Which of these messages must wait at that moment; one question for each kind of group among them."""
    asked: dict[str, dict[str, list[UUID]]] = {}
    for row in rows:
        kind, _colon, key = row.about.partition(":")
        if kind in _GUARDS and not row.is_safety:
            asked.setdefault(kind, {}).setdefault(key, []).append(row.pk)
    return frozenset(
        pk for kind, keys in asked.items() for waiting in _ask(kind, keys.keys(), at) for pk in keys.get(waiting, ())
    )


def _ask(kind: str, keys: Collection[str], at: datetime) -> Collection[str]:
    """Those that must wait: all of them when the question fails, and nothing that was never asked about waits for it.

    Among the rest of a round are the safety messages of other patients.
    """
    try:
        with transaction.atomic():  # a failed query spoils no more than its question
            return _GUARDS[kind](keys, at)
    except Exception as failure:
        logger.error("Messages about %s wait, nobody knows whether they may go: %s", kind, type(failure).__name__)
        return keys
