"""What each kind of work is called, and where it is done."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from telemedicine.reviews.rules.triage import CASES, Kind, Urgency

KINDS: dict[Kind, Any] = {
    Kind.APPLICATION: _("Application"),
    Kind.INFORMATION: _("Information that arrived"),
    Kind.CHECK_IN: _("Flagged check-in"),
    Kind.SESSION: _("Held session"),
    Kind.SUPPLY: _("Medicine at home"),
    Kind.EVENT: _("Adverse event"),
    Kind.SECOND: _("Second sign-off"),
    Kind.REFILL: _("Next supply"),
    Kind.RENEWAL: _("New evaluation"),
}
PARTS: dict[str, Any] = {
    "all": _("Everything"),
    "mine": _("In my hands"),
    "free": _("In nobody’s hands"),
    "patient": _("With the patient"),
}
# Why something is here, where nobody opens what it says.
BRIEFLY = {
    Kind.CHECK_IN: _("A check-in tells of something to read"),
    Kind.SUPPLY: _("Something about the medicine at home is to be read"),
}
# Why an adverse event is here, and what to do.
EVENTS: dict[str, tuple[Any, Any]] = {
    "reported": (_("The patient told of it, and no clinician has looked"), _("Judge it")),
    "look": (_("It was to be looked at again by now"), _("Ask how it went on")),
    "unsent": (_("It was to be reported to FDA by now"), _("Send the report, then write that you did")),
}
# Why a request for the next supply stands on this rung, and what to do.
REFILLS: dict[Urgency, tuple[Any, Any]] = {
    Urgency.LATE: (_("Asked for the next supply; the answer was promised by now"), _("Review and answer the request")),
    Urgency.ARRIVED: (_("Answered your question about the next supply"), _("Read it, then answer the request")),
    Urgency.WITH_PATIENT: (_("The patient was asked about the next supply"), _("Wait for the patient’s answer")),
    Urgency.DECISION_DUE: (_("Asked for the next supply"), _("Review and answer the request")),
}


# The page where each kind is done, and which of them are reached by their patient.
PAGES = {
    Kind.APPLICATION: "admin:case",
    Kind.INFORMATION: "admin:case",
    Kind.CHECK_IN: "admin:check_in",
    Kind.SESSION: "admin:dose_session",
    Kind.SUPPLY: "admin:supply_ledger",
    Kind.EVENT: "admin:adverse_event",
    Kind.SECOND: "admin:prescription_detail",
    Kind.REFILL: "admin:refill",
    Kind.RENEWAL: "admin:refill",
}
BY_PATIENT = frozenset({Kind.APPLICATION, Kind.INFORMATION, Kind.SUPPLY, Kind.REFILL, Kind.RENEWAL})


def address(kind: Kind, patient: UUID, key: UUID) -> str:
    """The page of a line; a page of the patient is told for which of its lines it is opened."""
    if kind not in BY_PATIENT:
        return reverse(PAGES[kind], args=[key])
    page = reverse(PAGES[kind], args=[patient])
    return page if kind in CASES else f"{page}?{urlencode({'line': key})}"
