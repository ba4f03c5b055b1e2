"""The schedule's own work for Celery."""

from celery import shared_task

from harmoniously.core.common import signs


@shared_task(name="common.schedule_lives")
def schedule_lives() -> None:
    """The beat sends it, a worker carries it out: both live."""
    signs.give(signs.SCHEDULE)
