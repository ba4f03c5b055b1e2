"""The patient's account: how they sign in, how we reach them, whom they write to."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.notifications import reminders_off


@require_safe
@patient_only
def account(request: PatientRequest) -> HttpResponse:
    """One page that leads to everything about the account."""
    patient = request.patient
    own_page(request, "account")
    context = {
        "patient": patient,
        "local_time": clock.describe(clock.now(), patient.zone),
        "reminded": reminders_off.reminded(patient),
    }
    return render(request, "portal/account.html", context)
