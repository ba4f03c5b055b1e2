"""Keeping a clinician's hours: weekly ones, those of single dates, time off, and the room around visits.

None of it moves a visit that is booked; the page shows those that no longer fit.
"""

from collections.abc import Collection
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import AvailabilityRule, DateHours, TimeOff, WorkingLimits

Row = AvailabilityRule | DateHours | TimeOff


def may_keep_hours(user: User, clinician: Clinician) -> bool:
    """Administrators keep everybody's week and limits, clinicians their own."""
    own = clinician.user_id == user.pk and can(user, Permission.VIEW_SCHEDULE)
    return own or can(user, Permission.MANAGE_PEOPLE)


def may_keep_exceptions(user: User, clinician: Clinician) -> bool:
    """Coordinators also take down who is away or works on another day: they get the call in the morning."""
    return may_keep_hours(user, clinician) or can(user, Permission.MANAGE_SCHEDULE)


def add_weekly(
    *, clinician: Clinician, weekday: int, starts: time, ends: time, kinds: Collection[str], by: User, now: datetime
) -> AvailabilityRule:
    """Hours on one weekday (Monday is 0), wall time of the clinician; the same ones twice are kept once."""
    _require(may_keep_hours(by, clinician))
    _require_order(starts, ends)
    with transaction.atomic():
        row, made = AvailabilityRule.objects.get_or_create(
            clinician=clinician, weekday=weekday, starts=starts, ends=ends, kinds=sorted(kinds)
        )
        if made:
            record(actor=by, action="hours.added", now=now, subject=row, clinician=str(clinician.pk), weekday=weekday)
    return row


def add_date(
    *,
    clinician: Clinician,
    day: date,
    starts: time,
    ends: time,
    kinds: Collection[str],
    instead: bool,
    by: User,
    now: datetime,
) -> DateHours:
    """Hours on one date, beside the weekly ones or instead of them. Raises RuleViolation for a day that has passed."""
    _require(may_keep_exceptions(by, clinician))
    _require_order(starts, ends)
    if day < clock.today(clinician.zone, now):
        raise RuleViolation(_("This day has passed."), "past")
    with transaction.atomic():
        row, made = DateHours.objects.get_or_create(
            clinician=clinician, day=day, starts=starts, ends=ends, kinds=sorted(kinds), instead=instead
        )
        if made:
            record(
                actor=by, action="datehours.added", now=now, subject=row, clinician=str(clinician.pk),
                day=day.isoformat(), instead=instead,
            )  # fmt: skip
    return row


def add_time_off(*, clinician: Clinician, starts_at: datetime, ends_at: datetime, by: User, now: datetime) -> TimeOff:
    """A stretch in which the clinician sees nobody. Booked visits in it stay booked until somebody moves them."""
    _require(may_keep_exceptions(by, clinician))
    if ends_at <= starts_at:
        raise RuleViolation(_("The end must come after the start."), "order")
    if ends_at <= now:
        raise RuleViolation(_("This time has passed."), "past")
    with transaction.atomic():
        row, made = TimeOff.objects.get_or_create(clinician=clinician, starts_at=starts_at, ends_at=ends_at)
        if made:
            record(actor=by, action="timeoff.added", now=now, subject=row, clinician=str(clinician.pk))
    return row


def remove(*, row: Row, by: User, now: datetime) -> None:
    """Take hours or time off away; visits that are booked stay booked."""
    whole = isinstance(row, AvailabilityRule)
    _require(may_keep_hours(by, row.clinician) if whole else may_keep_exceptions(by, row.clinician))
    with transaction.atomic():
        verb = {AvailabilityRule: "hours", DateHours: "datehours", TimeOff: "timeoff"}[type(row)]
        record(actor=by, action=f"{verb}.removed", now=now, subject=row, clinician=str(row.clinician_id))
        row.delete()


def set_limits(
    *, clinician: Clinician, before: int, after: int, daily_maximum: int | None, by: User, now: datetime
) -> WorkingLimits:
    """Minutes kept free before and after each visit, and how many visits a day at most (None: as many as fit)."""
    _require(may_keep_hours(by, clinician))
    with transaction.atomic():
        values = {"minutes_before": before, "minutes_after": after, "daily_maximum": daily_maximum}
        row, _made = WorkingLimits.objects.update_or_create(clinician=clinician, defaults=values)
        record(
            actor=by, action="limits.set", now=now, subject=row, clinician=str(clinician.pk),
            before=before, after=after, daily_maximum=daily_maximum,
        )  # fmt: skip
    return row


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied("keep_hours")


def _require_order(starts: time, ends: time) -> None:
    if ends <= starts:
        raise RuleViolation(_("The end must come after the start."), "order")
