"""The supply ledger of a patient on the staff site: where every unit is, and what a prescriber must read."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, require, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import access, selectors, services, words
from treatment.order_forms import EntryForm, ReadFlagForm, anew


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def ledger(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every unit of every order; a prescriber writes what was heard of units at home."""
    patient = access.patient_for(request.user, patient_id)
    found = selectors.ledger_of(patient)
    form = EntryForm(request.POST if request.method == "POST" else None, rows=found.rows)
    if request.method == "POST":
        require(request.user, Permission.PRESCRIBE)
        if form.is_valid():
            try:
                services.write_entry(
                    prescription=form.order(),
                    said=form.said(),
                    form_token=form.cleaned_data["form_token"],
                    by=request.user,
                    now=clock.now(),
                )
            except Conflict as refusal:
                form = EntryForm(anew(request.POST), rows=found.rows)
                form.add_error(None, refusal.message)
                return _page(request, patient, found, form, status=409)
            except RuleViolation as refusal:
                form.add_error("units", refusal.message)
            else:
                messages.success(request, _("Written into the ledger."))
                return returning.done(request, patient.pk, "admin:supply_ledger", patient.pk)
    return _page(request, patient, found, form, status=422 if form.is_bound else 200)


def _page(
    request: StaffRequest, patient: Patient, found: selectors.Ledger, form: EntryForm, *, status: int
) -> HttpResponse:
    prescribes = can(request.user, Permission.PRESCRIBE)
    context = {
        "title": _("Supply ledger of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "zone": patient.zone,
        "ledger": found,
        "flags": [
            {"row": flag, "text": words.stored_text(flag.code, flag.facts, for_staff=True)} for flag in found.flags
        ],
        "form": form if prescribes and form.rows else None,
        "read_form": ReadFlagForm() if prescribes else None,
    }
    return render(request, "treatment/staff/ledger.html", context, status=status)


@require_POST
@staff_with(Permission.PRESCRIBE)
def read_flag(request: StaffRequest, pk: UUID) -> HttpResponse:
    """I have read it; sessions may go on."""
    flag = access.supply_flag_for(request.user, pk)
    form = ReadFlagForm(request.POST)
    try:
        note = form.cleaned_data["note"] if form.is_valid() else ""
        services.read_flag(flag=flag, note=note, by=request.user, now=clock.now())
        messages.success(request, _("Noted. Sessions can go on."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return returning.done(request, flag.patient_id, "admin:supply_ledger", flag.patient_id)
