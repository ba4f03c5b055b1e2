"""Celery's part: each loads, calls the service, and lets it raise."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="billing.carry_out_refunds")
def carry_out_refunds() -> None:
    """Give back what was promised."""
    from billing.services import carry_out_refunds as work

    work(now=clock.now())


@shared_task(name="billing.reconcile")
def reconcile() -> None:
    """Ask the provider about payments that no event told of."""
    from billing.services import reconcile as work

    work(now=clock.now())
