"""The patient tells of something that did not go well, and reads what became of it."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access
from treatment import adverse_words as words
from treatment.adverse_forms import TellForm
from treatment.models import EventStatus
from treatment.selecting import adverse as selectors
from treatment.services import adverse as services

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
            return redirect("treatment:told", pk=event.pk)
    own_page(request, "reports")
    rows = selectors.reported_by(patient)[:SHOWN]
    context = {"form": form, "before": [(row, words.TERMS[row.assessment.term]) for row in rows], "zone": patient.zone}
    return render(request, "treatment/tell.html", context, status=200 if data is None else 422)


@require_safe
@patient_only
def told(request: PatientRequest, pk: UUID) -> HttpResponse:
    """What was told, and what happens with it."""
    event = access.adverse_event_for(request.user, pk)
    if event.reporter_id != request.user.pk:
        # A clinician's own record is read with the summary of the treatment, not here.
        return redirect("treatment:tell")
    context = {
        "event": event,
        "term": words.TERMS[event.assessment.term],
        "waiting": event.status == EventStatus.REPORTED,
        "followed": event.status in (EventStatus.OPEN, EventStatus.FOLLOWING),
        "zone": event.patient.zone,
    }
    return render(request, "treatment/told.html", context)
