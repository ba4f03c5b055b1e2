"""The video visit: the patient agrees and waits, the clinician admits, both join, anybody may go on by telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Appointment, Guest, Room
from telemedicine.models.appointment import Status
from telemedicine.rules.calls import PRESENT_WITHIN, TOLD_EVERY, Seat, Stage, guest_stage_of, stage_of
from telemedicine.rules.visits import door_of
from telemedicine.services import visits
from telemedicine.services.locks import hold_visits
from telemedicine.video import backend
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import Person, actor_of, seat_of


def stage(appointment: Appointment, room: Room | None, now: datetime) -> Stage:
    """Where the video visit stands."""
    return stage_of(
        booked=appointment.status == Status.BOOKED,
        door=door_of(starts_at=appointment.starts_at, started_at=appointment.started_at, now=now),
        agreed=room is not None,
        licensed=bool(appointment.location_licensed),
        admitted=room is not None and room.admitted_at is not None,
    )


def guest_stage(guest: Guest, room: Room | None, now: datetime) -> Stage:
    """Where it stands for the third person. A visit that was moved since is another one."""
    visit = guest.appointment
    return guest_stage_of(
        visit=stage(visit, room, now),
        door=door_of(starts_at=visit.starts_at, started_at=visit.started_at, now=now),
        invited=guest.ended_at is None and guest.sequence == visit.sequence,
        agreed=guest.agreed_at is not None,
        admitted=guest.admitted_at is not None,
    )


def by_telephone(visit: Appointment, room: Room | None) -> bool:
    """Whether the clinician began without letting anybody into the video."""
    return visit.started_at is not None and (room is None or room.admitted_at is None)


def waits(guest: Guest, now: datetime) -> bool:
    """Whether the third person's page asked for news just now."""
    return guest.seen_at is not None and now - guest.seen_at <= PRESENT_WITHIN


def is_there(room: Room | None, now: datetime) -> bool:
    """Whether the patient's page asked for news just now."""
    return room is not None and room.patient_seen_at is not None and now - room.patient_seen_at <= PRESENT_WITHIN


def enter(*, appointment: Appointment, location: Mapping[str, str], by: User, now: datetime) -> Room | None:
    """The patient says where they are and agrees to meet by video: their room, or None where no licence reaches."""
    with transaction.atomic():
        visits.state_location(appointment=appointment, location=location, by=by, now=now)
        if not appointment.location_licensed:
            return None
        room, is_new = Room.objects.get_or_create(
            appointment=appointment, sequence=appointment.sequence, defaults={"consented_at": now}
        )
        if is_new:
            record(actor=by, action="video.agreed", now=now, subject=room)
        # Whoever had asked for a telephone call before changed their mind.
        Room.objects.filter(pk=room.pk).update(phone_asked_at=None, patient_seen_at=now)
    return room


def wait_for_telephone(*, appointment: Appointment, location: Mapping[str, str], by: User, now: datetime) -> None:
    """The patient says where they are and wants to be called; a room they agreed to before says so."""
    with transaction.atomic():
        visits.state_location(appointment=appointment, location=location, by=by, now=now)
        if appointment.location_licensed:
            ask_for_call(appointment=appointment, by=by, now=now)


def admit(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """The clinician lets the patient in, which begins the visit.

    RuleViolation while nobody waits there, and once the visit ended: a stale page opens no room.
    """
    visits.require_clinician(by, appointment)
    with transaction.atomic():
        hold_visits(appointment.patient)
        # Whoever ends the visit at this moment waits. Rows that point to it may be written meanwhile (no_key).
        locked = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
        visits.require_open(locked, now)
        room = room_of(appointment)
        if room is None or (room.admitted_at is None and not is_there(room, now)):
            raise RuleViolation(_("Nobody is in the waiting room now. Wait a moment, or call."), "nobody_waits")
        visits.start(appointment=appointment, by=by, now=now)
        if Room.objects.filter(pk=room.pk, admitted_at__isnull=True).update(admitted_at=now):
            record(actor=by, action="video.admitted", now=now, subject=room)
            transaction.on_commit(lambda: backend().prepare(room))
    return appointment


def join(*, room: Room, by: Person, now: datetime) -> dict[str, Any]:
    """What one browser needs to join, made for this one click. RuleViolation unless the room is open to them.

    May call the network; never in a transaction.
    """
    require_open(room, by, now)
    if isinstance(by, Guest):
        _note_joined(by, now)
    else:
        record(actor=by, action="video.joined", now=now, subject=room)
    if seat_of(room, by) == Seat.PATIENT:
        # Who is back at the video need not be called any more.
        Room.objects.filter(pk=room.pk).update(phone_asked_at=None)
    provider = backend()
    # It may not have been made when the patient was admitted, or was closed while everybody was away.
    provider.prepare(room)
    return provider.join_payload(room, by)


def _note_joined(guest: Guest, now: datetime) -> None:
    """Either whoever takes the invitation back at this moment sees that they joined, or they do not join."""
    with transaction.atomic():
        hold_chain(guest.patient)
        admitted = Guest.objects.filter(pk=guest.pk, ended_at__isnull=True, admitted_at__isnull=False)
        if not admitted.exists():
            raise RuleViolation(_("The room of this visit is not open."), "not_open")
        record(actor=actor_of(guest), action="guest.joined", now=now, subject=guest)
        admitted.filter(joined_at__isnull=True).update(joined_at=now)


def require_open(room: Room, by: Person, now: datetime) -> None:
    """RuleViolation unless the clinician has admitted this person and the visit goes on."""
    stands = guest_stage(by, room, now) if isinstance(by, Guest) else stage(room.appointment, room, now)
    if stands != Stage.OPEN:
        raise RuleViolation(_("The room of this visit is not open."), "not_open")


def ask_for_call(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The patient wants the telephone instead; the clinician's page says so. A second click changes nothing."""
    visits.require_open(appointment, now)
    room = room_of(appointment)
    if room is None:
        return
    with transaction.atomic():
        hold_chain(room.patient)  # as admitting does: the trail, then the room
        if Room.objects.filter(pk=room.pk, phone_asked_at__isnull=True).update(phone_asked_at=now):
            record(actor=by, action="video.telephone_asked", now=now, subject=room)


def seen(*, room: Room, by: User, now: datetime) -> None:
    """Somebody's page asked for news; written down at most every five seconds."""
    name = "patient_seen_at" if seat_of(room, by) == Seat.PATIENT else "clinician_seen_at"
    _note(room, name, now)


def guest_seen(guest: Guest, now: datetime) -> None:
    """The same for the third person, who may be there before there is a room."""
    _note(guest, "seen_at", now)


def _note(row: Room | Guest, name: str, now: datetime) -> None:
    last: datetime | None = getattr(row, name)
    if last is None or now - last >= TOLD_EVERY:
        type(row).objects.filter(pk=row.pk).update(**{name: now})
        setattr(row, name, now)
