"""Warning of licences that end: the clinician and the administrators, 60, 30 and 7 days before, once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from harmoniously.core.accounts.licences import WARN_AT, step
from harmoniously.core.accounts.models import Licence, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common import clock
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
