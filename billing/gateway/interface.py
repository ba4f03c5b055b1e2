"""What every payment provider must be able to do, in our own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from billing.rules import ChargeStatus


class GatewayUnavailable(Exception):
    """The provider did not answer or refused; nothing is known about the payment. Try again with the same key."""


class EventRefused(Exception):
    """A message that the provider did not sign, or that is too old or from the future. Nothing was written."""


@dataclass(frozen=True)
class Order:
    """All that may leave for the provider: an opaque reference, an amount, a neutral name, where to return (SEC-23)."""

    charge_id: str
    amount_cents: int
    currency: str
    neutral_name: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True)
class Checkout:
    """A page of the provider where the patient pays."""

    reference: str
    url: str


@dataclass(frozen=True)
class Report:
    """What the provider says of one charge."""

    charge_id: str
    status: ChargeStatus | None
    payment_reference: str = ""
    failure: str = ""


@dataclass(frozen=True)
class Event:
    """One delivery of the provider; ``report`` is None when it tells nothing that concerns us."""

    id: str
    kind: str
    report: Report | None


class Gateway(Protocol):
    """A payment provider. Every call carries an idempotency key made from our own row's id."""

    name: str

    def start_checkout(self, order: Order) -> Checkout:
        """Open a payment page; the same order gives the same page. Raises GatewayUnavailable."""
        ...

    def fetch(self, reference: str) -> Report:
        """Ask what became of a payment page. Raises GatewayUnavailable."""
        ...

    def close_checkout(self, reference: str) -> None:
        """Make sure that a payment page can no longer be used; does nothing when it already is. GatewayUnavailable."""
        ...

    def refund(self, *, refund_id: str, payment_reference: str, amount_cents: int) -> str:
        """Give an amount back and return the provider's reference. Raises GatewayUnavailable."""
        ...

    def read_event(self, *, body: bytes, signature: str, now: datetime) -> Event:
        """Verify and read a delivery; raises EventRefused."""
        ...
