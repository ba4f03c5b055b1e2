"""Moving a booked visit to another time or clinician, in place: same visit, same calendar entry, next sequence."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import Ignoring, licensed_in
from telemedicine.services import changes, reminders, waiting
from telemedicine.services.locks import hold_visits
from telemedicine.services.taking import (
    LostRace,
    Wanted,
    is_own,
    lead_for,
    let_expired_go,
    make_room,
    require_may_arrange,
    require_offered,
    require_room,
    require_safe,
    serialised,
    taken,
)


def reschedule(
    *,
    appointment: Appointment,
    starts_at: datetime,
    by: Actor,
    now: datetime,
    clinician: Clinician | None = None,
    state: str = "",
    seen: int | None = None,
    can_undo: bool = False,
) -> Appointment:
    """Move a booked visit, to a time that may overlap its own old one, or to another state. Asked twice, it moves once.

    `seen` is the version of the visit that whoever moves it has read. `can_undo`: it can be taken back for some
    seconds, and nobody is told before they are over.

    Raises PermissionDenied, RuleViolation (begun, past, safety_hold for the patient's own wish, not_licensed),
    SlotTaken when the new time has gone, Conflict when somebody else changed the visit meanwhile. Then nothing moved.
    """
    patient = appointment.patient
    require_may_arrange(by, patient, now)
    kind = VisitKind(appointment.kind)
    old = Wanted(patient, appointment.clinician, appointment.starts_at, kind, appointment.place)
    new = replace(old, starts_at=starts_at, clinician=clinician or appointment.clinician, state=state or old.state)
    _require_movable(appointment, by=by, now=now)
    if new == old:
        return appointment
    changes.require_seen(appointment, seen)
    if is_own(by, patient):
        require_safe(by, patient)
    lead, ignoring = lead_for(by, patient), Ignoring(patient=patient, appointment=appointment)
    require_offered(new, lead=lead, ignoring=ignoring, now=now)
    let_expired_go(new, now=now)
    try:
        with transaction.atomic():
            hold_visits(patient)
            with serialised(old, new):
                make_room(new, by=by, now=now)
                require_room(new, ignoring=ignoring, now=now)
                before = changes.as_it_stands(appointment)
                _move(appointment, new)
            until = changes.undo_until(new.starts_at, now) if can_undo and not waiting.waits(appointment) else None
            changes.keep(before, act=changes.Act.MOVED, by=by, now=now, undo_until=until)
            _tell(appointment, old, by=by, now=now, tell_at=until)
            waiting.after_booking(appointment=appointment, had=old.starts_at, by=by, now=now)
            if until is None:  # else the sweep finds what came free, once it is meant
                waiting.freed()
    except LostRace as lost:
        raise taken(new, lead=lead, ignoring=ignoring, now=now, constraint=lost.constraint) from lost
    return appointment


def _require_movable(appointment: Appointment, *, by: Actor, now: datetime) -> None:
    if appointment.status != Status.BOOKED:
        raise Conflict(_("This visit is no longer booked. Reload the page to see where things stand."), "not_booked")
    if appointment.started_at is not None or (is_own(by, appointment.patient) and appointment.starts_at <= now):
        raise RuleViolation(_("This visit has begun. Call us if something is wrong."), "begun")


def _move(appointment: Appointment, new: Wanted) -> None:
    """Compare-and-set on the sequence and the state: of two who change the same visit at once none undoes the other."""
    fresh = {
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "clinician": new.clinician,
        "state": new.state,
        "sequence": appointment.sequence + 1,
        # Where the patient is, is asked again on the day.
        "location": None,
        "location_at": None,
        "location_licensed": None,
        # They said that they come at another time.
        "confirmed_at": None,
    }
    asked = Appointment.objects.filter(pk=appointment.pk, sequence=appointment.sequence, state=appointment.state)
    changed = asked.filter(status=Status.BOOKED, started_at__isnull=True).update(**fresh)
    if changed != 1:
        raise Conflict(_("Somebody else changed this visit meanwhile. Reload the page to see it."), "raced")
    for name, value in fresh.items():
        setattr(appointment, name, value)


def _tell(appointment: Appointment, old: Wanted, *, by: Actor, now: datetime, tell_at: datetime | None) -> None:
    record(
        actor=by,
        action="appointment.moved",
        now=now,
        subject=appointment,
        before=old.starts_at.isoformat(),
        after=appointment.starts_at.isoformat(),
        clinician=str(appointment.clinician_id),
    )
    relation = care_relation_open(patient=appointment.patient, clinician=appointment.clinician, now=now)
    if relation.since == now:
        record(
            actor=by, action="carerelation.opened", now=now, subject=relation, clinician=str(appointment.clinician_id)
        )
    reminders.plan(appointment=appointment, now=now, tell_at=tell_at)


def follow_home(*, patient: Patient, left: str, by: Actor, now: datetime) -> list[Appointment]:
    """Who moves is at home in another state: visits ahead that were booked for the one they left are for that one.

    What was booked for a third state stays, and so does a visit of which the patient said already where they are.
    Returns those whose clinician has no licence there on that day: somebody has to move them. The caller holds the
    patient's queue (`locks.line_up`) and has written the new state.
    """
    rows = Appointment.objects.for_patient(patient).taking_time().with_people()
    ahead = list(rows.filter(state=left, starts_at__gte=now, location_at__isnull=True).order_by("starts_at"))
    Appointment.objects.filter(pk__in=[visit.pk for visit in ahead]).update(state=patient.state)
    for visit in ahead:
        record(actor=by, action="appointment.followed_home", now=now, subject=visit, before=left, after=patient.state)
    return [visit for visit in ahead if not licensed_in(visit.clinician, patient.state, at=visit.starts_at)]
