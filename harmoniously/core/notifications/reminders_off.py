"""Which reminders of visits somebody does not want, by channel; obeyed at the moment of sending.

Only reminders: that a visit is booked, moved or cancelled is told all the same, and so is whatever is about safety.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.notifications import addresses, messages, opt_outs
from harmoniously.core.notifications.models import Channel, Notification, RemindersOff


@dataclass(frozen=True)
class Reminded:
    """On which channels reminders of visits reach a patient now; `texts_possible` when they get texts at all."""

    email: bool
    sms: bool
    texts_possible: bool

    @property
    def none(self) -> bool:
        return not (self.email or self.sms)


def switch(*, patient: Patient, channel: str, on: bool, by: Actor, now: datetime) -> None:
    """Reminders of visits on a channel, on or off; a second click changes nothing."""
    with transaction.atomic():
        hold_chain(patient)
        standing = RemindersOff.objects.filter(user=patient.user, channel=channel, until__isnull=True)
        if on:
            changed = bool(standing.update(until=now))
        else:
            _row, changed = standing.get_or_create(
                user=patient.user, channel=channel, until=None, defaults={"since": now, "created_at": now}
            )
        if changed:
            word = "reminders.switched_on" if on else "reminders.switched_off"
            record(actor=by, action=word, now=now, patient=patient, channel=channel)


def reminded(patient: Patient) -> Reminded:
    """How reminders of visits reach a patient now. Two queries."""
    off = set(RemindersOff.objects.filter(user=patient.user, until__isnull=True).values_list("channel", flat=True))
    number = addresses.e164(patient.phone) if patient.sms_consent_at is not None else ""
    texts = bool(number) and not opt_outs.is_opted_out(number)
    return Reminded(email=Channel.EMAIL not in off, sms=texts and Channel.SMS not in off, texts_possible=texts)


def unwanted(rows: Iterable[Notification]) -> frozenset[UUID]:
    """Those of these messages that remind of a visit on a channel on which that is switched off. One query."""
    asked = [row for row in rows if row.template in messages.VISIT_REMINDERS and not row.is_safety]
    if not asked:
        return frozenset()
    users: set[User] = {row.recipient for row in asked}
    off = set(RemindersOff.objects.filter(user__in=users, until__isnull=True).values_list("user_id", "channel"))
    return frozenset(row.pk for row in asked if (row.recipient_id, row.channel) in off)
