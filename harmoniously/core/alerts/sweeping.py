"""The regular round: alerts that ring again, messages that did not arrive."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.duty import announce_duty
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.models import AlertKind, FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.alerts.services import escalate_due, raise_alert
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications.models import Channel, InboundText, Notification, State
from harmoniously.core.notifications.selectors import overdue, texts_waiting

logger = logging.getLogger(__name__)

BATCH = 200
UNDELIVERED_PREFIX = "undelivered:"
TEXT_PREFIX = "text:"


def sweep(*, now: datetime) -> None:
    """One round. Each part is idempotent and safe to run twice at once."""
    parts = (escalate_due, announce_duty, follow_up_undelivered, close_arrived, follow_up_texts, _late)
    each(parts, lambda part: part(now=now))


def _late(*, now: datetime) -> int:
    late = overdue(now)
    if late:
        logger.error("Outbox: %d messages are overdue by more than five minutes.", late)
    return late


def follow_up_undelivered(*, now: datetime) -> int:
    """Put every patient whose message failed, or may not have arrived, on the worklist once; returns how many.

    A safety message to a patient that failed for good also raises an alert. Messages to colleagues need neither: the
    alert they tell of rings on.
    """
    key = Concat(Value(UNDELIVERED_PREFIX), Cast(OuterRef("pk"), CharField()))
    lost = Notification.objects.filter(
        Q(state=State.FAILED) | Q(state=State.UNKNOWN, looked_up=True), recipient__patient__isnull=False
    )
    lost = lost.filter(~Exists(FollowUp.objects.filter(dedupe_key=key))).select_related("recipient__patient")

    @transaction.atomic
    def follow_up(row: Notification) -> int:
        patient: Patient = row.recipient.patient
        open_follow_up(
            kind=FollowUpKind.MESSAGE_NOT_DELIVERED,
            patient=patient,
            about=row.about,
            dedupe_key=f"{UNDELIVERED_PREFIX}{row.pk}",
            due_at=now,
            by=SYSTEM,
            now=now,
        )
        if row.is_safety and row.state == State.FAILED:
            raise_alert(
                kind=AlertKind.DELIVERY_FAILED,
                patient=patient,
                about=row.about,
                dedupe_key=f"{UNDELIVERED_PREFIX}{row.pk}",
                by=SYSTEM,
                now=now,
            )
        return 1

    return each(list(lost.order_by("unknown_since")[:BATCH]), follow_up)


def close_arrived(*, now: datetime) -> int:
    """A message of which nobody knew whether it went out did arrive: nobody has to call. Returns how many."""
    waiting = FollowUp.objects.filter(kind=FollowUpKind.MESSAGE_NOT_DELIVERED).exclude(state=FollowUpState.CLOSED)
    rows = {row.dedupe_key.removeprefix(UNDELIVERED_PREFIX): row for row in waiting.select_related("patient")}
    # Nobody reports that an e-mail was delivered.
    arrived = Q(state=State.DELIVERED) | Q(state=State.SENT, channel=Channel.EMAIL)
    there = Notification.objects.filter(arrived, pk__in=rows).values_list("pk", flat=True) if rows else ()
    return each(list(there), lambda pk: close_follow_up(follow_up=rows[str(pk)], by=SYSTEM, now=now))


def follow_up_texts(*, now: datetime) -> int:
    """Put patients who answered a text in their own words on the worklist; words that may mean danger ring at once.

    Returns how many.
    """

    @transaction.atomic
    def follow_up(row: InboundText) -> int:
        if row.user is None:
            return 0
        open_follow_up(
            kind=FollowUpKind.TEXT_RECEIVED,
            patient=row.user.patient,
            about=f"text:{row.pk}",
            dedupe_key=f"{TEXT_PREFIX}{row.pk}",
            due_at=now,
            by=SYSTEM,
            now=now,
        )
        about = f"{TEXT_PREFIX}{row.pk}"
        surface(text=row.body, patient=row.user.patient, about=about, key=about, by=SYSTEM, now=now)
        InboundText.objects.filter(pk=row.pk, handled_at__isnull=True).update(handled_at=now)
        return 1

    return each(list(texts_waiting().select_related("user__patient").order_by("received_at")[:BATCH]), follow_up)
