"""Taking a time that was offered to somebody who waits."""

from datetime import datetime

from django.utils.translation import gettext as _

from harmoniously.core.audit.actors import Actor
from harmoniously.core.common.errors import Conflict
from telemedicine import waiting_list
from telemedicine.models import Appointment, OfferedTime
from telemedicine.services.booking import confirm
from telemedicine.services.moving import reschedule


def take_offered(*, offer: OfferedTime, by: Actor, now: datetime) -> Appointment:
    """Book the offered time, or move the visit they have to it; a second click finds it done.

    Raises Conflict when it is no longer kept for them, else as `confirm` and `reschedule` do.
    """
    held, patient = offer.held, offer.patient
    open_still = offer.status == OfferedTime.Status.OPEN and offer.until > now
    if not open_still or held.status != Appointment.Status.HELD:
        done = waiting_list.taken_visit(offer)
        if done is not None:
            return done
        raise Conflict(_("This time is no longer kept for you. You go on waiting."), "not_kept")
    if not waiting_list.stands(offer, now):
        raise Conflict(_("The clinician cannot be there after all. You go on waiting."), "gone")
    have = waiting_list.booked_of(patient, offer.wish.kind, now)
    if have is None:
        return confirm(appointment=held, by=by, now=now)
    return reschedule(
        appointment=have, starts_at=held.starts_at, clinician=held.clinician, state=held.state, by=by, now=now
    )
