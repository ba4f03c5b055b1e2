"""The case page, and what a prescriber does there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from intake.models import EligibilityDecision
from telemedicine.reviews import access, case_file, record, record_views, services
from telemedicine.reviews.deciding import written
from telemedicine.reviews.forms import CaseForm

# What the keys of a case do (static/js/case.js).
KEYS = (
    ("j", gettext_lazy("next line of the queue")),
    ("k", gettext_lazy("the line before")),
    ("a", gettext_lazy("approve: opens the form")),
    ("d", gettext_lazy("decline or refer: opens the form")),
    ("q", gettext_lazy("ask the patient: opens the form")),
    ("c", gettext_lazy("claim: goes to the button")),
)
prescriber_page = staff_with(Permission.REVIEW_CASES)


@prescriber_page
@require_safe
def case(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Everything needed to decide, on one page."""
    decision = access.case_for(request.user, patient_id, clock.now())
    return case_page(request, decision, forms=written.again(request, decision))


@prescriber_page
@require_safe
def print_case(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The whole case for paper, with nothing folded away, who printed it and when."""
    now = clock.now()
    decision = access.case_to_print_for(request.user, patient_id, now)
    file = case_file.build(decision, request.user, now)
    context = {"file": file, "title": file.person.name, "now": now, "zone": record.zone_of(request.user)}
    return render(request, "telemedicine/reviews/print.html", context)


def case_page(
    request: StaffRequest,
    decision: EligibilityDecision,
    *,
    status: int = 200,
    conflict: str = "",
    forms: Mapping[str, Form] | None = None,
) -> HttpResponse:
    """The case; `forms` are those that somebody has written in, and stand open."""
    now = clock.now()
    file = case_file.build(decision, request.user, now)
    context = {
        "file": file,
        "title": file.person.name,
        "conflict": conflict,
        "claim_form": CaseForm(initial={"decision": decision.pk}),
        **(written.blank(file, decision) if file.mine else {}),
        "verdict": file.verdict if file.mine else None,
        "now": now,
        "zone": record.zone_of(request.user),
        "back_url": reverse("admin:review_queue"),
        "keys": KEYS,
        "tabs": record_views.tabs(file.versions, patient=decision.patient_id),
        **(forms or {}),
        "opened": list(forms or ()),
    }
    return render(request, "telemedicine/reviews/case.html", context, status=status)


def act(
    request: StaffRequest,
    patient_id: UUID,
    name: str,
    make: Callable[[EligibilityDecision], Form],
    do: Callable[[EligibilityDecision, dict[str, Any]], str],
) -> HttpResponse:
    """Post, do one thing, redirect. An invalid form or a refusal shows the page again with what was written."""
    decision = access.case_for(request.user, patient_id, clock.now())
    form = make(decision)
    if not form.is_valid():
        return case_page(request, decision, status=422, forms={name: form})
    if form.cleaned_data["decision"] != decision.pk:
        words = _("The patient has changed their answers since you opened this page. Nothing was saved.")
        return case_page(request, decision, status=409, conflict=words, forms={name: form})
    try:
        target = do(decision, form.cleaned_data)
    except Conflict as refusal:
        return case_page(request, decision, status=409, conflict=refusal.message, forms={name: form})
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return case_page(request, decision, status=422, forms={name: form})
    return redirect(target)


@prescriber_page
@require_POST
def claim_case(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Take the case."""

    def do(decision: EligibilityDecision, _data: dict[str, Any]) -> str:
        services.claim(decision=decision, by=request.user, now=clock.now())
        messages.success(request, _("It is in your hands."))
        return back_to(patient_id)

    return act(request, patient_id, "claim_form", lambda _decision: CaseForm(request.POST), do)


@prescriber_page
@require_POST
def give_back_case(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Put the case back into the queue."""

    def do(decision: EligibilityDecision, _data: dict[str, Any]) -> str:
        services.give_back(decision=decision, by=request.user, now=clock.now())
        messages.success(request, _("The case is back in the queue for another prescriber."))
        return reverse("admin:review_queue")

    return act(request, patient_id, "claim_form", lambda _decision: CaseForm(request.POST), do)


def back_to(patient_id: UUID) -> str:
    return reverse("admin:case", args=[patient_id])
