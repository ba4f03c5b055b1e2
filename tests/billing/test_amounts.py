"""What was asked stays as it was asked, and nobody pays for a refusal however the moments fall (I6)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from billing import services as billing
from billing.models import Charge, Refund
from billing.prices import Purpose
from harmoniously.core.accounts.models import Clinician, Patient
from telemedicine.reviews import refusals
from telemedicine.reviews import services as reviews
from telemedicine.reviews.refusals import give_back_after_refusals
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_decision, make_paid, make_visit

pytestmark = pytest.mark.django_db
REASON = "Blood pressure is not controlled."


def test_an_amount_is_never_changed_not_even_past_the_code(patient: Patient) -> None:
    charge = make_paid(patient)
    for change in ({"amount_cents": 1}, {"currency": "EUR"}, {"patient": cast.make_patient("other@example.com")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.filter(pk=charge.pk).update(**change)


def test_no_more_is_given_back_than_was_paid(patient: Patient) -> None:
    charge = make_paid(patient)
    row = {"charge": charge, "reason_code": "declined", "next_attempt_at": NOON, "created_at": NOON}
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create(amount_cents=charge.amount_cents + 1, **row)
    refund = Refund.objects.create(amount_cents=charge.amount_cents, **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(amount_cents=1)


def test_nothing_is_given_back_for_what_was_never_paid(patient: Patient) -> None:
    charge = billing.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create(
            charge=charge, amount_cents=1, reason_code="declined", next_attempt_at=NOON, created_at=NOON
        )


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("refer", [False, True])
def test_a_payment_that_began_in_the_moment_of_a_refusal_ends_too(
    patient: Patient, prescriber: Clinician, paid: bool, refer: bool
) -> None:
    case = make_decision(patient)
    by, words = prescriber.user, "Please see your doctor first."
    reviews.claim(decision=case, by=by, now=NOON)
    reviews.decline(decision=case, reason=REASON, words=words, refer=refer, by=by, now=NOON)
    # The page had asked before the refusal was written, and the charge comes after it.
    if paid:
        charge = make_paid(patient)
    else:
        charge = billing.open_charge(patient=patient, purpose=Purpose.EVALUATION, by=patient.user, now=NOON)
    assert give_back_after_refusals(now=NOON + timedelta(minutes=1)) == 1
    charge.refresh_from_db()
    assert Refund.objects.filter(charge=charge).exists() if paid else charge.status == "abandoned"
    assert give_back_after_refusals(now=NOON + timedelta(minutes=2)) == 0


def test_i6_what_is_corrected_while_the_round_waits_keeps_the_fee_and_the_visit(
    patient: Patient, prescriber: Clinician, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_decision(patient, outcome="not_eligible")
    make_paid(patient)
    visit = make_visit(patient, prescriber, starts_at=NOON + timedelta(days=2), status="booked")
    lock = refusals.lock_care
    with monkeypatch.context() as slow:
        slow.setattr(refusals, "lock_care", lambda who: (make_decision(who), lock(who)))
        give_back_after_refusals(now=NOON)
    visit.refresh_from_db()
    assert (visit.status, Refund.objects.count()) == ("booked", 0)
    make_decision(patient, outcome="not_eligible")
    give_back_after_refusals(now=NOON)
    visit.refresh_from_db()
    assert (visit.status, Refund.objects.count()) == ("cancelled", 1)


def test_an_approval_keeps_the_fee(patient: Patient, prescriber: Clinician) -> None:
    case = make_decision(patient)
    make_paid(patient)
    reviews.claim(decision=case, by=prescriber.user, now=NOON)
    assert give_back_after_refusals(now=NOON) == 0
