"""Referrals of one patient, and what was given elsewhere, for those who care; the outcome also for coordinators."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from telemedicine.models import ReferralStatus
from telemedicine.referrals import access, selectors, services
from telemedicine.referrals.staff_forms import ElsewhereForm, OutcomeForm, ReferForm, SentForm
from treatment.letters import letter_pdf
from treatment.order_forms import anew


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def of_patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every referral, and a form: search the directory, then write the letter. Nothing of it stands in an address."""
    patient = patient_for(request.user, patient_id)
    form = ReferForm(request.POST if request.method == "POST" else None, initial={"state": patient.state})
    searching, status = "search" in request.POST, 200
    if form.is_bound and form.is_valid() and not searching:
        wish, status = form.wish(), 422
        if wish is not None:
            try:
                made = services.refer(
                    patient=patient, token=form.cleaned_data["token"], wish=wish, by=request.user, now=clock.now()
                )
            except Conflict as refusal:
                status, form = 409, ReferForm(anew(request.POST, "token"))
                form.add_error(None, refusal.message)
            except RuleViolation as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(
                    request, _("The patient is asked to read and sign the letter. Nothing is sent before.")
                )
                return redirect("admin:referral", made.pk)
    elif form.is_bound and form.errors:
        status = 422
    context = {
        "title": _("Referrals of %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "rows": selectors.referrals_of(patient),
        "looked": form.is_bound,
        "zone": patient.zone,
    }
    return render(request, "telemedicine/referrals/staff/of_patient.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def referral(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One referral: the letter as the patient reads it, whether it may go out, and what became of it."""
    row, now = access.referral_for(request.user, pk), clock.now()
    form = SentForm(request.POST if request.method == "POST" else None, patient=row.patient)
    if form.is_bound and form.is_valid():
        try:
            services.mark_sent(referral=row, ask_on=form.cleaned_data["ask_on"], by=request.user, now=now)
        except (RuleViolation, IllegalMove) as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Noted as sent. A coordinator asks the patient on the chosen day."))
            return redirect("admin:referral", row.pk)
    context = {
        "title": _("Referral of %(name)s") % {"name": row.patient.display_name},
        "row": row,
        "patient": row.patient,
        "form": form,
        "goes_out": services.may_go_out(row, now),
        "to_send": row.status == ReferralStatus.ALLOWED,
        "tracked": row.sent_at is not None,
        "zone": row.patient.zone,
    }
    return render(request, "telemedicine/referrals/staff/referral.html", context, status=422 if form.is_bound else 200)


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def letter(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The signed letter, to be sent; not there before the patient signed nor after they took it back."""
    row = access.referral_for(request.user, pk, action="referral.letter_downloaded")
    if not services.may_go_out(row, clock.now()):
        raise Http404
    return letter_pdf(row.letter)


@require_POST
@staff_with(Permission.VIEW_CLINICAL)
def call_off(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask for it no more, or do not send it."""
    row = access.referral_for(request.user, pk)
    if row.sent_at is not None:
        messages.error(request, _("It was sent already."))
    else:
        services.take_back(referral=row, by=request.user, now=clock.now())
        messages.success(request, _("Called off. Nothing is sent."))
    return redirect("admin:referral", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with()
def outcome(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What became of it. A coordinator reads here who to ask, not where they were sent nor why."""
    now = clock.now()
    row = access.outcome_for(request.user, pk, now)
    if row.sent_at is None:
        raise Http404
    clinical = can(request.user, Permission.VIEW_CLINICAL)
    form = OutcomeForm(request.POST if request.method == "POST" else None, referral=row, clinical=clinical)
    if form.is_bound and form.is_valid():
        try:
            services.note_outcome(referral=row, by=request.user, now=now, **form.cleaned_data)
        except (Conflict, IllegalMove) as overtaken:
            messages.warning(request, overtaken.message)
            return redirect("admin:referral_outcome", row.pk)
        messages.success(request, _("Noted."))
        return redirect("admin:referral", row.pk) if clinical else redirect("admin:worklist")
    context = {
        "title": _("Visit elsewhere of %(name)s") % {"name": row.patient.display_name},
        "row": row,
        "patient": row.patient,
        "form": form,
        "clinical": clinical,
        "zone": row.patient.zone,
    }
    return render(request, "telemedicine/referrals/staff/outcome.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.VIEW_CLINICAL)
def elsewhere(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """IV, IM or esketamine that a clinic gave: what is on record, and a form to enter one more."""
    patient = patient_for(request.user, patient_id)
    form = ElsewhereForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        token, told = form.cleaned_data["token"], form.told()
        try:
            services.record_elsewhere(patient=patient, token=token, told=told, by=request.user, now=clock.now())
        except Conflict as refusal:
            form = ElsewhereForm(anew(request.POST, "token"))
            form.add_error(None, refusal.message)
        except RuleViolation as refusal:
            form.add_error("given_on", refusal.message)
        else:
            messages.success(request, _("Entered in the chart."))
            return redirect("admin:elsewhere", patient.pk)
    context = {
        "title": _("Given elsewhere to %(name)s") % {"name": patient.display_name},
        "patient": patient,
        "form": form,
        "rows": selectors.elsewhere_of(patient),
        "zone": patient.zone,
    }
    return render(request, "telemedicine/referrals/staff/elsewhere.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_with(Permission.VIEW_CLINICAL)
def strike(request: StaffRequest, pk: UUID) -> HttpResponse:
    """It was entered by mistake."""
    row = access.elsewhere_for(request.user, pk)
    services.strike(elsewhere=row, by=request.user, now=clock.now())
    messages.success(request, _("Crossed out. It stays on record."))
    return redirect("admin:elsewhere", row.patient_id)
