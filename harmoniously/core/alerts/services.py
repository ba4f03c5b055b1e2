"""Verbs of alerts: raise, tell again, acknowledge, resolve. An alert ends only in a person's acknowledgement.

As everywhere in this app the trail is locked first and then the row (follow_ups.py): whatever holds and alerts at once
has written the trail before, and in two orders one of the two would be rolled back.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from harmoniously.core.accounts import services as accounts
from harmoniously.core.accounts.models import CareRelation, Clinician, Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, Role
from harmoniously.core.alerts import policy, rules, selectors
from harmoniously.core.alerts.contacts import contact_missing, locked, record_contact, waiting_since
from harmoniously.core.alerts.duty import every_one_listed, rota
from harmoniously.core.alerts.follow_ups import close_follow_up, open_follow_up
from harmoniously.core.alerts.holds import (
    clear_hold,
    end_case_hold,
    hold_stand,
    lift_incomplete_hold,
    open_case_hold,
    open_hold,
)
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus, SafetyHold
from harmoniously.core.alerts.working import claim_follow_up
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel, Urgency

__all__ = [
    "acknowledge",
    "claim_follow_up",
    "clear_hold",
    "hold_stand",
    "close_follow_up",
    "contact_missing",
    "end_case_hold",
    "escalate_due",
    "lift_incomplete_hold",
    "open_case_hold",
    "open_follow_up",
    "open_hold",
    "raise_alert",
    "raise_anew",
    "record_contact",
    "resolve",
    "say_again",
    "take_into_care",
    "take_over",
]

logger = logging.getLogger(__name__)


def raise_alert(
    *, kind: AlertKind | str, patient: Patient, about: str, dedupe_key: str, by: Actor, now: datetime
) -> Alert:
    """Open an alert and tell the first person at once, on both channels; the same `dedupe_key` gives the same alert.

    Ringing kinds (models.RINGING) start with whoever is on duty (duty_rules.py). The others go once to the patient's
    own clinicians, or to whoever is on duty where there are none. Without an on-call list every active prescriber
    stands on it: an alert never goes nowhere.
    """
    existing = Alert.objects.filter(dedupe_key=dedupe_key).first()
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            hold_chain(patient)
            alert = Alert.objects.create(
                kind=AlertKind(kind), patient=patient, about=about, dedupe_key=dedupe_key, opened_at=now, created_at=now
            )
            record(actor=by, action="alert.raised", now=now, subject=alert, kind=alert.kind, about=about)
            _tell(alert, now=now)
    except IntegrityError:
        twin = Alert.objects.filter(dedupe_key=dedupe_key).first()
        if twin is None:
            raise
        return twin
    return alert


def raise_anew(*, kind: AlertKind | str, patient: Patient, about: str, group: str, by: Actor, now: datetime) -> Alert:
    """An alert about something that is said again: the one of this group that nobody took yet, else a new one.

    Whoever took the last one knew nothing of what is said now, nor did a contact that was made before, under another
    alert of the patient (I3). Keys of a group are "<group>", "<group>:2" …
    """
    with transaction.atomic():
        hold_chain(patient)
        known = Alert.objects.select_for_update().filter(Q(dedupe_key=group) | Q(dedupe_key__startswith=f"{group}:"))
        rows = list(known.order_by("-opened_at"))
        waiting = next((row for row in rows if row.status == AlertStatus.OPEN), None)
        if waiting is not None:
            waiting.newest_at = max(now, waiting.last_said_at)
            waiting.save(update_fields=["newest_at"])
            return waiting
        key = f"{group}:{len(rows) + 1}" if rows else group
        return raise_alert(kind=kind, patient=patient, about=about, dedupe_key=key, by=by, now=now)


def say_again(rows: QuerySet[Alert], *, patient: Patient, at: datetime) -> None:
    """What the open ones of these tell of went on: no contact before `at` settles it. Call in a transaction."""
    older = rows.filter(status=AlertStatus.OPEN).alias(said_at=Coalesce("newest_at", "opened_at"))
    if older.filter(said_at__lt=at).exists():
        hold_chain(patient)
        older.filter(said_at__lt=at).update(newest_at=at)


def escalate_due(*, now: datetime) -> int:
    """Tell every alert again whose time has come; returns how many. Safe to run in several processes."""
    due = selectors.telling_overdue(now).order_by("tell_next_at")

    def tell(row: tuple[UUID, UUID]) -> bool:
        pk, patient = row
        with transaction.atomic():
            hold_chain(patient)
            # of=self: the patient's row is joined for the message and must not be locked by it.
            alert = (
                due.select_for_update(of=("self",), skip_locked=True).select_related("patient").filter(pk=pk).first()
            )
            if alert is not None:
                _tell(alert, now=now)
            return alert is not None

    # All of them: one that cannot be told stays the longest due, and would keep those behind it from being told.
    return each(list(due.values_list("pk", "patient")), tell)


def _tell(alert: Alert, *, now: datetime) -> None:
    """Put the messages of one telling into the outbox and note when the next one is."""
    order = _order(now)
    chosen = [clinician.user for step in order[:1] for clinician in step]
    if alert.rings:
        since = alert.opened_at if alert.status == AlertStatus.OPEN else waiting_since(alert)
        step = rules.telling(since=since, now=now, people=len(order), policy=policy.load())
        chosen = [alert.in_charge] if alert.in_charge else []
        chosen += [clinician.user for position in step.positions for clinician in order[position]]
        alert.tell_next_at = step.next_at
        if step.administrators:
            chosen += User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("email")
            alert.list_exhausted_at = alert.list_exhausted_at or now
    elif own := _own_clinicians(alert.patient, now):
        chosen = [clinician.user for clinician in own]
    if not chosen:
        logger.error("Alert %s has nobody to tell: the on-call list is empty and there is no prescriber.", alert.pk)
    alert.tellings += 1
    told = {user.pk: user for user in chosen}
    for user in told.values():
        _message(alert, user, now=now)
    alert.save(update_fields=["tell_next_at", "list_exhausted_at", "tellings"])
    record(
        actor=SYSTEM,
        action="alert.told",
        now=now,
        subject=alert,
        telling=alert.tellings,
        people=[str(key) for key in told],
        exhausted=alert.list_exhausted_at is not None,
    )


def _order(now: datetime) -> tuple[tuple[Clinician, ...], ...]:
    """Whom to tell, step by step. A rota that cannot be worked out silences nothing: then the list says it."""
    try:
        return rota(now).order
    except (ArithmeticError, LookupError, TypeError, ValueError) as failure:
        logger.error("The rota cannot be worked out, the on-call list is told: %s", type(failure).__name__)
        return tuple((clinician,) for clinician in every_one_listed(now))


def _own_clinicians(patient: Patient, now: datetime) -> list[Clinician]:
    current = CareRelation.objects.filter(patient=patient, since__lte=now).exclude(until__lte=now)
    caring = Clinician.objects.filter(pk__in=current.values("clinician"), user__is_active=True)
    return list(caring.filter(user__role__in=CLINICIAN_ROLES).select_related("user"))


def _message(alert: Alert, user: User, *, now: datetime) -> None:
    for channel in Channel:
        notifications.schedule(
            template="staff_alert",
            recipient=user,
            channel=channel,
            due_at=now,
            dedupe_key=f"alert:{alert.pk}:{alert.tellings}:{user.pk}:{channel}",
            about=alert.messages,
            # Administrators read no alert: they see who is on call, and whom to telephone.
            variables={
                "when": alert.opened_at,
                "link": "/admin/on-call/" if user.role == Role.ADMINISTRATOR else f"/admin/alerts/{alert.pk}/",
            },
            urgency=Urgency.SAFETY,
            now=now,
        )


def acknowledge(*, alert: Alert, by: User, now: datetime, note: str) -> Alert:
    """A person takes the alert: the telling stops, and a clinician who takes it enters the patient's care.

    One that rings is told again when no contact is recorded in time (rules.py), unless the patient was reached since it
    was raised. `note` says what the person does now;
    it must not be empty. Raises PermissionDenied, RuleViolation for an empty note, Conflict or IllegalMove when
    somebody was faster.
    """
    require(by, Permission.ACKNOWLEDGE_ALERTS)
    with transaction.atomic():
        hold_chain(alert.patient)
        alert.refresh_from_db(fields=["newest_at"])  # what was said again since the page was asked for
        alert.acknowledgement_note = _said(note)
        advance(
            alert,
            AlertStatus.ACKNOWLEDGED,
            by=by,
            now=now,
            acknowledged_at=now,
            acknowledged_by_id=by.pk,
            tell_next_at=now + policy.load().contact_due if alert.rings and contact_missing(alert) else None,
        )
        alert.save(update_fields=["acknowledgement_note"])
        notifications.cancel_about(about=alert.messages, now=now, reason="acknowledged")
        _enter_care(alert, why="alert", by=by, now=now)
    return alert


def take_over(*, alert: Alert, by: User, now: datetime) -> Alert:
    """A colleague goes on with an alert that somebody else took: who took it first stays written down.

    Raises PermissionDenied, RuleViolation for whoever has it already, Conflict when it is not in anybody's hands.
    """
    require(by, Permission.ACKNOWLEDGE_ALERTS)
    with transaction.atomic():
        hold_chain(alert.patient)
        row = locked(alert)
        if row.in_charge == by:
            raise RuleViolation(_("You have this alert already."), "own")
        row.taken_over_at, row.taken_over_by = now, by
        if row.tell_next_at is not None:
            row.tell_next_at = now + policy.load().contact_due
        row.save(update_fields=["taken_over_at", "taken_over_by", "tell_next_at"])
        record(actor=by, action="alert.taken_over", now=now, subject=row)
        notifications.cancel_about(about=row.messages, now=now, reason="taken_over")
        _enter_care(row, why="alert", by=by, now=now)
    return row


def take_into_care(*, hold: SafetyHold, by: User, now: datetime) -> None:
    """A prescriber takes on a patient whose hold stands and about whom nothing rings; a second click does nothing more.

    Raises PermissionDenied, Conflict when the hold was cleared or an alert is open: taking that does the same, and says
    who acts on it.
    """
    require(by, Permission.REVIEW_CASES)
    with transaction.atomic():
        hold_chain(hold.patient)
        if not SafetyHold.objects.filter(pk=hold.pk, cleared_at__isnull=True).exists():
            raise Conflict(_("This hold was cleared meanwhile. Nothing was changed."), "cleared")
        if selectors.to_be_taken(hold.patient, by).exists():
            raise Conflict(_("An alert about this patient is open. Take the alert, or take it over."), "alert_open")
        _enter_care(hold, why="safety_hold", by=by, now=now)


def _enter_care(row: Alert | SafetyHold, *, why: str, by: User, now: datetime) -> None:
    clinician = Clinician.objects.filter(user=by).first()
    if clinician is not None:
        accounts.care_relation_open(patient=row.patient, clinician=clinician, now=now)
        record(actor=by, action="care_relation.opened", now=now, subject=row, why=why)


def resolve(*, alert: Alert, by: User, now: datetime, note: str) -> Alert:
    """Close an acknowledged alert with what was done. Raises like `acknowledge`.

    One about a person in danger needs a contact that reached them, or emergency services that took it over
    (RuleViolation "contact_missing").
    """
    require(by, Permission.ACKNOWLEDGE_ALERTS)
    with transaction.atomic():
        hold_chain(alert.patient)
        alert.resolution_note = _said(note)
        if alert.status == AlertStatus.ACKNOWLEDGED and contact_missing(alert):
            raise RuleViolation(
                _("Record a contact first: that you reached the patient, or that 911 took it over."), "contact_missing"
            )
        advance(alert, AlertStatus.RESOLVED, by=by, now=now, resolved_at=now, resolved_by_id=by.pk, tell_next_at=None)
        alert.save(update_fields=["resolution_note"])
    return alert


def _said(note: str) -> str:
    if not note.strip():
        raise RuleViolation(_("Write what you are doing about it."), "note_missing")
    return note.strip()
