"""Choosing, confirming, moving and cancelling a visit: the patient's pages."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.states import STATE_CHOICES, ZONES
from telemedicine import access, selectors, services, waiting_list
from telemedicine.models import Appointment
from telemedicine.models.appointment import Kind, Status
from telemedicine.rules import slots
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.selectors import Ignoring
from telemedicine.services.reminders import REMIND_BEFORE
from telemedicine.services.taking import SlotTaken
from telemedicine.week import FURTHEST, Week, choice_of, parse_first, parse_value, span_of, week_of

STATES = {code for code, _name in STATE_CHOICES}
LOOK_AHEAD = timedelta(days=28)
REMINDED = {
    "7d": gettext_lazy("7 days"),
    "24h": gettext_lazy("24 hours"),
    "1h": gettext_lazy("1 hour"),
    "10min": gettext_lazy("10 minutes"),
}


@dataclass(frozen=True)
class Asked:
    """What the patient wants to see: which visit, where they will be, in which zone, which week."""

    kind: VisitKind
    state: str
    zone: str
    first: date | None

    @property
    def query(self) -> dict[str, str]:
        return {"kind": self.kind.value, "state": self.state, "zone": self.zone}


def _asked(request: HttpRequest, patient: Patient, kinds: list[VisitKind], now: datetime) -> Asked:
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("kind", "")
    zone = given.get("zone", "")
    zone = zone if zone in ZONES else patient.zone
    state = given.get("state", "")
    return Asked(
        kind=VisitKind(wanted) if wanted in kinds else kinds[0],
        state=state if state in STATES else patient.state,
        zone=zone,
        first=parse_first(given.get("week", ""), zone=zone, now=now),
    )


def _week(asked: Asked, ignoring: Ignoring, patient: Patient, now: datetime) -> Week:
    """The seven days asked for; without a wish those from today, or from the first day with a free time.

    Follow-ups are offered with the patient's own clinicians as long as these have time.
    """
    window = span_of(asked.first, asked.zone) if asked.first else Span(now, now + LOOK_AHEAD)
    own = selectors.own_clinicians(patient, now) if asked.kind != VisitKind.EVALUATION else []
    found = _offers(asked, window, ignoring, own or None, now)
    if own and not found:
        found = _offers(asked, window, ignoring, None, now)
    first = asked.first or clock.today(asked.zone, now)
    if asked.first is None and found and found[0].starts_at >= span_of(first, asked.zone).ends_at:
        first = clock.today(asked.zone, found[0].starts_at)
    return week_of(found, first=first, zone=asked.zone, now=now)


def _offers(
    asked: Asked, window: Span, ignoring: Ignoring, clinicians: list[UUID] | None, now: datetime
) -> list[selectors.Offer]:
    found = selectors.offers(
        kind=asked.kind, state=asked.state, window=window, now=now, clinicians=clinicians, ignoring=ignoring
    )
    return selectors.one_per_time(found)


def _choose_context(asked: Asked, week: Week, patient: Patient) -> dict[str, Any]:
    return {
        "patient": patient,
        "asked": asked,
        "week": week,
        "kind_words": Kind(asked.kind.value).label,
        "minutes": int(slots.DURATION[asked.kind].total_seconds() // 60),
        "states": STATE_CHOICES,
        "zones": [(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in ZONES],
        "furthest_days": FURTHEST.days,
    }


# /visits/book/


@patient_only
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: PatientRequest) -> HttpResponse:
    """Free times of a week by day; pressing one keeps it for ten minutes and leads to the confirm page."""
    now = clock.now()
    patient = request.patient
    kinds = selectors.kinds_open_to(patient)
    stopped = selectors.booking_stop(patient, now, kinds=kinds)
    if stopped is not None:
        return render(request, "telemedicine/cannot_book.html", {"patient": patient, "stop": stopped})
    asked = _asked(request, patient, kinds, now)
    context: dict[str, Any] = {"kinds": [(kind.value, Kind(kind.value).label) for kind in kinds]}
    status = 200
    if request.method == "POST":
        try:
            return redirect("telemedicine:confirm", _held(request, patient, asked, now).pk)
        except SlotTaken as taken:
            status = 409
            context |= {"problem": taken.message, "nearest": [choice_of(o, asked.zone) for o in taken.alternatives]}
        except RuleViolation as refused:
            status = 409 if isinstance(refused, Conflict) else 422
            context["problem"] = refused.message
    week = _week(asked, Ignoring(patient=patient), patient, now)
    return render(
        request, "telemedicine/choose.html", {**_choose_context(asked, week, patient), **context}, status=status
    )


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
    if visit.status == Status.BOOKED:
        return redirect("telemedicine:booked", visit.pk)
    if waiting_list.is_offered(visit):
        return redirect("telemedicine:waiting", visit.kind)
    if visit.status != Status.HELD and request.method != "POST":
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
    asked = _asked(request, patient, [VisitKind(visit.kind)], now)
    week = _week(asked, Ignoring(patient=patient, appointment=visit), patient, now)
    return render(request, "telemedicine/move.html", {**_choose_context(asked, week, patient), "visit": visit})


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
    asked = _asked(request, patient, [VisitKind(visit.kind)], now)
    context: dict[str, Any] = {
        "patient": patient, "visit": visit, "asked": asked, "clinician": clinician,
        "slot": given["slot"], "starts_at": picked.starts_at,
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
