"""The next supply: where it stands, what comes first, and the one button."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access
from treatment.selecting.discharge import discharge_of
from treatment.selecting.refill_words import shown
from treatment.selecting.refills import next_supply
from treatment.services import refills


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def refill(request: PatientRequest) -> HttpResponse:
    """Ask for the next supply, or see what became of it."""
    patient, now = request.patient, clock.now()
    refusal = ""
    if request.method == "POST":
        try:
            refills.request_refill(patient=patient, by=request.user, now=now)
        except RuleViolation as error:
            refusal = error.message
        else:
            messages.success(
                request, _("Your request is with your prescriber. You hear from us within two working days.")
            )
            return redirect("treatment:refill")
    own_page(request, "refill")
    supply = next_supply(patient, now)
    if supply.request is not None and request.method != "POST":
        refills.read_answer(request=supply.request, now=now)
    context = {
        "supply": supply,
        "shown": shown(supply, patient.zone),
        "refusal": refusal,
        "last_day": supply.refill.last_day,
        "ended": not supply.facts.in_force and discharge_of(patient) is not None,
    }
    return render(request, "treatment/refill.html", context, status=422 if refusal else 200)


@require_POST
@patient_only
def withdraw(request: PatientRequest, pk: UUID) -> HttpResponse:
    """I do not need it now."""
    row = access.refill_for(request.user, pk)
    try:
        refills.withdraw_refill(request=row, by=request.user, now=clock.now())
        messages.success(request, _("Your request is withdrawn. You can ask again at any time."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect("treatment:refill")
