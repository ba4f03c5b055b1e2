"""The visits that treatment asks for, as coordinators see them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from telemedicine.models import Appointment
from treatment.models import DueVisit
from treatment.rules.visits import is_overdue
from treatment.selecting.visits import waiting_visits

MOST = 200


@dataclass(frozen=True)
class Line:
    """One visit that is due, with the one that is booked for it."""

    row: DueVisit
    visit: Appointment | None
    words: str
    tone: str


def due_lines(now: datetime) -> list[Line]:
    """The longest due first. A booked one whose time ran out is still booked, and said to be late. Two queries."""
    rows = list(waiting_visits()[:MOST])
    booked = Appointment.objects.booked().select_related("clinician__user")
    visits = booked.in_bulk([row.appointment for row in rows if row.appointment])
    return [_line(row, visits.get(row.appointment) if row.appointment else None, now) for row in rows]


def _line(row: DueVisit, visit: Appointment | None, now: datetime) -> Line:
    late = is_overdue(row.overdue_at, now)
    if row.status == DueVisit.Status.BOOKED and visit is not None:
        return Line(row, visit, _("Booked, late") if late else _("Booked"), "caution" if late else "success")
    if late:
        return Line(row, None, _("Overdue"), "danger")
    offered = row.status == DueVisit.Status.OFFERED
    return Line(row, None, _("Offered") if offered else _("Due"), "info" if offered else "neutral")
