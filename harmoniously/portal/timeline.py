"""What happened so far and what is planned, for the patient's home."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.common import clock
from harmoniously.portal.standing import Standing
from treatment.models import DoseSession, SessionStatus

MOST_VISITS, MOST_SESSIONS = 6, 8


def timeline(standing: Standing) -> list[dict[str, str]]:
    """What happened and what is planned, newest plans last: titles, moments, states."""
    items: list[tuple[datetime, dict[str, str]]] = []
    if standing.decision is not None:
        handed_in = {"title": _("Intake handed in"), "url": reverse("intake:outcome")}
        items.append((standing.decision.decided_at, handed_in))
    for visit in standing.visits[:MOST_VISITS]:
        title = _("Visit with %(who)s") % {"who": visit.clinician.display_name}
        items.append((visit.starts_at, {"title": title, "text": visit.get_status_display()}))
    shown = [session for session in standing.sessions if session.status != SessionStatus.CANCELLED]
    items += [(session.starts_at, _session_item(session)) for session in shown[-MOST_SESSIONS:]]
    items.sort(key=lambda item: item[0])
    return [
        {
            "when": clock.describe(at, standing.patient.zone),
            "state": "done" if at <= standing.now else "later",
            **entry,
        }
        for at, entry in items
    ]


def _session_item(session: DoseSession) -> dict[str, str]:
    return {
        "title": _("Session %(number)d") % {"number": session.number},
        "text": session.get_status_display(),
        "when": clock.describe(session.starts_at, session.zone),  # on the clock there, also on a journey
        "state": "done" if session.status == SessionStatus.COMPLETED else "later",
        "url": reverse("treatment:session", args=[session.pk]),
    }
