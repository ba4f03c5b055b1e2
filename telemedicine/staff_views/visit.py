"""The visit as its clinician holds it: who waits, the number to call, where the patient is, begin and end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from telemedicine import access
from telemedicine.forms import PlaceForm, place_initial
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.notes.rules.writing import may_write
from telemedicine.notes.selectors import signed_note_of
from telemedicine.reviews.wording import consent_titles
from telemedicine.rules.calls import Stage
from telemedicine.rules.visits import Door, door_of, opens_at
from telemedicine.services import calls
from telemedicine.services import visits as services
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import guest_of

ENDS: dict[str, Callable[..., Appointment]] = {
    "start": services.start,
    "admit": calls.admit,
    "complete": services.complete,
    "missed": services.no_show,
}


@staff_with(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One page; each button posts what to do."""
    row = access.clinical_visit_for(request.user, pk)
    if request.method != "POST":
        return _page(request, row, PlaceForm(initial=place_initial(row)))
    now, wanted = clock.now(), request.POST.get("do", "")
    form = PlaceForm(request.POST) if wanted == "place" else PlaceForm(initial=place_initial(row))
    try:
        if wanted == "place":
            if not form.is_valid():
                return _page(request, row, form, status=422)
            services.state_location(appointment=row, location=form.place(), by=access.person(request), now=now)
        elif wanted in ENDS:
            ENDS[wanted](appointment=row, by=access.person(request), now=now)
        else:
            raise RuleViolation(_("Use one of the buttons."), "nothing_chosen")
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return _page(request, row, form, problem=refused.message, status=status)
    return redirect("admin:call" if wanted == "admit" else "admin:visit", row.pk)


def _page(
    request: HttpRequest, row: Appointment, form: PlaceForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    door = door_of(starts_at=row.starts_at, started_at=row.started_at, now=now)
    room = room_of(row)
    stage = calls.stage(row, room, now)
    is_booked = row.status == Status.BOOKED
    guest = guest_of(row) if is_booked else None
    context: dict[str, Any] = {
        "title": row.get_kind_display(),
        "visit": row,
        "patient": row.patient,
        "form": form,
        "problem": problem,
        "zone": row.clinician.zone,
        "is_early": is_booked and door == Door.EARLY,
        "is_late": is_booked and door == Door.LATE,
        "can_locate": is_booked and door == Door.OPEN and row.started_at is None,
        "can_start": is_booked and door == Door.OPEN and row.started_at is None and bool(row.location_licensed),
        "can_complete": is_booked and row.started_at is not None,
        "note_opens": may_write(status=row.status, started_at=row.started_at),
        "is_signed": row.status == Status.COMPLETED and signed_note_of(row) is not None,
        "can_mark_missed": is_booked and row.started_at is None and now >= row.starts_at,
        "opens_at": opens_at(row.starts_at),
        "room": room if stage in (Stage.WAITING, Stage.OPEN) else None,
        "stage": stage,
        "there": calls.is_there(room, now),
        "guest": guest,
        "guest_waits": guest is not None and calls.waits(guest, now),
        # Once the visit has begun nobody can come into a room that is not there.
        "watch": is_booked and door == Door.OPEN and (row.started_at is None or room is not None),
        "taken_back": consent_titles(taken_back(row.patient, Activity.APPROVAL, now)),
        "phone": (row.location or {}).get("phone") or row.patient.phone,
    }
    return render(request, "telemedicine/staff/visit.html", context, status=status)
