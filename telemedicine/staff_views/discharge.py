"""The prescriber's page at the end of a treatment: discharge, how it ended, the letters that the patient allowed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.selectors import next_appointment
from telemedicine.services import discharging as services
from treatment import access, selectors
from treatment.discharge_forms import DischargeForm
from treatment.selecting import discharge as found
from treatment.selecting.ledger import total_of


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def ending(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """End the treatment, or see how it ended; below it the letters that the patient allowed."""
    patient = access.patient_for(request.user, patient_id)
    prescribes = can(request.user, Permission.PRESCRIBE)
    form = DischargeForm(request.POST if request.method == "POST" and prescribes else None)
    if form.is_bound and form.is_valid():
        try:
            services.discharge(patient=patient, ending=form.ending(), by=request.user, now=clock.now())
        except RuleViolation as refusal:
            form.add_error("leftover" if refusal.code == "not_empty" else None, refusal.message)
        else:
            messages.success(request, _("Discharged. Nothing is planned any more, and the patient is told."))
            return redirect("admin:discharge", patient_id=patient.pk)
    now = clock.now()
    context = {
        "title": _("End of treatment of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "prescribes": prescribes,
        "chart": selectors.open_chart_of(patient),
        "order": selectors.standing_prescription(patient),
        "supply": total_of(patient),
        "next": selectors.next_session(patient),
        "visit": next_appointment(patient, now),
        "discharges": found.discharges_of(patient),
        "transfers": found.transfers_of(patient),
        "today": clock.today(patient.zone, now),
        "zone": patient.zone,
    }
    return render(request, "treatment/staff/discharge.html", context, status=422 if form.is_bound else 200)
