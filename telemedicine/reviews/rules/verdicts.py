"""When a decision can still be undone, and by when a question is to be answered. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# A slip is noticed at once, and nothing that has left can be called back: for so long everything waits.
UNDO_WITHIN = timedelta(seconds=10)
# House choice: long enough for a database or a server to come back, short enough that nobody's case is stuck for a day.
GIVE_UP_AFTER = timedelta(minutes=10)
# Days for an answer; the first is the house's, as for a question that the rules ask (intake/requests/asking.toml).
ANSWER_DAYS = (14, 3, 7, 30)
# House choice: as long as for a letter (intake/requests/asking.toml), because an office needs time for a visit, too.
IN_PERSON_WITHIN = timedelta(days=30)
REMIND_AT = time(10, 0)
END_OF_DAY = time(23, 59)


def can_undo(confirmed_at: datetime, now: datetime) -> bool:
    """Whether the ten seconds last; the tenth still counts."""
    return now - confirmed_at <= UNDO_WITHIN


def takes_effect(confirmed_at: datetime, now: datetime) -> bool:
    """Whether what was decided is to be carried out: never in a moment in which it can be undone."""
    return not can_undo(confirmed_at, now)


def answer_due(asked_at: datetime, days: int, zone: str) -> datetime:
    """The end of the last day for an answer, on the patient's clock."""
    day = asked_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(day, END_OF_DAY, tzinfo=ZoneInfo(zone))


def remind_at(due_at: datetime, zone: str) -> datetime:
    """The one reminder: the morning of the day before the last."""
    day = due_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    return datetime.combine(day, REMIND_AT, tzinfo=ZoneInfo(zone))
