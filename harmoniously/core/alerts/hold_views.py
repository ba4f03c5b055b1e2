"""The page of a safety hold: what it stops, the record that ends it, and how somebody outside the care gets there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.alerts import selectors, services
from harmoniously.core.alerts.access import hold_for
from harmoniously.core.alerts.forms import ClearHoldForm
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.plans import newest_plan
from harmoniously.core.audit.doors import may_read
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from harmoniously.core.notifications.addresses import zone_of

TAKE = "take"


@staff_with(Permission.REVIEW_CASES)
@require_http_methods(["GET", "POST"])
def safety_hold(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A patient's safety hold.

    The words of a plan open to whoever cares for the patient, as on its own page; without one there are none to read.
    """
    hold = hold_for(request.user, pk)
    if TAKE in request.POST:
        return _take(request, hold)
    plan = newest_plan(hold.patient)
    if plan is not None and not may_read(request.user, hold.patient, clinical=True, at=clock.now()):
        return _closed(request, hold)
    form = ClearHoldForm(request.POST or None, plan=plan)
    if request.method != "POST":
        return _page(request, hold, form)
    if not form.is_valid():
        return _page(request, hold, form, status=422, seen=request.POST.get("seen"))
    return _clear(request, hold, form)


def _page(
    request: StaffRequest, hold: SafetyHold, form: ClearHoldForm, *, status: int = 200, seen: str | None = None
) -> HttpResponse:
    plan = newest_plan(hold.patient)
    if plan is not None:
        record(actor=request.user, action="safety_plan.viewed", now=clock.now(), subject=plan)
    context = {
        "form": form,
        "plan": plan if form.is_bound else None,
        "seen": services.hold_stand(hold) if seen is None else seen,
    }
    return _render(request, hold, context, status)


def _render(request: StaffRequest, hold: SafetyHold, context: dict[str, Any], status: int) -> HttpResponse:
    known = {"hold": hold, "patient": hold.patient, "now": clock.now(), "zone": zone_of(request.user)}
    return render(request, "alerts/safety_hold.html", known | context, status=status)


def _closed(request: StaffRequest, hold: SafetyHold, refusal: str = "") -> HttpResponse:
    """What leads into the patient's care; what somebody wrote who is not in it stays on the page (403)."""
    form = ClearHoldForm(request.POST, plan=None) if "contact_note" in request.POST else None
    if form is not None and refusal:
        form.add_error(None, refusal)
    context = {
        "closed": True,
        "form": form,
        "seen": request.POST.get("seen", ""),
        "alert": selectors.to_be_taken(hold.patient, request.user).first(),
        "refusal": refusal,
    }
    return _render(request, hold, context, 200 if request.method == "GET" else 403)


def _take(request: StaffRequest, hold: SafetyHold) -> HttpResponse:
    """Take the patient into care; what was written beside it stays, to be sent by whoever has read the plan."""
    try:
        services.take_into_care(hold=hold, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        return _closed(request, hold, refusal.message)
    messages.success(request, _("This patient is in your care now."))
    if "contact_note" not in request.POST:
        return redirect("admin:safety_hold", pk=hold.pk)
    words = _("What you wrote is not saved yet. Compare it with the plan as it stands, then send it.")
    messages.warning(request, words)
    form = ClearHoldForm(request.POST, plan=None)
    form.caught_up(newest_plan(hold.patient))
    return _page(request, hold, form)


def _clear(request: StaffRequest, hold: SafetyHold, form: ClearHoldForm) -> HttpResponse:
    try:
        services.clear_hold(
            hold=hold,
            contact_note=form.cleaned_data["contact_note"],
            safety_plan=form.words,
            by=request.user,
            now=clock.now(),
            seen=request.POST.get("seen"),
            plan_seen=form.cleaned_data["plan_seen"],
            shown_at=form.cleaned_data["shown_at"] or hold.opened_at,
        )
    except RuleViolation as error:
        form.add_error(None, error.message)
        form.caught_up(newest_plan(hold.patient))
        status = 409 if isinstance(error, Conflict | IllegalMove) else 422
        return _page(request, hold_for(request.user, hold.pk), form, status=status)
    standing = selectors.active_hold(hold.patient)
    if standing is not None:
        messages.warning(
            request, _("Your record is kept. What is unanswered still stops payments, shipments and sessions.")
        )
        return redirect("admin:safety_hold", pk=standing.pk)
    messages.success(request, _("The hold is cleared. Payments, shipments and sessions are possible again."))
    return returning.done(request, hold.patient_id, "admin:safety_hold", hold.pk)
