"""The rota as it stands, and its verbs: accept the duty, enter and remove shifts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, TimeField, Value
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, OnCall, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, Role
from harmoniously.core.alerts import duty_rules as rules
from harmoniously.core.alerts.duty_models import DutyAcceptance, DutyException, DutyWeek
from harmoniously.core.alerts.models import RINGING, Alert, AlertStatus
from harmoniously.core.alerts.selectors import silent
from harmoniously.core.audit.services import hold_practice, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Rota:
    """Who is on call now, who comes next, and where nobody is; people by their key."""

    duty: rules.Duty
    shifts: tuple[rules.Shift, ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    in_use: bool
    order: tuple[tuple[Clinician, ...], ...]
    people: dict[UUID, Clinician]


def _active(now: datetime) -> list[Clinician]:
    """Every clinician who may sign in, with their place on the on-call list and when they last accepted the duty.

    Whoever took up another role stands on the list still, and may not take an alert any more.
    """
    place = OnCall.objects.filter(clinician=OuterRef("pk")).order_by("position").values("position")
    accepted = DutyAcceptance.objects.filter(clinician=OuterRef("pk"), at__lte=now).order_by("-at").values("at")
    rows = Clinician.objects.filter(user__is_active=True, user__role__in=CLINICIAN_ROLES).select_related("user")
    return list(rows.annotate(place=Subquery(place[:1]), accepted_at=Subquery(accepted[:1])))


def listed(active: Sequence[Any]) -> list[Clinician]:
    """The on-call list in its order; every prescriber where it is empty, so that an alert never goes nowhere."""
    prescribers = [one for one in active if one.user.role == Role.PRESCRIBER]
    named = sorted((one for one in active if one.place is not None), key=lambda one: one.place)
    return named or sorted(prescribers, key=lambda one: one.display_name)


def every_one_listed(now: datetime) -> list[Clinician]:
    """The same, without a rota."""
    return listed(_active(now))


def rota(now: datetime) -> Rota:
    """The rota at `now` and for the week ahead. People who may no longer sign in are passed over."""
    active: list[Any] = list(_active(now))
    known = {clinician.pk: clinician for clinician in active}
    weekly, special = _entered(known, now)
    accepted = [one for one in active if one.accepted_at is not None]
    last = max(accepted, key=lambda one: one.accepted_at, default=None)
    in_order = [clinician.pk for clinician in listed(active)]
    found = rules.shifts(weekly, special, since=now, until=now + AHEAD)
    in_use = bool(weekly) or bool(special)
    duty = rules.on_duty(found, in_use=in_use, holder=last.pk if last else None, listed=in_order, now=now)
    order = rules.order(duty.first, in_order)
    empty = rules.gaps(found, since=now, until=now + AHEAD) if in_use else ()
    return Rota(duty, found, empty, in_use, tuple(tuple(known[key] for key in step) for step in order), known)


def _entered(known: Collection[Any], now: datetime) -> tuple[list[rules.Weekly], list[rules.Shift]]:
    """What is entered for these people, by weekday and for the week ahead; one query."""
    weeks = DutyWeek.objects.filter(clinician__in=known).order_by()
    special = DutyException.objects.filter(clinician__in=known, ends_at__gt=now, starts_at__lt=now + AHEAD).order_by()
    none: Any = [Value(None, kind) for kind in (SmallIntegerField(), TimeField(), TimeField())]
    never = Value(None, DateTimeField())
    both = weeks.values_list("clinician", "weekday", "starts", "ends", "zone", never, never).union(
        special.values_list("clinician", *none, Value(""), "starts_at", "ends_at"), all=True
    )
    weekly, shifts = [], []
    for person, weekday, starts, ends, zone, since, until in both:
        if since is None:
            weekly.append(rules.Weekly(person, weekday, starts, ends, zone))
        else:
            shifts.append(rules.Shift(since, until, person))
    return weekly, shifts


def entries() -> QuerySet[DutyWeek]:
    """The weekly rota as it was entered."""
    return DutyWeek.objects.select_related("clinician")


def exceptions(now: datetime) -> QuerySet[DutyException]:
    """The exceptions that are not over."""
    return DutyException.objects.select_related("clinician").filter(ends_at__gt=now)


def accept_duty(*, by: User, now: datetime) -> bool:
    """A clinician takes over the duty; returns whether it was new.

    What rings is told anew within seconds, so that whoever comes knows of it. Raises PermissionDenied, RuleViolation
    for somebody who is no clinician.
    """
    require(by, Permission.ACKNOWLEDGE_ALERTS)
    clinician = Clinician.objects.filter(user=by).first()
    if clinician is None:
        raise RuleViolation(_("Only a clinician can be on call."), "no_clinician")
    with transaction.atomic():
        last = DutyAcceptance.objects.select_for_update().filter(at__lte=now).first()
        if last is not None and last.clinician_id == clinician.pk:
            return False
        made = DutyAcceptance.objects.create(clinician=clinician, at=now, created_at=now)
        record(actor=by, action="duty.accepted", now=now, subject=made)
        notifications.cancel_about(about=about_duty(clinician), now=now, reason="accepted")
        _tell_at_once(now)
    return True


def _tell_at_once(now: datetime) -> None:
    """What is being told or answered at this moment is left alone: whoever holds its row may wait for another."""
    waiting = Q(status=AlertStatus.OPEN, kind__in=list(RINGING)) | Q(pk__in=silent(now).order_by().values("pk"))
    rows = Alert.objects.select_for_update(skip_locked=True).filter(waiting, tell_next_at__gt=now)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    Alert.objects.filter(pk__in=keys).update(tell_next_at=now)


def about_duty(clinician: Clinician) -> str:
    """How the messages about somebody's duty are grouped."""
    return f"duty:{clinician.pk}"


