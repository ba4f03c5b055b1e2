"""A patient's visits: the list, one visit, the door to it, its calendar file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine import access, may_book, selectors, waiting_list
from telemedicine.calendar_file import CONTENT_TYPE, calendar_file, method_of
from telemedicine.forms import JoinForm, place_initial
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.notes.selectors import signed_note_of
from telemedicine.rules.visits import Door, door_of, opens_at
from telemedicine.services import calls
from telemedicine.services import visits as services
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import guest_of, left_behind


@patient_only
@require_safe
def visit_list(request: PatientRequest) -> HttpResponse:
    """What is ahead, and what was."""
    now = clock.now()
    patient = request.patient
    own_page(request, "visits")
    rows = list(selectors.visits_of(patient))
    ahead = [row for row in rows if row.status == Status.BOOKED and row.ends_at > now]
    context = {
        "patient": patient,
        "ahead": sorted(ahead, key=lambda row: row.starts_at),
        "earlier": [_as_item(row, patient.zone) for row in rows if row not in ahead],
        "stop": may_book.booking_stop(patient, now),
        "held": selectors.held_by(patient, now),
        "offers": waiting_list.offers_to(patient, now),
    }
    return render(request, "telemedicine/visits.html", context)


def _as_item(row: Appointment, zone: str) -> dict[str, str]:
    """One line of the list of earlier visits."""
    happened = _("Time has passed") if row.status == Status.BOOKED else row.get_status_display()
    return {
        "title": f"{row.get_kind_display()}: {happened}",
        "when": clock.describe(row.starts_at, zone),
        "text": str(row.clinician),
        "url": reverse("telemedicine:visit", args=[row.pk]),
        "state": "done" if row.status == Status.COMPLETED else "later",
    }


def _visit_context(visit: Appointment, now: datetime) -> dict[str, Any]:
    room = room_of(visit)
    by_video = room is not None and room.phone_asked_at is None
    door = door_of(starts_at=visit.starts_at, started_at=visit.started_at, now=now)
    return {
        "patient": visit.patient,
        "visit": visit,
        "can_join": visit.status == Status.BOOKED and door == Door.OPEN,
        "is_late": visit.status == Status.BOOKED and door == Door.LATE,
        "can_change": visit.status == Status.BOOKED and visit.started_at is None and now < visit.starts_at,
        # They agreed to video, and did not ask for the telephone since.
        "by_video": by_video,
        "can_return": room is not None and room.admitted_at is not None,
        "opens_at": opens_at(visit.starts_at),
        "clinic_phone": settings.CLINIC_PHONE,
    }


@patient_only
@require_safe
def visit(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One visit: when, with whom, what happens next, what can be changed."""
    row = access.visit_for(request.user, pk)
    if row.status == Status.HELD:
        return redirect("telemedicine:confirm", row.pk)
    context = _visit_context(row, clock.now())
    note = signed_note_of(row) if row.status == Status.COMPLETED else None
    waits = context["can_change"] and waiting_list.wish_of(row.patient, row.kind) is not None
    guest = guest_of(row) if row.status == Status.BOOKED else None
    moved_from = left_behind(row) if row.status == Status.BOOKED and guest is None and row.sequence else None
    context |= {"note": note, "waits": waits, "guest": guest, "left_behind": moved_from}
    return render(request, "telemedicine/visit.html", context)


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Where are you, can you talk, are you safe, do you agree to video: asked at each visit."""
    now = clock.now()
    row = access.visit_for(request.user, pk)
    context = _visit_context(row, now)
    if not context["can_join"] or row.started_at is not None:
        return redirect("telemedicine:visit", row.pk)
    if request.method != "POST":
        return render(
            request, "telemedicine/join.html", {**context, "form": JoinForm(initial=place_initial(row, expected=True))}
        )
    form = JoinForm(request.POST)
    if form.says_unsafe:
        services.call_for_help(appointment=row, by=row.patient.user, now=now)
        messages.warning(
            request, _("We have told the clinician on call, who will call you. Call 911 if you are in danger.")
        )
        return redirect("portal:crisis")
    if not form.is_valid():
        return render(request, "telemedicine/join.html", {**context, "form": form}, status=422)
    try:
        arrive = calls.enter if form.agrees_to_video else calls.wait_for_telephone
        room = arrive(appointment=row, location=form.place(), by=row.patient.user, now=now)
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        problem = {"form": form, "problem": refused.message}
        return render(request, "telemedicine/join.html", {**context, **problem}, status=status)
    return redirect("telemedicine:call" if room else "telemedicine:visit", row.pk)


@patient_only
@require_safe
def calendar(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The visit for a calendar program."""
    row = access.visit_for(request.user, pk, action="appointment.exported")
    if row.status == Status.HELD:
        raise Http404
    response = HttpResponse(
        calendar_file(row, now=clock.now()), content_type=f"{CONTENT_TYPE}; method={method_of(row)}"
    )
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response
