"""The week of every clinician (coordinators, administrators) or of oneself (clinicians)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.states import ZONES
from telemedicine import access, selectors
from telemedicine.models import Appointment
from telemedicine.staff_due import due_lines
from telemedicine.staff_hours import stretch
from telemedicine.week import monday_of, span_of

PRACTICE_ZONE = "America/New_York"
DAYS = 7
FURTHEST = timedelta(days=3650)


@dataclass(frozen=True)
class Cell:
    """One clinician's day."""

    day: date
    is_today: bool
    visits: list[Appointment] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One clinician's week."""

    clinician: Clinician
    cells: list[Cell]
    total: int


def zone_for(request: HttpRequest) -> str:
    """The zone asked for, else the clinician's own, else the practice's."""
    asked = request.GET.get("zone", "")
    if asked in ZONES:
        return asked
    own = getattr(request.user, "clinician", None)
    return str(own.zone) if own is not None else PRACTICE_ZONE


def visible_clinicians(user: User) -> list[Clinician]:
    """Clinicians see their own week; who arranges visits or runs the practice sees all."""
    everybody = selectors.seeing_patients()
    if can(user, Permission.VIEW_PEOPLE):
        return everybody
    return [clinician for clinician in everybody if clinician.user_id == user.pk]


def monday_asked(request: HttpRequest, zone: str, now: datetime) -> date:
    """The week of the address, up to ten years either way; this week when it is no such date."""
    today = clock.today(zone, now)
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return monday_of(today)
    return monday_of(asked if abs(asked - today) <= FURTHEST else today)


def rows_of(clinicians: list[Clinician], monday: date, zone: str, now: datetime) -> list[Row]:
    """The grid: a row for each clinician, a cell for each day on the wall of `zone`. Four queries."""
    span = span_of(monday, zone)
    keys: list[UUID] = [clinician.pk for clinician in clinicians]
    cells = {
        (pk, monday + timedelta(days=offset)): Cell(
            monday + timedelta(days=offset), monday + timedelta(days=offset) == clock.today(zone, now)
        )
        for pk in keys
        for offset in range(DAYS)
    }
    for visit in selectors.schedule(window=span, clinicians=keys):
        cell = cells.get((visit.clinician_id, clock.today(zone, visit.starts_at)))
        if cell is not None:
            cell.visits.append(visit)
    for away in selectors.time_off_in(window=span):
        for offset in range(DAYS):
            day = monday + timedelta(days=offset)
            touched = clock.today(zone, away.starts_at) <= day <= clock.today(zone, away.ends_at)
            if touched and (away.clinician_id, day) in cells:
                cells[away.clinician_id, day].away.append(_("Away"))
    dated = selectors.date_hours_in(keys, first=monday, last=monday + timedelta(days=DAYS - 1))
    other = {(row.clinician_id, row.day) for row in dated if row.instead}
    for rule in selectors.hours_of(keys):
        day = monday + timedelta(days=rule.weekday)
        if (rule.clinician_id, day) not in other:
            cells[rule.clinician_id, day].hours.append(stretch(rule))
    for row in dated:
        cells[row.clinician_id, row.day].hours.append(stretch(row))
    rows = []
    for clinician in clinicians:
        own = [cells[clinician.pk, monday + timedelta(days=offset)] for offset in range(DAYS)]
        rows.append(Row(clinician, own, sum(len(cell.visits) for cell in own)))
    return rows


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """The grid. Every visit is a link, so everything works from the keyboard."""
    now = clock.now()
    zone = zone_for(request)
    monday = monday_asked(request, zone, now)
    rows = rows_of(visible_clinicians(access.person(request)), monday, zone, now)
    shown = sum(row.total for row in rows)
    record(actor=access.person(request), action="schedule.viewed", now=now, week=monday.isoformat(), shown=shown)
    context = {
        "title": _("Schedule"),
        "rows": rows,
        "days": [monday + timedelta(days=offset) for offset in range(DAYS)],
        "today": clock.today(zone, now),
        "before": monday - timedelta(days=DAYS),
        "after": monday + timedelta(days=DAYS),
        "zone": zone,
        "zone_words": clock.zone_words(span_of(monday, zone).starts_at, zone),
        "zones": [(name, name.rpartition("/")[2].replace("_", " ")) for name in ZONES],
        "monday": monday,
        "can_arrange": can(request.user, Permission.MANAGE_SCHEDULE),
        "has_hours": can(request.user, Permission.VIEW_PEOPLE) or hasattr(request.user, "clinician"),
        "sees_all": can(request.user, Permission.VIEW_PEOPLE),
    }
    return render(request, "telemedicine/staff/schedule.html", context)


# /admin/schedule/due/


@staff_with(Permission.MANAGE_SCHEDULE)
@require_safe
def due(request: StaffRequest) -> HttpResponse:
    """Every visit that treatment asks for: due, offered, booked, overdue; the longest due first."""
    now = clock.now()
    lines = due_lines(now)
    record(actor=access.person(request), action="duevisits.viewed", now=now, shown=len(lines))
    context = {"title": _("Visits that are due"), "lines": lines, "zone": zone_for(request)}
    return render(request, "telemedicine/staff/due.html", context)