def announce_duty(*, now: datetime) -> int:
    """Ask whoever's shift has begun to accept it, once a shift on both channels; returns how many were asked."""
    found = rota(now)
    for shift in found.duty.awaited:
        clinician = found.people[shift.person]
        for channel in Channel:
            notifications.schedule(
                template="action_needed",
                recipient=clinician.user,
                channel=channel,
                due_at=now,
                dedupe_key=f"duty:{clinician.pk}:{shift.starts_at.isoformat()}:{channel}",
                about=about_duty(clinician),
                variables={"link": "/admin/on-call/"},
                not_after=shift.ends_at,
                now=now,
            )
    return len(found.duty.awaited)


def enter_week(
    *, clinician: Clinician, weekdays: Sequence[int], starts: time, ends: time, zone: str, by: User, now: datetime
) -> None:
    """Put somebody on the weekly rota, on each of the weekdays (0 is Monday).

    Entering the same beginning again changes the end.
    """
    require(by, Permission.MANAGE_PEOPLE)
    with transaction.atomic():
        for weekday in sorted(set(weekdays)):
            row, _made = DutyWeek.objects.update_or_create(
                clinician=clinician,
                weekday=weekday,
                starts=starts,
                zone=zone,
                defaults={"ends": ends},
                create_defaults={"ends": ends, "created_at": now},
            )
            record(actor=by, action="duty.entered", now=now, subject=row, clinician=str(clinician.pk))


def enter_exception(
    *, clinician: Clinician, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> DutyException:
    """Put somebody on call for a time, in place of whom the rota names; the same again changes nothing.

    Raises RuleViolation for a time that is past.
    """
    require(by, Permission.MANAGE_PEOPLE)
    if ends_at <= starts_at or ends_at <= now:
        raise RuleViolation(_("The end must lie after the beginning, and in the future."), "times")
    with transaction.atomic():
        hold_practice()
        row, made = DutyException.objects.get_or_create(
            clinician=clinician, starts_at=starts_at, ends_at=ends_at, defaults={"created_at": now}
        )
        if not made:
            return row
        record(actor=by, action="duty.entered", now=now, subject=row, clinician=str(clinician.pk))
    return row


def remove_entry(*, key: UUID, by: User, now: datetime) -> bool:
    """Take an entry or an exception off the rota; returns whether it was there."""
    require(by, Permission.MANAGE_PEOPLE)
    with transaction.atomic():
        row = DutyWeek.objects.filter(pk=key).first() or DutyException.objects.filter(pk=key).first()
        if row is None:
            return False
        record(actor=by, action="duty.removed", now=now, subject=row, clinician=str(row.clinician_id))
        row.delete()
    return True
