"""The test gateway of the demo: a payment provider that lives in this process and moves no money."""

from datetime import datetime

from django.urls import reverse

from billing.gateway.interface import Checkout, Event, EventRefused, Order, Report

NAME = "embedded"


class EmbeddedGateway:
    """Keeps nothing: its page tells the practice at once what was clicked, as a provider's event would."""

    name = NAME

    def start_checkout(self, order: Order) -> Checkout:
        # A path: whoever opened the demo under another of its names stays signed in there.
        return Checkout(reference=f"embedded_{order.charge_id}", url=reverse("nonprod:pay", args=[order.charge_id]))

    def fetch(self, reference: str) -> Report:
        return Report(charge_id=reference.removeprefix("embedded_"), status=None)

    def close_checkout(self, reference: str) -> None:
        return None

    def refund(self, *, refund_id: str, payment_reference: str, amount_cents: int) -> str:
        return f"embedded_refund_{refund_id}"

    def read_event(self, *, body: bytes, signature: str, now: datetime) -> Event:
        raise EventRefused("The test gateway sends no deliveries.")
