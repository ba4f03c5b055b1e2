"""After the call, and after a crash: writes down what became of each message. Every change is a compare-and-set."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common import clock
from harmoniously.core.notifications import addresses, opt_outs, rules
from harmoniously.core.notifications.channels import MessageChannel, Outcome, Result
from harmoniously.core.notifications.models import Channel, Notification, State, Urgency
from harmoniously.core.notifications.preparing import POISON, Prepared, outgoing_for

logger = logging.getLogger(__name__)

POISON_PARKED = timedelta(hours=1)
UNKNOWN_WAITS = timedelta(minutes=2)
# Whether it went is asked soon, and when nobody can know it goes again: at least once.
UNKNOWN_SAFETY_WAITS = timedelta(seconds=10)
UNKNOWN_BATCH = 50
_dice = SystemRandom()
_NO_LEASE: dict[str, Any] = {"lease_until": None}
_FREE: dict[str, Any] = {"claim": None, "lease_until": None}


def put_aside(one: Prepared, token: UUID) -> str:
    """A claimed row that does not go out now: expire, cancel, fail, wait for the morning, or park; returns which."""
    mine = Notification.objects.filter(pk=one.row.pk, state=State.CLAIMED, claim=token)
    decision = one.decision
    if decision is None:
        return _park(one, token)
    if decision.verdict == rules.Verdict.DEFER:
        mine.update(state=State.PENDING, ready_at=decision.until, **_FREE)
        return "deferred"
    final = {
        rules.Verdict.EXPIRE: State.EXPIRED,
        rules.Verdict.CANCEL: State.CANCELLED,
        rules.Verdict.FAIL: State.FAILED,
    }[decision.verdict]
    mine.update(state=final, reason=decision.reason, unknown_since=_since(final), **_FREE)
    return final.value


def _since(state: State) -> datetime | None:
    """When a person should begin to wonder (real time): rows that failed or are unknown get a follow-up."""
    return clock.wall() if state in (State.FAILED, State.UNKNOWN) else None


def _park(one: Prepared, token: UUID) -> str:
    attempts = one.row.attempts + 1
    failed = rules.attempts_exhausted(attempts, safety=False)
    state = State.FAILED if failed else State.PENDING
    Notification.objects.filter(pk=one.row.pk, state=State.CLAIMED, claim=token).update(
        state=state,
        attempts=attempts,
        retry_at=clock.wall() + POISON_PARKED,
        reason=f"poison:{one.poison}",
        unknown_since=_since(state),
        **_FREE,
    )
    return "parked"


def settle_all(called: Sequence[tuple[Prepared, Outcome]], token: UUID, *, at: datetime) -> Counter[str]:
    """Write down the provider's answers for the rows this process called about; what went well in one statement."""
    tally: Counter[str] = Counter()
    accepted = {one.row.pk: outcome.provider_sid for one, outcome in called if outcome.result == Result.ACCEPTED}
    if accepted:
        sids = [When(pk=pk, then=Value(sid)) for pk, sid in accepted.items()]
        _called(accepted, token).update(
            state=State.SENT,
            sent_at=at,
            provider_sid=Case(*sids, output_field=CharField()),
            reason="",
            unknown_since=None,
            **_FREE,
        )
        tally[State.SENT.value] += len(accepted)
    for one, outcome in called:
        if outcome.result != Result.ACCEPTED:
            tally[_settle_one(one, outcome, token, at=at)] += 1
    return tally


def _called(keys: Iterable[UUID], token: UUID) -> QuerySet[Notification]:
    """Rows of this claim that are still open: a report may have been faster, and a lease may have run out."""
    return Notification.objects.filter(pk__in=list(keys), claim=token, state__in=[State.CALLING, State.UNKNOWN])


