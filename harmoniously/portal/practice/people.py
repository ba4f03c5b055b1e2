"""Who works here: inviting somebody, what is in somebody's hands, and what ends when they may not sign in any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Func, IntegerField, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import CareRelation, OnCall, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.duty_models import DutyException, DutyWeek
from harmoniously.core.alerts.models import Alert, AlertStatus, FollowUp, FollowUpState
from harmoniously.core.notifications.models import Channel
from harmoniously.core.notifications.services import schedule
from telemedicine.models import Appointment, Review, Thread
from telemedicine.reviews.turns import IN_HAND
from treatment.models import Prescription

# In the order in which somebody else has to take them over. Numbers only: administrators read no record.
KINDS = {
    "alerts": _("alerts that they took and that are not resolved"),
    "on_call": _("places on the on-call list"),
    "shifts": _("entries of the weekly on-call rota"),
    "days": _("other times on call ahead"),
    "visits": _("visits ahead"),
    "reviews": _("cases that they claimed"),
    "threads": _("conversations that they answer"),
    "follow_ups": _("entries of the worklist that are theirs"),
    "prescriptions": _("prescriptions of theirs in force"),
    "patients": _("patients in their care"),
}
IN_FORCE = ("signed", "sent", "filled", "shipped", "delivered", "paused")


@dataclass(frozen=True, slots=True)
class Holding:
    """A kind of work, and how much of it is in somebody's hands."""

    title: Any
    number: int

    def __str__(self) -> str:
        return f"{self.title}: {self.number}"


def in_hands(user: User, now: datetime) -> list[Holding]:
    """What somebody else has to take over when this person leaves or changes their role. One query."""
    taken = Q(taken_over_by=user) | Q(taken_over_by__isnull=True, acknowledged_by=user)
    own = {"clinician__user": user}
    parts: list[QuerySet[Any, Any]] = [
        _count("alerts", Alert.objects.filter(taken, status=AlertStatus.ACKNOWLEDGED)),
        _count("on_call", OnCall.objects.filter(**own)),
        _count("shifts", DutyWeek.objects.filter(**own)),
        _count("days", DutyException.objects.filter(**own, ends_at__gt=now)),
        _count("visits", Appointment.objects.booked().filter(**own, starts_at__gte=now)),
        _count("reviews", Review.objects.filter(**own, status__in=IN_HAND)),
        _count("threads", Thread.objects.filter(assigned_to=user, status="open")),
        _count("follow_ups", FollowUp.objects.filter(owner=user).exclude(state=FollowUpState.CLOSED)),
        _count("prescriptions", Prescription.objects.filter(prescriber__user=user, status__in=IN_FORCE)),
        _count("patients", CareRelation.objects.filter(**own, since__lte=now).exclude(until__lte=now)),
    ]
    found = dict(parts[0].union(*parts[1:], all=True))
    return [Holding(title, found[key]) for key, title in KINDS.items() if found[key]]


def _count(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    number = Func("pk", function="COUNT", output_field=IntegerField())
    return rows.order_by().values_list(Value(name), number)


def is_last_administrator(user: User) -> bool:
    """Whether nobody else could manage people. Holds the administrators: of two who take each other's role one stays.

    Inside a transaction.
    """
    rows = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk").select_for_update()
    return {row.pk for row in rows} == {user.pk}


def invite(*, user: User, now: datetime) -> bool:
    """Write to somebody new how to get in: they choose a password, which proves the address, then a second step.

    The message holds no key: whoever reads it in another's mailbox opens nothing. Asking twice in an hour of the clock
    is once; False for the second time.
    """
    made = schedule(
        template="staff_invitation",
        recipient=user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"invitation:{user.pk}:{now:%Y-%m-%dT%H}",
        about=f"user:{user.pk}",
        variables={"link": reverse("account_reset_password")},
        now=now,
    )
    return made.created_at == now


def end_sessions(user: User) -> int:
    """Sign somebody out everywhere, at once (SEC-10); returns how many sessions there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
