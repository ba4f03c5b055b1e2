"""The prescriber's page at the end of a treatment: discharge, how it ended, the letters that the patient allowed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.selectors import next_appointment
from telemedicine.services import discharging as services
from treatment import access, selectors
from treatment.discharge_forms import DischargeForm
from treatment.models import Chart
from treatment.selecting import discharge as found
from treatment.selecting.ledger import total_of


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def ending(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """End the treatment, or see how it ended; below it the letters that the patient allowed."""
    patient = access.patient_for(request.user, patient_id)
    prescribes = can(request.user, Permission.PRESCRIBE)
    order, status = selectors.standing_prescription(patient), 422
    chart = order.chart if order else selectors.open_chart_of(patient)
    bound = request.POST if request.method == "POST" and prescribes else None
    form = DischargeForm(bound, initial={"chart": chart.pk if chart else None})
    if form.is_bound and form.is_valid():
        try:
            shown = form.cleaned_data["chart"]
            services.discharge(patient=patient, chart_id=shown, ending=form.ending(), by=request.user, now=clock.now())
        except Conflict as overtaken:
            form, status = _looked_through_anew(request.POST, chart, overtaken.message), 409
        except RuleViolation as refusal:
            form.add_error("leftover" if refusal.code == "not_empty" else None, refusal.message)
        else:
            messages.success(request, _("Discharged. Nothing is planned any more, and the patient is told."))
            return returning.done(request, patient.pk, "admin:discharge", patient.pk)
    now = clock.now()
    context = {
        "title": _("End of treatment of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "prescribes": prescribes,
        "chart": chart,
        "order": order,
        "supply": total_of(patient),
        "next": selectors.next_session(patient),
        "visit": next_appointment(patient, now),
        "discharges": found.discharges_of(patient),
        "transfers": found.transfers_of(patient),
        "today": clock.today(patient.zone, now),
        "zone": patient.zone,
    }
    return render(request, "treatment/staff/discharge.html", context, status=status if form.is_bound else 200)


def _looked_through_anew(entered: QueryDict, chart: Chart | None, why: str) -> DischargeForm:
    """What was written, for the treatment that the page shows now; it ends only when somebody is sure of that one."""
    data = entered.copy()
    data["chart"] = str(chart.pk) if chart else ""
    data.pop("sure", None)
    form = DischargeForm(data)
    form.add_error(None, why)
    return form
