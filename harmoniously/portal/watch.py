"""The web processes' own watch over the alarm: what must be told is told, also when the worker is silent.

Everything that rings is a row in the database (ADR 2), and the worker tells within seconds. When it is dead, or Redis
is, nobody would look at the rows: so every web process looks every ten seconds, in a thread of its own. It leaves to
the worker what became due a moment ago. Rows are claimed, so web processes and a worker that wakes up do nothing twice.
It watches over patients: serious events nobody read, texts of patients and risks in drafts of notes as well. It sends
safety messages only; whatever can wait, waits for the worker.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from harmoniously.core.alerts.selectors import telling_overdue
from harmoniously.core.alerts.services import escalate_due
from harmoniously.core.alerts.sweeping import follow_up_texts
from harmoniously.core.common import clock, signs
from harmoniously.core.common.rounds import RowsFailed, each
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.notifications.selectors import safety_waits
from telemedicine.notes.risk import sweep as raise_from_drafts
from treatment.services.ticks import chase_events, watch_sessions

logger = logging.getLogger(__name__)
# The worker has had its turn by then: it is woken at once, and looks every ten seconds by itself.
LEAVE_TO_THE_WORKER = timedelta(seconds=15)
ROUND_SECONDS = 20.0
_watchers: list[threading.Thread] = []
_beginning = threading.Lock()


def begin() -> None:
    """Start the watch of this process, anew where it ended (a fork takes no thread along); not where settings say 0."""
    if settings.WATCH_EVERY_SECONDS <= 0 or _is_on():
        return
    with _beginning:
        if not _is_on():
            _watchers[:] = [threading.Thread(target=_go_on, name="watch", daemon=True)]
            _watchers[0].start()


def _is_on() -> bool:
    return any(watcher.is_alive() for watcher in _watchers)


def _go_on() -> None:
    rest = threading.Event()
    while not rest.wait(settings.WATCH_EVERY_SECONDS):
        _round()


def _round() -> None:
    """Whatever fails, the next round looks again; the words of a failure might tell of a patient."""
    acts: tuple[Callable[[], object], ...] = (_look_and_sign, connections.close_all)
    for act in acts:
        try:
            act()
        except RowsFailed:
            logger.error("The watch of the web process could not look after everything.")
        except Exception as failure:
            logger.error("The watch of the web process failed: %s", type(failure).__name__)


def _look_and_sign() -> None:
    look(now=clock.now())
    signs.give(signs.WATCH)


def look(*, now: datetime) -> None:
    """One round: what nobody watches or raises, alerts and safety messages that nobody passes on."""
    raising = (watch_sessions, chase_events, follow_up_texts, raise_from_drafts)
    each((*raising, _tell_alerts, _send_messages), lambda part: part(now=now))


def _tell_alerts(*, now: datetime) -> int:
    if not telling_overdue(now - LEAVE_TO_THE_WORKER).exists():
        return 0
    told = escalate_due(now=now)
    logger.error("The worker is silent: the web process told %d alerts.", told)
    return told


def _send_messages(*, now: datetime) -> int:
    if not safety_waits(now, patience=LEAVE_TO_THE_WORKER).exists():
        return 0
    sent = tick(now=now, seconds=ROUND_SECONDS, safety_only=True).total()
    logger.error("The worker is silent: the web process handled %d safety messages.", sent)
    return sent
