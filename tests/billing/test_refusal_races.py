"""A refusal, a payment and the round that gives money back, all in one moment: nobody has paid for a refusal (I6)."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from billing import gateway, services
from billing.gateway.interface import Checkout, Event, GatewayUnavailable, Order, Report
from billing.models import Charge, Refund
from billing.prices import Purpose
from billing.rules import ChargeStatus
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.rounds import RowsFailed
from telemedicine.reviews import services as reviews
from telemedicine.reviews.refusals import give_back_after_refusals
from tests.cast import NOON
from tests.telemedicine.cases import make_decision
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Blood pressure is not controlled."


class Provider:
    """A provider that gives money back, once for each key, when it is up."""

    name = "demo"

    def __init__(self) -> None:
        self.up = True
        self.failure: type[Exception] = GatewayUnavailable
        self.given: dict[str, int] = {}
        self.calls = 0
        self.closed: list[str] = []
        self.meanwhile = lambda: None

    def start_checkout(self, order: Order) -> Checkout:
        self.meanwhile()
        return Checkout(reference=f"page_{order.charge_id}", url="https://pay.example/page")

    def close_checkout(self, reference: str) -> None:
        if not self.up:
            raise GatewayUnavailable("down")
        self.closed.append(reference)

    def refund(self, *, refund_id: str, payment_reference: str, amount_cents: int) -> str:
        self.calls += 1
        if not self.up:
            raise self.failure("down")
        self.given[refund_id] = amount_cents
        return f"re_{refund_id}"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr(gateway, "named", lambda _name: made)
    return made


def paid(charge: Charge, key: str = "evt_paid") -> Event:
    report = Report(charge_id=str(charge.pk), status=ChargeStatus.PAID, payment_reference="pi_1")
    return Event(id=key, kind="paid", report=report)


@pytest.mark.parametrize("order", ["at once", "refused first", "paid first"])
def test_a_refusal_while_the_payment_page_is_open(patient, prescriber, provider, order):
    case = make_decision(patient)
    by = prescriber.user
    reviews.claim(decision=case, by=by, now=NOON)
    charge = services.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)

    def refuse():
        reviews.decline(decision=case, reason=REASON, words="Not now.", by=by, now=NOON)

    def pay(key="evt_paid"):
        services.apply_event(event=paid(charge, key), gateway_name=charge.gateway, now=NOON)

    if order == "at once":
        at_once(refuse, pay, pay, lambda: pay("evt_again"))
    else:
        for act in (refuse, pay) if order == "refused first" else (pay, refuse):
            act()
    give_back_after_refusals(now=NOON + timedelta(minutes=1))
    at_once(*[lambda: services.carry_out_refunds(now=NOON + timedelta(minutes=1))] * 3)
    charge.refresh_from_db()
    assert charge.status == "refunded"
    assert list(provider.given.values()) == [charge.amount_cents]
    assert Refund.objects.get().status == "done"


def test_a_provider_that_stays_down_ends_on_the_worklist(patient, prescriber, provider):
    provider.up = False
    case = make_decision(patient)
    reviews.claim(decision=case, by=prescriber.user, now=NOON)
    charge = services.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    services.apply_event(event=paid(charge), gateway_name=charge.gateway, now=NOON)
    reviews.decline(decision=case, reason=REASON, words="Not now.", by=prescriber.user, now=NOON)
    for days in range(20):
        # An answer that nobody thought of counts as an attempt like any other.
        provider.failure = ValueError if days % 2 else GatewayUnavailable
        with pytest.raises(RowsFailed) if days % 2 and days < services.REFUND_ATTEMPTS else nullcontext():
            services.carry_out_refunds(now=NOON + timedelta(days=days))
    assert Refund.objects.get().status == "failed"
    assert provider.calls == services.REFUND_ATTEMPTS
    assert FollowUp.objects.filter(kind="payment_problem").count() == 1


@pytest.mark.parametrize("up", [True, False])
def test_a_refusal_closes_the_payment_page(patient, prescriber, provider, up):
    case = make_decision(patient)
    reviews.claim(decision=case, by=prescriber.user, now=NOON)
    charge = services.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    services.start_checkout(charge=charge, by=patient.user, now=NOON)
    provider.up = up
    reviews.decline(decision=case, reason=REASON, words="Not now.", by=prescriber.user, now=NOON)
    charge.refresh_from_db()
    assert (charge.status, provider.closed) == ("abandoned", [f"page_{charge.pk}"] if up else [])


def test_a_page_that_opens_in_the_moment_of_the_refusal_is_closed(patient, prescriber, provider):
    case = make_decision(patient)
    by = prescriber.user
    reviews.claim(decision=case, by=by, now=NOON)
    charge = services.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    provider.meanwhile = lambda: reviews.decline(decision=case, reason=REASON, words="Not now.", by=by, now=NOON)
    with pytest.raises(RuleViolation) as refusal:
        services.start_checkout(charge=charge, by=patient.user, now=NOON)
    assert (refusal.value.code, provider.closed) == ("closed", [f"page_{charge.pk}"])
