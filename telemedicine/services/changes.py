"""What became of a visit, for the next person who has it open; and taking a change back while nobody was told of it.

A coordinator's booking, move or cancellation tells the patient ten seconds later. Within them it can be undone as a
whole: the visit is as it was, what was planned about it is withdrawn, what was withdrawn goes out after all. Whether
something has left is asked of the outbox itself, in the same transaction, so the clock alone never decides.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import CareRelation, Clinician, User
from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.alerts.follow_ups import open_again
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications
from telemedicine.models import Appointment, Guest, VisitChange
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import HOLD, VisitKind
from telemedicine.selectors import Ignoring
from telemedicine.services import due, reminders, waiting
from telemedicine.services.locks import hold_visits
from telemedicine.services.taking import (
    NO_LEAD,
    LostRace,
    Wanted,
    is_own,
    let_expired_go,
    require_agreed,
    require_may_arrange,
    require_only_one,
    require_room,
    serialised,
    taken,
)

UNDO = timedelta(seconds=10)  # UX-18
# A message leaves with the next round of the outbox, and one that would come after the beginning does not leave.
ON_ITS_WAY = timedelta(minutes=1)
# Whom nobody has to call any more once a visit is booked.
CLOSED_BY_BOOKING = (FollowUpKind.VISIT_MISSED, FollowUpKind.VISIT_NEEDED, FollowUpKind.VISIT_OVERDUE)
Act = VisitChange.Act


def undo_until(starts_at: datetime, now: datetime) -> datetime | None:
    """Until when a change can be taken back; None for a visit so near that the patient must be told at once."""
    until = now + UNDO
    return until if starts_at > until + ON_ITS_WAY else None


def as_it_stands(appointment: Appointment) -> VisitChange:
    """How a visit stands before it is changed, and the messages that the change withdraws; not saved."""
    return VisitChange(
        appointment=appointment,
        before_clinician=appointment.clinician,
        before_starts_at=appointment.starts_at,
        before_state=appointment.state,
        before_sequence=appointment.sequence,
        before_confirmed_at=appointment.confirmed_at,
        withdrawn=reminders.to_withdraw(appointment),
    )


def keep(before: VisitChange, *, act: Act, by: Actor, now: datetime, undo_until: datetime | None) -> None:
    """Write down what was done, in the transaction that does it."""
    before.act, before.at, before.undo_until = act, now, undo_until
    before.by = by if isinstance(by, User) else None
    before.created_at = now
    before.save(force_insert=True)


def changes_of(appointment: Appointment) -> QuerySet[VisitChange]:
    """What was done to a visit, the newest first."""
    rows = VisitChange.objects.filter(appointment=appointment).select_related("by", "before_clinician__user")
    return rows.select_related("appointment__patient").order_by("-at")


def require_seen(appointment: Appointment, seen: int | None) -> None:
    """Raise Conflict when the visit was changed since somebody read it, and say by whom and what it was before."""
    if seen is None or seen == appointment.sequence:
        return
    change = changes_of(appointment).first()
    said = words(change) if change is not None else _("Somebody changed this visit meanwhile.")
    raise Conflict(said + " " + _("Look at it as it stands now, then decide again."), "changed")


def words(change: VisitChange) -> str:
    """One change as a sentence: who, when, and how it stood before."""
    zone = change.appointment.patient.zone
    by_patient = change.by is not None and change.by_id == change.appointment.patient.user_id
    facts = {
        "who": _("The patient") if by_patient else change.by.display_name if change.by else _("The practice"),
        "at": clock.describe(change.at, zone),
        "when": clock.describe(change.before_starts_at, zone),
        "clinician": change.before_clinician,
    }
    if change.act == Act.BOOKED:
        said = _("%(who)s booked this visit on %(at)s.") % facts
    elif change.act == Act.CANCELLED:
        said = _("%(who)s cancelled this visit on %(at)s. It was on %(when)s, with %(clinician)s.") % facts
    else:
        said = _("%(who)s moved this visit on %(at)s. Before, it was on %(when)s, with %(clinician)s.") % facts
    return f"{said} {_('That was taken back.')}" if change.undone_at is not None else said


def found_booked(appointment: Appointment, by: Actor) -> None:
    """A patient who wants the same finds it booked, and reads so: from then on a colleague's booking stays.

    Inside a transaction that holds the patient's visits.
    """
    if is_own(by, appointment.patient):
        rows = VisitChange.objects.filter(appointment=appointment, act=Act.BOOKED, undone_at__isnull=True)
        rows.update(undo_until=None)


def undo(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """Take back the last change of a visit, of a booking with the whole series; a second click changes nothing.

    Raises RuleViolation when the ten seconds are over, the patient was told or a colleague did it; Conflict when the
    visit was changed since; SlotTaken when somebody else has the time by now.
    """
    patient = appointment.patient
    require_may_arrange(by, patient, now)
    change = (
        VisitChange.objects.filter(appointment=appointment).select_related("before_clinician").order_by("-at").first()
    )
    if change is None or change.undo_until is None:
        raise RuleViolation(_("There is nothing here that can be taken back."), "nothing")
    if change.undone_at is not None:
        return appointment
    if change.by_id != by.pk:
        raise RuleViolation(_("Only who changed it can take it back. Change the visit instead."), "not_yours")
    if change.act == Act.BOOKED:
        _unbook(appointment, change, by=by, now=now)
        return appointment
    old = Wanted(
        patient, change.before_clinician, change.before_starts_at, VisitKind(appointment.kind), change.before_state
    )
    now_at = Wanted(patient, appointment.clinician, appointment.starts_at, old.kind, appointment.state)
    let_expired_go(old, now=now)
    ignoring = Ignoring(patient=patient, appointment=appointment)
    try:
        with serialised(old, now_at):
            _undo(appointment, change, old, by=by, now=now)
    except LostRace as lost:
        raise taken(old, lead=NO_LEAD, ignoring=ignoring, now=now, constraint=lost.constraint) from lost
    return appointment


def _undo(appointment: Appointment, change: VisitChange, old: Wanted, *, by: User, now: datetime) -> None:
    """The same, now that nobody else writes for the patient or the clinicians."""
    asked = hold_visits(appointment.patient)
    locked = VisitChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if locked.undone_at is not None:
        return
    row = _as_it_was_left(change)
    _require_in_time(locked, now)
    if change.act == Act.CANCELLED:  # as whoever books it anew: meanwhile they may have booked another, or left
        require_agreed(by, appointment.patient, now)
        require_only_one(old, now)
    require_room(old, ignoring=Ignoring(appointment=appointment), now=now)
    _withdraw(row, change)
    _restore(appointment, change, old, by=by, now=now)
    VisitChange.objects.filter(pk=change.pk).update(undone_at=now)
    if change.act == Act.CANCELLED:
        due.after_booking(due=asked, appointment=appointment, by=by, now=now)


def _as_it_was_left(change: VisitChange) -> Appointment:
    """The visit, locked; raises Conflict when somebody changed it since, or it has begun."""
    row = Appointment.objects.select_for_update(no_key=True).get(pk=change.appointment_id)
    stands = Status.CANCELLED if change.act == Act.CANCELLED else Status.BOOKED
    sequence = change.before_sequence if change.act == Act.BOOKED else change.before_sequence + 1
    if row.sequence != sequence or row.status != stands or row.started_at is not None:
        raise Conflict(_("Somebody else changed this visit meanwhile. Reload the page to see it."), "raced")
    return row


def _require_in_time(change: VisitChange, now: datetime) -> None:
    if change.undo_until is None or now >= change.undo_until:
        raise RuleViolation(
            _("The 10 seconds are over. Read whether the patient knows, then book, move or cancel the visit instead."),
            "too_late",
        )


def _withdraw(row: Appointment, change: VisitChange) -> None:
    if not notifications.take_back(about=row.about, keys_from=reminders.keys_of(row), withdrawn=change.withdrawn):
        raise RuleViolation(_("The patient has been told already. Book, move or cancel the visit instead."), "told")


def booked_with(change: VisitChange) -> QuerySet[VisitChange]:
    """What was booked by one form: the visit, or all visits of its series."""
    rows = VisitChange.objects.filter(act=Act.BOOKED, by=change.by, at=change.at)
    return rows.filter(appointment__patient=change.appointment.patient_id).order_by("before_starts_at")


def _unbook(appointment: Appointment, change: VisitChange, *, by: User, now: datetime) -> None:
    """Nothing was booked: no visit to cancel, no message, no care by that clinician, and whom to call stands again."""
    patient = appointment.patient
    with transaction.atomic():
        asked = hold_visits(patient)
        together = list(booked_with(change).select_for_update(of=("self",)))
        if all(one.undone_at is not None for one in together):
            return
        for one in together:
            row = _as_it_was_left(one)
            _require_in_time(one, now)
            if row.location_at or row.confirmed_at or Guest.objects.filter(appointment=row.pk).exists():
                raise RuleViolation(_("The patient has seen this visit already. Cancel it instead."), "told")
            _withdraw(row, one)
            row.patient = patient
            # With an end it is what a choice is that was let go: it was never booked, for the patient either.
            until = _kept_until(row, one)
            to = Status.HELD if until > now else Status.CANCELLED
            advance(row, to, by=by, now=now, reason_code="taken_back", held_until=max(until, now))
            _end_care(one, row.clinician, by=by, now=now)
        due.after_unbooking(due=asked, visits=[one.appointment_id for one in together], by=by, now=now)
        VisitChange.objects.filter(pk__in=[one.pk for one in together]).update(undone_at=now)
        open_again(patient=patient, kinds=CLOSED_BY_BOOKING, closed_at=change.at, by=by, now=now)
        waiting.freed()
    appointment.refresh_from_db(fields=["status", "held_until"])


def _kept_until(row: Appointment, change: VisitChange) -> datetime:
    """A time that was kept for a caller, or chosen by the patient, before it was booked is kept on as it was."""
    return (row.hold_extended_at or row.created_at) + HOLD if row.created_at < change.at else row.created_at


def _end_care(change: VisitChange, clinician: Clinician, *, by: User, now: datetime) -> None:
    """The booking or the move brought the patient into a colleague's care: that ends with it, unless they meet."""
    patient = change.appointment.patient
    booked = Appointment.objects.for_patient(patient).booked().filter(clinician=clinician, ends_at__gt=now)
    if booked.exclude(pk=change.appointment_id).exists():
        return
    opened = CareRelation.objects.filter(patient=patient, clinician=clinician, since=change.at, until__isnull=True)
    if opened.exists():
        care_relation_close(patient=patient, clinician=clinician, now=now)
        record(actor=by, action="carerelation.closed", now=now, subject=change.appointment, clinician=str(clinician.pk))


def _restore(appointment: Appointment, change: VisitChange, old: Wanted, *, by: User, now: datetime) -> None:
    before = {
        "clinician": change.before_clinician,
        "starts_at": old.starts_at,
        "ends_at": old.ends_at,
        "state": change.before_state,
        "sequence": change.before_sequence,
        "confirmed_at": change.before_confirmed_at,
    }
    if change.act == Act.CANCELLED:
        advance(appointment, Status.BOOKED, by=by, now=now, reason_code="taken_back", **before)
        return
    other = appointment.clinician
    Appointment.objects.filter(pk=appointment.pk).update(**before)
    for name, value in before.items():
        setattr(appointment, name, value)
    record(actor=by, action="appointment.move_undone", now=now, subject=appointment, at=old.starts_at.isoformat())
    _end_care(change, other, by=by, now=now)
