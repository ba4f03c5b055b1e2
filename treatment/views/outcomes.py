"""The patient's own course: charts with the sessions marked, what the numbers mean, and the numbers themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from treatment import outcome_words, policy
from treatment.selecting.outcomes import outcomes_of


@require_safe
@patient_only
def outcomes(request: PatientRequest) -> HttpResponse:
    """Every scale that was answered, blood pressure and bladder signs."""
    own_page(request, "outcomes")
    found, rules = outcomes_of(request.patient), policy.load()
    shown = [
        *outcome_words.scales(found, rules),
        outcome_words.pressure(found, rules),
        outcome_words.bladder(found),
    ]
    context = {
        "charts": [one for one in shown if one is not None],
        "sessions": len(found.doses),
        "first_dose": found.first_dose,
        "zone": request.patient.zone,
    }
    return render(request, "treatment/outcomes.html", context)
