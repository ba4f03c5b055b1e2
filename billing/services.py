"""Verbs about money. Rows are committed before the provider is called, so that a lost answer loses nothing.

Charged is what is owed; refunds never exceed what was captured; every event of the provider is applied once, whatever
its order; nobody pays for a refusal (I6).
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from billing import gateway
from billing.gateway.interface import Event, GatewayUnavailable, Order, Report
from billing.models import Charge, ProviderEvent, Refund
from billing.prices import PRICES, Purpose
from billing.rules import OPEN, ChargeStatus, moved, refundable_cents
from billing.selectors import evaluation_paid, refunds_due, standing_charges, to_reconcile
from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.actors import SYSTEM, Actor, Provider
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.rounds import each
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.notifications.models import Channel
from harmoniously.core.notifications.services import schedule

log = logging.getLogger(__name__)
REFUND_ATTEMPTS = 8
FIRST_RETRY = timedelta(minutes=1)
TRY_AGAIN_WITHIN = timedelta(hours=1)  # [house]


def open_charge(*, patient: Patient, purpose: Purpose, by: Actor, now: datetime) -> Charge:
    """The open charge for a purpose, made when there is none; a second click finds the first one's.

    Raises RuleViolation while a safety hold stands (policy section 4: checkout stops), while an agreement is not
    signed, and when it is paid already.
    """
    if active_hold(patient) is not None:
        raise RuleViolation(_("Payment is paused. Please talk to us first."), "on_hold")
    consents.require(patient, Activity.CHECKOUT, now)
    if purpose is Purpose.EVALUATION and evaluation_paid(patient):
        raise RuleViolation(_("Your evaluation is already paid. Nothing more is due."), "already_paid")
    waiting = Charge.objects.filter(patient=patient, purpose=purpose, status__in=OPEN)
    found = waiting.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            # Whoever takes an agreement back holds the patient's row: the payment begins before it, or not at all.
            consents.lock_patient(patient)
            consents.require(patient, Activity.CHECKOUT, now)
            charge = Charge.objects.create(
                patient=patient,
                purpose=purpose,
                amount_cents=PRICES[purpose].amount_cents,
                gateway=gateway.current().name,
                created_at=now,
            )
            record(actor=by, action="charge.opened", now=now, subject=charge, cents=charge.amount_cents)
            return charge
    except IntegrityError:
        return waiting.get()


def start_checkout(*, charge: Charge, by: Actor, now: datetime) -> str:
    """The address of the provider's payment page for an open charge; asked once and then remembered.

    Raises RuleViolation when the charge is closed, while a safety hold stands or an agreement is not signed, or when
    the provider does not answer: nothing was taken, try again.
    """
    if charge.status not in OPEN:
        raise RuleViolation(_("This payment is closed. Nothing more is due here."), "closed")
    if active_hold(charge.patient) is not None:
        # The charge may be older than the hold.
        raise RuleViolation(_("Payment is paused. Please talk to us first."), "on_hold")
    consents.require(charge.patient, Activity.CHECKOUT, now)
    if charge.checkout_url:
        return charge.checkout_url
    there = f"{settings.PUBLIC_BASE_URL}{reverse('billing:returned', args=[charge.pk])}"
    order = Order(
        charge_id=str(charge.pk),
        amount_cents=charge.amount_cents,
        currency=charge.currency,
        neutral_name=PRICES[Purpose(charge.purpose)].neutral_name,
        success_url=there,
        cancel_url=f"{settings.PUBLIC_BASE_URL}{reverse('billing:turned_back', args=[charge.pk])}",
    )
    try:
        checkout = gateway.named(charge.gateway).start_checkout(order)
    except (GatewayUnavailable, LookupError) as error:
        log.warning("checkout not opened: %s", type(error).__name__)
        raise RuleViolation(
            _("The payment page cannot be reached right now. Nothing was charged. Please try again in a few minutes."),
            "unavailable",
        ) from error
    charge.reference, charge.checkout_url, charge.checked_at = checkout.reference, checkout.url, now
    charge.save(update_fields=["reference", "checkout_url", "checked_at"])
    record(actor=by, action="charge.checkout_opened", now=now, subject=charge)
    charge.refresh_from_db(fields=["status"])
    if charge.status not in OPEN:
        # Refused while the provider was opening the page: it must not be paid on.
        _close_page(charge.gateway, charge.reference)
        raise RuleViolation(_("This payment is closed. Nothing more is due here."), "closed")
    return checkout.url


def _close_page(gateway_name: str, reference: str) -> None:
    """Ask the provider to close a payment page. When it cannot be reached, what is paid there goes back by itself."""
    try:
        gateway.named(gateway_name).close_checkout(reference)
    except (GatewayUnavailable, LookupError) as error:
        log.warning("payment page not closed: %s", type(error).__name__)


def apply_event(*, event: Event, gateway_name: str, now: datetime) -> bool:
    """Apply one delivery of a provider, once: the id and its effects are written together.

    False when it was applied before. An event about a charge we do not know is kept and changes nothing.
    """
    try:
        with transaction.atomic():
            charge = _locked(event.report.charge_id) if event.report else None
            ProviderEvent.objects.create(
                event_id=event.id, gateway=gateway_name, kind=event.kind, charge=charge, received_at=now
            )
            if charge is not None and event.report is not None and charge.gateway == gateway_name:
                _apply(charge, event.report, by=Provider(gateway_name), now=now)
    except IntegrityError:
        if ProviderEvent.objects.filter(event_id=event.id).exists():
            return False
        raise
    return True


def refresh(*, charge: Charge, now: datetime) -> Charge:
    """Ask the provider what became of an open charge and apply it; unchanged when it does not answer."""
    if charge.status not in OPEN or not charge.reference:
        return charge
    try:
        report = gateway.named(charge.gateway).fetch(charge.reference)
    except (GatewayUnavailable, LookupError):
        return charge
    with transaction.atomic():
        locked = _locked(str(charge.pk))
        if locked is None:
            return charge
        locked.checked_at = now
        locked.save(update_fields=["checked_at"])
        if report.charge_id == str(locked.pk):
            _apply(locked, report, by=Provider(locked.gateway), now=now)
        return locked


def refund_in_full(*, patient: Patient, purpose: Purpose, reason_code: str, by: Actor, now: datetime) -> list[Refund]:
    """Give back everything that was paid for a purpose and not used up, and close what is not paid yet.

    Safe to call twice. The money moves after the transaction: a refund row stays ``requested`` until the provider has
    confirmed it.
    """
    refunds: list[Refund] = []
    with transaction.atomic():
        charges = Charge.objects.select_for_update(of=("self",)).filter(patient=patient, purpose=purpose)
        for charge in charges.order_by("created_at"):
            if charge.status in OPEN:
                _abandon(charge, reason_code=reason_code, by=by, now=now)
            elif charge.status == ChargeStatus.PAID and charge.used_up_at is None:
                refunds.append(_request_refund(charge, reason_code=reason_code, by=by, now=now))
    return refunds


def use_up(*, patient: Patient, purpose: Purpose, by: Actor, now: datetime) -> None:
    """What was paid for a purpose has served it: a further one is paid anew. What is not paid yet is closed."""
    with transaction.atomic():
        close_unpaid(patient=patient, reason_code="used_up", by=by, now=now)
        paid = standing_charges().filter(patient=patient, purpose=purpose).select_related("patient")
        for charge in paid.select_for_update(of=("self",)):
            charge.used_up_at = now
            charge.save(update_fields=["used_up_at"])
            record(actor=by, action="charge.used_up", now=now, subject=charge)


def lock_charges(patient: Patient) -> None:
    """Hold a patient's charges until the transaction ends: before the trail is written, as every verb here does."""
    list(
        Charge.objects.select_for_update(of=("self",)).filter(patient=patient).order_by("created_at").values_list("pk")
    )


