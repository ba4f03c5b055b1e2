"""Which room belongs to a visit, and its end."""

from django.db import transaction

from telemedicine.models import Appointment, Room
from telemedicine.video import backend


def room_of(appointment: Appointment) -> Room | None:
    """The room of the visit as it is booked now; a visit that was moved has none until the patient agrees again."""
    room = Room.objects.filter(appointment=appointment, sequence=appointment.sequence).first()
    if room is not None:
        room.appointment = appointment
    return room


def close(*, appointment: Appointment) -> None:
    """The visit is over: once that is certain the provider is told. Inside a transaction."""
    room = room_of(appointment)
    if room is not None:
        transaction.on_commit(lambda: backend().end(room))
