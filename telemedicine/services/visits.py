"""The visit itself: where the patient is, beginning, and how it ended; by telephone, or by video (calls.py)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import AlertKind, FollowUpKind
from harmoniously.core.alerts.services import raise_anew
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine import selectors
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.rules.calls import PRESENT_WITHIN
from telemedicine.rules.visits import OPENS_BEFORE, Door, door_of
from telemedicine.services import due, reminders, waiting
from telemedicine.services.locks import hold_visits
from telemedicine.services.moving import follow_home
from telemedicine.video import rooms

FOLLOW_UP_WITHIN = timedelta(hours=4)
LOCATION_PARTS = ("state", "street", "city", "zip", "phone")


def state_location(*, appointment: Appointment, location: Mapping[str, str], by: Actor, now: datetime) -> Appointment:
    """Keep where the patient is for this visit ("state", "street", "city", "zip") and the number to call ("phone").

    When the clinician has no licence in that state the visit must not begin: `location_licensed` is False, and a
    coordinator is asked to help find another time. Raises RuleViolation outside the visit's window or when it ended.
    """
    require_open(appointment, now)
    licensed = selectors.licensed_in(appointment.clinician, location["state"], at=now)
    with transaction.atomic():
        hold_visits(appointment.patient)
        locked = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
        if locked.status != Status.BOOKED:
            raise Conflict(_("This visit is no longer booked. Reload the page to see where things stand."), "moved")
        if locked.started_at is not None:
            raise RuleViolation(_("This visit has begun. Tell your clinician if you are moving."), "begun")
        locked.location = {part: location.get(part, "") for part in LOCATION_PARTS}
        locked.location_at, locked.location_licensed = now, licensed
        locked.save(update_fields=["location", "location_at", "location_licensed"])
        record(actor=by, action="appointment.located", now=now, subject=locked, licensed=licensed)
        if not licensed:
            _ask_for_new_visit(locked, by=by, now=now)
    for name in ("location", "location_at", "location_licensed"):
        setattr(appointment, name, getattr(locked, name))
    return appointment


def say_coming(*, appointment: Appointment, sequence_seen: bool, now: datetime) -> None:
    """The patient presses "I will be there" on the page of a reminder; a second press changes nothing.

    `sequence_seen` is whether the link was about the visit as it stands. The link proves a mailbox or a telephone,
    nothing more, so it does nothing else. Raises Conflict for a visit that was moved or cancelled, or has begun.
    """
    with transaction.atomic():
        hold_visits(appointment.patient)
        row = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
        same = sequence_seen and row.sequence == appointment.sequence
        if not same or row.status != Status.BOOKED or row.starts_at <= now:
            raise Conflict(_("This time was changed, cancelled, or is over. Sign in to see your visit."), "moved")
        if row.confirmed_at is None:
            row.confirmed_at = now
            row.save(update_fields=["confirmed_at"])
            record(actor=SYSTEM, action="appointment.answered", now=now, subject=row, via="link")
    appointment.confirmed_at = row.confirmed_at


def call_for_help(*, appointment: Appointment, by: Actor, now: datetime) -> None:
    """The patient says at the door that they are not safe: the on-call clinician is alerted at once."""
    raise_anew(
        kind=AlertKind.HELP_PRESSED,
        patient=appointment.patient,
        about=appointment.about,
        group=f"{appointment.about}:not_safe:{appointment.sequence}",
        by=by,
        now=now,
    )


def start(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """The clinician begins. Raises RuleViolation until the patient's place is known and lies in a licensed state."""
    require_clinician(by, appointment)
    if appointment.started_at is not None:
        return appointment
    require_open(appointment, now)
    if appointment.location_at is None:
        raise RuleViolation(_("Ask where the patient is first: street, city and state."), "no_location")
    # The licence may have run out since the patient answered, so it is looked up again.
    if not selectors.licensed_in(appointment.clinician, appointment.location["state"], at=now):
        raise RuleViolation(
            _("You have no licence where the patient is now. The visit cannot take place there."), "not_licensed"
        )
    with transaction.atomic():
        hold_visits(appointment.patient)
        begun = Appointment.objects.filter(
            pk=appointment.pk, status=Status.BOOKED, started_at__isnull=True, location_licensed=True
        ).update(started_at=now)
        if begun != 1:
            raise Conflict(_("Somebody else was faster. Reload the page to see where things stand."), "raced")
        record(actor=by, action="appointment.started", now=now, subject=appointment)
        reminders.withdraw(appointment=appointment, now=now, reason="started")
        waiting.end_for(patient=appointment.patient, reason_code="seen", by=by, now=now, kind=appointment.kind)
    appointment.started_at = now
    return appointment


