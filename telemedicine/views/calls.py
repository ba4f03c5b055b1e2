"""The patient's side of a video visit: the check of the devices, the waiting room and the call, the telephone."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine import access
from telemedicine.rules.calls import Seat, Stage
from telemedicine.services import calls
from telemedicine.video.seats import guest_of
from telemedicine.views import exchange


@patient_only
@require_safe
def devices(request: PatientRequest) -> HttpResponse:
    """Do camera, microphone, speaker and network work? At any time; nothing is sent or kept."""
    own_page(request, "devices")
    return render(request, "telemedicine/devices.html", {"clinic_phone": settings.CLINIC_PHONE})


@patient_only
@require_safe
def call(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The waiting room, and once the clinician admits, the call."""
    now = clock.now()
    room = access.call_for(request.user, pk)
    visit, stage = room.appointment, calls.stage(room.appointment, room, now)
    if stage in (Stage.CLOSED, Stage.OVER):
        return redirect("telemedicine:visit", visit.pk)
    calls.seen(room=room, by=request.user, now=now)
    guest = guest_of(visit)
    urls = {name: reverse(f"telemedicine:call_{name}", args=[visit.pk]) for name in ("state", "join", "send")}
    urls["leave"] = reverse("telemedicine:visit", args=[visit.pk])
    return exchange.page(
        request,
        "telemedicine/call.html",
        exchange.Caller(room, request.user, stage, now),
        others=exchange.others_of_the_two(Seat.CLINICIAN, visit.clinician.display_name, guest),
        urls=urls,
        context={
            "patient": visit.patient,
            "visit": visit,
            "clinic_phone": settings.CLINIC_PHONE,
            "guest": guest,
            "guest_state": exchange.guest_state(guest, now),
        },
    )


@require_safe
@patient_only
@does_not_extend_session
def call_state(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What the page asks every second or five."""
    return exchange.news(request, exchange.by_account(request, pk))


@require_POST
@patient_only
@does_not_extend_session
def call_join(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The way into the room."""
    return exchange.way_in(exchange.by_account(request, pk))


@require_POST
@patient_only
@does_not_extend_session
def call_send(request: PatientRequest, pk: UUID) -> HttpResponse:
    """A message to another browser of the call."""
    return exchange.message(request, exchange.by_account(request, pk))


@require_POST
@patient_only
def call_phone(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Call me by phone: the clinician's page says so at once."""
    visit = access.visit_for(request.user, pk)
    try:
        calls.ask_for_call(appointment=visit, by=request.user, now=clock.now())
    except RuleViolation as refused:
        messages.error(request, refused.message)
        return redirect("telemedicine:visit", visit.pk)
    messages.success(request, _("Your clinician has been told to call you."))
    return redirect("telemedicine:visit", visit.pk)
