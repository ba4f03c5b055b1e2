"""The visits that treatment asks for, as coordinators see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from telemedicine.models import Appointment
from telemedicine.rules.standing import Standing
from telemedicine.services.due import MEETS
from telemedicine.staff_standing import one
from treatment.models import DueVisit
from treatment.rules.visits import is_overdue
from treatment.selecting.visits import waiting_visits

PAGE_SIZE = 100


@dataclass(frozen=True)
class Line:
    """One visit that is due, with the one that is booked for it. `ended`: its time is over and nobody closed it."""

    row: DueVisit
    visit: Appointment | None
    words: str
    tone: str
    ended: bool = False


def due_lines(now: datetime, due: Iterable[DueVisit] | None = None) -> list[Line]:
    """The longest due first. A booked one whose time ran out is still booked, and said to be late. Three queries.

    Where nothing is booked any more but a visit of the patient was never closed, that visit comes first: it may have
    been the one. `due` are those of one page; else it is all of them.
    """
    rows = list(waiting_visits() if due is None else due)
    booked = Appointment.objects.booked().with_people()
    visits = booked.in_bulk([row.appointment for row in rows if row.appointment])
    open_ones = _not_closed([row for row in rows if row.appointment not in visits], now)
    return [
        _line(row, visits[row.appointment], now)
        if row.appointment in visits
        else _unbooked(row, open_ones.get((row.patient_id, row.kind)), now)
        for row in rows
    ]


def _not_closed(rows: Iterable[DueVisit], now: datetime) -> dict[tuple[UUID, str], Appointment]:
    patients = [row.patient_id for row in rows]
    if not patients:
        return {}
    past = Appointment.objects.booked().filter(patient__in=patients, starts_at__lte=now).select_related("patient")
    found = {}
    for visit in past.order_by("starts_at"):
        for kind in MEETS.get(Appointment.Kind(visit.kind), ()):
            found[visit.patient_id, kind] = visit
    return found


def _line(row: DueVisit, visit: Appointment, now: datetime) -> Line:
    standing = one(visit, None, now).standing
    if standing == Standing.GOING_ON:
        return Line(row, visit, _("Going on"), "info")
    late = is_overdue(row.overdue_at, now)
    words, tone = (_("Booked, late"), "caution") if late else (_("Booked"), "success")
    return Line(row, visit, words, tone, ended=standing == Standing.NOT_CLOSED)


def _unbooked(row: DueVisit, open_one: Appointment | None, now: datetime) -> Line:
    ended = open_one is not None
    if is_overdue(row.overdue_at, now):
        return Line(row, open_one, _("Overdue"), "danger", ended)
    offered = row.status == DueVisit.Status.OFFERED
    return Line(row, open_one, _("Offered") if offered else _("Due"), "info" if offered else "neutral", ended)
