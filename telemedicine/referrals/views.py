"""The patient's side: the letters that a clinician wants to send elsewhere, read, signed, taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import ReferralStatus
from telemedicine.referrals import access, selectors, services, words
from treatment.letters import letter_pdf


@require_safe
@patient_only
def referrals(request: PatientRequest) -> HttpResponse:
    """Every letter and where it stands."""
    own_page(request, "referrals")
    rows = [(row, words.standing(row)) for row in selectors.referrals_of(request.patient)]
    return render(request, "telemedicine/referrals/index.html", {"rows": rows, "zone": request.patient.zone})


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def referral(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The whole letter, and the permission under it to sign."""
    row = access.referral_for(request.user, pk)
    error, typed = "", request.POST.get("signature", "")
    if request.method == "POST":
        shown = request.POST.get("shown", "")
        try:
            services.allow(referral=row, typed_name=typed, shown=shown, by=request.user, now=clock.now())
        except RuleViolation as refusal:
            error = refusal.message
            row.refresh_from_db()
        else:
            messages.success(request, _("Signed. Your clinician sends this letter, and nothing else."))
            return redirect("telemedicine:referral", row.pk)
    context = {
        "row": row,
        "standing": words.standing(row),
        "lines": words.statement(row.facility, row.need, list(row.parts), row.letter_sha256),
        "asked": row.status == ReferralStatus.ASKED,
        "stands": row.allowed_at is not None and row.revoked_at is None,
        "error": error,
        "typed": typed,
        "zone": request.patient.zone,
    }
    return render(request, "telemedicine/referrals/referral.html", context, status=422 if error else 200)


@require_POST
@patient_only
def take_back(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Do not send it, or no more of it."""
    row = services.take_back(referral=access.referral_for(request.user, pk), by=request.user, now=clock.now())
    if row.sent_at is None:
        messages.success(request, _("Nothing is sent. Your clinician sees that you do not want it."))
    else:
        messages.success(request, _("Taken back. What was sent before stays sent; nothing more goes out."))
    return redirect("telemedicine:referrals")


@require_safe
@patient_only
def letter(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One's own copy."""
    return letter_pdf(access.referral_for(request.user, pk, action="referral.letter_downloaded").letter)
