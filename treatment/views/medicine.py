"""What the patient says about the medicine at home: how much is left, what was given back, destroyed or lost."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import selectors, services
from treatment.order_forms import EntryForm, anew
from treatment.views.helping import heed, help_first


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def medicine(request: PatientRequest) -> HttpResponse:
    """The medicine at home, and a form that says what became of some of it."""
    own_page(request, "medicine")
    ledger = selectors.ledger_of(request.patient)
    form = EntryForm(request.POST if request.method == "POST" else None, rows=ledger.rows)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.write_entry(
                prescription=form.order(),
                said=form.said(),
                form_token=form.cleaned_data["form_token"],
                by=request.user,
                now=clock.now(),
            )
        except Conflict as refusal:
            status, form = 409, EntryForm(anew(request.POST), rows=ledger.rows)
            form.add_error(None, refusal.message)
        except RuleViolation as refusal:
            form.add_error("units", refusal.message)
        else:
            _say(request)
            return help_first(request, form.said().note) or redirect("treatment:medicine")
    heed(request, "note")
    context = {
        "form": form,
        "rows": [row for row in ledger.rows if row.line.delivered],
        "waits": ledger.open_flags,
        "called_off": selectors.called_off(request.patient),
        "zone": request.patient.zone,
    }
    return render(request, "treatment/medicine.html", context, status=status)


def _say(request: PatientRequest) -> None:
    """What happens next."""
    if selectors.supply_to_review(request.patient):
        messages.warning(
            request,
            _("Thank you for telling us. A clinician reads it and contacts you before your next session."),
        )
    else:
        messages.success(request, _("Thank you. It is written down, and nothing else changes."))