def complete(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """The visit took place. Raises RuleViolation when it was never begun; a second click changes nothing."""
    require_clinician(by, appointment)
    if appointment.status == Status.COMPLETED:
        return appointment
    if appointment.started_at is None:
        raise RuleViolation(_("Begin the visit first."), "not_started")
    with transaction.atomic():
        asked = hold_visits(appointment.patient)
        advance(appointment, Status.COMPLETED, by=by, now=now)
        due.after_booking(due=asked, appointment=appointment, by=by, now=now)
        close_follow_up(about=appointment.about, by=by, now=now, note=_("The visit took place."))
        rooms.close(appointment=appointment)
    return appointment


def no_show(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """The patient did not come; a coordinator is asked to call.

    RuleViolation before the start, once begun, and while the patient sits in the waiting room.
    """
    if not can(by, Permission.MANAGE_SCHEDULE):
        require_clinician(by, appointment)
    with transaction.atomic():
        asked = hold_visits(appointment.patient)
        # As it is now: the clinician may have begun, or a colleague moved it, and from missed no way leads back.
        locked = Appointment.objects.select_for_update(of=("self",))
        appointment.refresh_from_db(fields=["status", "starts_at", "started_at"], from_queryset=locked)
        if appointment.status == Status.NO_SHOW:
            return appointment
        if appointment.started_at is not None:
            raise RuleViolation(_("This visit has begun, so it was not missed."), "begun")
        if now < appointment.starts_at:
            raise RuleViolation(_("The visit has not started yet."), "too_early")
        room = rooms.room_of(appointment)
        if room is not None and room.patient_seen_at is not None and now - room.patient_seen_at <= PRESENT_WITHIN:
            raise RuleViolation(_("The patient is in the waiting room now: begin the visit, or cancel it."), "there")
        advance(appointment, Status.NO_SHOW, by=by, now=now)
        due.after_booking(due=asked, appointment=appointment, by=by, now=now)
        reminders.withdraw(appointment=appointment, now=now, reason="missed")
        open_follow_up(
            kind=FollowUpKind.VISIT_MISSED,
            patient=appointment.patient,
            about=appointment.about,
            dedupe_key=f"{appointment.about}:missed",
            due_at=now,
            by=by,
            now=now,
        )
    return appointment


def require_clinician(by: User, appointment: Appointment) -> None:
    """Raise PermissionDenied for anybody but the clinician of the visit."""
    if not can(by, Permission.VIEW_CLINICAL) or appointment.clinician.user_id != by.pk:
        raise PermissionDenied("visit")


def require_open(appointment: Appointment, now: datetime) -> None:
    """Raise RuleViolation when the visit is not booked, or outside its window (15 minutes before to 60 after)."""
    if appointment.status != Status.BOOKED:
        raise RuleViolation(_("This visit is not booked any more."), "not_booked")
    door = door_of(starts_at=appointment.starts_at, started_at=appointment.started_at, now=now)
    if door == Door.EARLY:
        minutes = OPENS_BEFORE.total_seconds() // 60
        raise RuleViolation(_("This opens %(minutes)d minutes before the visit.") % {"minutes": minutes}, "too_early")
    if door == Door.LATE:
        raise RuleViolation(_("The time of this visit is over. Please choose another one."), "too_late")


def _ask_for_new_visit(appointment: Appointment, *, by: Actor, now: datetime) -> None:
    open_follow_up(
        kind=FollowUpKind.VISIT_NEEDED,
        patient=appointment.patient,
        about=appointment.about,
        dedupe_key=f"{appointment.about}:not_licensed:{appointment.sequence}",
        due_at=now + FOLLOW_UP_WITHIN,
        by=by,
        now=now,
    )


def moved_away(patient: Patient, left: str, by: User, now: datetime) -> None:
    """A patient said that they live in another state now: the visits ahead follow, and coordinators find others who may
    treat them there for those whose clinician may not."""
    with transaction.atomic():
        hold_visits(patient)
        patient.refresh_from_db(fields=["state"])
        for visit in follow_home(patient=patient, left=left, by=by, now=now):
            open_follow_up(
                kind=FollowUpKind.VISIT_NEEDED,
                patient=patient,
                about=visit.about,
                dedupe_key=f"{visit.about}:moved:{now.isoformat()}",
                due_at=now,
                by=by,
                now=now,
            )
