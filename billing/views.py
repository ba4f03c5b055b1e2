"""A patient's payments: pay, come back, see what was charged and what was given back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from billing import access, gateway
from billing.gateway.interface import EventRefused
from billing.rules import OPEN
from billing.selectors import charges_of
from billing.services import apply_event, refresh, start_checkout
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity


@require_GET
@patient_only
def bills(request: PatientRequest) -> HttpResponse:
    """Everything that was charged and given back."""
    own_page(request, "bills")
    return render(request, "billing/bills.html", {"charges": charges_of(request.patient)})


@require_GET
@patient_only
def charge(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One charge: the receipt once it is paid."""
    return render(request, "billing/charge.html", {"charge": access.charge_for(request.user, pk)})


@require_POST
@patient_only
def pay(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Go to the provider's payment page; the second click goes to the same page."""
    found = access.charge_for(request.user, pk)
    try:
        start_checkout(charge=found, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("billing:charge", pk=found.pk)
    return redirect("billing:leave", pk=found.pk)


@require_GET
@patient_only
def leave(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The step over to the provider's page.

    Browsers apply our ``form-action 'self'`` to where a posted form is redirected, so the way out is a page of its own.
    """
    found = access.charge_for(request.user, pk)
    stopped = active_hold(found.patient) is not None or consents.missing(found.patient, Activity.CHECKOUT, clock.now())
    if found.status not in OPEN or not found.checkout_url or stopped:
        return redirect("billing:charge", pk=found.pk)
    response = render(request, "billing/leave.html", {"charge": found})
    response.headers["Refresh"] = f"1; url={found.checkout_url}"
    return response


@require_GET
@patient_only
def returned(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Back from the payment page: says "confirming" until the provider is sure (BUG-17)."""
    found = refresh(charge=access.charge_for(request.user, pk), now=clock.now())
    response = render(request, "billing/charge.html", {"charge": found, "just_returned": True})
    if found.status in OPEN:
        response.headers["Refresh"] = "5"
    return response


@require_GET
@patient_only
def turned_back(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The patient came back without paying: nothing was charged, and the way to try again."""
    found = refresh(charge=access.charge_for(request.user, pk), now=clock.now())
    return render(request, "billing/charge.html", {"charge": found, "turned_back": True})


@csrf_exempt
@require_POST
@login_not_required
def webhook(request: HttpRequest, gateway_name: str) -> HttpResponse:
    """A delivery of the payment provider: 400 when it is not signed by it, 200 when it was kept (BUG-19)."""
    try:
        provider = gateway.named(gateway_name)
        event = provider.read_event(
            body=request.body, signature=request.headers.get("Stripe-Signature", ""), now=clock.wall()
        )
    except (LookupError, EventRefused):
        return HttpResponseBadRequest()
    apply_event(event=event, gateway_name=provider.name, now=clock.now())
    return HttpResponse(status=200)
