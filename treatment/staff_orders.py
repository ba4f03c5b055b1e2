"""The buttons of a signed order: hand it over, pause, resume, stop, cancel. Each does one thing."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, selectors, services
from treatment.models import Prescription, PrescriptionStatus
from treatment.order_forms import END_WORDS, EndForm, HandoverForm, PauseForm, ResumeForm
from treatment.selecting.history import history_of

prescriber_page = staff_with(Permission.PRESCRIBE)
Status = PrescriptionStatus


def standing_context(row: Prescription, user: User) -> dict[str, Any]:
    """What the page of an order shows of its way, and which of its buttons this person may press now.

    Whoever prescribes and cares for the patient may pause or stop; the order itself is its prescriber's.
    """
    prescribes = can(user, Permission.PRESCRIBE)
    own = prescribes and row.prescriber.user_id == user.pk
    standing = row.status in Prescription.STANDING
    pause = selectors.pause_of(row.patient) if row.status == Status.PAUSED else None
    return {
        "tone": "caution" if row.status in (Status.DRAFT, Status.PAUSED) else "success" if standing else "neutral",
        "handovers": row.handovers.select_related("pharmacy", "by__clinician"),
        "history": history_of(row),
        "pause": pause,
        "pause_reason": END_WORDS.get(services.EndReason(pause.reason_code)) if pause else "",
        "handover_form": HandoverForm(prescription=row) if own and row.status in (Status.SIGNED, Status.SENT) else None,
        "pause_form": PauseForm() if prescribes and row.status in Prescription.IN_FORCE else None,
        "resume_form": ResumeForm() if prescribes and row.status == Status.PAUSED else None,
        "end_form": EndForm() if prescribes and (standing or (own and row.status == Status.DRAFT)) else None,
        "cancels": Status.CANCELLED in row.MOVES.get(Status(row.status), ()),
        "rewrites": prescribes and standing,
    }


def _act(act: Callable[..., str]) -> Callable[..., HttpResponse]:
    """A button on the order's page: does one thing, says so, comes back."""

    @require_POST
    @prescriber_page
    @wraps(act)
    def view(request: StaffRequest, pk: UUID) -> HttpResponse:
        row = access.prescription_for(request.user, pk)
        try:
            messages.success(request, act(request, row))
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        return redirect("admin:prescription_detail", pk=row.pk)

    return view


@_act
def hand_over(request: StaffRequest, row: Prescription) -> str:
    """The order was given to a pharmacy."""
    form = HandoverForm(request.POST, prescription=row)
    if not form.is_valid():
        raise RuleViolation(_("Choose the pharmacy and say how the order reached it."), "handover_missing")
    token = form.cleaned_data["form_token"]
    services.hand_over(prescription=row, handed=form.handed(), form_token=token, by=request.user, now=clock.now())
    return _("Noted: the pharmacy has the order.")


def _reason(request: StaffRequest) -> str:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise RuleViolation(_("Choose a reason."), "reason_missing")
    return str(form.cleaned_data["reason"])


@_act
def cancel_prescription(request: StaffRequest, row: Prescription) -> str:
    """Cancel before it left the pharmacy."""
    services.cancel_prescription(prescription=row, reason=_reason(request), by=request.user, now=clock.now())
    return _("Cancelled. Nothing more goes out for it.")


@_act
def stop_prescription(request: StaffRequest, row: Prescription) -> str:
    """Stop the treatment under this order."""
    services.stop_prescription(prescription=row, reason=_reason(request), by=request.user, now=clock.now())
    return _("Stopped. Its sessions and reminders are cancelled, and nothing more ships.")


@_act
def pause_prescription(request: StaffRequest, row: Prescription) -> str:
    """Pause the treatment under this order."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        raise RuleViolation(_("Choose a reason, and write why and what has to happen first."), "reason_missing")
    services.pause_prescription(prescription=row, by=request.user, now=clock.now(), **form.cleaned_data)
    return _("Paused. Its sessions and reminders are cancelled; nothing ships until it is resumed.")


@_act
def resume_prescription(request: StaffRequest, row: Prescription) -> str:
    """Go on with a paused order."""
    form = ResumeForm(request.POST)
    if not form.is_valid():
        raise RuleViolation(_("Write why the treatment goes on."), "reason_missing")
    note = form.cleaned_data["note"]
    services.resume_prescription(prescription=row, reason=note, by=request.user, now=clock.now())
    return _("Resumed. The patient is told and plans the sessions anew.")
