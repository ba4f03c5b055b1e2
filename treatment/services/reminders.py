"""Reminders of a session: scheduled with it, and withheld while the treatment stands still."""

from collections.abc import Collection
from datetime import datetime, timedelta

from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment.models import DoseSession
from treatment.selecting.stops import stopped_since

# Messages lead to the page with the one next thing, reminders to how to get ready: addresses without a word of health.
HOME, READY = "/home/", "/ready/"


def about_session(session: DoseSession) -> str:
    """The group under which everything scheduled for a session is cancelled together."""
    return f"session:{session.pk}"


def schedule_reminders(session: DoseSession, *, now: datetime) -> None:
    """One e-mail the day before, one text (or e-mail without consent to texts) an hour before; never a late one.

    That of the day ends before that of the hour begins: when a stop is lifted late, only one goes out.
    """
    patient = session.patient
    hour_channel = Channel.SMS if patient.sms_consent_at and patient.phone else Channel.EMAIL
    starts = session.starts_at
    day_ends = starts - timedelta(hours=1, seconds=1)
    plan = (("day", 24, Channel.EMAIL, day_ends), ("hour", 1, hour_channel, starts))
    for name, before, channel, not_after in plan:
        due_at = starts - timedelta(hours=before)
        if due_at <= now:
            continue
        notifications.schedule(
            template="session_reminder",
            recipient=patient.user,
            channel=channel,
            due_at=due_at,
            # The attempt, which every move counts up: a session moved away and back again is reminded of again.
            dedupe_key=f"{about_session(session)}:{session.gate_attempt}:{starts.isoformat()}:{name}",
            about=about_session(session),
            variables={"when": starts, "zone": session.zone, "link": READY},
            not_after=not_after,
            now=now,
        )


def held_sessions(keys: Collection[str], now: datetime) -> Collection[str]:
    """Of these sessions those whose patient's treatment stands still: nobody is reminded of them.

    Asked by the dispatcher just before it sends. The session stays planned; once a prescriber has read what stops it,
    or cleared the hold, its reminders go out, unless they have become too late.
    """
    sessions = dict(DoseSession.objects.filter(pk__in=keys).values_list("pk", "patient"))
    stopped = stopped_since(set(sessions.values()), now=now)
    return {str(pk) for pk, patient in sessions.items() if patient in stopped}
