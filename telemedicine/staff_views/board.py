"""The day board: who waits now, who is late, what is going on and what comes next; it renews itself."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from telemedicine import access
from telemedicine.staff_board import board_of
from telemedicine.staff_views.schedule import choices, day_asked, filters_of, visible_clinicians, zone_for


@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def day(request: StaffRequest) -> HttpResponse:
    """One day of everybody (coordinators, administrators) or of oneself."""
    now = clock.now()
    context = _board(request, now)
    board, zone = context["board"], context["zone"]
    facts = {"day": board.day.isoformat(), "shown": board.total}
    record(actor=access.person(request), action="dayboard.viewed", now=now, **facts)
    context |= choices(request, zone) | {
        "title": _("Day board"),
        "before": board.day - timedelta(days=1),
        "after": board.day + timedelta(days=1),
        "keys": [
            (_("j, k"), _("next and previous visit")),
            (_("Enter"), _("opens the visit")),
            ("n", _("next day")),
            ("p", _("day before")),
            ("t", _("today")),
            ("w", _("the week")),
        ],
    }
    return render(request, "telemedicine/staff/day.html", context)


@does_not_extend_session
@staff_with(Permission.VIEW_SCHEDULE)
@require_safe
def now_there(request: StaffRequest) -> HttpResponse:
    """The board alone, as the page asks for it by itself: opening the page was the reading, and was recorded."""
    drawn = render_to_string("telemedicine/staff/_board.html", _board(request, clock.now()), request)
    return JsonResponse({"board": drawn})


def _board(request: StaffRequest, now: datetime) -> dict[str, Any]:
    zone, filters = zone_for(request), filters_of(request)
    people = visible_clinicians(access.person(request))
    board = board_of(people, day_asked(request, "day", zone, now), zone, now, filters)
    return {
        "board": board,
        "clinicians": people,
        "filters": filters,
        "zone": zone,
        "now": now,
        "is_today": board.day == clock.today(zone, now),
        "zone_words": clock.zone_words(now, zone),
        "can_arrange": can(request.user, Permission.MANAGE_SCHEDULE),
        "sees_all": can(request.user, Permission.VIEW_PEOPLE),
    }
