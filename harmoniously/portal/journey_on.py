"""The next thing of somebody whose treatment goes on: a visit that is due, the next supply."""

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.portal.standing import Standing
from harmoniously.portal.steps import NextStep
from treatment.models import DueVisit, SessionStatus
from treatment.rules.refill import RefillStatus
from treatment.rules.visits import DueKind
from treatment.selecting.refill_words import shown


def session_first(standing: Standing) -> bool:
    """Whether a session stands before everything that can wait: it runs, it is on hold, or it is today."""
    session = standing.session
    if session is None:
        return False
    today = clock.today(session.zone, standing.now) == clock.today(session.zone, session.starts_at)
    return today or session.status != SessionStatus.SCHEDULED


def refill(standing: Standing) -> NextStep | None:
    """The next supply, where the patient can do something about it or has not read the answer."""
    supply = standing.next_supply
    if supply is None or not supply.facts.in_treatment or session_first(standing) or standing.care_taken_back:
        return None
    found, address = shown(supply, standing.patient.zone), reverse("treatment:refill")
    if supply.refill.status is RefillStatus.ASKED:
        return NextStep(
            _("Your prescriber has a question"),
            _("It is about your next supply, and stands in your messages. Your prescriber goes on when you answered."),
            reverse("telemedicine:messages"),
            _("Read and answer"),
        )
    if supply.unread:
        return NextStep(
            _("Your prescriber answered"),
            _("You asked for your next supply. Read the answer, and what happens next."),
            address,
            _("Read the answer"),
        )
    if found.can_ask:
        return NextStep(_("Ask for your next supply"), found.text, address, _("Ask for it"))
    first = next((step for step in found.steps if step.url), None)
    if supply.refill.status is RefillStatus.MISSING and first is not None:
        return NextStep(_("Before your next supply"), first.text, address, _("See what comes first"))
    return None


def due_visit(standing: Standing) -> NextStep | None:
    """A visit that is due and not booked: the system has opened it, the patient chooses when."""
    due = standing.due_visit
    if due is None or due.status == DueVisit.Status.BOOKED or session_first(standing) or standing.care_taken_back:
        return None
    address = f"{reverse('telemedicine:book')}?kind={due.kind}"
    if due.kind == DueKind.EVALUATION:
        return NextStep(
            _("Meet your prescriber again"),
            _("It is a long time since your last session. Before the next one, your prescriber sees you again."),
            address,
            _("Choose a time"),
        )
    text = _("It is time for a video visit with your prescriber. Choose when it suits you; there is nothing to pay.")
    if due.status == DueVisit.Status.OVERDUE:
        text = _(
            "Your video visit is overdue. Nothing more can be sent until it has taken place. There is nothing to pay."
        )
    return NextStep(_("Choose a time for your visit"), text, address, _("Choose a time"))
