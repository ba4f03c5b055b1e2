"""Who wants no texts. However we are told (text, telephone, e-mail, portal), it becomes the same row at once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.notifications.addresses import digest as digest_of
from harmoniously.core.notifications.models import CANCELLABLE, Channel, Notification, OptOut, State


def opt_out(*, number: str, source: str, by: Actor, now: datetime) -> None:
    """Send no text to a number (E.164) from now on, and cancel what waits for it, in one transaction.

    `source` says how we were told: "text", "phone", "email", "portal", "carrier".
    """
    opt_out_digest(digest=digest_of(number), source=source, by=by, now=now)


def opt_out_digest(*, digest: str, source: str, by: Actor, now: datetime) -> None:
    """The same for a number that is known only by its digest."""
    with transaction.atomic():
        _open(digest, source, now)
        waiting = Notification.objects.filter(channel=Channel.SMS, address_digest=digest, state__in=CANCELLABLE)
        cancelled = waiting.update(state=State.CANCELLED, reason="opted_out", claim=None, lease_until=None)
        record(actor=by, action="texts.opted_out", now=now, source=source, cancelled=cancelled)


def _open(digest: str, source: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            OptOut.objects.create(address_digest=digest, source=source, since=now, created_at=now)
    except IntegrityError:
        return  # opted out already


def opt_in(*, number: str, source: str, by: Actor, now: datetime) -> bool:
    """Texts are welcome again; what was cancelled stays cancelled. Returns whether the number was opted out."""
    with transaction.atomic():
        closed = OptOut.objects.filter(address_digest=digest_of(number), until__isnull=True).update(until=now)
        if closed:
            record(actor=by, action="texts.opted_in", now=now, source=source)
    return bool(closed)


def is_opted_out(number: str) -> bool:
    """Whether texts to a number (E.164) are stopped."""
    return OptOut.objects.filter(address_digest=digest_of(number), until__isnull=True).exists()
