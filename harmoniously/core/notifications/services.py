"""Verbs of the outbox that other apps use: schedule a message, cancel what is no longer true, opt out and in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import User
from harmoniously.core.common import broker
from harmoniously.core.notifications import addresses, messages
from harmoniously.core.notifications.models import CANCELLABLE, MAY_HAVE_TOLD, Channel, Notification, State, Urgency

SAFETY = Urgency.SAFETY
CONVENIENCE = Urgency.CONVENIENCE
DISPATCH_TASK = "notifications.dispatch"
TAKEN_BACK = "taken_back"


def schedule(
    *,
    template: str,
    recipient: User,
    channel: Channel | str,
    due_at: datetime,
    dedupe_key: str,
    about: str,
    variables: Mapping[str, str | datetime],
    now: datetime,
    not_after: datetime | None = None,
    urgency: Urgency = Urgency.CONVENIENCE,
    address: str = "",
) -> Notification:
    """Put one message into the outbox, inside the caller's transaction; the same `dedupe_key` gives the same row.

    `about` groups what is cancelled together ("appointment:<uuid>"). `when` in `variables` is best given as the aware
    moment: it is put into the reader's own zone on sending. `link` is a path or an address of ours. `address` is for
    somebody without an account (a sitter), on the recipient's behalf. A text that becomes due in quiet hours waits
    for the morning, a message past `not_after` is never sent. Raises ValueError for an unknown template or variable.
    """
    spec = messages.template_for(template)
    if not_after is not None and not_after < due_at:
        raise ValueError(f"{template}: not_after lies before due_at.")
    row = Notification(
        template=spec.name,
        channel=Channel(channel),
        urgency=urgency,
        recipient=recipient,
        address=address,
        variables=messages.stored_variables(spec, variables),
        about=about,
        dedupe_key=dedupe_key,
        due_at=due_at,
        ready_at=due_at,
        not_after=not_after,
        created_at=now,
    )
    row.address_digest = addresses.destination_of(row).digest
    # Whoever was first with this key, also in another transaction a moment ago: that row is the message.
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    kept = Notification.objects.get(dedupe_key=dedupe_key)
    if kept.pk != row.pk:
        return kept
    if due_at <= now:
        transaction.on_commit(partial(broker.ask, DISPATCH_TASK, str(row.channel)), robust=True)
    return kept


def cancel_about(*, about: str, now: datetime, reason: str = "no_longer_true") -> int:
    """Cancel every message of a group that has not been handed to the provider yet; returns how many.

    A dispatcher that holds one of them notices: it can only go on with a row that is still claimed.
    """
    return _cancel(Notification.objects.filter(about=about).values_list("id", flat=True), reason)


def cancel_key(*, dedupe_key: str, now: datetime, reason: str = "no_longer_true") -> int:
    """Cancel one message by its key, if it has not been handed to the provider yet."""
    return _cancel(Notification.objects.filter(dedupe_key=dedupe_key).values_list("id", flat=True), reason)


def waiting_about(about: str) -> list[UUID]:
    """The messages of a group that have not been handed to the provider yet: what `cancel_about` would cancel."""
    return list(Notification.objects.filter(about=about, state__in=CANCELLABLE).values_list("id", flat=True))


def take_back(*, about: str, keys_from: str, withdrawn: Iterable[UUID]) -> bool:
    """Undo what one act planned about a group (their keys begin so), and what it withdrew goes out after all.

    False, and nothing is done, when one of the planned ones was sent, is being sent or may have been: then somebody was
    told. One that failed, or was not sent because it was too late, told nobody.
    Inside the caller's transaction. The rows stay; their keys become free, for the same may be planned again.
    """
    rows = Notification.objects.select_for_update().filter(about=about, dedupe_key__startswith=keys_from)
    planned = list(rows.exclude(state=State.CANCELLED, reason=TAKEN_BACK))
    if any(row.state in MAY_HAVE_TOLD for row in planned):
        return False
    Notification.objects.filter(id__in=[row.pk for row in planned]).update(
        state=State.CANCELLED,
        reason=TAKEN_BACK,
        claim=None,
        lease_until=None,
        dedupe_key=Concat("dedupe_key", Value("~"), Cast("id", CharField())),
    )
    Notification.objects.filter(id__in=list(withdrawn), state=State.CANCELLED).update(state=State.PENDING, reason="")
    return True


def bring_back(*, about: str, reason: str) -> int:
    """What was cancelled of a group for this reason goes out after all: what was the reason was undone. How many."""
    rows = Notification.objects.filter(about=about, state=State.CANCELLED, reason=reason)
    return rows.update(state=State.PENDING, reason="")


def _cancel(ids: Iterable[UUID], reason: str) -> int:
    return Notification.objects.filter(id__in=ids, state__in=CANCELLABLE).update(
        state=State.CANCELLED, reason=reason, claim=None, lease_until=None
    )
