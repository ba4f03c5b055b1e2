"""A way back for a patient who lost both the mailbox and the password: one colleague asks, another one agrees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.models import AccountRecovery, Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.accounts.stepup import fresh_second_factor
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal.people import recovery
from harmoniously.portal.people.forms import AgreeForm, RecoveryForm

office = staff_with(Permission.VIEW_PEOPLE)
FIELD_OF = {"same": "email", "taken": "email", "number": "proof"}


@office
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where it stands, and asking for it."""
    if request.method == "POST":
        return _ask(request, pk)
    return _page(request, patient_for(request.user, pk, clinical=False), RecoveryForm())


@fresh_second_factor
def _ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """With a fresh second factor, as agreeing: at a colleague's open screen one person would be two."""
    patient, form = patient_for(request.user, pk, clinical=False), RecoveryForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, form, status=422)
    try:
        recovery.ask(patient=patient, **form.cleaned_data, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        form.add_error(FIELD_OF.get(refusal.code), refusal.message)
        return _page(request, patient, form, status=409 if isinstance(refusal, Conflict) else 422)
    messages.success(request, _("Asked for. Nothing happens until a colleague has made sure, too, within a day."))
    return redirect("admin:recovery", patient.pk)


def _page(
    request: StaffRequest, patient: Patient, form: RecoveryForm, agreeing: AgreeForm | None = None, *, status: int = 200
) -> HttpResponse:
    row, now = recovery.newest_of(patient), clock.now()
    state = recovery.state_of(row, now) if row is not None else ""
    stopped = recovery.stopped_lately(patient, now)
    context: dict[str, Any] = {
        "title": _("A way back into the account of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "agreeing": agreeing or AgreeForm(initial={"seen": row.pk} if row is not None else None),
        "row": row,
        "stopped": stopped,
        "state": state,
        "over": AccountRecovery.End(state).label if state in AccountRecovery.End else "",
        "own": row is not None and row.asked_by_id == request.user.pk,
        "asks": can(request.user, Permission.REGISTER_PATIENTS) and state not in recovery.UNDER_WAY,
        "has_second_step": recovery.has_second_step(patient),
        "days": recovery.WAITS.days,
    }
    return render(request, "staff/recovery.html", context, status=status)


@office
@require_POST
@fresh_second_factor
def agree(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The second person made sure, too; from now on it is waited."""
    patient, now = patient_for(request.user, pk, clinical=False), clock.now()
    row, form = recovery.newest_of(patient), AgreeForm(request.POST)
    if row is None:
        return redirect("admin:recovery", patient.pk)
    if not form.is_valid():
        return _page(request, patient, RecoveryForm(), form, status=422)
    if form.cleaned_data["seen"] != row.pk:
        messages.warning(request, _("What you read is over, and somebody asked anew. Read where it leads now."))
        return redirect("admin:recovery", patient.pk)
    try:
        row = recovery.agree(recovery=row, proof=form.cleaned_data["proof"], by=request.user, now=now)
    except Conflict as overtaken:
        messages.warning(request, overtaken.message)
        return redirect("admin:recovery", patient.pk)
    except RuleViolation as refusal:
        form.add_error("proof", refusal.message)
        return _page(request, patient, RecoveryForm(), form, status=422)
    words = _("Agreed. The link goes to the new address on %(when)s, unless somebody stops it.")
    messages.success(request, words % {"when": clock.describe(row.opens_at or now, patient.zone)})
    return redirect("admin:recovery", patient.pk)


@office
@require_POST
def call_off(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End it; the links are dead from now on."""
    patient = patient_for(request.user, pk, clinical=False)
    row = recovery.newest_of(patient)
    try:
        if row is not None:
            recovery.call_off(recovery=row, by=request.user, now=clock.now())
    except Conflict:
        words = _("It was used already. If it was not the patient, have an administrator close the account now.")
        messages.warning(request, words)
    else:
        messages.success(request, _("Called off. Both links are dead."))
    return redirect("admin:recovery", patient.pk)
