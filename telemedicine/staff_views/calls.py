"""The clinician's side of a video visit: who waits, the call, and the chart beside it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.common import clock
from telemedicine import access
from telemedicine.models import Room
from telemedicine.reviews import case_file
from telemedicine.reviews.access import case_for
from telemedicine.rules.calls import Seat, Stage
from telemedicine.services import calls
from telemedicine.video.seats import guest_of
from telemedicine.views import exchange

clinician_page = staff_with(Permission.VIEW_CLINICAL)


@clinician_page
@require_safe
def call(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The room: the patient beside their chart."""
    now = clock.now()
    room = access.call_for(request.user, pk)
    visit, stage = room.appointment, calls.stage(room.appointment, room, now)
    if stage in (Stage.CLOSED, Stage.OVER):
        return redirect("admin:visit", visit.pk)
    calls.seen(room=room, by=request.user, now=now)
    guest = guest_of(visit)
    urls = {name: reverse(f"admin:call_{name}", args=[visit.pk]) for name in ("state", "join", "send")}
    urls["leave"] = reverse("admin:visit", args=[visit.pk])
    context = {
        "title": visit.get_kind_display(),
        "visit": visit,
        "patient": visit.patient,
        "zone": visit.clinician.zone,
        "there": calls.is_there(room, now),
        "telephone": room.phone_asked_at is not None,
        "file": _chart(request, room),
        "now": now,
        "guest": guest,
        "guest_state": exchange.guest_state(guest, now),
        "guest_waits": guest is not None and calls.waits(guest, now),
    }
    return exchange.page(
        request,
        "telemedicine/staff/call.html",
        exchange.Caller(room, access.person(request), stage, now),
        others=exchange.others_of_the_two(Seat.PATIENT, visit.patient.display_name, guest),
        urls=urls,
        context=context,
    )


def _chart(request: StaffRequest, room: Room) -> Any:
    """The case, for who may read cases; a therapist has the record's page."""
    if not can(request.user, Permission.REVIEW_CASES):
        return None
    now = clock.now()
    try:
        return case_file.build(case_for(request.user, room.patient.pk, now), request.user, now)
    except Http404:
        return None


@require_safe
@clinician_page
@does_not_extend_session
def call_state(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the page asks every second or five."""
    return exchange.news(request, exchange.by_account(request, pk))


@require_POST
@clinician_page
@does_not_extend_session
def call_join(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The way into the room."""
    return exchange.way_in(exchange.by_account(request, pk))


@require_POST
@clinician_page
@does_not_extend_session
def call_send(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A message to another browser of the call."""
    return exchange.message(request, exchange.by_account(request, pk))
