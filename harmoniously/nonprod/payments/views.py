"""The hosted-looking page of the test gateway."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from billing.access import charge_for
from billing.gateway.interface import Event, Report
from billing.models import Charge
from billing.prices import PRICES, Purpose
from billing.rules import ChargeStatus
from billing.services import apply_event
from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.nonprod.payments.gateway import NAME

PAGE = "nonprod/payments/checkout.html"


@require_http_methods(["GET", "POST"])
@patient_only
def pay(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Pay, have the card declined, or go back; each tells the practice what a real provider would."""
    charge = charge_for(request.user, pk)
    choice = request.POST.get("choice", "")
    if choice == "pay":
        _tell(charge, "paid", Report(str(pk), ChargeStatus.PAID, payment_reference=f"embedded_payment_{pk}"))
        return redirect("billing:returned", pk=pk)
    if choice == "back":
        return redirect("billing:turned_back", pk=pk)
    declined = choice == "declined"
    if declined:
        _tell(charge, f"declined_{charge.events.count()}", Report(str(pk), None, failure="declined"))
    name = PRICES[Purpose(charge.purpose)].neutral_name
    context = {"charge": charge, "product": name, "declined": declined}
    return render(request, PAGE, context, status=402 if declined else 200)


def _tell(charge: Charge, what: str, report: Report) -> None:
    apply_event(
        event=Event(f"embedded_{charge.pk}_{what}", f"embedded.{what[:8]}", report), gateway_name=NAME, now=clock.now()
    )