def _settle_one(one: Prepared, outcome: Outcome, token: UUID, *, at: datetime) -> str:
    """Write down one answer that was not simply "accepted"; returns the state the row came to."""
    mine = _called([one.row.pk], token)
    match outcome.result:
        case Result.RETRY:
            return _try_later(one, outcome, token)
        case Result.UNCLEAR:
            mine.update(state=State.UNKNOWN, reason=outcome.code, unknown_since=clock.wall(), **_NO_LEASE)
            return State.UNKNOWN.value
        case Result.OPTED_OUT:
            mine.update(state=State.CANCELLED, reason="opted_out", **_FREE)
            if one.digest:
                opt_outs.opt_out_digest(digest=one.digest, source="carrier", by=SYSTEM, now=at)
            return State.CANCELLED.value
    mine.update(state=State.FAILED, reason=outcome.code, unknown_since=clock.wall(), **_FREE)
    return State.FAILED.value


def _try_later(one: Prepared, outcome: Outcome, token: UUID) -> str:
    attempts = one.row.attempts + 1
    safety = one.row.is_safety
    mine = Notification.objects.filter(pk=one.row.pk, claim=token, state=State.CALLING)
    if rules.attempts_exhausted(attempts, safety=safety):
        mine.update(state=State.FAILED, reason=outcome.code, unknown_since=clock.wall(), **_FREE)
        return State.FAILED.value
    wait = rules.backoff_seconds(
        attempts,
        jitter=_dice.random(),
        retry_after=outcome.retry_after,
        safety=safety,
    )
    mine.update(state=State.PENDING, reason=outcome.code, retry_at=clock.wall() + timedelta(seconds=wait), **_FREE)
    return "retry"


def reap(channel: Channel) -> int:
    """Free what dead processes hold: claimed rows wait again, called ones are unknown. Returns how many."""
    wall = clock.wall()
    dead = Notification.objects.filter(channel=channel, lease_until__lt=wall)
    freed = dead.filter(state=State.CLAIMED).update(state=State.PENDING, **_FREE)
    lost = dead.filter(state=State.CALLING).update(
        state=State.UNKNOWN, reason="interrupted", unknown_since=wall, looked_up=False, **_NO_LEASE
    )
    if lost:
        logger.warning("Outbox: %d messages were being sent when their process ended.", lost)
    return freed + lost


def settle_unknown(
    channel: Channel, carrier: MessageChannel, *, at: datetime, over: Callable[[], bool], safety_only: bool = False
) -> Counter[str]:
    """Ask the provider about messages that may or may not have gone, two minutes after they were lost (safety: 10 s).

    Found: sent. Not found: a safety message goes again, a convenience one stays unknown and a person follows up.
    Ends early when `over` says so, or when the provider cannot be asked now.
    """
    tally: Counter[str] = Counter()
    wall = clock.wall()
    old = Q(urgency=Urgency.SAFETY, unknown_since__lte=wall - UNKNOWN_SAFETY_WAITS)
    if not safety_only:
        old |= Q(unknown_since__lte=wall - UNKNOWN_WAITS)
    waiting = Notification.objects.filter(old, channel=channel, state=State.UNKNOWN, looked_up=False)
    waiting = waiting.select_related("recipient__patient", "recipient__clinician")
    for row in waiting.order_by("urgency", "unknown_since")[:UNKNOWN_BATCH]:
        became = "" if over() else _settle_one_unknown(row, carrier, at)
        if not became:
            break
        tally[became] += 1
    return tally


def _settle_one_unknown(row: Notification, carrier: MessageChannel, at: datetime) -> str:
    """What the row became, "" when the provider cannot be asked now."""
    still = Notification.objects.filter(pk=row.pk, state=State.UNKNOWN, looked_up=False)
    try:
        outgoing = outgoing_for(row, addresses.destination_of(row), at=at)
    except POISON:
        still.update(looked_up=True)
        return "unknown"
    outcome = carrier.find(outgoing, since=(row.called_at or clock.wall()) - timedelta(minutes=1))
    if outcome.result == Result.RETRY:
        return ""
    if outcome.result == Result.ACCEPTED:
        still.update(
            state=State.SENT, sent_at=at, provider_sid=outcome.provider_sid, looked_up=True, unknown_since=None, **_FREE
        )
        return "found"
    if row.is_safety and not rules.attempts_exhausted(row.attempts, safety=True):
        still.update(state=State.PENDING, retry_at=None, unknown_since=None, **_FREE)
        return "again"
    still.update(looked_up=True)
    return "unknown"
