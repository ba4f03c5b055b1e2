"""What is sent about a visit. All of it is planned and withdrawn in the transaction that books, moves or cancels."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine import answers
from telemedicine.calendar_file import calendar_file
from telemedicine.models import Appointment, Guest

# Elapsed hours before the start: instants are UTC, so a day of 23 or 25 hours does not bend them (FI-12).
REMIND_BEFORE = {
    "7d": timedelta(days=7),
    "24h": timedelta(hours=24),
    "1h": timedelta(hours=1),
    "10min": timedelta(minutes=10),
}
# The last one leads straight to the door; the others ask whether the patient will come.
AT_THE_DOOR = "10min"


def plan(*, appointment: Appointment, now: datetime, tell_at: datetime | None = None) -> None:
    """Confirm the visit by e-mail with its calendar entry, and remind by e-mail and text; replaces earlier plans.

    What would have been due by then is left out: the confirmation has just said the same. It goes at `tell_at`, or at
    once, and nothing goes before it.
    """
    withdraw(appointment=appointment, now=now, reason="replanned")
    _withdraw_invitation(appointment, now=now, reason="replanned")
    visit = reverse("telemedicine:visit", args=[appointment.pk])
    answer = reverse("telemedicine:answer", args=[answers.token_of(appointment)])
    entry = calendar_file(appointment, now=now).decode()
    at = tell_at or now
    _schedule(appointment, "appointment_confirmed", Channel.EMAIL, "booked", at, now, link=visit, calendar=entry)
    for name, before in REMIND_BEFORE.items():
        due_at = appointment.starts_at - before
        if due_at <= at:
            continue
        template, link = ("appointment_starting", visit) if name == AT_THE_DOOR else ("appointment_reminder", answer)
        for channel in (Channel.EMAIL, Channel.SMS):
            _schedule(appointment, template, channel, name, due_at, now, link=link)


def withdraw(*, appointment: Appointment, now: datetime, reason: str) -> None:
    """Nothing that is still waiting goes out about the visit as it was."""
    notifications.cancel_about(about=appointment.about, now=now, reason=reason)


def _withdraw_invitation(appointment: Appointment, *, now: datetime, reason: str) -> None:
    """Nor is anybody outside told of a visit that does not take place then, or the patient asked about it."""
    for guest in Guest.objects.filter(appointment=appointment.pk).invited():
        notifications.cancel_about(about=guest.about, now=now, reason=reason)


def to_withdraw(appointment: Appointment) -> list[UUID]:
    """The messages about a visit, and to whom is invited to it, that a change of it would withdraw."""
    groups = [appointment.about, *(guest.about for guest in Guest.objects.filter(appointment=appointment.pk).invited())]
    return [key for about in groups for key in notifications.waiting_about(about)]


def tell_cancelled(*, appointment: Appointment, now: datetime, tell_at: datetime | None = None) -> None:
    """Withdraw what was planned and say that the visit is cancelled, with the way to another time."""
    withdraw(appointment=appointment, now=now, reason="cancelled")
    _withdraw_invitation(appointment, now=now, reason="cancelled")
    if appointment.starts_at > now:
        link, entry = reverse("telemedicine:visits"), calendar_file(appointment, now=now).decode()
        due_at, name = tell_at or now, "appointment_cancelled"
        _schedule(appointment, name, Channel.EMAIL, "cancelled", due_at, now, link=link, calendar=entry)


def keys_of(appointment: Appointment) -> str:
    """How the keys of what is planned about a visit as it stands begin."""
    return f"{appointment.about}:{appointment.sequence}:"


def _schedule(
    appointment: Appointment,
    template: str,
    channel: Channel,
    name: str,
    due_at: datetime,
    now: datetime,
    **variables: str,
) -> None:
    if channel == Channel.SMS and appointment.patient.sms_consent_at is None:
        return
    # The start and the sequence make the key: a visit moved away and back again is reminded of again.
    key = f"{keys_of(appointment)}{appointment.starts_at.isoformat()}:{name}:{channel.value}"
    notifications.schedule(
        template=template,
        recipient=appointment.patient.user,
        channel=channel,
        due_at=due_at,
        not_after=appointment.starts_at,
        dedupe_key=key,
        about=appointment.about,
        variables={"when": appointment.starts_at, "our_zone": appointment.clinician.zone, **variables},
        now=now,
    )
