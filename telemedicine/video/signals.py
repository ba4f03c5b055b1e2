"""What the browsers of a room tell each other: written, read once by number, gone after two minutes (VID-04)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Room, Signal
from telemedicine.rules.calls import SIGNAL_LIFE, SIGNALS_A_SECOND, Seat, is_signal
from telemedicine.video.seats import Person, invitations_of, seat_of

SECOND = timedelta(seconds=1)


class TooMany(RuleViolation):
    """More signals than two browsers need."""


def send(*, room: Room, by: Person, payload: Any, now: datetime) -> Signal:
    """Carry a message to the seat it names.

    RuleViolation for what is no signal or to whom nobody sits, TooMany for more than 20 in a second.
    """
    seat = seat_of(room, by)
    if not is_signal(payload) or payload["at"] == seat:
        raise RuleViolation(_("This is not a message of the call."), "not_a_signal")
    told, to = dict(payload), Seat(payload["at"])
    del told["at"]
    with transaction.atomic():
        # The lock of the room's row puts the messages into one order, so that none is skipped by its reader.
        Room.objects.filter(pk=room.pk).update(signals_sent=F("signals_sent") + 1)
        # Under it, for whoever takes an invitation back holds it too.
        if Seat.GUEST in (seat, to) and not _guest_is_in(room):
            raise RuleViolation(_("Nobody is there."), "nobody_there")
        lately = room.signals.filter(from_seat=seat, to_seat=to, created_at__gt=now - SECOND)
        if lately.count() >= SIGNALS_A_SECOND:
            raise TooMany(_("Too many messages at once."), "too_many")
        seq = Room.objects.values_list("signals_sent", flat=True).get(pk=room.pk)
        life = {"created_at": now, "expires_at": now + SIGNAL_LIFE}
        return Signal.objects.create(room=room, from_seat=seat, to_seat=to, seq=seq, payload=told, **life)


def _guest_is_in(room: Room) -> bool:
    return invitations_of(room.appointment).invited().filter(admitted_at__isnull=False).exists()


def heard(*, room: Room, by: Person, after: int, now: datetime) -> list[dict[str, Any]]:
    """What was told to somebody after the number they know, and from which seat: that is ours to say, not theirs."""
    rows = room.signals.filter(to_seat=seat_of(room, by), seq__gt=after, expires_at__gt=now).order_by("seq")
    return [{"seq": row.seq, "by": row.from_seat, **row.payload} for row in rows]


def sweep(*, now: datetime) -> int:
    """Forget what is over; how many."""
    return Signal.objects.filter(expires_at__lte=now).delete()[0]
