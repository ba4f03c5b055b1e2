"""Amounts, opaque references and nothing clinical."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing import rules
from billing.prices import Purpose
from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.money import format_cents


class Charge(BaseModel):
    """One amount asked of one patient, with the state that the payment provider reported."""

    MOVES = rules.MOVES

    class Status(models.TextChoices):
        CREATED = rules.ChargeStatus.CREATED.value, _("not paid yet")
        PENDING = rules.ChargeStatus.PENDING.value, _("being confirmed")
        ABANDONED = rules.ChargeStatus.ABANDONED.value, _("closed, nothing was charged")
        PAID = rules.ChargeStatus.PAID.value, _("paid")
        REFUNDED = rules.ChargeStatus.REFUNDED.value, _("refunded")

    class Reason(models.TextChoices):
        EVALUATION = Purpose.EVALUATION.value, _("Evaluation with a prescriber")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="charges")
    purpose = models.CharField(max_length=20, choices=Reason.choices)
    amount_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CREATED)
    # The provider that took the money also gives it back, even after we change providers (BUG-34).
    gateway = models.CharField(max_length=20)
    reference = models.CharField(max_length=255, blank=True)
    payment_reference = models.CharField(max_length=255, blank=True)
    checkout_url = models.TextField(blank=True)
    last_failure = models.CharField(max_length=40, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    # What it paid for is over: it pays for nothing further, and is not given back either.
    used_up_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="billing_charge_amount_positive"),
            models.UniqueConstraint(
                fields=["patient", "purpose"],
                condition=Q(status__in=[status.value for status in rules.OPEN]),
                name="billing_charge_one_open",
            ),
            models.CheckConstraint(
                condition=Q(used_up_at__isnull=True) | Q(paid_at__isnull=False), name="billing_charge_used_up_is_paid"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["paid", "refunded"]) | Q(paid_at__isnull=False),
                name="billing_charge_paid_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.amount}"

    @property
    def amount(self) -> str:
        """The amount as people read it."""
        return format_cents(self.amount_cents, self.currency)


class Refund(BaseModel):
    """An amount given back. Asked for in one transaction with its reason, carried out after it."""

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        "requested": frozenset({"done", "failed"}),
        "failed": frozenset({"requested", "done"}),
    }

    class Status(models.TextChoices):
        REQUESTED = "requested", _("on its way")
        DONE = "done", _("returned to the card")
        FAILED = "failed", _("being looked at by a person")

    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="refund")
    amount_cents = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.REQUESTED)
    reason_code = models.CharField(max_length=40)
    reference = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_cents__gt=0), name="billing_refund_amount_positive")]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status="requested"), name="billing_refund_due")]

    def __str__(self) -> str:
        return f"{format_cents(self.amount_cents, self.charge.currency)} back"

    @property
    def patient(self) -> Patient:
        """Whose money it is."""
        return self.charge.patient

    @property
    def amount(self) -> str:
        """The amount as people read it."""
        return format_cents(self.amount_cents, self.charge.currency)


class ProviderEvent(models.Model):
    """An event of a payment provider that was applied. Its id can be written once: the second delivery does nothing."""

    event_id = models.CharField(max_length=255, primary_key=True)
    gateway = models.CharField(max_length=20)
    kind = models.CharField(max_length=80)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, related_name="events")
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
