"""The patient tells of something that did not go well, and reads what became of it."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST, SuicideRisk
from treatment import access
from treatment import adverse_words as words
from treatment.adverse_forms import TellForm
from treatment.forms import SafetyForm
from treatment.models import AdverseEvent, EventStatus
from treatment.rules.adverse import SUICIDAL
from treatment.selecting import adverse as selectors
from treatment.services import adverse as services
from treatment.views.helping import heed

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def tell(request: PatientRequest) -> HttpResponse:
    """What happened, when, and how bad it was; below it what was told before."""
    patient, now = request.patient, clock.now()
    data = request.POST if request.method == "POST" else None
    initial = {"token": uuid4(), "session": request.GET.get("about", "")}
    form = TellForm(data, sessions=selectors.sessions_to_name(patient), initial=initial)
    if data is not None and form.is_valid():
        try:
            event = services.report_event(
                patient=patient,
                token=form.cleaned_data["token"],
                told=form.told(zone=patient.zone, now=now),
                by=request.user,
                now=now,
            )
        except RuleViolation as refusal:
            form.add_error("began_on" if refusal.code == "onset_in_future" else None, refusal.message)
        else:
            return _help_first(event)
    hard = form["term"].value() in SUICIDAL
    if data is not None:
        # What could not be kept yet counts all the same.
        if hard:
            services.heed(patient=patient, term=data["term"], by=request.user, now=now)
        heed(request, "own_words")
    own_page(request, "reports")
    rows = selectors.reported_by(patient)[:SHOWN]
    before = [(row, words.TERMS_PLAIN[row.assessment.term]) for row in rows]
    context = {"form": form, "before": before, "zone": patient.zone, "hard": hard}
    return render(request, "treatment/tell.html", context, status=200 if data is None else 422)


def _help_first(event: AdverseEvent) -> HttpResponse:
    term = event.assessment.term
    if term == "suicide_attempt" or (term not in SUICIDAL and suggests_crisis(event.own_words)):
        return redirect("intake:crisis")
    return redirect("treatment:report_safety" if term in SUICIDAL else "treatment:told", pk=event.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def safety(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The C-SSRS since last contact, asked at once of whoever told of thoughts of suicide."""
    event = access.adverse_event_for(request.user, pk)
    if event.reporter_id != request.user.pk:
        return redirect("treatment:tell")
    form = SafetyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        risk = services.answer_safety(event=event, answers=form.answers(), by=request.user, now=clock.now())
        return redirect("intake:crisis") if risk is SuicideRisk.HIGH else redirect("treatment:told", pk=event.pk)
    context = {"event": event, "form": form, "instrument": CSSRS_SINCE_LAST}
    return render(request, "treatment/report_safety.html", context, status=422 if form.is_bound else 200)


@require_safe
@patient_only
def told(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What was told, and what happens with it."""
    event = access.adverse_event_for(request.user, pk)
    if event.reporter_id != request.user.pk:
        # A clinician's own record is read with the summary of the treatment, not here.
        return redirect("treatment:tell")
    hard = event.assessment.term in SUICIDAL
    hold = active_hold(event.patient) if hard else None
    context = {
        "event": event,
        "term": words.TERMS_PLAIN[event.assessment.term],
        "hard": hard,
        "safety_open": hold is not None and hold.questions_open,
        "waiting": event.status == EventStatus.REPORTED,
        "late": event.look_due_at is not None and event.look_due_at < clock.now(),
        "followed": event.status in (EventStatus.OPEN, EventStatus.FOLLOWING),
        "zone": event.patient.zone,
    }
    return render(request, "treatment/told.html", context)
