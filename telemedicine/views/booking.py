"""Choosing, confirming, moving and cancelling a visit: the patient's pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.states import STATE_CHOICES, ZONES
from harmoniously.core.notifications import reminders_off
from telemedicine import access, may_book, selectors, services, waiting_list
from telemedicine.choosing import Asked, read_with, states_to_choose, times_of_week
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules import slots
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import Ignoring, Read
from telemedicine.services.reminders import REMIND_BEFORE
from telemedicine.services.taking import SlotTaken
from telemedicine.week import choice_of, parse_first, parse_value

STATE_NAMES = dict(STATE_CHOICES)
REMINDED = {
    "7d": gettext_lazy("7 days before"),
    "24h": gettext_lazy("24 hours before"),
    "1h": gettext_lazy("1 hour before"),
    "10min": gettext_lazy("10 minutes before"),
}


def _asked(request: HttpRequest, patient: Patient, kinds: list[VisitKind], now: datetime, *, state: str = "") -> Asked:
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("kind", "")
    zone = given.get("zone", "")
    zone = zone if zone in ZONES else patient.zone
    there = given.get("state", "")
    return Asked(
        kind=VisitKind(wanted) if wanted in kinds else kinds[0],
        state=there if there in STATE_NAMES else state or patient.state,
        zone=zone,
        first=parse_first(given.get("week", ""), zone=zone, now=now),
    )


def _choose_context(
    asked: Asked,
    own: Iterable[Clinician],
    ignoring: Ignoring,
    patient: Patient,
    now: datetime,
    read: Read | None = None,
) -> dict[str, Any]:
    states = states_to_choose(asked.kind, now)
    week, standing = times_of_week(asked, own, ignoring, now, read)
    return {
        "patient": patient,
        "asked": asked,
        "week": week,
        "own": standing,
        "kind_words": Kind(asked.kind.value).label,
        "minutes": int(slots.DURATION[asked.kind].total_seconds() // 60),
        "states": states,
        "state_words": STATE_NAMES.get(asked.state, ""),
        "is_served": any(served for code, _name, served in states if code == asked.state),
        "zones": [(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in ZONES],
        "clinic_phone": settings.CLINIC_PHONE,
    }


# /visits/book/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: PatientRequest) -> HttpResponse:
    """Free times of a week by day; pressing one keeps it for ten minutes and leads to the confirm page."""
    now = clock.now()
    patient = request.patient
    place = may_book.place_of(patient)
    kinds = may_book.kinds_open_to(patient, place)
    stopped = may_book.booking_stop(patient, now, place)
    if stopped is not None:
        return render(request, "telemedicine/cannot_book.html", {"patient": patient, "stop": stopped})
    asked = _asked(request, patient, kinds, now)
    context: dict[str, Any] = {"kinds": [(kind.value, Kind(kind.value).label) for kind in kinds]}
    status, read, ignoring = 200, None, Ignoring(patient=patient)
    if request.method == "POST":
        try:
            return redirect("telemedicine:confirm", _held(request, patient, asked, now).pk)
        except SlotTaken as taken:
            status = 409
            picked = parse_value(request.POST.get("slot", ""))
            read = read_with(asked, [picked.starts_at] if picked else [], ignoring, now)
            near = [choice_of(offer, asked.zone) for offer in taken.nearest(read=read)]
            context |= {"problem": taken.message, "nearest": near}
        except RuleViolation as refused:
            status = 409 if isinstance(refused, Conflict) else 422
            context["problem"] = refused.message
    # Who was never seen has no clinician yet.
    own = selectors.clinicians_of(patient, now) if kinds != [VisitKind.EVALUATION] else ()
    context = _choose_context(asked, own, ignoring, patient, now, read) | context
    return render(request, "telemedicine/choose.html", context, status=status)


def _held(request: HttpRequest, patient: Patient, asked: Asked, now: datetime) -> Appointment:
    picked = parse_value(request.POST.get("slot", ""))
    clinician = access.clinician_to_see(picked.clinician_id) if picked else None
    if picked is None or clinician is None:
        raise RuleViolation(_("Choose one of the times."), "no_time")
    return services.hold(
        patient=patient,
        clinician=clinician,
        starts_at=picked.starts_at,
        kind=asked.kind.value,
        by=patient.user,
        now=now,
        state=asked.state,
    )


# /visits/<visit>/confirm/ and /booked/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The chosen time once more before it is booked. A second click finds the visit booked."""
    now = clock.now()
    visit = access.visit_for(request.user, pk)
    patient: Patient = visit.patient
    if visit.status == Status.BOOKED and request.method != "POST":
        return redirect("telemedicine:booked", visit.pk)
    if visit.status != Status.BOOKED and waiting_list.is_offered(visit):
        return redirect("telemedicine:waiting", visit.kind)
    if visit.status not in (Status.HELD, Status.BOOKED) and request.method != "POST":
        messages.info(request, _("That time was let go. Nothing was booked. Please choose again."))
        return redirect("telemedicine:book")
    left = (visit.held_until - now).total_seconds() if visit.held_until else 0
    context: dict[str, Any] = {"patient": patient, "visit": visit, "seconds": max(0, int(left))}
    if request.method != "POST":
        return render(request, "telemedicine/confirm.html", context)
    try:
        booked = services.confirm(appointment=visit, by=patient.user, now=now)
    except SlotTaken as taken:
        nearest = [choice_of(offer, patient.zone) for offer in taken.alternatives]
        context |= {"problem": taken.message, "nearest": nearest}
        return render(request, "telemedicine/taken.html", context, status=409)
    except RuleViolation as refused:
        context["problem"] = refused.message
        status = 409 if isinstance(refused, Conflict) else 422
        return render(request, "telemedicine/confirm.html", context, status=status)
    return redirect("telemedicine:booked", booked.pk)


