"""Holding, booking and cancelling a visit. Moving one is in moving.py."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.services import care_relation_open
from harmoniously.core.alerts.follow_ups import close_follow_up
from harmoniously.core.alerts.models import FollowUp, FollowUpKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import Ignoring, this_course
from telemedicine.services import changes, due, reminders, waiting
from telemedicine.services.locks import hold_visits
from telemedicine.services.taking import (
    NO_LEAD,
    LostRace,
    SlotTaken,
    Wanted,
    is_own,
    lead_for,
    let_expired_go,
    let_go,
    require_agreed,
    require_entitled,
    require_may_arrange,
    require_offered,
    require_room,
    require_safe,
    require_undecided,
    serialised,
    take,
    taken,
    twin_of,
)
from treatment.models import DueVisit

__all__ = ["SlotTaken", "book", "cancel", "confirm", "hold", "release_expired_holds"]

SWEEP = 200


def hold(
    *,
    patient: Patient,
    clinician: Clinician,
    starts_at: datetime,
    kind: str,
    by: Actor,
    now: datetime,
    state: str = "",
) -> Appointment:
    """Keep a time for ten minutes while the patient reads and confirms; lets go of an earlier choice.

    Somebody of the clinic keeps it for a caller, by the same rules, and colleagues see who (keeping.py). `state` is
    where the patient will be (default: where they live). The same choice made twice gives the same row.

    Raises PermissionDenied, SlotTaken, or RuleViolation (safety_hold, consent_missing, unpaid, already_booked,
    not_licensed).
    """
    wanted = Wanted(patient, clinician, starts_at, VisitKind(kind), state or patient.state)
    require_may_arrange(by, patient, now)
    twin = _twin_if_not_bookable(wanted, by=by, now=now, kept_at=now)
    if twin is not None and _is_kept(twin, by=by):
        return twin
    let_expired_go(wanted, now=now)
    holder = by if isinstance(by, User) and not is_own(by, patient) else None
    return take(wanted, by=by, now=now, holder=holder)


def book(
    *,
    patient: Patient,
    clinician: Clinician,
    starts_at: datetime,
    kind: str,
    by: Actor,
    now: datetime,
    state: str = "",
    can_undo: bool = False,
) -> Appointment:
    """Book a visit at once; asked for twice, it is booked once. Raises as `hold` does.

    `can_undo`: it can be taken back for some seconds, and the patient is told when they are over.
    """
    wanted = Wanted(patient, clinician, starts_at, VisitKind(kind), state or patient.state)
    require_may_arrange(by, patient, now)
    twin = _twin_if_not_bookable(wanted, by=by, now=now)
    if twin is not None:
        return confirm(appointment=twin, by=by, now=now, can_undo=can_undo)
    let_expired_go(wanted, now=now)
    with transaction.atomic():
        asked = hold_visits(patient)
        return _settle(take(wanted, by=by, now=now), asked, by=by, now=now, can_undo=can_undo)


def confirm(*, appointment: Appointment, by: Actor, now: datetime, can_undo: bool = False) -> Appointment:
    """Turn the patient's hold into a booking; a second click finds it booked and changes nothing.

    A hold that has run out is still good while nobody else took the time, and the clinician is there and licensed
    still. `can_undo` and what it raises are as for `book`.
    """
    patient = appointment.patient
    require_may_arrange(by, patient, now)
    if appointment.status == Status.BOOKED and _is_kept(appointment, by=by):
        return appointment
    kind = VisitKind(appointment.kind)
    wanted = Wanted(patient, appointment.clinician, appointment.starts_at, kind, appointment.place)
    if appointment.status != Status.HELD:
        # Let go meanwhile (another time chosen, or too slow): take it again if it is still there.
        return book(
            patient=patient,
            clinician=appointment.clinician,
            starts_at=appointment.starts_at,
            kind=appointment.kind,
            by=by,
            now=now,
            state=wanted.state,
            can_undo=can_undo,
        )
    require_safe(by, patient)
    require_agreed(by, patient, now)
    require_undecided(by, patient)
    require_entitled(wanted, now)
    if appointment.starts_at <= now:
        raise RuleViolation(_("This time has passed. Please choose another one."), "past")
    twin = _twin_if_gone(wanted, lead=NO_LEAD, now=now)
    if twin is not None and twin.status == Status.BOOKED and _is_kept(twin, by=by):
        return twin
    with transaction.atomic():
        asked = hold_visits(patient)
        _require_room_still(appointment, wanted, by=by, now=now)
        return _settle(appointment, asked, by=by, now=now, can_undo=can_undo)


def _is_kept(twin: Appointment, *, by: Actor) -> bool:
    """Whether it is there still; a patient who finds it booked is told so, and nobody takes that back any more."""
    if twin.status != Status.BOOKED or not is_own(by, twin.patient):
        return True
    with transaction.atomic():
        hold_visits(twin.patient)
        twin.refresh_from_db(fields=["status", "held_until"])
        if twin.status == Status.BOOKED:
            changes.found_booked(twin, by)
    return twin.status == Status.BOOKED


def _require_room_still(appointment: Appointment, wanted: Wanted, *, by: Actor, now: datetime) -> None:
    """A choice that ran out no longer kept the room around it: somebody may have been given that meanwhile."""
    if appointment.held_until is None or appointment.held_until > now:
        return
    ignoring = Ignoring(appointment=appointment)
    try:
        with serialised(wanted):
            require_room(wanted, ignoring=ignoring, now=now)
    except LostRace as lost:
        raise taken(wanted, lead=lead_for(by, wanted.patient), ignoring=ignoring, now=now) from lost


def cancel(
    *,
    appointment: Appointment,
    by: Actor,
    now: datetime,
    reason_code: str = "",
    seen: int | None = None,
    can_undo: bool = False,
) -> Appointment:
    """Cancel a visit that has not begun, withdraw its reminders and say so by e-mail; a second click changes nothing.

    `reason_code` is a code for the history, never free text. `seen` is the version of the visit that whoever cancels
    has read. `can_undo`: it can be taken back for some seconds, and nobody is told before they are over.

    Raises RuleViolation when it has begun or is over, for the patient its planned start counts as the beginning;
    Conflict when it was changed since it was read.
    """
    require_may_arrange(by, appointment.patient, now)
    own = is_own(by, appointment.patient)
    with transaction.atomic():
        asked = hold_visits(appointment.patient)
        # As it is now: the clinician may have begun since the page was drawn, also before the planned start.
        locked = Appointment.objects.select_for_update(of=("self",))
        appointment.refresh_from_db(fields=["status", "starts_at", "started_at", "sequence"], from_queryset=locked)
        if appointment.status == Status.CANCELLED:
            return appointment
        changes.require_seen(appointment, seen)
        if appointment.started_at is not None or (own and appointment.starts_at <= now):
            raise RuleViolation(_("This visit has begun. Call us if something is wrong."), "begun")
        who = "patient" if own else "clinic"
        until = changes.undo_until(appointment.starts_at, now) if can_undo else None
        _cancel(appointment, asked, by=by, now=now, reason_code=reason_code or f"cancelled_by_{who}", until=until)
        if until is None:  # else the sweep finds what came free, once it is meant
            waiting.freed()
    return appointment


def _cancel(
    appointment: Appointment,
    asked: DueVisit | None,
    *,
    by: Actor,
    now: datetime,
    reason_code: str,
    until: datetime | None = None,
) -> None:
    """Cancel a visit that nobody has begun, of a patient whose visits are held still."""
    was_booked = appointment.status == Status.BOOKED
    before = changes.as_it_stands(appointment)
    sequence = appointment.sequence + 1
    advance(appointment, Status.CANCELLED, by=by, now=now, reason_code=reason_code, sequence=sequence)
    if was_booked:
        changes.keep(before, act=changes.Act.CANCELLED, by=by, now=now, undo_until=until)
        reminders.tell_cancelled(appointment=appointment, now=now, tell_at=until)
        due.after_booking(due=asked, appointment=appointment, by=by, now=now)


def was_seen(patient: Patient) -> bool:
    """Whether the first visit took place, or is going on; that of a treatment that has ended does not count."""
    return first_visits_begun(patient).exists()


def first_visits_begun(patient: Patient) -> QuerySet[Appointment]:
    """First visits of a patient that took place, or are going on; not those of a treatment that has ended."""
    first = Appointment.objects.for_patient(patient).filter(this_course("starts_at"), kind=Appointment.Kind.EVALUATION)
    return first.filter(Q(status=Status.COMPLETED) | Q(started_at__isnull=False))


def cancel_all(*, patient: Patient, reason_code: str, by: Actor, now: datetime) -> int:
    """Cancel every visit of a patient that nobody has begun, also after its planned start, and say so; how many."""
    with transaction.atomic():
        asked = hold_visits(patient)
        found = Appointment.objects.for_patient(patient).filter(status__in=[Status.HELD, Status.BOOKED])
        not_begun = list(found.filter(started_at__isnull=True).with_people())
        for visit in not_begun:
            _cancel(visit, asked, by=by, now=now, reason_code=reason_code)
        waiting.freed()
    return len(not_begun)


def release_expired_holds(*, now: datetime) -> int:
    """Let go of times that were chosen and never confirmed; returns how many."""
    expired = Appointment.objects.filter(status=Status.HELD, held_until__lte=now).select_related("patient")
    return each(expired.order_by("held_until")[:SWEEP], lambda row: let_go(row, now=now))


def _twin_if_not_bookable(
    wanted: Wanted, *, by: Actor, now: datetime, kept_at: datetime | None = None
) -> Appointment | None:
    """The same visit where the patient has it already; else None, and it may be taken. Raises as `hold` does.

    With `kept_at` no choice that ran out by then: it keeps nothing, so it is no answer to whoever wants it kept.
    """
    twin = twin_of(wanted, kept_at=kept_at)
    if twin is not None:
        return twin
    require_safe(by, wanted.patient)
    require_agreed(by, wanted.patient, now)
    require_undecided(by, wanted.patient)
    require_entitled(wanted, now)
    return _twin_if_gone(wanted, lead=lead_for(by, wanted.patient), now=now)


def _twin_if_gone(wanted: Wanted, *, lead: timedelta, now: datetime) -> Appointment | None:
    """None while the time can be had. The second of two clicks looks while the first one books: gone, to themselves."""
    try:
        require_offered(wanted, lead=lead, ignoring=Ignoring(patient=wanted.patient), now=now)
    except SlotTaken:
        twin = twin_of(wanted)
        if twin is None:
            raise
        return twin
    return None


def _settle(
    appointment: Appointment, asked: DueVisit | None, *, by: Actor, now: datetime, can_undo: bool = False
) -> Appointment:
    """Held becomes booked: care begins, reminders are planned, what was due is booked.

    Somebody who was faster with the same click is fine.
    """
    if appointment.status == Status.BOOKED:
        return appointment
    try:
        # Without an end it is no longer a choice: a cancelled row that keeps one was never booked.
        advance(appointment, Status.BOOKED, by=by, now=now, held_until=None)
    except Conflict:
        appointment.refresh_from_db()
        if appointment.status != Status.BOOKED:
            raise
        changes.found_booked(appointment, by)
        return appointment
    relation = care_relation_open(patient=appointment.patient, clinician=appointment.clinician, now=now)
    if relation.since == now:
        record(
            actor=by, action="carerelation.opened", now=now, subject=relation, clinician=str(appointment.clinician_id)
        )
    until = changes.undo_until(appointment.starts_at, now) if can_undo and not waiting.waits(appointment) else None
    if can_undo:
        before = changes.as_it_stands(appointment)
        changes.keep(before, act=changes.Act.BOOKED, by=by, now=now, undo_until=until)
    reminders.plan(appointment=appointment, now=now, tell_at=until)
    due.after_booking(due=asked, appointment=appointment, by=by, now=now)
    waiting.after_booking(appointment=appointment, had=None, by=by, now=now)
    _close_missed(appointment, by=by, now=now)
    return appointment


def _close_missed(appointment: Appointment, *, by: Actor, now: datetime) -> None:
    """Nobody has to be called any more about a visit of this kind that they missed, or that nobody may hold where they
    are: they have a new time."""
    missed = FollowUp.objects.filter(
        patient=appointment.patient, kind__in=(FollowUpKind.VISIT_MISSED, FollowUpKind.VISIT_NEEDED)
    )
    keys = [about.partition(":")[2] for about in missed.exclude(state="closed").values_list("about", flat=True)]
    over = Appointment.objects.filter(pk__in=keys, kind=appointment.kind).exclude(status=Status.BOOKED)
    for row in over if keys else ():
        close_follow_up(about=row.about, by=by, now=now)
