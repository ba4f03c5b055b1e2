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
    held = offer.held
    if offer.status != OfferedTime.Status.OPEN or offer.until <= now:
        if held.status == Appointment.Status.BOOKED:
            return held
        raise Conflict(_("This time is no longer kept for you. You go on waiting."), "not_kept")
    have = waiting_list.booked_of(offer.patient, offer.wish.kind, now)
    if have is None:
        return confirm(appointment=held, by=by, now=now)
    return reschedule(appointment=have, starts_at=held.starts_at, clinician=held.clinician, by=by, now=now)
