"""The trail's work for Celery."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="audit.check_chains")
def check_chains() -> None:
    """Go on with the check of the whole trail that somebody asked for."""
    from harmoniously.core.audit.checking import go_on

    go_on(now=clock.now())
