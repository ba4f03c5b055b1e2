"""The week of every clinician (coordinators, administrators) or of oneself (clinicians), and what is due."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.states import STATE_CHOICES, ZONES
from telemedicine import access, staff_misfits
from telemedicine import staff_grid as grid
from telemedicine.models.appointment import Kind
from telemedicine.rules.slots import VisitKind
from telemedicine.staff_due import PAGE_SIZE, due_lines
from telemedicine.week import monday_of, span_of
from treatment.selecting.visits import waiting_visits

FURTHEST = timedelta(days=3650)
STATES = dict(STATE_CHOICES)


def zone_for(request: HttpRequest) -> str:
    """The zone asked for, else the clinician's own, else the practice's."""
    asked = request.GET.get("zone", "")
    if asked in ZONES:
        return asked
    own = getattr(request.user, "clinician", None)
    return str(own.zone) if own is not None else clock.PRACTICE_ZONE


def zones_to_choose() -> list[tuple[str, str]]:
    """Every zone with the name of its city."""
    return [(name, name.rpartition("/")[2].replace("_", " ")) for name in ZONES]


def visible_clinicians(user: User) -> list[Clinician]:
    """Clinicians see their own week; who arranges visits or runs the practice sees all."""
    everybody = grid.seeing_patients()
    if can(user, Permission.VIEW_PEOPLE):
        return everybody
    return [clinician for clinician in everybody if clinician.user_id == user.pk]


def day_asked(request: HttpRequest, name: str, zone: str, now: datetime) -> date:
    """The date in the address, up to ten years either way; today when it is no such date."""
    today = clock.today(zone, now)
    try:
        asked = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return today
    return asked if abs(asked - today) <= FURTHEST else today


def filters_of(request: HttpRequest) -> grid.Filters:
    """What of the week is asked for; what is not on the lists is not asked for."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    return grid.Filters(
        clinician=clinician_asked(request),
        kind=VisitKind(kind) if kind in set(VisitKind) else None,
        state=state if state in STATES else "",
        cancelled=request.GET.get("cancelled") == "1",
    )


def clinician_asked(request: HttpRequest) -> UUID | None:
    """The clinician in the address."""
    try:
        return UUID(request.GET.get("clinician", ""))
    except ValueError:
        return None


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """The grid. Every visit is a link, so everything works from the keyboard."""
    now = clock.now()
    zone, filters = zone_for(request), filters_of(request)
    monday = monday_of(day_asked(request, "week", zone, now))
    everybody = visible_clinicians(access.person(request))
    rows = grid.rows_of(everybody, monday, zone, now, filters)
    shown = sum(row.total for row in rows)
    record(actor=access.person(request), action="schedule.viewed", now=now, week=monday.isoformat(), shown=shown)
    context = {
        "title": _("Schedule"),
        "rows": rows,
        "misfits": staff_misfits.misfits_of(rows),
        "clinicians": everybody,
        "filters": filters,
        "shown": shown,
        "days": [monday + timedelta(days=offset) for offset in range(grid.DAYS)],
        "today": clock.today(zone, now),
        "before": monday - timedelta(days=grid.DAYS),
        "after": monday + timedelta(days=grid.DAYS),
        "last": monday + timedelta(days=grid.DAYS - 1),
        "zone_words": clock.zone_words(span_of(monday, zone).starts_at, zone),
        "monday": monday,
        "has_hours": can(request.user, Permission.VIEW_PEOPLE) or hasattr(request.user, "clinician"),
        "keys": _keys(arranges=can(request.user, Permission.MANAGE_SCHEDULE)),
    }
    return render(request, "telemedicine/staff/schedule.html", context | choices(request, zone))


def choices(request: StaffRequest, zone: str) -> dict[str, Any]:
    """What the filters of the grid, the day board and the search for a time offer."""
    return {
        "kinds": Kind.choices,
        "states": STATE_CHOICES,
        "zone": zone,
        "zones": zones_to_choose(),
        "can_arrange": can(request.user, Permission.MANAGE_SCHEDULE),
        "sees_all": can(request.user, Permission.VIEW_PEOPLE),
    }


def _keys(*, arranges: bool) -> list[tuple[str, str]]:
    keys = [
        (_("arrows"), _("move from day to day and from clinician to clinician")),
        (_("Enter"), _("opens the visit")),
        ("n", _("next week")),
        ("p", _("week before")),
        ("t", _("this week")),
        ("d", _("day board")),
    ]
    return [*keys, ("b", _("book for a patient")), ("f", _("find a free time"))] if arranges else keys


# /admin/schedule/misfits/


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def misfits(request: StaffRequest) -> HttpResponse:
    """Every visit ahead, of any week, that cannot take place as it is booked."""
    now, user = clock.now(), access.person(request)
    found = staff_misfits.misfits_ahead(visible_clinicians(user), now)
    page = Paginator(list(found), staff_misfits.PAGE_SIZE).get_page(request.GET.get("page"))
    lines = staff_misfits.on_page(found, list(page.object_list))
    record(actor=user, action="misfits.viewed", now=now, shown=len(lines))
    context = {"title": _("Visits that cannot take place as booked"), "lines": lines, "page": page}
    return render(request, "telemedicine/staff/misfits.html", context | choices(request, zone_for(request)))


# /admin/schedule/due/


@staff_with(Permission.MANAGE_SCHEDULE)
@require_safe
def due(request: StaffRequest) -> HttpResponse:
    """Every visit that treatment asks for: due, offered, booked, overdue; the longest due first."""
    now = clock.now()
    page = Paginator(waiting_visits(), PAGE_SIZE).get_page(request.GET.get("page"))
    lines = due_lines(now, page.object_list)
    record(actor=access.person(request), action="duevisits.viewed", now=now, shown=len(lines))
    context = {"title": _("Visits that are due"), "lines": lines, "page": page, "zone": zone_for(request)}
    return render(request, "telemedicine/staff/due.html", context)
