"""The prescriber's page about the next supply of one patient."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.refills import access, preview, renewal, services
from telemedicine.refills.forms import ApproveRefillForm, AskRefillForm, DeclineRefillForm, RenewForm
from telemedicine.refills.preview import Shown
from treatment import selectors as treatment
from treatment.models import SessionStatus
from treatment.rules.reasons import Reason, Weight
from treatment.selecting.picture import picture_of
from treatment.selecting.refill_words import staff_reasons, staff_words
from treatment.selecting.refills import NextSupply, next_supply
from treatment.services import refills
from treatment.services.prescriptions import prescriber_of
from treatment.services.todays import marks_of

prescriber_page = staff_with(Permission.PRESCRIBE)
LAST_SESSIONS = 4
# What stands above the words before they are sent, and on the button that sends them.
LOOKS = {
    "ask_form": (gettext_lazy("Before you ask"), gettext_lazy("Send the question"), "primary"),
    "decline_form": (gettext_lazy("Before you decline"), gettext_lazy("Decline the request"), "danger"),
}


@prescriber_page
@require_safe
def refill(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Where the next supply stands, what is missing, and the three answers."""
    now = clock.now()
    patient = access.patient_to_supply(request.user, patient_id, now)
    try:
        clinician = prescriber_of(request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("admin:index")
    return _page(request, patient, clinician, now=now)


def _page(
    request: StaffRequest,
    patient: Patient,
    clinician: Clinician,
    *,
    now: datetime,
    status: int = 200,
    conflict: str = "",
    forms: dict[str, Form] | None = None,
) -> HttpResponse:
    every = list(treatment.sessions_of(patient).order_by("starts_at"))
    supply = next_supply(patient, now, sessions=every)
    found = supply.refill
    can_order = found.grantable and not found.needs_new
    today: tuple[Reason, ...] = ()
    if can_order and supply.prescription is not None:
        # After a refusal what stands now is read anew.
        row = patient if status == 200 else None
        known = picture_of(patient, now, row=row, sessions=every)
        today = refills.today_of_refill(known, supply.prescription, clinician)
    asks = tuple(item for item in today if item.weight is Weight.ASK)
    completed = [row for row in every if row.status == SessionStatus.COMPLETED]
    # After a refusal the page says what stands now, not what stood when the door opened.
    renews = renewal.waits_for_approval(patient) if forms or conflict else getattr(patient, "evaluated", False)
    context = {
        "title": _("Next supply of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "supply": supply,
        "standing": staff_words(supply),
        "missing": staff_reasons(found.missing),
        "refused": staff_reasons(tuple(item for item in today if item.weight is Weight.REFUSE)),
        "asks": staff_reasons(asks),
        "read": " ".join(marks_of(asks)),
        "notes": staff_reasons(tuple(item for item in today if item.weight is Weight.NOTE)),
        "needs_new": staff_reasons(found.needs_new),
        "can_order": can_order,
        "can_renew": bool(found.grantable and found.needs_new),
        "due_visit": supply.due_visit,
        "sessions": [{"row": row, "flags": supply.flags_of(row)} for row in completed[: -LAST_SESSIONS - 1 : -1]],
        "zone": clinician.zone,
        "renews": renews,
        "renew_form": RenewForm(),
        "conflict": conflict,
        **_blank(supply, patient, clinician, now),
        **(forms or {}),
    }
    return render(request, "telemedicine/refills/refill.html", context, status=status)


def _blank(supply: NextSupply, patient: Patient, clinician: Clinician, now: datetime) -> dict[str, Form]:
    about = {"request": supply.waiting.pk if supply.waiting else None}
    order = {"units": supply.usual_units or None, "pdmp_state": patient.state}
    return {
        "approve_form": ApproveRefillForm(zone=clinician.zone, initial={**about, **order}),
        "ask_form": AskRefillForm(initial=about),
        "decline_form": DeclineRefillForm(initial=about),
    }


def _act(
    request: StaffRequest,
    patient_id: UUID,
    name: str,
    make: Callable[[Clinician], Form],
    do: Callable[[Patient, Clinician, dict[str, Any]], str],
    look: Callable[[Patient, Clinician, dict[str, Any]], Shown] | None = None,
) -> HttpResponse:
    """Post, do one thing, redirect. What cannot be done shows the page again with what was written.

    With `look` it is done once the prescriber has seen these very words as the patient will read them.
    """
    now = clock.now()
    patient = access.patient_to_supply(request.user, patient_id, now)
    clinician = prescriber_of(request.user)
    form = make(clinician)
    if not form.is_valid():
        return _page(request, patient, clinician, now=now, status=422, forms={name: form})
    if "change" in request.POST:
        return _page(request, patient, clinician, now=now, forms={name: form})
    shown = look(patient, clinician, form.cleaned_data) if look else None
    if shown is not None and request.POST.get("seen") != shown.mark:
        return _look(request, patient, name, form, shown)
    try:
        messages.success(request, do(patient, clinician, form.cleaned_data))
    except Conflict as refusal:
        # What was typed is kept where the request still waits and only something new has to be read first.
        kept = {name: form} if refusal.code == "read_anew" else None
        return _page(request, patient, clinician, now=now, status=409, conflict=refusal.message, forms=kept)
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return _page(request, patient, clinician, now=now, status=422, forms={name: form})
    return returning.done(request, patient.pk, "admin:refill", patient.pk)


def _look(request: StaffRequest, patient: Patient, name: str, form: Form, shown: Shown) -> HttpResponse:
    """The words as the patient will read them, and the button that sends them."""
    title, button, kind = LOOKS[name]
    context = {"title": title, "button": button, "kind": kind, "patient": patient, "form": form, "shown": shown}
    return render(request, "telemedicine/refills/look.html", context | {"action": request.path})


@prescriber_page
@require_POST
def approve(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Order the next shipment."""
    forms: list[ApproveRefillForm] = []

    def make(clinician: Clinician) -> Form:
        forms.append(ApproveRefillForm(request.POST, zone=clinician.zone))
        return forms[0]

    def do(patient: Patient, clinician: Clinician, data: dict[str, Any]) -> str:
        services.approve(
            patient=patient,
            request=access.request_of(patient, data["request"]),
            clinician=clinician,
            units=data["units"],
            looked=forms[0].looked(),
            reason=data["reason"],
            read=data["read"].split(),
            now=clock.now(),
        )
        return _("The next shipment is ordered, and the patient is told.")

    return _act(request, patient_id, "approve_form", make, do)


@prescriber_page
@require_POST
def ask(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Ask the patient something first."""

    def do(patient: Patient, clinician: Clinician, data: dict[str, Any]) -> str:
        found = access.request_of(patient, data["request"])
        if found is None:
            raise RuleViolation(_("There is no request that waits. Write the patient a message instead."), "no_request")
        services.ask(
            request=found,
            question=data["question"],
            form_token=data["form_token"],
            clinician=clinician,
            now=clock.now(),
        )
        return _("Your question is in the patient's messages, and they are told that one waits.")

    def look(patient: Patient, _clinician: Clinician, data: dict[str, Any]) -> Shown:
        return preview.question(patient, data["question"])

    return _act(request, patient_id, "ask_form", lambda _clinician: AskRefillForm(request.POST), do, look)


@prescriber_page
@require_POST
def decline(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Say no, with words that the patient reads."""

    def do(patient: Patient, clinician: Clinician, data: dict[str, Any]) -> str:
        found = access.request_of(patient, data["request"])
        if found is None:
            raise RuleViolation(_("There is no request that waits."), "no_request")
        services.decline(
            request=found,
            clinician=clinician,
            reason=data["reason"],
            words_to_patient=data["words"],
            now=clock.now(),
        )
        return _("Declined. The patient reads your words.")

    def look(patient: Patient, clinician: Clinician, data: dict[str, Any]) -> Shown:
        return preview.refusal(patient, data["words"], clinician, clock.now())

    return _act(request, patient_id, "decline_form", lambda _clinician: DeclineRefillForm(request.POST), do, look)


@prescriber_page
@require_POST
def renew(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Approve anew after the new evaluation."""

    def do(patient: Patient, clinician: Clinician, data: dict[str, Any]) -> str:
        renewal.renew(patient=patient, clinician=clinician, reason=data["reason"], now=clock.now())
        return _("Approved anew. Sessions and shipments can go on.")

    return _act(request, patient_id, "renew_form", lambda _clinician: RenewForm(request.POST), do)
