"""The readiness check on the day: one thing a page, then the outcome with what happens next."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST, SuicideRisk
from treatment import access, policy, selectors, services, words
from treatment.forms import GATE_QUESTIONS, GateForm, GateReadingForm, PlaceForm, SafetyForm
from treatment.models import DoseSession, SessionStatus
from treatment.rules import readiness
from treatment.rules.readiness import Gate, GateVerdict
from treatment.rules.reasons import Weight
from treatment.services import gate as gate_service
from treatment.services.safety import risk_of

PAGES = tuple(gate_service.PAGES)
TITLES = {
    "sitter": gettext_lazy("Your sitter"),
    "place": gettext_lazy("Where are you today?"),
    "food": gettext_lazy("Food and drink"),
    "today": gettext_lazy("How today is"),
    "safety": gettext_lazy("Your safety"),
    "rest": gettext_lazy("Before we measure"),
}
WHY = {
    "sitter": gettext_lazy("Somebody you trust stays with you the whole time and checks on you every 15 minutes."),
    "place": gettext_lazy("If you need an ambulance, your sitter and we can say where to send it."),
    "food": gettext_lazy("Food or drink just before can make you throw up."),
    "today": gettext_lazy("Some things make today the wrong day. It is safer to wait, and nothing is lost."),
    "safety": gettext_lazy("We ask everyone, every time. Your answers stay with your care team."),
    "rest": gettext_lazy("A calm body gives a true reading."),
}
# Where a waiting reason is mended.
_MEND = {
    "sitter_not_reachable": "sitter",
    "address_not_confirmed": "place",
    "fasting_not_met": "food",
    "liquids_not_met": "food",
    "driving_planned": "rest",
    "not_seated": "rest",
}


def _step(session: DoseSession, gate: Gate) -> HttpResponse:
    """Where the check goes on: the next open page, the reading, or the outcome."""
    if session.status in (SessionStatus.HELD, SessionStatus.RELEASED):
        return redirect("treatment:gate_outcome", pk=session.pk)
    open_page = gate_service.open_page(session, now=clock.now())
    if open_page:
        return redirect("treatment:gate_page", pk=session.pk, page=open_page)
    codes = {item.code for item in gate.reasons}
    # What takes time is said before the cuff is on: a reading is too old by when it is mended.
    if "bp_second_reading" in codes or ("bp_missing" in codes and not codes & {*_MEND, "interval_too_short"}):
        return redirect("treatment:gate_reading", pk=session.pk)
    return redirect("treatment:gate_outcome", pk=session.pk)


@require_safe
@patient_only
def gate(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Begin or go on with the check."""
    session = access.session_for(request.user, pk)
    if session.status in DoseSession.TAKEN:
        return redirect("treatment:session", pk=session.pk)
    now = clock.now()
    try:
        if session.status != SessionStatus.HELD:
            gate_service.open_gate(session, now=now, policy=policy.load())
    except RuleViolation as refusal:
        messages.info(request, refusal.message)
        return redirect("treatment:session", pk=session.pk)
    return _step(session, gate_service.assess(session, now=now))


def _form(request: PatientRequest, session: DoseSession, page: str) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    stored = session.gate_answers.get(page, {})
    if page == "place":
        known = stored.get("address") or request.patient.address or {}
        return PlaceForm(data, initial=known)
    if page == "safety":
        return SafetyForm(data)
    return GateForm(page, data, stored=stored)


def _answers(form: forms.Form, page: str) -> dict[str, Any]:
    if isinstance(form, SafetyForm):
        return form.answers()
    if page == "place":
        return {"address_confirmed": True, "address": form.cleaned_data}
    return form.cleaned_data


