"""Stripe's side of the wire, in this process: remembers idempotency keys, can lose an answer after acting on it."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import stripe

SECRET = "whsec_test_only"


class FakeStripe(stripe.HTTPClient):
    """Checkout Sessions and refunds; ``lose_next`` acts and then breaks the connection; ``down`` never acts."""

    name = "fake"

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, str] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.sent: list[tuple[str, dict[str, list[str]]]] = []
        self.lose_next = 0
        self.down = False

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any) -> tuple[str, int, Any]:
        if self.down:
            raise stripe.APIConnectionError("down")
        path = url.partition("/v1/")[2].partition("?")[0]
        fields = parse_qs(post_data or "")
        self.sent.append((path, fields))
        key = headers.get("Idempotency-Key", "")
        body = self.answers.get(key) if method == "post" and key else None
        if body is None:
            body = json.dumps(self._act(method, path, fields))
            if method == "post":
                self.answers[key] = body
        if self.lose_next:
            self.lose_next -= 1
            raise stripe.APIConnectionError("lost")
        return body, 200, {}

    def close(self) -> None:
        return None

    def _act(self, method: str, path: str, fields: dict[str, list[str]]) -> dict[str, Any]:
        if path == "checkout/sessions":
            number = f"cs_test_{len(self.sessions) + 1}"
            self.sessions[number] = {
                "id": number,
                "object": "checkout.session",
                "url": f"https://checkout.example/{number}",
                "client_reference_id": fields["client_reference_id"][0],
                "payment_status": "unpaid",
                "status": "open",
                "payment_intent": None,
            }
            return self.sessions[number]
        if path == "refunds":
            refund = {"id": f"re_{len(self.refunds) + 1}", "object": "refund", "amount": int(fields["amount"][0])}
            self.refunds.append(refund)
            return refund
        return self.sessions[path.split("/")[2]]

    def pay(self, number: str) -> None:
        """The patient paid on the hosted page."""
        self.sessions[number] |= {"payment_status": "paid", "status": "complete", "payment_intent": f"pi_{number}"}


def delivery(event_id: str, kind: str, obj: dict[str, Any], *, at: int, livemode: bool = False) -> tuple[bytes, str]:
    """A webhook body and its signature header, signed as Stripe signs."""
    body = json.dumps(
        {"id": event_id, "object": "event", "type": kind, "created": at, "livemode": livemode, "data": {"object": obj}}
    ).encode()
    return body, signature(body, at=at)


def signature(body: bytes, *, at: int, secret: str = SECRET) -> str:
    """The Stripe-Signature header of a body."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"
