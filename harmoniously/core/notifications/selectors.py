"""Questions about the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from harmoniously.core.common import clock
from harmoniously.core.notifications import addresses, rules
from harmoniously.core.notifications.models import Channel, InboundText, Notification, State, Urgency

ALARM_AFTER = timedelta(minutes=5)
# What failed longer ago is history: its follow-up is on the worklist, and a count that never falls is not read.
FAILED_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class OutboxHealth:
    """How the outbox is doing: how long the oldest due message waits, and how many need a person.

    `failed` counts those that were to go in the last seven days.
    """

    waiting: int
    oldest_waits: timedelta
    unknown: int
    failed: int

    @property
    def alarm(self) -> bool:
        """Whether messages that should have gone five minutes ago are still here."""
        return self.oldest_waits > ALARM_AFTER


def outbox_health(now: datetime) -> OutboxHealth:
    """The figures for the health page, in one query. Rows that wait for the morning are not overdue."""
    due = Q(state__in=[State.PENDING, State.CLAIMED], ready_at__lte=now)
    unfinished = [State.PENDING, State.CLAIMED, State.UNKNOWN, State.FAILED]
    counted = Notification.objects.filter(state__in=unfinished).aggregate(
        waiting=Count("pk", filter=due),
        oldest=Min("ready_at", filter=due),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN)),
        failed=Count("pk", filter=Q(state=State.FAILED, ready_at__gte=now - FAILED_LATELY)),
    )
    oldest: datetime | None = counted["oldest"]
    return OutboxHealth(
        waiting=counted["waiting"],
        oldest_waits=now - oldest if oldest is not None else timedelta(0),
        unknown=counted["unknown"],
        failed=counted["failed"],
    )


def overdue(now: datetime) -> int:
    """How many messages should have gone more than five minutes ago: the alarm of the regular round."""
    return Notification.objects.filter(state=State.PENDING, ready_at__lt=now - ALARM_AFTER).count()


def safety_waits(now: datetime, *, patience: timedelta) -> QuerySet[Notification]:
    """Safety messages that no worker took in time: due for `patience` (business time), or held by a dead process."""
    wall = clock.wall()
    due = Q(state=State.PENDING, ready_at__lte=now - patience) & (Q(retry_at__isnull=True) | Q(retry_at__lte=wall))
    left = Q(lease_until__lt=wall) | Q(state=State.UNKNOWN, looked_up=False, unknown_since__lte=wall - patience)
    return Notification.objects.filter(due | left, urgency=Urgency.SAFETY)


def messages_about(about: str) -> QuerySet[Notification]:
    """The messages of one group, newest first, for a staff page that shows what was sent."""
    return Notification.objects.filter(about=about).order_by("-due_at")


def leaves_at(row: Notification) -> datetime:
    """When a message went, or goes as things stand: a text that is ready in quiet hours waits for the morning."""
    if row.sent_at is not None:
        return row.sent_at
    zones = addresses.destination_of(row).zones if row.channel == Channel.SMS else ()
    return rules.quiet_until(row.ready_at, zones) or row.ready_at


def texts_waiting() -> QuerySet[InboundText]:
    """What patients texted in their own words and no round has handed on yet."""
    return InboundText.objects.filter(handled_at__isnull=True, user__patient__isnull=False)
