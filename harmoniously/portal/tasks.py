"""The portal's own regular work for Celery."""

from celery import shared_task


@shared_task(name="portal.warn_of_licences")
def warn_of_licences() -> None:
    """Tell clinicians and administrators of licences that end."""
    from harmoniously.core.common import clock
    from harmoniously.portal.practice.licences import warn

    warn(now=clock.now())


@shared_task(name="portal.count_figures")
def count_figures() -> None:
    """Count the figures of a large practice before somebody asks for them."""
    from harmoniously.core.common import clock
    from harmoniously.portal.figures.keeping import count_ahead

    count_ahead(now=clock.now())
