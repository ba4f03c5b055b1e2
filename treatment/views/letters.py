"""The patient after the treatment: what happened and what comes next, the letters, and who else may have one."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, transfer_words
from treatment import discharge_words as words
from treatment.discharge_forms import TransferForm, hidden, in_ninety_days
from treatment.letters import authorization_pdf, letter_pdf
from treatment.models import DischargeReason
from treatment.selecting import discharge as selectors
from treatment.services import transfer as services
from treatment.views.helping import heed, help_first


@require_safe
@patient_only
def ended(request: PatientRequest, pk: UUID) -> HttpResponse:
    """How a treatment ended, and what to do now."""
    row = access.discharge_for(request.user, pk)
    context = {
        "discharge": row,
        "why": words.REASONS[DischargeReason(row.reason)],
        "leftover": words.leftover_lines(row.leftover),
        "returns": words.if_it_returns(),
        "zone": row.patient.zone,
    }
    return render(request, "treatment/ended.html", context)


@require_safe
@patient_only
def ended_letter(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The summary letter."""
    return letter_pdf(access.discharge_for(request.user, pk, action="discharge.downloaded").letter)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def letters(request: PatientRequest) -> HttpResponse:
    """Every letter, and the first page of a new permission; the second shows the whole text before it is signed."""
    own_page(request, "letters")
    patient, now = request.patient, clock.now()
    data = request.POST if request.method == "POST" else None
    initial = {"token": uuid4(), "expires_on": in_ninety_days(clock.today(patient.zone, now))}
    form = TransferForm(data, initial=initial)
    if data is not None and form.is_valid():
        context = {"lines": transfer_words.statement(form.wish()), "carried": hidden(form), "name": patient.legal_name}
        return render(request, "treatment/sign_transfer.html", context)
    heed(request, "purpose")
    context = {
        "form": form,
        "discharges": selectors.discharges_of(patient),
        "transfers": selectors.transfers_of(patient),
        "today": clock.today(patient.zone, now),
        "may_ask": selectors.chart_to_tell_of(patient) is not None,
        "zone": patient.zone,
    }
    return render(request, "treatment/letters.html", context, status=200 if data is None else 422)


@require_POST
@patient_only
def sign_transfer(request: PatientRequest) -> HttpResponse:
    """Sign the permission that was shown."""
    form = TransferForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Something is missing. Please fill in the page again; nothing was signed."))
        return heed(request, "purpose") or redirect("treatment:letters")
    wish, error = form.wish(), ""
    try:
        services.authorize(
            patient=request.patient,
            token=form.cleaned_data["token"],
            wish=wish,
            typed_name=request.POST.get("signature", ""),
            by=request.user,
            now=clock.now(),
        )
    except RuleViolation as refusal:
        error = refusal.message
    if error:
        heed(request, "purpose")
        context = {
            "lines": transfer_words.statement(wish),
            "carried": hidden(form),
            "name": request.patient.legal_name,
            "typed": request.POST.get("signature", ""),
            "error": error,
        }
        return render(request, "treatment/sign_transfer.html", context, status=422)
    messages.success(request, _("Signed. Your prescriber makes the letter and sends it. You find a copy here."))
    return help_first(request, wish.purpose) or redirect("treatment:letters")


@require_POST
@patient_only
def revoke(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Take a permission back."""
    row = access.transfer_for(request.user, pk)
    services.revoke(transfer=row, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. From now on nothing is sent under it."))
    return redirect("treatment:letters")


@require_safe
@patient_only
def permission(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The signed permission as the patient's own copy."""
    row = access.transfer_for(request.user, pk, action="transfer.permission_downloaded")
    return authorization_pdf(row)


@require_safe
@patient_only
def transfer_letter(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The letter that was made, also after the permission ended: it is about the patient."""
    row = access.transfer_for(request.user, pk, action="transfer.downloaded")
    if row.letter is None:
        raise Http404
    return letter_pdf(row.letter)