def _answer(request: PatientRequest, session: DoseSession, page: str, answers: dict[str, Any]) -> HttpResponse:
    crisis = page == "safety" and risk_of(answers) is SuicideRisk.HIGH
    try:
        session, result = services.answer_gate(
            session=session, page=page, answers=answers, by=request.user, now=clock.now()
        )
    except RuleViolation as refusal:
        if crisis:
            return redirect("intake:crisis")
        messages.error(request, refusal.message)
        return redirect("treatment:session", pk=session.pk)
    return redirect("intake:crisis") if crisis else _step(session, result)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def page(request: PatientRequest, pk: UUID, page: str) -> HttpResponse:
    """One page of the check."""
    if page not in PAGES:
        raise Http404
    session = access.session_for(request.user, pk)
    # Safety answers count whatever became of the session meanwhile, in another tab or on another phone.
    says_how_safe = request.method == "POST" and page == "safety"
    if session.status in (SessionStatus.HELD, *DoseSession.TAKEN) and not says_how_safe:
        return redirect("treatment:session", pk=session.pk)
    form = _form(request, session, page)
    if request.method == "POST" and form.is_valid():
        return _answer(request, session, page, _answers(form, page))
    if says_how_safe and isinstance(form, SafetyForm):
        now = clock.now()
        said = gate_service.half_answered(session=session, answers=form.answers(), by=request.user, now=now)
        if said is SuicideRisk.HIGH:
            return redirect("intake:crisis")
    context = {
        "form": form,
        "session": session,
        "page": page,
        "title": TITLES[page],
        "why": WHY[page],
        "number": PAGES.index(page) + 1,
        "total": len(PAGES) + 1,
        "invitation": selectors.live_invitation(session) if page == "sitter" else None,
        "instrument": CSSRS_SINCE_LAST if page == "safety" else None,
        "questions": GATE_QUESTIONS.get(page),
    }
    return render(request, "treatment/gate_page.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def reading(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One blood pressure reading; two make a round."""
    session = access.session_for(request.user, pk)
    if session.status != SessionStatus.SCHEDULED:
        return redirect("treatment:session", pk=session.pk)
    if gate_service.open_page(session, now=clock.now()):
        return redirect("treatment:gate", pk=session.pk)
    rules = policy.load()
    now = clock.now()
    given = selectors.day_rounds(session, now=now, policy=rules)
    early = readiness.check_repeat_time(given, taken_at=now, policy=rules)
    if request.method != "POST" and any(item.weight is Weight.REFUSE for item in early):
        return redirect("treatment:gate_outcome", pk=session.pk)
    turn, place = gate_service.next_reading(session, now=now, policy=rules)
    number = (turn - 1) * rules.gate.readings_per_round + place
    form = GateReadingForm(request.POST if request.method == "POST" else None, initial={"number": number})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            session, result = services.record_gate_reading(
                session=session,
                number=data["number"],
                heart_rate=data["heart_rate"],
                by=request.user,
                now=now,
                **data["pressure"],
            )
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return redirect("treatment:gate_outcome", pk=session.pk)
        return _step(session, result)
    context = {"form": form, "session": session, "turn": turn, "place": place, "total": len(PAGES) + 1}
    return render(request, "treatment/gate_reading.html", context, status=422 if request.method == "POST" else 200)


def _interval_ends(session: DoseSession) -> datetime | None:
    """When the time between two sessions is over."""
    last = selectors.last_taken(session.patient)
    began = last.started_at if last else None
    return began + timedelta(hours=policy.load().interval.minimum_hours) if began else None


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def outcome(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Released, wait or held: why, and what happens next. Looking decides nothing; pressing "Check again" does."""
    session = access.session_for(request.user, pk)
    if session.status in DoseSession.TAKEN:
        return redirect("treatment:session", pk=session.pk)
    now = clock.now()
    try:
        if request.method == "POST":
            services.finish_gate(session=session, by=request.user, now=now)
            return redirect("treatment:gate_outcome", pk=session.pk)
        result = gate_service.look(session, now=now)
    except RuleViolation as refusal:
        messages.info(request, refusal.message)
        return redirect("treatment:session", pk=session.pk)
    if session.status == SessionStatus.HELD:
        stored = [item for item in session.gate_reasons if item["weight"] == "refuse"]
        codes = {item["code"] for item in session.gate_reasons}
        reasons = [{"text": words.stored_text(item["code"], item["facts"])} for item in stored]
    else:
        codes = {item.code for item in result.reasons}
        asked = [item for item in result.reasons if item.weight is not Weight.NOTE]
        reasons = [{"text": words.patient_text(item), "mend": _MEND.get(item.code, "")} for item in asked]
    context = {
        "session": session,
        "zone": session.zone,
        "reasons": reasons,
        "codes": codes,
        "mends": any(item.get("mend") for item in reasons),
        "released": session.status == SessionStatus.RELEASED,
        "held": session.status == SessionStatus.HELD,
        "repeat_from": result.repeat_from,
        "seconds": max(0, int((result.repeat_from - now).total_seconds())) if result.repeat_from else 0,
        "begin_from": _interval_ends(session) if "interval_too_short" in codes else None,
        "open_page": gate_service.open_page(session, now=now) if session.status == SessionStatus.SCHEDULED else None,
        "waits": result.verdict is GateVerdict.WAIT,
        "title": _("Ready to begin") if session.status == SessionStatus.RELEASED else _("Not yet"),
    }
    return render(request, "treatment/gate_outcome.html", context)
