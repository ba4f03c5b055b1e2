"""What became of the e-mail that tells a patient of their visit as it stands: nobody is said to be told who was not."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.selectors import ALARM_AFTER, messages_about
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.services.reminders import keys_of

TELLS = {Status.BOOKED: "appointment_confirmed", Status.CANCELLED: "appointment_cancelled"}
LOST = (State.FAILED, State.EXPIRED, State.UNKNOWN)


@dataclass(frozen=True)
class Told:
    """A tag with its tone, when, and whether somebody has to call."""

    words: str
    tone: str
    said: str
    call: bool = False


def told(visit: Appointment, now: datetime) -> Told | None:
    """Of the e-mail about the visit as it is booked or cancelled now: sent, on its way, or lost. One query.

    None where none was meant to go.
    """
    template = TELLS.get(Status(visit.status))
    if template is None or visit.held_until is not None:
        return None
    mails = messages_about(visit.about).filter(template=template, dedupe_key__startswith=keys_of(visit))
    mail = mails.exclude(state=State.CANCELLED).first()
    return _words(mail, visit.patient.zone, now) if mail is not None else None


def _words(mail: Notification, zone: str, now: datetime) -> Told:
    if mail.state in LOST:
        called = _("Call the patient. Until then do not count on it that they know.")
        if mail.state == State.UNKNOWN:
            return Told(
                _("Not known"), "caution", _("Nobody knows whether the e-mail arrived.") + " " + called, call=True
            )
        if mail.state == State.EXPIRED:
            return Told(_("Not told"), "danger", _("It was too late for an e-mail.") + " " + called, call=True)
        return Told(_("Not told"), "danger", _("The e-mail did not arrive.") + " " + called, call=True)
    if mail.sent_at is None:
        due = clock.describe(mail.ready_at, zone)
        if now - mail.ready_at > ALARM_AFTER:
            late = _("The e-mail was due on %(when)s and has not gone out. Call if it matters.")
            return Told(_("Not yet"), "caution", late % {"when": due}, call=True)
        return Told(_("Not yet"), "neutral", _("The e-mail goes out on %(when)s.") % {"when": due})
    return Told(_("By e-mail"), "success", _("Sent on %(when)s.") % {"when": clock.describe(mail.sent_at, zone)})
