"""Stripe: the only module that imports its library. Hosted Checkout, so no card data ever reaches us (SEC-26)."""

from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from billing.gateway.interface import Checkout, Event, EventRefused, GatewayUnavailable, Order, Report
from billing.rules import ChargeStatus

FUTURE_SECONDS = 300
MOVES_A_CHARGE: dict[str, ChargeStatus] = {
    "checkout.session.async_payment_succeeded": ChargeStatus.PAID,
    "checkout.session.async_payment_failed": ChargeStatus.ABANDONED,
    "checkout.session.expired": ChargeStatus.ABANDONED,
}


class StripeGateway:
    """Checkout Sessions and refunds, with keys made from our own row ids."""

    name = "stripe"

    def __init__(self, http_client: stripe.HTTPClient | None = None) -> None:
        self._client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            http_client=http_client or stripe.RequestsClient(timeout=(3, 10)),
            max_network_retries=2,
        )

    def start_checkout(self, order: Order) -> Checkout:
        reference = {"charge": order.charge_id}
        params: Any = {
            "mode": "payment",
            "client_reference_id": order.charge_id,
            "metadata": reference,
            "payment_intent_data": {"metadata": reference},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.currency.lower(),
                        "unit_amount": order.amount_cents,
                        "product_data": {"name": order.neutral_name},
                    },
                }
            ],
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
        }
        try:
            session = self._client.v1.checkout.sessions.create(
                params=params, options={"idempotency_key": f"charge:{order.charge_id}"}
            )
        except stripe.StripeError as error:
            raise GatewayUnavailable(type(error).__name__) from error
        return Checkout(reference=session.id, url=session.url or "")

    def fetch(self, reference: str) -> Report:
        try:
            return _report(self._client.v1.checkout.sessions.retrieve(reference))
        except stripe.StripeError as error:
            raise GatewayUnavailable(type(error).__name__) from error

    def close_checkout(self, reference: str) -> None:
        try:
            self._client.v1.checkout.sessions.expire(reference)
        except stripe.InvalidRequestError:
            return  # it is complete or expired already; the event or the next fetch tells which
        except stripe.StripeError as error:
            raise GatewayUnavailable(type(error).__name__) from error

    def refund(self, *, refund_id: str, payment_reference: str, amount_cents: int) -> str:
        try:
            refund = self._client.v1.refunds.create(
                params={
                    "payment_intent": payment_reference,
                    "amount": amount_cents,
                    "metadata": {"refund": refund_id},
                },
                options={"idempotency_key": f"refund:{refund_id}"},
            )
        except stripe.StripeError as error:
            raise GatewayUnavailable(type(error).__name__) from error
        return refund.id

    def read_event(self, *, body: bytes, signature: str, now: datetime) -> Event:
        try:
            event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise EventRefused("The signature does not fit.") from error
        # The library accepts timestamps from the future (requirements 3.1).
        if event.created > now.timestamp() + FUTURE_SECONDS or _signed_at(signature) > now.timestamp() + FUTURE_SECONDS:
            raise EventRefused("The event is from the future.")
        if event.livemode != settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")):
            raise EventRefused("The event belongs to the other mode.")
        session: Any = event.data.object
        if event.type == "checkout.session.completed":
            return Event(id=event.id, kind=event.type, report=_report(session))
        if event.type in MOVES_A_CHARGE:
            report = _report(session)
            return Event(
                id=event.id,
                kind=event.type,
                report=Report(report.charge_id, MOVES_A_CHARGE[event.type], report.payment_reference),
            )
        if event.type == "payment_intent.payment_failed":
            charge_id = (session.metadata or {}).get("charge", "") if session.metadata else ""
            return Event(id=event.id, kind=event.type, report=Report(charge_id, None, failure="declined"))
        return Event(id=event.id, kind=event.type, report=None)


def _signed_at(signature: str) -> float:
    for part in signature.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "t" and value.isdigit():
            return float(value)
    return 0.0


def _report(session: Any) -> Report:
    """What a Checkout Session says: paid only when the money was captured."""
    status: ChargeStatus | None = None
    if session.payment_status == "paid":
        status = ChargeStatus.PAID
    elif session.status == "expired":
        status = ChargeStatus.ABANDONED
    elif session.status == "complete":
        status = ChargeStatus.PENDING
    intent = session.payment_intent
    return Report(
        charge_id=session.client_reference_id or "",
        status=status,
        payment_reference=(intent if isinstance(intent, str) else getattr(intent, "id", "")) or "",
    )