def close_unpaid(*, patient: Patient, reason_code: str, by: Actor, now: datetime) -> int:
    """Close every payment that is not made yet; what was paid is not touched. How many were closed."""
    with transaction.atomic():
        charges = Charge.objects.select_for_update(of=("self",)).filter(patient=patient, status__in=OPEN)
        found = list(charges.order_by("created_at"))
        for charge in found:
            _abandon(charge, reason_code=reason_code, by=by, now=now)
    return len(found)


def _abandon(charge: Charge, *, reason_code: str, by: Actor, now: datetime) -> None:
    advance(charge, ChargeStatus.ABANDONED, by=by, now=now, reason_code=reason_code)
    close_follow_up(about=f"charge:{charge.pk}", by=by, now=now)
    if charge.reference:
        transaction.on_commit(partial(_close_page, charge.gateway, charge.reference), robust=True)


def carry_out_refunds(*, now: datetime) -> int:
    """Carry out the refunds that are due; each one's key makes a repeat harmless. How many were confirmed."""
    rows = Refund.objects.select_related("charge__patient__user")
    due = list(refunds_due(now).values_list("pk", flat=True)[:50])
    return each(due, lambda pk: _carry_out(rows.get(pk=pk), now=now))


def reconcile(*, now: datetime) -> int:
    """Ask about open charges that no event told of: a lost delivery or a lost answer. How many were asked about."""

    def ask(charge: Charge) -> int:
        # Before asking: one whose answer breaks something does not stand in front of the others for ever.
        Charge.objects.filter(pk=charge.pk).update(checked_at=now)
        refresh(charge=charge, now=now)
        return 1

    return each(list(to_reconcile(now)[:50]), ask)


def _locked(charge_id: str) -> Charge | None:
    """The charge a provider speaks of, locked; None for a reference that is not ours."""
    try:
        UUID(charge_id)
    except ValueError:
        return None
    return Charge.objects.select_for_update(of=("self",)).select_related("patient__user").filter(pk=charge_id).first()


