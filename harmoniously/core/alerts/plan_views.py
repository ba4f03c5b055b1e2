"""The safety plan: the clinician's page that writes it with the patient, and the patient's own page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest, Permission, StaffRequest, patient_only, staff_with
from harmoniously.core.alerts import selectors
from harmoniously.core.alerts.forms import SafetyPlanForm
from harmoniously.core.alerts.plan_models import STEPS
from harmoniously.core.alerts.plans import newest_plan, write_plan
from harmoniously.core.audit.doors import own_page, patient_for
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.addresses import zone_of


@staff_with(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "POST"])
def staff_plan(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The plan of a patient in one's care: the newest version in the form, the earlier ones below."""
    patient = patient_for(request.user, patient_id)
    plan = newest_plan(patient)
    form = SafetyPlanForm(request.POST or None, plan=plan)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            write_plan(
                patient=patient, words=form.words, seen=form.cleaned_data["plan_seen"], by=request.user, now=clock.now()
            )
        except RuleViolation as error:
            form.add_error(None, error.message)
            plan = newest_plan(patient)
            form.caught_up(plan)
            status = 409 if isinstance(error, Conflict) else 422
        else:
            messages.success(request, _("The safety plan is saved. The patient sees it in the app."))
            return returning.done(request, patient_id, "admin:safety_plan", patient_id)
    context = {
        "patient": patient,
        "plan": plan,
        "plans": list(selectors.plans_of(patient)),
        "form": form,
        "zone": zone_of(request.user),
    }
    return render(request, "alerts/staff_plan.html", context, status=status)


@patient_only
@require_GET
def own_plan(request: PatientRequest) -> HttpResponse:
    """The patient's own plan, with help numbers above it; made to be printed."""
    own_page(request, "safety_plan")
    context = {
        "plan": newest_plan(request.patient),
        "headings": [heading for _key, heading, _question in STEPS],
        "zone": request.patient.zone,
    }
    return render(request, "alerts/own_plan.html", context)
