"""Attempts to reach the patient of an alert: each is a row, and one that reached them ends the wait."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts import policy, rules, selectors
from harmoniously.core.alerts.models import Alert, AlertStatus, ContactAttempt, ContactHow
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications


def contact_missing(
    alert: Alert, attempts: Iterable[ContactAttempt] | None = None, cleared: bool | None = None
) -> bool:
    """Whether nobody has reached the patient since it was raised, and it is of a kind that is resolved only then.

    One call settles every alert that had been raised when the page was opened on which it was written down; so does
    the contact that a clinician recorded to end the safety hold. What is said after a call ended is not settled by it.
    `attempts` and `cleared` are what is known of both where they were read already.
    """
    if not alert.needs_contact:
        return False
    about = (alert.patient_id, alert.last_said_at)
    known = selectors.attempts_about(*about).filter(settles=True)[:1] if attempts is None else attempts
    if any(row.settles for row in known):
        return False
    return not (selectors.clearances_about(*about).exists() if cleared is None else cleared)


def known_at(shown_at: datetime | None, *, since: datetime, now: datetime) -> datetime:
    """When a page was opened, as it says: not before there was anything to open, and not later than now."""
    return now if shown_at is None else min(max(shown_at, since), now)


def end_telling(patient: Patient, *, known: datetime, now: datetime) -> None:
    """The patient was reached: no alert that somebody took is told again, of those that were `known` by then."""
    taken = _in_hand(patient, known)
    for alert in taken:
        notifications.cancel_about(about=alert.messages, now=now, reason="reached")
    taken.update(tell_next_at=None)


def _in_hand(patient: Patient, known: datetime) -> QuerySet[Alert]:
    """The alerts that somebody took and that wait for a contact, of those that were `known` by then."""
    taken = Alert.objects.filter(patient=patient, status=AlertStatus.ACKNOWLEDGED, tell_next_at__isnull=False)
    return taken.alias(said_at=Coalesce("newest_at", "opened_at")).filter(said_at__lte=known)


def waiting_since(alert: Alert) -> datetime:
    """Since when an alert that somebody took has seen nothing happen: taking it, taking it over, or an attempt.

    An attempt under another alert of the patient is one as well, when it knew of this alert.
    """
    tried = selectors.attempts_about(alert.patient_id, alert.last_said_at)
    last: datetime | None = tried.aggregate(last=Max("at"))["last"]
    known = (alert.acknowledged_at, alert.taken_over_at, last)
    return max([moment for moment in known if moment is not None], default=alert.opened_at)


def locked(alert: Alert) -> Alert:
    """The row of an alert that is in somebody's hands, locked. Raises Conflict when it is not any more, or not yet."""
    row = Alert.objects.select_for_update(of=("self",)).select_related("patient").get(pk=alert.pk)
    if row.status == AlertStatus.OPEN:
        raise Conflict(_("Take the alert first, so that colleagues know who acts on it."), "not_taken")
    if row.status == AlertStatus.RESOLVED:
        raise Conflict(_("This alert is resolved. Reload the page to see what was done."), "resolved")
    return row


class SentBefore(Conflict):
    """The page was sent already and said something else then; nothing was written."""


def _same(twin: ContactAttempt, said: tuple[UUID, UUID, str, bool, str]) -> ContactAttempt:
    if said != (twin.alert_id, twin.by_id, twin.how, twin.reached, twin.words):
        raise SentBefore(
            _("This page was sent before with other words, and those are kept. If this is another attempt, send it."),
            "sent_before",
        )
    return twin


def record_contact(
    *,
    alert: Alert,
    how: ContactHow | str,
    reached: bool,
    words: str,
    key: UUID,
    by: User,
    now: datetime,
    shown_at: datetime | None = None,
) -> ContactAttempt:
    """Write down one attempt to reach the patient; the same `key` is the same attempt, however often it is sent.

    One that reached them, or that emergency services took over, needs words and ends the telling of every alert of
    this patient that somebody took and that was raised before the page was opened (`shown_at`; None: now). After any
    other they are told again when nothing follows in time. Raises PermissionDenied, RuleViolation for missing
    words, Conflict when nobody took it yet or it is resolved, and SentBefore for a `key` that said something else.
    """
    require(by, Permission.ACKNOWLEDGE_ALERTS)
    settled = rules.settles(ContactHow(how), reached=reached)
    if settled and not words.strip():
        raise RuleViolation(_("Write what was said, or the incident number and who took the call."), "words_missing")
    with transaction.atomic():
        hold_chain(alert.patient)
        twin = ContactAttempt.objects.filter(pk=key).first()
        if twin is not None:
            return _same(twin, (alert.pk, by.pk, ContactHow(how), reached, words.strip()))
        row = locked(alert)
        known = known_at(shown_at, since=row.last_said_at, now=now)
        made = ContactAttempt.objects.create(
            id=key,
            alert=row,
            patient=row.patient,
            by=by,
            at=now,
            shown_at=known,
            how=ContactHow(how),
            reached=reached,
            settles=settled,
            words=words.strip(),
            created_at=now,
        )
        if settled:
            end_telling(row.patient, known=known, now=now)
        else:
            _in_hand(row.patient, known).update(tell_next_at=now + policy.load().contact_due)
        record(actor=by, action="alert.contact", now=now, subject=row, how=made.how, reached=reached)
    return made