def _apply(charge: Charge, report: Report, *, by: Actor, now: datetime) -> None:
    if report.failure and charge.status in OPEN:
        charge.last_failure = report.failure
        charge.save(update_fields=["last_failure"])
        _ask_to_call(charge, due_at=now + TRY_AGAIN_WITHIN, now=now)
    to = moved(charge.status, report.status) if report.status else None
    if to is None:
        return
    was_closed = charge.status == ChargeStatus.ABANDONED
    if to != ChargeStatus.PAID:
        if (charge.status, to) == (ChargeStatus.PENDING, ChargeStatus.ABANDONED):
            _ask_to_call(charge, due_at=now, now=now)  # they believe that they have paid
        advance(charge, to, by=by, now=now)
        return
    advance(charge, to, by=by, now=now, paid_at=now, payment_reference=report.payment_reference)
    for pk in Charge.objects.filter(patient=charge.patient, purpose=charge.purpose).values_list("pk", flat=True):
        close_follow_up(about=f"charge:{pk}", by=by, now=now)
    if was_closed or _paid_twice(charge):
        # We had closed it, or it was paid already: the money goes back by itself (BUG-18).
        _request_refund(charge, reason_code="not_owed", by=SYSTEM, now=now)
        return
    _send_receipt(charge, f"receipt:{charge.pk}", now=now)


def _ask_to_call(charge: Charge, *, due_at: datetime, now: datetime) -> None:
    """A card was refused: a coordinator calls. Most people try another one at once, so not before an hour is over.

    Asked for once while somebody still has to call, and anew when it is refused again after they did.
    """
    asked = FollowUp.objects.filter(about=f"charge:{charge.pk}", kind=FollowUpKind.PAYMENT_PROBLEM)
    if asked.exclude(state=FollowUpState.CLOSED).exists():
        return
    open_follow_up(
        kind=FollowUpKind.PAYMENT_PROBLEM,
        patient=charge.patient,
        about=f"charge:{charge.pk}",
        dedupe_key=f"charge-failed:{charge.pk}:{now.isoformat()}",
        due_at=due_at,
        by=SYSTEM,
        now=now,
    )


def _paid_twice(charge: Charge) -> bool:
    others = standing_charges().filter(patient=charge.patient, purpose=charge.purpose)
    return others.exclude(pk=charge.pk).exists()


def _request_refund(charge: Charge, *, reason_code: str, by: Actor, now: datetime) -> Refund:
    refund, fresh = Refund.objects.get_or_create(
        charge=charge,
        defaults={
            "amount_cents": refundable_cents(captured=charge.amount_cents, refunded=0),
            "reason_code": reason_code,
            "next_attempt_at": now,
            "created_at": now,
        },
    )
    if fresh:
        record(actor=by, action="refund.requested", now=now, subject=refund, cents=refund.amount_cents)
    return refund


def _carry_out(refund: Refund, *, now: datetime) -> int:
    try:
        return _give_back(refund, now=now)
    except (GatewayUnavailable, LookupError):
        _put_off(refund, now=now)
        return 0
    except Exception:
        # Whatever it was: it must not stand in front of the others for ever, and somebody has to look at it.
        _put_off(refund, now=now)
        raise


def _give_back(refund: Refund, *, now: datetime) -> int:
    charge = refund.charge
    reference = gateway.named(charge.gateway).refund(
        refund_id=str(refund.pk),
        payment_reference=charge.payment_reference or charge.reference,
        amount_cents=refund.amount_cents,
    )
    with transaction.atomic():
        locked = (
            Refund.objects.select_for_update(of=("self", "charge"))
            .select_related("charge__patient__user")
            .get(pk=refund.pk)
        )
        if locked.status == Refund.Status.DONE:
            return 0
        by = Provider(charge.gateway)
        advance(locked, Refund.Status.DONE, by=by, now=now, reference=reference, done_at=now)
        advance(locked.charge, ChargeStatus.REFUNDED, by=by, now=now, reason_code=locked.reason_code)
        close_follow_up(about=f"refund:{locked.pk}", by=by, now=now)
        _send_receipt(locked.charge, f"refund:{locked.pk}", now=now)
    return 1


def _put_off(refund: Refund, *, now: datetime) -> None:
    """Try again later, twice as late each time; after the last attempt a person looks at it."""
    refund.attempts += 1
    refund.next_attempt_at = now + FIRST_RETRY * 2 ** min(refund.attempts, 10)
    with transaction.atomic():
        refund.save(update_fields=["attempts", "next_attempt_at"])
        if refund.attempts >= REFUND_ATTEMPTS:
            advance(refund, Refund.Status.FAILED, by=SYSTEM, now=now, reason_code="provider_unavailable")
            open_follow_up(
                kind=FollowUpKind.PAYMENT_PROBLEM,
                patient=refund.patient,
                about=f"refund:{refund.pk}",
                dedupe_key=f"refund-failed:{refund.pk}",
                due_at=now,
                by=SYSTEM,
                now=now,
            )


def _send_receipt(charge: Charge, dedupe_key: str, *, now: datetime) -> None:
    schedule(
        template="receipt",
        recipient=charge.patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=dedupe_key,
        about=f"charge:{charge.pk}",
        variables={"link": reverse("billing:charge", args=[charge.pk])},
        now=now,
    )
