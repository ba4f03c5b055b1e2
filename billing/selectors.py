"""Questions about money."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from billing.models import Charge, Refund
from billing.prices import Purpose
from billing.rules import OPEN
from harmoniously.core.accounts.models import Patient

RECONCILE_AFTER = timedelta(minutes=2)


def paid_charge(patient: Patient, purpose: Purpose) -> Charge | None:
    """The newest charge for the purpose that is paid, not given back and not used up, or None."""
    return standing_charges().filter(patient=patient, purpose=purpose).order_by("-paid_at").first()


def standing_charges() -> QuerySet[Charge]:
    """What is paid, was not given back, and has not led to a treatment that is over."""
    return Charge.objects.filter(status=Charge.Status.PAID, refund__isnull=True, used_up_at__isnull=True)


def evaluation_paid(patient: Patient) -> bool:
    """Whether the patient's evaluation is paid for and the money is kept."""
    return paid_charge(patient, Purpose.EVALUATION) is not None


def unpaid(patient: Patient) -> QuerySet[Charge]:
    """What a patient began to pay and has not paid yet."""
    return Charge.objects.filter(patient=patient, status__in=OPEN)


def charges_of(patient: Patient) -> QuerySet[Charge]:
    """Everything a patient was asked for, newest first, with what was given back."""
    return Charge.objects.filter(patient=patient).select_related("refund")


def to_reconcile(now: datetime) -> QuerySet[Charge]:
    """Open charges with a payment page that nobody asked about for two minutes."""
    stale = Charge.objects.filter(status__in=OPEN, checked_at__lte=now - RECONCILE_AFTER)
    return stale.exclude(reference="").order_by("checked_at")


def refunds_due(now: datetime) -> QuerySet[Refund]:
    """Refunds that are still to be carried out."""
    return Refund.objects.filter(status=Refund.Status.REQUESTED, next_attempt_at__lte=now).order_by("next_attempt_at")


def refunds_counted(since: datetime | None, now: datetime) -> QuerySet[Any, Any]:
    """By reason: how many refunds were promised and their cents, how many of them are returned, and how many failed."""
    rows = Refund.objects.filter(_since(since), created_at__lte=now).order_by().values("reason_code")
    return rows.annotate(
        first=Count("pk"),
        second=Coalesce(Sum("amount_cents"), 0),
        third=Count("pk", filter=Q(status=Refund.Status.DONE)),
        fourth=Count("pk", filter=Q(status=Refund.Status.FAILED)),
    ).values_list(Value("refunds"), "reason_code", "first", "second", "third", "fourth")


def payments_counted(since: datetime | None, now: datetime) -> QuerySet[Any, Any]:
    """How many charges were paid, and their cents, in the same shape."""
    rows = Charge.objects.filter(_since(since, "paid_at"), paid_at__lte=now).order_by()
    one = rows.annotate(what=Value("payments"), group=Value("")).values("what", "group")
    counted = one.annotate(first=Count("pk"), second=Coalesce(Sum("amount_cents"), 0), third=Value(0), fourth=Value(0))
    return counted.values_list("what", "group", "first", "second", "third", "fourth")


def _since(since: datetime | None, column: str = "created_at") -> Q:
    return Q() if since is None else Q(**{f"{column}__gte": since})
