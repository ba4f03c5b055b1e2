"""The alerts' work for Celery."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="alerts.sweep")
def sweep() -> None:
    """Tell unacknowledged alerts again; hand undelivered messages to a person."""
    from harmoniously.core.alerts.sweeping import sweep as run

    run(now=clock.now())
