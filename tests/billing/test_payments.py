"""Charged is owed, refunds are at most captured, every event counts once whatever its order (I6)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client

from billing import gateway
from billing.gateway.interface import Event, Report
from billing.gateway.stripe_gateway import StripeGateway
from billing.models import Charge, ProviderEvent, Refund
from billing.prices import Purpose
from billing.rules import ChargeStatus
from billing.selectors import evaluation_paid
from billing.services import (
    apply_event,
    carry_out_refunds,
    open_charge,
    reconcile,
    refresh,
    refund_in_full,
    start_checkout,
)
from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.follow_ups import close_follow_up
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.rounds import RowsFailed
from tests.billing.stripe_wire import SECRET, FakeStripe, delivery, signature
from tests.cast import NOON

LATER = NOON.replace(hour=20)


@pytest.fixture
def wire(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """Stripe as the gateway, with its own library, over a wire that ends in this process."""
    settings.STRIPE_SECRET_KEY = "sk_test_only"
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.PAYMENT_GATEWAY = "billing.gateway.stripe_gateway.StripeGateway"
    wire = FakeStripe()
    built = StripeGateway(http_client=wire)
    monkeypatch.setattr(gateway, "_built", lambda path: built)
    yield wire


@pytest.fixture
def charge(patient: Patient, wire: FakeStripe) -> Charge:
    made = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    start_checkout(charge=made, by=patient.user, now=NOON)
    return made


def paid_event(charge: Charge, event_id: str = "evt_paid") -> tuple[bytes, str]:
    obj = {
        "object": "checkout.session",
        "id": charge.reference,
        "client_reference_id": str(charge.pk),
        "payment_status": "paid",
        "status": "complete",
        "payment_intent": "pi_1",
    }
    return delivery(event_id, "checkout.session.completed", obj, at=int(clock.wall().timestamp()))


def expired_event(charge: Charge) -> tuple[bytes, str]:
    obj = {
        "object": "checkout.session",
        "id": charge.reference,
        "client_reference_id": str(charge.pk),
        "payment_status": "unpaid",
        "status": "expired",
        "payment_intent": None,
    }
    return delivery("evt_expired", "checkout.session.expired", obj, at=int(clock.wall().timestamp()))


def post(body: bytes, header: str) -> int:
    return (
        Client()
        .post("/billing/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": header})
        .status_code
    )


def test_second_click_reaches_the_same_payment_page(patient: Patient, wire: FakeStripe) -> None:
    first = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    second = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    assert first == second
    assert start_checkout(charge=first, by=patient.user, now=NOON) == start_checkout(
        charge=second, by=patient.user, now=NOON
    )
    assert len(wire.sessions) == 1


def test_nothing_but_opaque_references_leaves_for_stripe_sec_23(charge: Charge, wire: FakeStripe) -> None:
    allowed = {"mode", "client_reference_id", "success_url", "cancel_url", "metadata[charge]"}
    for _path, fields in wire.sent:
        for name, values in fields.items():
            assert name in allowed or name.startswith(("line_items[0]", "payment_intent_data[metadata]")), name
            assert not {"ketamine", "depression", "Robin"} & set(" ".join(values).split())
    assert wire.sent[0][1]["line_items[0][price_data][product_data][name]"] == ["Program payment"]


def test_lost_answer_leads_to_one_page_fi_06(patient: Patient, wire: FakeStripe) -> None:
    made = open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    wire.lose_next = 1
    with pytest.raises(RuleViolation):
        start_checkout(charge=made, by=patient.user, now=NOON)
    assert start_checkout(charge=made, by=patient.user, now=NOON).endswith("cs_test_1")
    assert len(wire.sessions) == 1


def test_signed_event_pays_once(charge: Charge) -> None:
    body, header = paid_event(charge)
    assert [post(body, header), post(body, header)] == [200, 200]
    charge.refresh_from_db()
    assert charge.status == "paid"
    assert ProviderEvent.objects.count() == 1
    assert evaluation_paid(charge.patient)


@pytest.mark.parametrize("fault", ["unsigned", "other secret", "old", "future", "live"])
def test_forged_event_writes_nothing_bug_19(charge: Charge, fault: str) -> None:
    body, header = paid_event(charge)
    now = int(clock.wall().timestamp())
    header = {
        "unsigned": "",
        "other secret": signature(body, at=now, secret="whsec_other"),
        "old": signature(body, at=now - 301),
        "future": signature(body, at=now + 400),
        "live": header,
    }[fault]
    if fault == "live":
        body = body.replace(b'"livemode": false', b'"livemode": true')
        header = signature(body, at=now)
    assert post(body, header) == 400
    charge.refresh_from_db()
    assert charge.status == "created"
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("order", list(permutations(["paid", "expired", "again"])))
def test_any_order_of_events_ends_the_same_fi_05(charge: Charge, order: tuple[str, ...]) -> None:
    deliveries: dict[str, Any] = {
        "paid": paid_event(charge),
        "expired": expired_event(charge),
        "again": paid_event(charge, "evt_paid_2"),
    }
    for name in order:
        assert post(*deliveries[name]) == 200
    charge.refresh_from_db()
    assert charge.status == "paid"


def test_money_for_a_charge_we_closed_goes_back_bug_18(charge: Charge, wire: FakeStripe) -> None:
    refund_in_full(patient=charge.patient, purpose=Purpose.EVALUATION, reason_code="declined", by=SYSTEM, now=NOON)
    assert post(*paid_event(charge)) == 200
    assert carry_out_refunds(now=clock.now()) == 1
    charge.refresh_from_db()
    assert charge.status == "refunded"
    assert [refund["amount"] for refund in wire.refunds] == [14_900]


def test_decline_refunds_in_full_and_only_once(charge: Charge, wire: FakeStripe) -> None:
    post(*paid_event(charge))
    for _ in range(2):
        refund_in_full(patient=charge.patient, purpose=Purpose.EVALUATION, reason_code="declined", by=SYSTEM, now=NOON)
        carry_out_refunds(now=LATER)
    assert [refund["amount"] for refund in wire.refunds] == [14_900]
    assert Refund.objects.get().status == "done"
    assert not evaluation_paid(charge.patient)


def test_refund_waits_while_the_provider_is_down_fi_11(charge: Charge, wire: FakeStripe) -> None:
    post(*paid_event(charge))
    refund_in_full(patient=charge.patient, purpose=Purpose.EVALUATION, reason_code="declined", by=SYSTEM, now=NOON)
    wire.down = True
    assert carry_out_refunds(now=NOON) == 0
    assert Refund.objects.get().next_attempt_at > NOON
    wire.down = False
    assert carry_out_refunds(now=LATER) == 1
    assert len(wire.refunds) == 1


def test_lost_delivery_is_found_by_asking(charge: Charge, wire: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as odd, pytest.raises(RowsFailed):
        odd.setattr(FakeStripe, "request", lambda *_, **__: 1 / 0)
        reconcile(now=NOON + timedelta(minutes=3))
    assert reconcile(now=NOON + timedelta(minutes=3)) == 0, "it waits for its next turn behind the others"
    wire.pay(charge.reference)
    assert reconcile(now=LATER) == 1
    charge.refresh_from_db()
    assert charge.status == "paid"


def test_return_page_and_event_in_either_order_give_one_payment_bug_17(charge: Charge, wire: FakeStripe) -> None:
    wire.pay(charge.reference)
    refresh(charge=charge, now=LATER)
    post(*paid_event(charge))
    charge.refresh_from_db()
    assert charge.status == "paid"
    assert not Refund.objects.exists()


def test_event_about_somebody_elses_reference_changes_nothing(charge: Charge) -> None:
    obj = {
        "object": "checkout.session",
        "client_reference_id": "not-ours",
        "payment_status": "paid",
        "status": "complete",
    }
    obj["payment_intent"] = "pi_9"
    assert post(*delivery("evt_x", "checkout.session.completed", obj, at=int(clock.wall().timestamp()))) == 200
    charge.refresh_from_db()
    assert charge.status == "created"


def test_same_event_twice_reports_that_it_was_known(charge: Charge) -> None:
    body, header = paid_event(charge)
    event = gateway.current().read_event(body=body, signature=header, now=clock.wall())
    assert apply_event(event=event, gateway_name="stripe", now=NOON)
    assert not apply_event(event=event, gateway_name="stripe", now=NOON)


def test_a_refused_card_asks_a_coordinator_to_call_unless_it_is_paid_within_the_hour(charge: Charge) -> None:
    report = Report(str(charge.pk), None, failure="declined")
    for number in range(2):
        apply_event(event=Event(id=f"evt_{number}", kind="x", report=report), gateway_name="stripe", now=NOON)
    row = FollowUp.objects.get()
    assert (row.kind, row.due_at, row.is_open) == ("payment_problem", NOON + timedelta(hours=1), True)
    # Somebody called, they tried another card, and it was refused as well: the next call is not forgotten.
    close_follow_up(follow_up=row, by=SYSTEM, now=NOON)
    apply_event(event=Event(id="evt_2", kind="x", report=report), gateway_name="stripe", now=LATER)
    row = FollowUp.objects.exclude(pk=row.pk).get()
    assert (row.due_at, row.is_open) == (LATER + timedelta(hours=1), True)
    # That the page of the provider closed by itself is no payment: the call stays.
    assert post(*expired_event(charge)) == 200
    row.refresh_from_db()
    assert row.is_open
    again = open_charge(patient=charge.patient, purpose=Purpose.EVALUATION, by=charge.patient.user, now=LATER)
    start_checkout(charge=again, by=charge.patient.user, now=LATER)
    assert post(*paid_event(again)) == 200
    row.refresh_from_db()
    assert not row.is_open


def test_a_payment_that_seemed_made_and_failed_is_called_about_at_once(charge: Charge) -> None:
    for number, status in enumerate((ChargeStatus.PENDING, ChargeStatus.ABANDONED)):
        event = Event(id=f"evt_{number}", kind="x", report=Report(str(charge.pk), status))
        apply_event(event=event, gateway_name="stripe", now=NOON)
    assert (FollowUp.objects.get().kind, FollowUp.objects.get().due_at) == ("payment_problem", NOON)