@patient_only
@require_safe
def booked(request: PatientRequest, pk: UUID) -> HttpResponse:
    """It is booked: what happens next and when."""
    visit = access.visit_for(request.user, pk)
    if visit.status == Status.HELD:
        return redirect("telemedicine:confirm", visit.pk)
    if visit.status != Status.BOOKED:
        return redirect("telemedicine:visit", visit.pk)
    context = {
        "patient": visit.patient,
        "visit": visit,
        "waits": waiting_list.wish_of(visit.patient, visit.kind) is not None,
        "reminded": reminders_off.reminded(visit.patient),
        "reminders": [
            REMINDED[name] for name, before in REMIND_BEFORE.items() if clock.now() < visit.starts_at - before
        ],
    }
    return render(request, "telemedicine/booked.html", context)


# /visits/<visit>/move/


@patient_only
@require_safe
def move(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Free times to move a visit to; the visit's own time counts as free."""
    now = clock.now()
    visit = access.visit_for(request.user, pk)
    if visit.status != Status.BOOKED or visit.starts_at <= now:
        return redirect("telemedicine:visit", visit.pk)
    patient = visit.patient
    asked = _asked(request, patient, [VisitKind(visit.kind)], now, state=visit.state)
    own, ignoring = selectors.clinicians_of(patient, now), Ignoring(patient=patient, appointment=visit)
    context = _choose_context(asked, own, ignoring, patient, now)
    return render(request, "telemedicine/move.html", {**context, "visit": visit})


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_move(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The old and the new time beside each other, then it is moved."""
    now = clock.now()
    visit = access.visit_for(request.user, pk)
    patient = visit.patient
    given = request.POST if request.method == "POST" else request.GET
    picked = parse_value(given.get("slot", ""))
    clinician = access.clinician_to_see(picked.clinician_id) if picked else None
    if picked is None or clinician is None:
        return redirect("telemedicine:move", visit.pk)
    asked = _asked(request, patient, [VisitKind(visit.kind)], now, state=visit.state)
    context: dict[str, Any] = {
        "patient": patient, "visit": visit, "asked": asked, "clinician": clinician,
        "state_words": STATE_NAMES.get(asked.state, ""), "slot": given["slot"], "starts_at": picked.starts_at,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "telemedicine/confirm_move.html", context)
    try:
        services.reschedule(
            appointment=visit,
            starts_at=picked.starts_at,
            clinician=clinician,
            by=patient.user,
            now=now,
            state=asked.state,
        )
    except SlotTaken as taken:
        context |= {"problem": taken.message, "nearest": [choice_of(o, patient.zone) for o in taken.alternatives]}
        return render(request, "telemedicine/confirm_move.html", context, status=409)
    except RuleViolation as refused:
        context["problem"] = refused.message
        status = 409 if isinstance(refused, Conflict) else 422
        return render(request, "telemedicine/confirm_move.html", context, status=status)
    return redirect("telemedicine:booked", visit.pk)


# /visits/<visit>/cancel/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One page that asks, then the visit is cancelled and its page says so."""
    visit = access.visit_for(request.user, pk)
    context = {"patient": visit.patient, "visit": visit}
    if request.method != "POST":
        if visit.status not in {Status.BOOKED, Status.HELD}:
            return redirect("telemedicine:visit", visit.pk)
        return render(request, "telemedicine/cancel.html", context)
    was_held = visit.status == Status.HELD
    try:
        services.cancel(appointment=visit, by=visit.patient.user, now=clock.now())
    except RuleViolation as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return render(request, "telemedicine/cancel.html", {**context, "problem": refused.message}, status=status)
    return redirect("telemedicine:book") if was_held else redirect("telemedicine:visit", visit.pk)
