"""The dispatcher: claims due rows, re-checks each, writes down the intent, calls the provider, writes the result.

Several may run at once, be killed at any point, and lose the broker: the rows decide. A row that is `calling` when its
process dies may or may not have been sent; it becomes `unknown` and the provider is asked, never simply sent again.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Case, F, Q, Value, When

from harmoniously.core.common import clock
from harmoniously.core.notifications import guards, reminders_off, settling
from harmoniously.core.notifications.channels import MessageChannel, Outcome, Outgoing, Result, channel_for
from harmoniously.core.notifications.models import Channel, Notification, OptOut, State, Urgency
from harmoniously.core.notifications.preparing import Prepared, prepare

logger = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=60)
# A call ends within 15 seconds (channels.MessageChannel). What a dead process held of a safety message must be told
# within a minute by another.
SAFETY_LEASE = timedelta(seconds=20)
RUN_SECONDS = 50.0
# So many calls in a row that ended in "later" or "unclear" mean that the provider is down: wait for the next tick.
CIRCUIT_OPENS_AFTER = 5


@dataclass
class Run:
    """One tick: the business time it started at, moved on by the real time that has passed since."""

    now: datetime
    wall: datetime = field(default_factory=clock.wall)
    seconds: float = RUN_SECONDS
    stop: Callable[[], bool] = lambda: False
    safety_only: bool = False
    tally: Counter[str] = field(default_factory=Counter)
    failures_in_a_row: int = 0

    def at(self) -> datetime:
        """The business time now, within this tick."""
        return self.now + (clock.wall() - self.wall)

    def over(self) -> bool:
        """Whether to take no further row: time is up, the process was asked to stop, or the provider is down."""
        late = clock.wall() - self.wall > timedelta(seconds=self.seconds)
        return late or self.failures_in_a_row >= CIRCUIT_OPENS_AFTER or self.stop()


def tick(
    *,
    now: datetime,
    channel: Channel | str | None = None,
    seconds: float = RUN_SECONDS,
    stop: Callable[[], bool] = lambda: False,
    safety_only: bool = False,
) -> Counter[str]:
    """Send everything that is due on a channel (None: on both), for at most `seconds`; returns counts by what happened.

    `now` is business time. With `safety_only` everything else is left to another.
    First frees what dead processes left behind and settles what is unknown.
    """
    chosen = [Channel(channel)] if channel is not None else list(Channel)
    total: Counter[str] = Counter()
    for one in chosen:
        run = Run(now=now, seconds=seconds / len(chosen), stop=stop, safety_only=safety_only)
        carrier = channel_for(one)
        settling.reap(one)
        settled = settling.settle_unknown(one, carrier, at=run.at(), over=run.over, safety_only=safety_only)
        run.tally.update(settled)
        _send_due(one, carrier, run)
        total.update(run.tally)
    if total:
        logger.info("Outbox: %s", ", ".join(f"{count} {what}" for what, count in sorted(total.items())))
    return total


def _send_due(channel: Channel, carrier: MessageChannel, run: Run) -> None:
    width = max(1, settings.NOTIFICATION_CONCURRENCY)
    # Whole rounds: a round with few calls takes as long as a full one.
    size = max(BATCH // width, 1) * width
    with ThreadPoolExecutor(max_workers=width, thread_name_prefix="send") as pool:
        while not run.over():
            token = uuid4()
            rows = claim(channel, token, at=run.at(), size=size, safety_only=run.safety_only)
            for chunk in _chunks(rows, width):
                if run.over():
                    break
                _send_chunk(chunk, token, carrier, run, pool)
            _release(token)
            if len(rows) < size:
                return


def _chunks(rows: Sequence[Notification], width: int) -> Iterator[Sequence[Notification]]:
    for start in range(0, len(rows), width):
        yield rows[start : start + width]


def claim(
    channel: Channel | str, token: UUID, *, at: datetime, size: int, safety_only: bool = False
) -> list[Notification]:
    """Take up to `size` due rows under a lease, safety first, then the longest due; others skip what is locked."""
    wall = clock.wall()
    due = Notification.objects.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=wall))
    due = due.filter(state=State.PENDING, channel=channel, ready_at__lte=at).order_by("urgency", "ready_at")
    if safety_only:
        due = due.filter(urgency=Urgency.SAFETY)
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
        Notification.objects.filter(pk__in=ids).update(state=State.CLAIMED, claim=token, lease_until=_lease(wall))
    rows = Notification.objects.filter(pk__in=ids).select_related("recipient__patient", "recipient__clinician")
    return sorted(rows, key=lambda row: (row.urgency, row.ready_at))


def _lease(wall: datetime) -> Case:
    """Until when a row is held, by its urgency."""
    return Case(When(urgency=Urgency.SAFETY, then=Value(wall + SAFETY_LEASE)), default=Value(wall + LEASE))


def _release(token: UUID) -> None:
    """Give back what this claim holds and did not get to."""
    Notification.objects.filter(claim=token, state=State.CLAIMED).update(
        state=State.PENDING, claim=None, lease_until=None
    )


def _send_chunk(
    rows: Sequence[Notification], token: UUID, carrier: MessageChannel, run: Run, pool: ThreadPoolExecutor
) -> None:
    at = run.at()
    prepared = prepare(rows, at=at)
    for one in prepared:
        if one.outgoing is None:
            run.tally[settling.put_aside(one, token)] += 1
    going = _intend([one for one in prepared if one.outgoing is not None], token, at=run.at())
    outgoing = [one.outgoing for one in going if one.outgoing is not None]
    if len(outgoing) == 1:
        outcomes = [carrier.send(outgoing[0])]
    else:
        outcomes = list(pool.map(_send_in_thread, [carrier] * len(outgoing), outgoing))
    with transaction.atomic():
        run.tally.update(settling.settle_all(list(zip(going, outcomes, strict=True)), token, at=run.at()))
    _count_failures(run, outcomes)


def _intend(prepared: Sequence[Prepared], token: UUID, *, at: datetime) -> list[Prepared]:
    """Write down, and commit, that these are about to be sent; returns those that are still ours and still wanted.

    A row that was cancelled, opted out of, withheld, or taken over by another dispatcher since the claim is left out.
    """
    if not prepared:
        return []
    with transaction.atomic():
        ours = Notification.objects.filter(
            pk__in=[one.row.pk for one in prepared], state=State.CLAIMED, claim=token
        ).select_for_update()
        held = set(ours.values_list("pk", flat=True))
        digests = [one.digest for one in prepared if one.digest]
        refused = set(
            OptOut.objects.filter(address_digest__in=digests, until__isnull=True).values_list(
                "address_digest", flat=True
            )
        )
        rows = [one.row for one in prepared]
        kept = held - guards.withheld(rows, at=at) - reminders_off.unwanted(rows)
        going = [one for one in prepared if one.row.pk in kept and one.digest not in refused]
        wall = clock.wall()
        Notification.objects.filter(pk__in=[one.row.pk for one in going]).update(
            state=State.CALLING, lease_until=_lease(wall), called_at=wall, attempts=F("attempts") + 1
        )
    return going


def _send_in_thread(carrier: MessageChannel, message: Outgoing) -> Outcome:
    try:
        return carrier.send(message)
    finally:
        connections.close_all()


def _count_failures(run: Run, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.result in (Result.RETRY, Result.UNCLEAR):
            run.failures_in_a_row += 1
        else:
            run.failures_in_a_row = 0
    if run.failures_in_a_row >= CIRCUIT_OPENS_AFTER:
        run.tally["circuit_opened"] += 1
