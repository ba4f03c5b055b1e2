"""The outbox's work for Celery."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="notifications.dispatch")
def dispatch(channel: str | None = None) -> None:
    """Send what is due on one channel (both when none is named)."""
    from harmoniously.core.notifications.dispatch import tick

    tick(now=clock.now(), channel=channel)
