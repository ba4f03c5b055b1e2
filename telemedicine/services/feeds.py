"""Making and ending the private calendar address of a clinician."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import record
from harmoniously.core.common.secret_links import digest_of, new_secret
from telemedicine.models import Appointment, CalendarFeed
from telemedicine.models.appointment import Status

BACK, AHEAD = timedelta(days=30), timedelta(days=180)


def make(*, clinician: Clinician, by: User, now: datetime) -> str:
    """A new address for one's own calendar; returns its secret, which is shown once. The one before ends."""
    if clinician.user_id != by.pk:
        raise PermissionDenied("calendar_feed")
    secret = new_secret()
    with transaction.atomic():
        end(clinician=clinician, by=by, now=now)
        row = CalendarFeed.objects.create(clinician=clinician, digest=digest_of(secret), made_at=now, created_at=now)
        record(actor=by, action="calendarfeed.made", now=now, subject=row)
    return secret


def end(*, clinician: Clinician, by: User, now: datetime) -> None:
    """The address answers no more: one's own, or anybody's for an administrator (a lost telephone)."""
    if clinician.user_id != by.pk and not can(by, Permission.MANAGE_PEOPLE):
        raise PermissionDenied("calendar_feed")
    with transaction.atomic():
        for row in CalendarFeed.objects.select_for_update().filter(clinician=clinician, ended_at__isnull=True):
            row.ended_at = now
            row.save(update_fields=["ended_at"])
            record(actor=by, action="calendarfeed.ended", now=now, subject=row)


def read(*, secret: str, now: datetime) -> tuple[CalendarFeed, list[Appointment]] | None:
    """What the address shows, and that it was read: the visits around now, without anybody's name. None when ended."""
    rows = CalendarFeed.objects.select_related("clinician__user")
    feed = rows.filter(digest=digest_of(secret), ended_at__isnull=True, clinician__user__is_active=True).first()
    if feed is None:
        return None
    visits = Appointment.objects.filter(
        clinician=feed.clinician,
        status__in=[Status.BOOKED, Status.COMPLETED],
        ends_at__gt=now - BACK,
        starts_at__lt=now + AHEAD,
    )
    found = list(visits.order_by("starts_at"))
    record(actor=feed.clinician.user, action="calendarfeed.read", now=now, subject=feed, shown=len(found))
    return feed, found
