"""What the two browsers of a room tell each other: written, read once by number, gone after two minutes (VID-04)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Room, Signal
from telemedicine.rules.calls import SIGNAL_LIFE, SIGNALS_A_SECOND, is_signal

SECOND = timedelta(seconds=1)


class TooMany(RuleViolation):
    """More signals than two browsers need."""


def send(*, room: Room, by: User, payload: Any, now: datetime) -> Signal:
    """Carry a message to the other side. RuleViolation for what is no signal, TooMany for more than 20 in a second."""
    if not is_signal(payload):
        raise RuleViolation(_("This is not a message of the call."), "not_a_signal")
    people = (room.appointment.patient.user_id, room.appointment.clinician.user_id)
    other = people[1] if by.pk == people[0] else people[0]
    with transaction.atomic():
        # The lock of the room's row puts the messages into one order, so that none is skipped by its reader.
        Room.objects.filter(pk=room.pk).update(signals_sent=F("signals_sent") + 1)
        if room.signals.filter(to_user=other, created_at__gt=now - SECOND).count() >= SIGNALS_A_SECOND:
            raise TooMany(_("Too many messages at once."), "too_many")
        seq = Room.objects.values_list("signals_sent", flat=True).get(pk=room.pk)
        life = {"created_at": now, "expires_at": now + SIGNAL_LIFE}
        return Signal.objects.create(room=room, to_user_id=other, seq=seq, payload=payload, **life)


def heard(*, room: Room, by: User, after: int, now: datetime) -> list[dict[str, Any]]:
    """What was told to somebody after the number they know."""
    rows = room.signals.filter(to_user=by, seq__gt=after, expires_at__gt=now).order_by("seq")
    return [{"seq": row.seq, **row.payload} for row in rows]


def sweep(*, now: datetime) -> int:
    """Forget what is over; how many."""
    return Signal.objects.filter(expires_at__lte=now).delete()[0]
