"""The session itself: a dim page with the time, the phase, and help that is always there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts import sessions as signed_in
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, policy, selectors, services, words
from treatment.forms import ReadingForm
from treatment.models import DoseSession, SessionStatus, VitalPhase
from treatment.rules import safety

PHASES = {
    safety.Phase.HOLD: gettext_lazy("Hold it in your mouth"),
    safety.Phase.DISSOLVE: gettext_lazy("Settle in"),
    safety.Phase.PEAK: gettext_lazy("The strongest part"),
    safety.Phase.FADING: gettext_lazy("Slowly fading"),
    safety.Phase.BALANCE: gettext_lazy("Finding your balance"),
    safety.Phase.REST: gettext_lazy("Rest"),
}
HINTS = {
    safety.Phase.HOLD: gettext_lazy("Let it melt. Do not chew. Breathe through your nose."),
    safety.Phase.DISSOLVE: gettext_lazy("Lie back, eyes closed. There is nothing to do."),
    safety.Phase.PEAK: gettext_lazy("Whatever comes, let it pass by. You are not alone."),
    safety.Phase.FADING: gettext_lazy("Stay lying down. Your sitter measures your blood pressure soon."),
    safety.Phase.BALANCE: gettext_lazy("Stay lying or sitting until your sitter helps you up."),
    safety.Phase.REST: gettext_lazy("Your sitter ends the session when you are steady."),
}
_HOLD_OPEN = timedelta(hours=6)


@require_POST
@patient_only
def begin(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Begin the dose; everything is checked once more."""
    session = access.session_for(request.user, pk)
    try:
        services.start_session(session=session, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("treatment:gate_outcome", pk=session.pk)
    return redirect("treatment:live", pk=session.pk)


def snapshot(session: DoseSession, *, now: datetime) -> dict[str, Any]:
    """What both session pages show, as plain numbers and words."""
    rules = policy.load()
    facts = selectors.session_facts(session)
    window = session.prescription.product.window
    minutes = safety.minutes_since(facts.started_at, now)
    phase = safety.phase_at(window, minutes)
    hold_ends = facts.started_at + timedelta(minutes=window.hold)
    return {
        "status": session.status,
        "minutes": minutes,
        "phase": phase.value,
        "phase_words": str(PHASES[phase]),
        "hint": _afterwards(session) if phase is safety.Phase.DISSOLVE else str(HINTS[phase]),
        "hold_left": max(0, int((hold_ends - now).total_seconds())),
        "hold_minutes": max(0, window.hold - minutes),
        "elapsed": max(0, int((now - facts.started_at).total_seconds())),
        "total": window.balance_until * 60,
        "checks": len(facts.sitter_checks),
        "next_check": clock.hour_words(safety.next_check_due(facts, rules), session.zone),
        "vitals_due": safety.vitals_due(facts.readings, started_at=facts.started_at, now=now, policy=rules),
        "release_from": clock.hour_words(
            facts.started_at + timedelta(minutes=rules.session.release_from_minutes), session.zone
        ),
        "can_release": minutes >= rules.session.release_from_minutes,
    }


def _afterwards(session: DoseSession) -> str:
    if session.prescription.product.swallow_or_spit == "spit":
        return _("Spit out what is left. Then lie back, eyes closed.")
    return _("Swallow what is left. Then lie back, eyes closed.")


def _phase_limits(session: DoseSession) -> list[dict[str, Any]]:
    """The ends of the phases in seconds, so that the page counts on without a network."""
    window = session.prescription.product.window
    ends = (
        (safety.Phase.HOLD, window.hold),
        (safety.Phase.DISSOLVE, window.dissolve_until),
        (safety.Phase.PEAK, window.peak_until),
        (safety.Phase.FADING, window.fading_until),
        (safety.Phase.BALANCE, window.balance_until),
        (safety.Phase.REST, 24 * 60),
    )
    hints = {**HINTS, safety.Phase.DISSOLVE: _afterwards(session)}
    return [{"until": end * 60, "words": str(PHASES[phase]), "hint": str(hints[phase])} for phase, end in ends]


@require_safe
@patient_only
def live(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The session page. It reloads by itself where there is no script."""
    session = access.session_for(request.user, pk)
    if session.status == SessionStatus.COMPLETED:
        signed_in.release_hold(request.session)
        return redirect("treatment:done", pk=session.pk)
    if session.status != SessionStatus.STARTED:
        return redirect("treatment:session", pk=session.pk)
    # Nobody is signed out during a dose.
    signed_in.hold_open(request.session, until=clock.wall() + _HOLD_OPEN)
    context = {
        "session": session,
        "now_state": snapshot(session, now=clock.now()),
        "phases": _phase_limits(session),
        **_help(session),
    }
    return render(request, "treatment/live.html", context)


def _help(session: DoseSession) -> dict[str, Any]:
    invitation = selectors.live_invitation(session)
    return {
        "sitter_name": invitation.name if invitation else "",
        "sitter_phone": invitation.phone if invitation else "",
        "clinic_phone": settings.CLINIC_PHONE,
    }


@require_safe
@patient_only
@does_not_extend_session
def state(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What the session page asks for every few seconds."""
    session = access.running_session(request.patient, pk)
    if session.started_at is None:
        return JsonResponse({"status": session.status})
    return JsonResponse(snapshot(session, now=clock.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def reading(request: PatientRequest, pk: UUID) -> HttpResponse:
    """A blood pressure reading during or after."""
    session = access.session_for(request.user, pk)
    if session.status != SessionStatus.STARTED:
        return redirect("treatment:session", pk=session.pk)
    number = session.vitals.exclude(phase=VitalPhase.GATE).count() + 1
    form = ReadingForm(request.POST if request.method == "POST" else None, initial={"number": number})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            vital = services.record_vital(
                session=session,
                number=data["number"],
                heart_rate=data["heart_rate"],
                by=request.user,
                now=clock.now(),
                **data["pressure"],
            )
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return redirect("treatment:session", pk=session.pk)
        advice = services.reading_advice(vital)
        if advice:
            messages.error(request, words.stored_text(advice, {}))
        return redirect("treatment:live", pk=session.pk)
    context = {"form": form, "session": session}
    return render(request, "treatment/reading.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def get_help(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Get help: the numbers at once; sending it calls the on-call clinician."""
    session = access.session_for(request.user, pk)
    if request.method == "POST":
        services.get_help(session=session, by=request.user, now=clock.now())
        messages.success(request, _("We have called the clinician on duty. Stay where you are; your phone will ring."))
        return redirect("treatment:help", pk=session.pk)
    return render(request, "treatment/help.html", {"session": session, **_help(session)})


@require_safe
@patient_only
def done(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The session is over: what happens next and when."""
    session = access.session_for(request.user, pk)
    if session.status != SessionStatus.COMPLETED:
        return redirect("treatment:session", pk=session.pk)
    signed_in.release_hold(request.session)
    context = {
        "session": session,
        "zone": session.zone,
        "check_in": session.check_in,
        "next": selectors.next_session(request.patient),
        "now": clock.now(),
    }
    return render(request, "treatment/done.html", context)
