"""What is sent about a visit. All of it is planned and withdrawn in the transaction that books, moves or cancels."""

from datetime import datetime, timedelta

from django.urls import reverse

from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.models import Appointment

# Elapsed hours before the start: instants are UTC, so a day of 23 or 25 hours does not bend them (FI-12).
REMIND_BEFORE = {"24h": timedelta(hours=24), "1h": timedelta(hours=1)}


def plan(*, appointment: Appointment, now: datetime) -> None:
    """Confirm the visit by e-mail, and remind by e-mail and text 24 hours and 1 hour before; replaces earlier plans."""
    withdraw(appointment=appointment, now=now, reason="replanned")
    link = reverse("telemedicine:visit", args=[appointment.pk])
    _schedule(appointment, "appointment_confirmed", Channel.EMAIL, "booked", now, link, now)
    for name, before in REMIND_BEFORE.items():
        due_at = appointment.starts_at - before
        if due_at <= now:
            continue  # booked at short notice: the confirmation has just said the same
        for channel in (Channel.EMAIL, Channel.SMS):
            _schedule(appointment, "appointment_reminder", channel, name, due_at, link, now)


def withdraw(*, appointment: Appointment, now: datetime, reason: str) -> None:
    """Nothing that is still waiting goes out about the visit as it was."""
    notifications.cancel_about(about=appointment.about, now=now, reason=reason)


def tell_cancelled(*, appointment: Appointment, now: datetime) -> None:
    """Withdraw what was planned and say that the visit is cancelled, with the way to another time."""
    withdraw(appointment=appointment, now=now, reason="cancelled")
    if appointment.starts_at > now:
        link = reverse("telemedicine:visits")
        _schedule(appointment, "appointment_cancelled", Channel.EMAIL, "cancelled", now, link, now)


def _schedule(
    appointment: Appointment, template: str, channel: Channel, name: str, due_at: datetime, link: str, now: datetime
) -> None:
    if channel == Channel.SMS and appointment.patient.sms_consent_at is None:
        return
    # The start and the sequence make the key: a visit moved away and back again is reminded of again.
    key = f"{appointment.about}:{appointment.sequence}:{appointment.starts_at.isoformat()}:{name}:{channel.value}"
    notifications.schedule(
        template=template,
        recipient=appointment.patient.user,
        channel=channel,
        due_at=due_at,
        not_after=appointment.starts_at,
        dedupe_key=key,
        about=appointment.about,
        variables={"when": appointment.starts_at, "link": link},
        now=now,
    )
