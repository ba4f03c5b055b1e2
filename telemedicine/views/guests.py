"""The third person of a visit: the patient's page about them, and their own pages by a private link."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.common import clock
from telemedicine import access
from telemedicine.models import Guest
from telemedicine.models.appointment import Status
from telemedicine.rules.calls import Seat, Stage
from telemedicine.rules.visits import opens_at
from telemedicine.services import calls, guests
from telemedicine.video.rooms import room_of
from telemedicine.views import exchange
from telemedicine.views.inviting import inviting

# /visits/<visit>/guest/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Who else may join this visit: invite one person, say yes or no, take it back."""
    visit = access.visit_for(request.user, pk)
    if visit.status == Status.HELD:
        return redirect("telemedicine:confirm", visit.pk)
    acts = {"agree": guests.agree, "end": guests.end}
    return inviting(request, visit, "telemedicine/guest.html", "telemedicine:guest", acts, {})


# /g/<secret>/


@login_not_required
@require_safe
def room(request: HttpRequest, token: str) -> HttpResponse:
    """Whatever the invited person needs now: when to come, what they wait for, the call, or that the link has ended."""
    guest, now = access.guest_by_link(token), clock.now()
    room = room_of(guest.appointment)
    stage = calls.guest_stage(guest, room, now)
    if stage == Stage.OVER:
        # Nobody's name, for links travel.
        return render(request, "telemedicine/guest_ended.html", status=HTTPStatus.GONE)
    visit = guest.appointment
    context = {
        "guest": guest,
        "name": _called(guest),
        "visit": visit,
        "zone": visit.patient.zone,
        "opens_at": opens_at(visit.starts_at),
        "calling": calls.by_telephone(visit, room),
        "clinic_phone": settings.CLINIC_PHONE,
        "leave": reverse("telemedicine:guest_leave", args=[token]),
    }
    if stage == Stage.CLOSED:
        return render(request, "telemedicine/guest_early.html", context)
    # Opening the link says that nobody waits: mail programs and previews open links as well. The page's script says it.
    urls = {name: reverse(f"telemedicine:guest_{name}", args=[token]) for name in ("state", "join", "send")}
    urls["leave"] = guests.link_of(token)
    others = [
        exchange.Other(Seat.CLINICIAN, visit.clinician.display_name),
        exchange.Other(Seat.PATIENT, _called(guest)),
    ]
    caller = exchange.Caller(room, guest, stage, now)
    return exchange.page(request, "telemedicine/guest_call.html", caller, others=others, urls=urls, context=context)


def _called(guest: Guest) -> str:
    """What the invited person may know the patient by: the first name, and that only once the patient agreed."""
    patient = guest.patient
    called = patient.preferred_name or patient.legal_name.partition(" ")[0]
    return called if guest.agreed_at and called else _("The patient")


@login_not_required
@require_safe
@does_not_extend_session
def state(request: HttpRequest, token: str) -> HttpResponse:
    """What the page asks every second."""
    return exchange.news(request, exchange.by_link(token))


@login_not_required
@require_POST
@does_not_extend_session
def join(_request: HttpRequest, token: str) -> HttpResponse:
    """The way into the room."""
    return exchange.way_in(exchange.by_link(token))


@login_not_required
@require_POST
@does_not_extend_session
def send(request: HttpRequest, token: str) -> HttpResponse:
    """A message to another browser of the call."""
    return exchange.message(request, exchange.by_link(token))


@login_not_required
@require_POST
def leave(_request: HttpRequest, token: str) -> HttpResponse:
    """The invited person goes; the link stays good, and whoever comes back is admitted anew."""
    guests.leave(guest=access.guest_by_link(token, polled=True), now=clock.now())
    return redirect("telemedicine:guest_left", token)


@login_not_required
@require_safe
def left(request: HttpRequest, token: str) -> HttpResponse:
    """They have left, and what they can do."""
    guest = access.guest_by_link(token, polled=True)
    return render(request, "telemedicine/guest_left.html", {"guest": guest, "token": token})
