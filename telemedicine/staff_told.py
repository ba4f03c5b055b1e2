"""What became of the e-mail that tells a patient of their visit as it stands: nobody is said to be told who was not."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.notifications.selectors import messages_about
from telemedicine.models import Appointment

TELL = ("appointment_confirmed", "appointment_cancelled")
LOST = (State.FAILED, State.EXPIRED, State.UNKNOWN)


@dataclass(frozen=True)
class Told:
    """A tag with its tone, when, and whether somebody has to call."""

    words: str
    tone: str
    said: str
    call: bool = False


def told(visit: Appointment) -> Told | None:
    """Of the last e-mail that was meant to go: sent, on its way, or lost. One query; None when there was none."""
    mails = messages_about(visit.about).filter(template__in=TELL)
    last = mails.exclude(state=State.CANCELLED).order_by("-created_at", "-due_at").first()
    return _words(last, visit.clinician.zone) if last is not None else None


def _words(mail: Notification, zone: str) -> Told:
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
        return Told(_("Not yet"), "neutral", _("The e-mail goes out on %(when)s.") % {"when": due})
    return Told(_("By e-mail"), "success", _("Sent on %(when)s.") % {"when": clock.describe(mail.sent_at, zone)})
