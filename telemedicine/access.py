"""The doors: a visit is reached only through here; a stranger gets 404 and the read is audited."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.http import Http404, HttpRequest

from harmoniously.core.accounts.lookup.finding import Found, find
from harmoniously.core.accounts.lookup.rules import read
from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.doors import door, may_read, through
from harmoniously.core.audit.services import record, record_once
from harmoniously.core.common import clock
from harmoniously.core.common.secret_links import digest_of
from telemedicine.models import Appointment, Guest, Room
from telemedicine.video.seats import actor_of, invitations_of

MINUTE = timedelta(minutes=1)


def person(request: HttpRequest) -> User:
    """Who is signed in, for a page behind `staff_with`, which lets nobody else through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def visit_for(user: Any, pk: UUID, *, action: str | None = None) -> Appointment:
    """A visit: the patient's own, one of the clinician's patients, or any for coordinators (who and when, no more)."""
    return door(user, Appointment.objects.with_people(), pk, clinical=False, action=action)


def renew(visit: Appointment) -> None:
    """As it stands now, for a page of somebody who passed its door already. One query."""
    visit.refresh_from_db(from_queryset=Appointment.objects.with_people())


def clinical_visit_for(user: Any, pk: UUID) -> Appointment:
    """A visit with where the patient is and the number to call: its own clinician only."""
    visit = door(user, Appointment.objects.with_people(), pk, clinical=True, action="appointment.opened")
    if visit.clinician.user_id != user.pk:
        raise Http404
    return visit


def call_for(user: Any, pk: UUID, *, polled: bool = False) -> Room:
    """The room of a video visit, with it: for its patient and its clinician, nobody else.

    Opening the page is recorded; what it asks by itself every second (`polled`) is not a further read by a person.
    A refusal is recorded in either case.
    """
    rows = Room.objects.select_related("appointment__patient__user", "appointment__clinician__user")
    room = rows.filter(appointment=pk, sequence=F("appointment__sequence")).first()
    if room is None:
        raise Http404
    visit = room.appointment
    if user.pk not in (visit.patient.user_id, visit.clinician.user_id):
        # A colleague who cares for the patient gets no further than a stranger, and the trail says who tried.
        record(actor=user, action="room.refused", now=clock.now(), subject=room)
        raise Http404
    if not polled:
        return through(user, room, action="room.opened")
    if not may_read(user, visit.patient, clinical=True, at=clock.now()):
        record(actor=user, action="room.refused", now=clock.now(), subject=room)
        raise Http404
    return room


def guest_by_link(secret: str, *, polled: bool = False) -> Guest:
    """The third person of a visit, by the secret of their private link.

    Opening its page is recorded, once a minute from one address: the link opens without an account, and what is loaded
    again and again must not fill the patient's trail.
    """
    rows = Guest.objects.select_related("appointment__patient__user", "appointment__clinician__user")
    guest = rows.filter(token_digest=digest_of(secret)).first()
    if guest is None:
        raise Http404
    if not polled:
        record_once(actor=actor_of(guest), action="guest.opened", within=MINUTE, now=clock.now(), subject=guest)
    return guest


def guest_named(visit: Appointment, key: str) -> Guest:
    """Whom the page asked about: somebody invited to this visit, whose door the reader has passed."""
    try:
        guest = invitations_of(visit).filter(pk=UUID(key)).first()
    except ValueError:
        guest = None
    if guest is None:
        raise Http404
    guest.appointment = visit
    return guest


def patient_to_arrange(user: User, mrn: str, now: datetime) -> Patient | None:
    """A patient by record number or e-mail address, for who arranges visits; the look-up is recorded."""
    if not can(user, Permission.MANAGE_SCHEDULE):
        raise Http404
    wanted = Q(mrn__iexact=mrn) | Q(user__email__iexact=mrn)
    patient = Patient.objects.select_related("user").filter(wanted, user__is_active=True).first()
    if patient is not None:
        record(actor=user, action="patient.looked_up", now=now, patient=patient)
    return patient


def patients_to_arrange(user: User, typed: str, today: date, now: datetime) -> Found:
    """Everybody who fits a name, a birth date or a number, for who arranges visits; the look-up is recorded."""
    if not can(user, Permission.MANAGE_SCHEDULE):
        raise Http404
    sought = read(typed, today=today)
    if sought.unread:
        return Found([])
    found = find(sought, Patient.objects.select_related("user").filter(user__is_active=True))
    shown = [str(row.pk) for row in found.patients]
    record(actor=user, action="patients.searched", now=now, by=sought.kinds, shown=shown, more=found.more)
    return found


def clinician_to_see(pk: UUID) -> Clinician | None:
    """A clinician whom somebody chose on the page. Who treats here is no secret; whether they may is the service's."""
    return Clinician.objects.select_related("user").filter(pk=pk, user__is_active=True).first()


def clinician_whose_hours(user: User, pk: UUID) -> Clinician:
    """A clinician for the page of their hours: oneself, or anybody for who sees the people of the practice."""
    found = Clinician.objects.select_related("user").filter(pk=pk, user__is_active=True).first()
    if found is None or not (found.user_id == user.pk or can(user, Permission.VIEW_PEOPLE)):
        raise Http404
    return found
