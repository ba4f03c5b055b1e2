"""Licences that end: how they stand, and the warnings, to the clinician and the administrators, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from harmoniously.core.accounts.licences import WARN_AT, Standing, step
from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock
from harmoniously.core.common.states import ZONES
from harmoniously.core.notifications.models import Channel, Notification
from harmoniously.core.notifications.services import schedule

# A day more than any zone is away from UTC: which day it is, is asked of the clinician's own calendar.
SLACK = timedelta(days=1)


def warn(*, now: datetime) -> int:
    """Put the warnings that are due into the outbox; returns how many are new. Safe to run at any time, any often."""
    administrators = list(User.objects.filter(role=Role.ADMINISTRATOR, is_active=True))
    due = {
        # A licence that was renewed has another last day, and is warned of anew.
        f"licence:{licence.pk}:{licence.expires_on}:{at}:{to.pk}": (licence, to)
        for licence, at in _ending(now)
        for to in [licence.clinician.user, *administrators]
    }
    known = set(Notification.objects.filter(dedupe_key__in=due).values_list("dedupe_key", flat=True))
    for key in due.keys() - known:
        licence, to = due[key]
        with transaction.atomic():
            schedule(
                template="licence_ends",
                recipient=to,
                channel=Channel.EMAIL,
                due_at=now,
                dedupe_key=key,
                about=f"licence:{licence.pk}",
                variables={
                    "when": clock.long_date_words(licence.expires_on),
                    "link": reverse("admin:accounts_licence_changelist")
                    if to.role == Role.ADMINISTRATOR
                    else reverse("admin:index"),
                },
                now=now,
            )
    return len(due.keys() - known)


def _ending(now: datetime) -> Iterator[tuple[Licence, int]]:
    first, last = now.date() - SLACK, now.date() + timedelta(days=max(WARN_AT)) + SLACK
    rows = Licence.objects.select_related("clinician__user").filter(expires_on__range=(first, last))
    for licence in rows.filter(clinician__user__is_active=True):
        at = step(licence.expires_on, clock.today(licence.clinician.zone, now))
        if at is not None:
            yield licence, at


def stands(now: datetime, *standings: Standing) -> Q:
    """Licences that stand so (`accounts.licences.standing` in SQL), each on its clinician's own calendar."""
    zones: dict[date, list[str]] = defaultdict(list)
    for zone in ZONES:
        zones[clock.today(zone, now)].append(zone)
    found = Q(pk__in=[])
    for today, there in zones.items():
        for standing in standings:
            found |= Q(clinician__zone__in=there) & _days(standing, today)
    return found


def _days(standing: Standing, today: date) -> Q:
    last, middle, first = (today + timedelta(days=left) for left in sorted(WARN_AT))
    return {
        Standing.EXPIRED: Q(expires_on__lt=today),
        Standing.ENDS_NOW: Q(expires_on__gte=today, expires_on__lte=last),
        Standing.ENDS_SOON: Q(expires_on__gt=last, expires_on__lte=middle),
        Standing.ENDS: Q(expires_on__gt=middle, expires_on__lte=first),
        Standing.GOOD: Q(expires_on__gt=first),
    }[standing]
