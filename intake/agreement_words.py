"""What the agreements are called on their pages, in every state, and what waits for a signature."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.documents.consents.rules import Activity, State
from harmoniously.core.documents.consents.selectors import Standing
from harmoniously.core.documents.models import ConsentAct, ConsentEvent

# The tone of the tag beside it, and what it says.
STATES = {
    State.NEVER: ("neutral", gettext_lazy("To sign")),
    State.CURRENT: ("success", gettext_lazy("Signed")),
    State.OUTDATED: ("caution", gettext_lazy("New version to sign")),
    State.WITHDRAWN: ("neutral", gettext_lazy("Taken back")),
}
STOPPED = {
    Activity.HAND_IN: gettext_lazy("handing in your answers"),
    Activity.CHECKOUT: gettext_lazy("paying for the evaluation"),
    Activity.BOOKING: gettext_lazy("booking a new visit"),
    Activity.APPROVAL: gettext_lazy("a prescriber’s yes to treatment"),
    Activity.ORDER: gettext_lazy("a new prescription or shipment"),
    Activity.DOSE: gettext_lazy("planning and beginning a session"),
}


def stopped(activities: Iterable[Activity]) -> list[str]:
    """What waits, each in a few words."""
    return [str(STOPPED[activity]) for activity in activities]


def shown(standing: Standing) -> dict[str, Any]:
    """One agreement as a row: its title, its state, when it was signed, and where its pages are."""
    tone, state = STATES[standing.state]
    signed = standing.signed
    return {
        "standing": standing,
        "title": standing.title,
        "state": state,
        "tone": tone,
        "url": reverse("intake:agreement", args=[standing.kind]),
        "paper_url": reverse("intake:document", args=[signed.document_id]) if signed else "",
        "take_back_url": reverse("portal:take_back", args=[standing.kind]) if standing.stands else "",
    }


def paper(event: ConsentEvent) -> dict[str, Any]:
    """One signed paper of the past."""
    title = event.get_kind_display()
    words = _("%(title)s, taken back") if event.act == ConsentAct.WITHDRAWN else _("%(title)s, version %(version)s")
    return {
        "title": words % {"title": title, "version": event.version},
        "url": reverse("intake:document", args=[event.document_id]),
        "staff_url": reverse("admin:signed_paper", args=[event.document_id]),
        "at": event.at,
    }
