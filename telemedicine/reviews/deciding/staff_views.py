"""Deciding on a case: write, look at it as the patient will, confirm, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import StaffRequest
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from intake.models import EligibilityDecision
from telemedicine.models import Verdict
from telemedicine.reviews import record
from telemedicine.reviews.access import case_for
from telemedicine.reviews.deciding import access, preview, services, starting, written
from telemedicine.reviews.forms import MetForm
from telemedicine.reviews.rules.verdicts import can_undo
from telemedicine.reviews.staff_views import act, back_to, case_page, prescriber_page

Kind, Status = Verdict.Kind, Verdict.Status
# What stands above the preview, and what the button says.
TITLES = {
    Kind.ASK: (gettext_lazy("Before you ask"), gettext_lazy("Send the question")),
    Kind.APPROVE: (gettext_lazy("Before you approve"), gettext_lazy("Approve")),
    Kind.DECLINE: (gettext_lazy("Before you decline"), gettext_lazy("Decline")),
    Kind.REFER: (gettext_lazy("Before you refer"), gettext_lazy("Refer")),
    Kind.IN_PERSON: (gettext_lazy("Before you require a visit in person"), gettext_lazy("Require the visit")),
}


def _writing(name: str) -> Callable[..., HttpResponse]:
    """The address to which the form of a kind is sent: it is kept and shown as the patient will read it."""

    @prescriber_page
    @require_POST
    def view(request: StaffRequest, patient_id: UUID) -> HttpResponse:
        if written.FILL in request.POST:
            decision = case_for(request.user, patient_id, clock.now())
            return case_page(request, decision, forms={name: written.filled(name, decision, request)})

        def do(decision: EligibilityDecision, _data: dict[str, Any]) -> str:
            row = services.write(decision=decision, **form[0].written(), by=request.user, now=clock.now())
            return reverse("admin:verdict", args=[patient_id, row.pk])

        def make(decision: EligibilityDecision) -> Any:
            form.append(written.make(name, decision, request.POST))
            return form[0]

        form: list[Any] = []
        return act(request, patient_id, name, make, do)

    return view


ask_patient = _writing("ask_form")
approve_case = _writing("approve_form")
decline_case = _writing("decline_form")
require_in_person = _writing("in_person_form")


@prescriber_page
@require_safe
def verdict(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """The decision as the patient will read it; once confirmed, how long it can be undone; then what became of it."""
    return _page(request, access.verdict_for(request.user, patient_id, pk, clock.now()))


def _page(request: StaffRequest, row: Verdict, *, status: int = 200, conflict: str = "") -> HttpResponse:
    now = clock.now()
    title, button = TITLES[Kind(row.kind)]
    undoable = row.status == Status.CONFIRMED and row.confirmed_at is not None and can_undo(row.confirmed_at, now)
    context = {
        "title": title if row.status == Status.WRITTEN else row.get_kind_display(),
        "button": button,
        "verdict": row,
        "shown": preview.shown(row, now if row.confirmed_at is None else row.confirmed_at),
        "english": starting.in_english(row.words) if row.patient.user.language == "es" else "",
        "undoable": undoable,
        "seconds": max(0, int((row.effective_at - now).total_seconds())) if undoable and row.effective_at else 0,
        "conflict": conflict,
        "zone": record.zone_of(request.user),
    }
    return render(request, "telemedicine/reviews/verdict.html", context, status=status)


def _do(
    request: StaffRequest, patient_id: UUID, pk: UUID, verb: Callable[[Verdict], None], target: Callable[[Verdict], str]
) -> HttpResponse:
    """One step of a decision; what cannot be done shows the page again with the reason, and nothing is lost."""
    row = access.verdict_for(request.user, patient_id, pk, clock.now())
    try:
        verb(row)
    except RuleViolation as refusal:
        row.refresh_from_db()
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, row, status=status, conflict=refusal.message)
    row.refresh_from_db()
    return redirect(target(row))


@prescriber_page
@require_POST
def confirm_verdict(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """Decide what was previewed."""

    def verb(row: Verdict) -> None:
        services.confirm(verdict=row, seen=request.POST.get("seen", ""), by=request.user, now=clock.now())

    return _do(request, patient_id, pk, verb, lambda row: reverse("admin:verdict", args=[patient_id, row.pk]))


@prescriber_page
@require_POST
def undo_verdict(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """Take it back; the case opens with what was written, to be changed."""

    def verb(row: Verdict) -> None:
        services.undo(verdict=row, by=request.user, now=clock.now())
        messages.success(request, _("Undone: nothing was sent, and nothing has changed for the patient."))

    return _do(request, patient_id, pk, verb, lambda row: f"{back_to(patient_id)}?change={row.pk}")


@prescriber_page
@require_POST
def carry_out_verdict(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """Give up the rest of the ten seconds and go on."""

    def verb(row: Verdict) -> None:
        services.carry_out(verdict=row, now=clock.now(), at_once=True)

    def target(row: Verdict) -> str:
        if row.status == Status.IN_EFFECT and row.kind == Kind.APPROVE:
            return reverse("admin:draft_prescription", args=[patient_id]) + returning.query("case")
        return back_to(patient_id)

    return _do(request, patient_id, pk, verb, target)


@prescriber_page
@require_POST
def met_in_person(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Record that the visit in person took place."""

    def do(decision: EligibilityDecision, data: dict[str, Any]) -> str:
        services.record_in_person(
            decision=decision, on=data["on"], where=data["where"], by=request.user, now=clock.now()
        )
        messages.success(request, _("Recorded. You can decide now."))
        return back_to(patient_id)

    return act(request, patient_id, "met_form", lambda _decision: MetForm(request.POST), do)
