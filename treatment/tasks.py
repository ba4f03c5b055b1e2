"""Celery is only the clock here: the tick finds everything in the database."""

from celery import shared_task


@shared_task(name="treatment.tick")
def tick() -> None:
    """Missed sessions, missed sitter checks, late releases, unanswered check-ins."""
    from harmoniously.core.common import clock
    from treatment.services.ticks import tick as run

    run(now=clock.now())
