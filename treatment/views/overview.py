"""The patient's treatment at a glance: prescription, plan, sessions, sitter."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.encryption import seal, unseal
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from harmoniously.core.documents.pdf import render as render_pdf
from treatment import access, discharge_words, policy, selectors, services, words
from treatment.check_in_names import MINUTES, TITLES
from treatment.forms import InviteForm, PlanForm
from treatment.models import DischargeReason, DoseSession, SessionStatus
from treatment.phase_words import story_of
from treatment.rules import preparation
from treatment.rules.phases import RHYTHMS, Phase
from treatment.rules.rhythm import Kind
from treatment.selecting import booking
from treatment.selecting import phases as standings
from treatment.selecting.check_ins import calls
from treatment.selecting.discharge import discharge_of
from treatment.selecting.refill_words import shown
from treatment.selecting.refills import NextSupply, next_supply
from treatment.services.prescriptions import pdf_data
from treatment.services.sitters import link_of
from treatment.where import where_is

TONES = {
    SessionStatus.SCHEDULED: "info",
    SessionStatus.RELEASED: "brand",
    SessionStatus.HELD: "caution",
    SessionStatus.STARTED: "brand",
    SessionStatus.COMPLETED: "success",
    SessionStatus.MISSED: "caution",
}
_LINK_ONCE = "sitter_link"


@require_safe
@patient_only
def home(request: PatientRequest) -> HttpResponse:
    """What is prescribed, what has arrived, what is planned."""
    own_page(request, "treatment")
    patient, now = request.patient, clock.now()
    sessions = [row for row in selectors.sessions_of(patient) if row.status != SessionStatus.CANCELLED]
    supply = next_supply(patient, now, sessions=sessions)
    newest = supply.prescription
    standing = newest if newest is not None and newest.status in newest.STANDING else None
    coming = selectors.next_of(sessions)
    ended = discharge_of(patient) if standing is None else None
    goes_on = newest is not None and newest.chart.closed_at is None
    running = coming is not None and coming.status == SessionStatus.STARTED
    due = [row for row in supply.check_ins if calls(row, running=running)]
    parcels = list(selectors.waiting_shipments(patient)) if newest else []
    # A parcel of an order before is asked for beside what is next, never in its place.
    now_asked = standing or (newest if goes_on or ended else None)
    first = next((row for row in parcels if now_asked and row.prescription_id == now_asked.pk), None)
    context = {
        "ended": ended,
        "why": discharge_words.REASONS[DischargeReason(ended.reason)] if ended else "",
        "prescription": standing if supply.facts.in_force else None,
        "paused": supply.facts.paused,
        "places": where_is(newest, list(newest.shipments.all()), patient.zone) if newest and goes_on else (),
        "shipment": first,
        "shipments": [row for row in parcels if row != first],
        "called_off": bool(newest) and not supply.facts.in_force and selectors.called_off(patient).exists(),
        "delivered": supply.facts.in_force and supply.line.delivered > 0,
        "supply": supply.facts,
        "sessions": [_item(row) for row in sessions],
        "next": coming,
        # A session that runs is not talked over; newer answers that stop everything have words of their own.
        "first": "" if running or supply.first == "case_hold" else words.PATIENT.get(supply.first, ""),
        "check_in": due[0] if due else None,
        "check_in_title": TITLES[Kind(due[0].kind)] if due else "",
        "check_in_text": MINUTES[Kind(due[0].kind)] if due else "",
        "check_ins": len(due),
        "zone": patient.zone,
        # Taking consent back cancels what is planned; a session that runs is not talked over.
        "taken_back": () if coming else taken_back(patient, Activity.DOSE, now),
        "treatment_stopped": supply.facts.case_hold,
        **_phase(patient, supply, sessions, now),
        "refill": shown(supply, patient.zone) if goes_on or newest is None else None,
    }
    return render(request, "treatment/home.html", context)


def _phase(patient: Patient, supply: NextSupply, sessions: list[DoseSession], now: datetime) -> dict[str, Any]:
    """The phase in words, the newest session when it was missed, and whether a day can be chosen for one more."""
    order = supply.prescription
    chart = order.chart if order is not None and order.chart.closed_at is None else standings.latest_chart(patient)
    if chart is None:
        return {}
    current = order if order is not None and supply.facts.in_force and order.chart_id == chart.pk else None
    standing, rules = standings.standing_in(chart, sessions), policy.load()
    story = story_of(chart, standing, current, clock.today(patient.zone, now), rules)
    past = [row for row in sessions if row.starts_at < now]
    missed = past[-1] if past and past[-1].status == SessionStatus.MISSED else None
    if current is None or story.waits or not supply.line.delivered:
        return {"story": story, "missed": missed, "may_choose": False}
    may = booking.may_choose(
        chart=chart, prescription=current, at_home=supply.facts.sessions_at_home, sessions=sessions, policy=rules
    )
    return {"story": story, "missed": missed, "may_choose": may}


def _item(session: DoseSession) -> dict[str, Any]:
    done = {SessionStatus.COMPLETED: "done", SessionStatus.STARTED: "now", SessionStatus.RELEASED: "now"}
    return {
        "title": _("Session %(number)s: %(status)s")
        % {"number": session.number, "status": session.get_status_display().lower()},
        "when": clock.describe(session.started_at or session.starts_at, session.zone),
        "url": reverse("treatment:session", args=[session.pk]),
        "state": done.get(SessionStatus(session.status), "later"),
    }


@require_POST
@patient_only
def arrived(request: PatientRequest, pk: UUID) -> HttpResponse:
    """My medicine has arrived."""
    shipment = access.shipment_for(request.user, pk)
    try:
        services.confirm_delivery(shipment=shipment, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("treatment:home")
    shipment.refresh_from_db()
    now = clock.now()
    if services.is_stopped(shipment, now=now) or taken_back(request.patient, Activity.DOSE, now):
        messages.warning(request, _("Thank you. Do not take it. Keep it locked away until your clinic tells you more."))
        return redirect("treatment:home")
    if selectors.active_plan(request.patient) is None:
        messages.success(request, _("Thank you. Next, choose when your sessions suit you."))
        return redirect("treatment:plan", pk=shipment.prescription_id)
    messages.success(request, _("Thank you. Your sessions stay as they are planned."))
    return redirect("treatment:home")


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def plan(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Choose when sessions suit."""
    prescription = access.prescription_for(request.user, pk)
    chart = standings.latest_chart(request.patient)
    if chart is not None and Phase(chart.status) not in RHYTHMS:
        messages.info(request, str(words.PATIENT[f"phase_{chart.status}"]))
        return redirect("treatment:home")
    form = PlanForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wishes = services.PlanWishes(data["hour"], data["first_day"], data["no_weekdays"], form.away())
        try:
            _plan, reasons = services.plan_sessions(
                prescription=prescription, wishes=wishes, by=request.user, now=clock.now()
            )
        except RuleViolation as error:
            refusal = error.message
        else:
            for item in reasons:
                messages.info(request, words.patient_text(item))
            messages.success(request, _("Your sessions are planned. We remind you before each of them."))
            return redirect("treatment:home")
    context = {
        "form": form,
        "prescription": prescription,
        "refusal": refusal,
        "again": selectors.active_plan(request.patient),
    }
    return render(request, "treatment/plan.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@patient_only
def prescription(request: PatientRequest, pk: UUID) -> HttpResponse:
    """A prescription in plain words."""
    row = access.prescription_for(request.user, pk)
    newest = next_supply(request.patient, clock.now())
    context = {
        "prescription": row,
        "supply": selectors.supply_of(row, newest.line if newest.prescription == row else None),
        "places": where_is(row, list(row.shipments.all()), row.patient.zone) if row.signed_at else (),
        "refill": shown(newest, row.patient.zone) if newest.prescription == row else None,
    }
    return render(request, "treatment/prescription.html", context)


@require_safe
@patient_only
def prescription_pdf(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The signed order as the patient's own copy."""
    row = access.prescription_for(request.user, pk, action="prescription.downloaded")
    if row.signed_at is None:
        return redirect("treatment:prescription", pk=row.pk)
    response = HttpResponse(render_pdf("prescription", pdf_data(row)), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="document.pdf"'
    return response


def _instead(patient: Patient) -> dict[str, Any]:
    """What can come instead of a session that did not take place: a new day, or the next one that is planned."""
    chart, order = selectors.open_chart_of(patient), selectors.prescription_in_force(patient)
    sessions = list(selectors.sessions_of(patient))
    may = False
    if chart is not None and order is not None and Phase(chart.status) in RHYTHMS:
        at_home = selectors.supply_of(order).sessions_at_home
        may = booking.may_choose(
            chart=chart, prescription=order, at_home=at_home, sessions=sessions, policy=policy.load()
        )
    return {"may_choose": may, "next": selectors.next_of(sessions)}


@require_safe
@patient_only
def session(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One session: where it stands and the one next thing."""
    row = access.session_for(request.user, pk)
    if row.status == SessionStatus.STARTED:
        return redirect("treatment:live", pk=row.pk)
    if row.status == SessionStatus.COMPLETED:
        return redirect("treatment:done", pk=row.pk)
    now, rules = clock.now(), policy.load()
    kept = booking.preparation_of(row)
    opens, closes = selectors.gate_opens_at(row), selectors.gate_closes_at(row, rules)
    context = {
        "session": row,
        "zone": row.zone,
        "invitation": selectors.live_invitation(row),
        "gate_open": opens <= now <= closes,
        "gate_opens_at": opens,
        "movable": row.status in booking.MOVABLE,
        "left_to_prepare": len(preparation.missing(kept.ticked if kept else ())),
        "intention": kept.intention if kept else "",
        "place": row.place or row.patient.address,
        "waits_for_clinic": row.status in booking.MOVABLE and bool(booking.check_place(row)),
        "tone": TONES.get(SessionStatus(row.status), "neutral"),
        "reasons": [
            words.stored_text(item["code"], item["facts"]) for item in row.gate_reasons if item["weight"] == "refuse"
        ],
        "product": row.prescription.product,
    }
    if row.status in (SessionStatus.SCHEDULED, SessionStatus.RELEASED):
        context["first"] = words.PATIENT.get(next_supply(request.patient, now).first, "")
    if row.status in (SessionStatus.MISSED, SessionStatus.CANCELLED):
        context |= _instead(request.patient)
    return render(request, "treatment/session.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def invite(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Invite the sitter; the private link is shown once, on the page after the form."""
    row = access.session_for(request.user, pk)
    before = booking.sitter_before(request.patient)
    known = {"name": before.name, "phone": before.phone, "email": before.email} if before else {}
    form = InviteForm(request.POST or None, initial=known)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            made, token = services.invite_sitter(session=row, by=request.user, now=clock.now(), **form.cleaned_data)
        except RuleViolation as error:
            refusal = error.message
        else:
            # Sessions are rows too: nothing that opens the link stands in one unsealed.
            request.session[_LINK_ONCE] = [str(made.pk), seal(link_of(token), place=_LINK_ONCE)]
            return redirect("treatment:invite", pk=row.pk)
    invitation = selectors.live_invitation(row)
    kept = request.session.pop(_LINK_ONCE, None) if request.method == "GET" else None
    shown = unseal(kept[1], place=_LINK_ONCE) if kept and invitation and kept[0] == str(invitation.pk) else ""
    context = {
        "form": form,
        "session": row,
        "zone": row.zone,
        "invitation": invitation,
        "link": request.build_absolute_uri(shown) if shown else "",
        "refusal": refusal,
    }
    return render(request, "treatment/invite.html", context, status=422 if request.method == "POST" else 200)
