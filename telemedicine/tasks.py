"""What ticks: times that were chosen and never confirmed are given back."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="telemedicine.release_holds")
def release_holds() -> int:
    from telemedicine.services import release_expired_holds

    return release_expired_holds(now=clock.now())
