"""Who somebody is in a room: the patient, the clinician, or the person who was invited."""

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.actors import Actor, VisitGuest
from telemedicine.models import Appointment, Guest, Room
from telemedicine.models.guest import GuestQuerySet
from telemedicine.rules.calls import Seat

Person = User | Guest


def seat_of(room: Room, person: Person) -> Seat:
    """Where somebody sits whom a door let in."""
    if isinstance(person, Guest):
        return Seat.GUEST
    return Seat.PATIENT if person.pk == room.appointment.patient.user_id else Seat.CLINICIAN


def actor_of(person: Person) -> Actor:
    """How the trail names them."""
    return VisitGuest(str(person.pk)) if isinstance(person, Guest) else person


def invitations_of(visit: Appointment) -> GuestQuerySet:
    """Everybody who was invited to the visit at its time, ended or not."""
    return Guest.objects.filter(appointment=visit.pk, sequence=visit.sequence)


def guest_of(visit: Appointment) -> Guest | None:
    """Who is invited to the visit as it is booked now."""
    guest = invitations_of(visit).invited().select_related("invited_by").first()
    if guest is not None:
        guest.appointment = visit
    return guest


def left_behind(visit: Appointment) -> Guest | None:
    """Who was invited to the visit before it was moved, and not since: their link opens nothing any more."""
    last = Guest.objects.filter(appointment=visit.pk).order_by("-sequence", "-created_at").first()
    return last if last is not None and last.sequence < visit.sequence and last.ended_at is None else None
