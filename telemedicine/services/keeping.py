"""A time that the clinic keeps for a caller: ten minutes, once ten more, let go by its holder or by itself.

Taking it is `booking.hold` and booking it ends in `booking.confirm`, the same as for a patient online. A hold is always
for a patient: whoever is not in our records yet is registered first, so that what the database promises for one patient
at one time holds for callers, too.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.rules import slots
from telemedicine.services import waiting
from telemedicine.services.booking import confirm
from telemedicine.services.locks import hold_visits
from telemedicine.services.taking import require_may_arrange


def book(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """Book it for the caller; it can be taken back for some seconds. A second click changes nothing.

    Raises RuleViolation for whoever does not hold it while it is kept, and as `booking.confirm` does.
    """
    is_kept = appointment.status == Status.HELD and appointment.held_until is not None and appointment.held_until > now
    if is_kept and appointment.held_by_id != by.pk:
        raise _not_yours(appointment)
    return confirm(appointment=appointment, by=by, now=now, can_undo=True)


def extend(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """Keep it for ten minutes from now, once; a second click changes nothing.

    Raises RuleViolation for whoever does not hold it, Conflict when it was let go or booked meanwhile.
    """
    with transaction.atomic():
        row = _held(appointment, by=by, now=now)
        if row.hold_extended_at is None:
            if row.held_until is None or row.held_until <= now:
                raise Conflict(_("The 10 minutes are over. Hold or book the time again, if it is still free."), "over")
            row.held_until, row.hold_extended_at = now + slots.HOLD, now
            row.save(update_fields=["held_until", "hold_extended_at"])
            record(actor=by, action="appointment.held_longer", now=now, subject=row)
    appointment.held_until, appointment.hold_extended_at = row.held_until, row.hold_extended_at
    return appointment


def release(*, appointment: Appointment, by: User, now: datetime) -> Appointment:
    """Let it go, so that anybody may have it; a second click changes nothing. Raises as `extend` does."""
    with transaction.atomic():
        row = _held(appointment, by=by, now=now, let_go=True)
        if row.status == Status.HELD:
            advance(row, Status.CANCELLED, by=by, now=now, reason_code="released")
            waiting.freed()
    appointment.status = row.status
    return appointment


def _held(appointment: Appointment, *, by: User, now: datetime, let_go: bool = False) -> Appointment:
    require_may_arrange(by, appointment.patient, now)
    hold_visits(appointment.patient)
    row = Appointment.objects.select_for_update(of=("self",)).select_related("held_by").get(pk=appointment.pk)
    row.patient = appointment.patient
    if row.held_by_id != by.pk:
        raise _not_yours(row)
    if row.status != Status.HELD and not (let_go and row.status == Status.CANCELLED):
        raise Conflict(_("This time is not held any more. Reload the page to see where things stand."), "not_held")
    return row


def _not_yours(row: Appointment) -> RuleViolation:
    who = row.held_by.display_name if row.held_by else _("the patient")
    return RuleViolation(_("This time is kept by %(who)s.") % {"who": who}, "not_yours")
