"""Verbs of whoever works on the list: take, give, put off, bring back, note a call, send a reminder.

As everywhere in this app the trail comes first and then the row (follow_ups.py). Each verb writes a step of the
follow-up's history. The key of the form (`batch`) makes a second click harmless, and is what can be taken back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, can, require
from harmoniously.core.alerts import presenting
from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts.follow_up_models import FollowUp, FollowUpKind, FollowUpState, FollowUpStep, StepKind, Way
from harmoniously.core.alerts.follow_ups import CLOSED, did_before, others_hands, reminders_of, stand_of
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel, Notification, State
from harmoniously.core.notifications.reminders_off import reminded
from harmoniously.core.notifications.selectors import leaves_at

Kind = FollowUpKind
HOME = "/home/"
# Kinds that the patient can settle, with the message that says so without a word about health.
REMINDERS: Mapping[str, str] = {
    Kind.CHECK_IN_OVERDUE: "check_in_second_reminder",
    Kind.MESSAGE_UNREAD: "message_waiting",
    Kind.VISIT_MISSED: "action_needed",
    Kind.VISIT_NEEDED: "action_needed",
    Kind.VISIT_OVERDUE: "action_needed",
    Kind.INTAKE_STOPPED: "action_needed",
    Kind.INFORMATION_OVERDUE: "action_needed",
    Kind.PAYMENT_PROBLEM: "action_needed",
    Kind.COMPANION_MISSING: "action_needed",
}
# Who switched reminders of visits off gets none of these either.
ABOUT_VISITS = frozenset({Kind.VISIT_MISSED, Kind.VISIT_NEEDED, Kind.VISIT_OVERDUE})
# A reminder that became due later than this says something that may not be true any more.
REMINDER_KEEPS = timedelta(hours=24)
# No reminder that was ordered before then leaves on the same day as one that is ordered now.
LATEST_LEAVES = timedelta(days=2)
NOT_ARRIVED = (State.CANCELLED, State.EXPIRED, State.FAILED)
OWN = "own"
Change = Callable[[FollowUp], dict[str, Any]]


@dataclass(frozen=True)
class Doer:
    """Who does something, when, and with which form."""

    by: User
    now: datetime
    batch: UUID


def _step(follow_up: FollowUp, kind: StepKind, doer: Doer, change: Change, *, shared: bool = False) -> FollowUpStep:
    """Change the row and write the step; what the same form did before is given back as it is.

    `shared`: also of one that a colleague has. Raises PermissionDenied, Conflict when it is closed, in other hands, or
    the same form was taken back.
    """
    require(doer.by, Permission.WORK_FOLLOW_UPS)
    with transaction.atomic():
        hold_chain(follow_up.patient)
        twin = did_before(follow_up, doer.batch)
        if twin is not None:
            return twin
        rows = FollowUp.objects.select_for_update(of=("self",)).select_related("patient__user", "owner")
        row = rows.get(pk=follow_up.pk)
        if not row.is_open:
            raise Conflict(_("It is done already."), "closed")
        other = others_hands(row, doer.by)
        if other is not None and not shared:
            raise Conflict(_("%(name)s has this one.") % {"name": other.display_name}, "in_other_hands")
        was = stand_of(row)
        said = change(row)
        row.save(update_fields=["state", "owner", "snoozed_until"])
        step = FollowUpStep.objects.create(
            follow_up=row,
            patient=row.patient,
            kind=kind,
            at=doer.now,
            by=doer.by,
            batch=doer.batch,
            was=was,
            created_at=doer.now,
            **said,
        )
        record(actor=doer.by, action=f"follow_up.{kind.value}", now=doer.now, subject=row)
    return step


def claim_follow_up(*, follow_up: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take a follow-up into one's own hands; what one has already stays there, so a second click changes nothing.

    Raises PermissionDenied, Conflict when a colleague has it already, or it is done.
    """

    def take(row: FollowUp) -> dict[str, Any]:
        if row.state == FollowUpState.CLAIMED and row.owner == by:
            raise Conflict(_("You have this one already."), OWN)
        row.state, row.owner = FollowUpState.CLAIMED, by
        return {"to": by}

    try:
        _step(follow_up, StepKind.ASSIGNED, Doer(by, now, uuid4()), take)
    except Conflict as again:
        if again.code != OWN:
            raise
    follow_up.state, follow_up.owner = FollowUpState.CLAIMED, by
    return follow_up


def assign(*, follow_up: FollowUp, to: User | None, seen: UUID | None, doer: Doer) -> FollowUpStep:
    """Give it to a colleague, or back to everybody (`to` None). `seen` is who had it on the page that asked.

    Raises Conflict when it changed hands since, RuleViolation for somebody who does not work on the list.
    """
    if to is not None and not can(to, Permission.WORK_FOLLOW_UPS):
        raise RuleViolation(_("Choose a colleague who works on this list."), "not_a_colleague")

    def give(row: FollowUp) -> dict[str, Any]:
        if row.owner_id != seen:
            name = row.owner.display_name if row.owner else _("Nobody")
            raise Conflict(_("%(name)s has this one now. Nothing was changed.") % {"name": name}, "raced")
        if to is None and row.owner is None:
            raise RuleViolation(_("Choose a colleague."), "nobody")
        row.state, row.owner = (FollowUpState.CLAIMED, to) if to else (FollowUpState.OPEN, None)
        return {"to": to}

    return _step(follow_up, StepKind.ASSIGNED if to else StepKind.RELEASED, doer, give, shared=True)


def hand_on(*, follow_up: FollowUp, to: User, doer: Doer) -> FollowUpStep:
    """The same for one of many: only what nobody else has."""

    def give(row: FollowUp) -> dict[str, Any]:
        row.state, row.owner = FollowUpState.CLAIMED, to
        return {"to": to}

    return _step(follow_up, StepKind.ASSIGNED, doer, give)


def snooze(*, follow_up: FollowUp, until: datetime, words: str, zone: str, doer: Doer) -> FollowUpStep:
    """Put it off until a moment, with the reason; then it comes back by itself.

    Raises RuleViolation without a reason, for a moment that is past, and for one later than its kind allows.
    """
    if not words.strip():
        raise RuleViolation(_("Write why it can wait."), "no_reason")

    def put_off(row: FollowUp) -> dict[str, Any]:
        row.snoozed_until = _allowed(row, until, zone, doer.now)
        return {"until": until, "words": words.strip()}

    return _step(follow_up, StepKind.SNOOZED, doer, put_off)


def latest_of(row: FollowUp, *, now: datetime, zone: str) -> datetime:
    """Until when at most it may be put off: what its kind allows, and an hour before what it is about begins."""
    return rules.in_time(rules.latest(row.kind, now=now, zone=zone), begins=presenting.begins_at(row))


def _allowed(row: FollowUp, until: datetime, zone: str, now: datetime) -> datetime:
    latest = latest_of(row, now=now, zone=zone)
    if until <= now:
        raise RuleViolation(_("Choose a time that is still ahead."), "past")
    if latest <= now:
        raise RuleViolation(_("This one cannot wait any longer: what it is about begins within the hour."), "too_long")
    if until > latest:
        words = _("This one can wait until %(when)s at most.") % {"when": clock.describe(latest, zone)}
        raise RuleViolation(words, "too_long")
    return until


def wake(*, follow_up: FollowUp, doer: Doer) -> FollowUpStep:
    """Bring back what was put off."""

    def back(row: FollowUp) -> dict[str, Any]:
        if row.snoozed_until is None or row.snoozed_until <= doer.now:
            raise Conflict(_("It is on the list already."), "awake")
        row.snoozed_until = None
        return {}

    return _step(follow_up, StepKind.WOKEN, doer, back, shared=True)


@dataclass(frozen=True)
class Tried:
    """One attempt to reach somebody: how, whether it did, in words, and until when nobody tries again."""

    how: Way
    reached: bool
    words: str
    until: datetime | None = None


def log_contact(*, follow_up: FollowUp, tried: Tried, zone: str, doer: Doer) -> FollowUpStep:
    """Note an attempt and its outcome; colleagues may note one too. Raises RuleViolation without words."""
    if not tried.words.strip():
        raise RuleViolation(_("Write what came of it, in a few words."), "no_words")

    def note(row: FollowUp) -> dict[str, Any]:
        if tried.until is not None:
            row.snoozed_until = _allowed(row, tried.until, zone, doer.now)
        said = {"how": Way(tried.how), "reached": tried.reached, "words": tried.words.strip()}
        return {**said, "until": tried.until}

    return _step(follow_up, StepKind.CONTACT, doer, note, shared=True)


def remind(*, follow_up: FollowUp, doer: Doer) -> FollowUpStep:
    """Send the patient the neutral reminder of its kind: one a day, on a channel that they have and want.

    It leaves when it can no longer be taken back; texts wait for the morning by themselves. Raises RuleViolation with
    the reason why none goes out.
    """
    key = _key(doer.batch, follow_up.pk)

    def send(row: FollowUp) -> dict[str, Any]:
        due_at = doer.now + rules.UNDO_WITHIN + rules.UNDO_GRACE
        template = REMINDERS.get(row.kind)
        if template is None:
            raise RuleViolation(_("There is no reminder for this. Call instead."), "no_reminder")
        channel = _channel(row)
        _require_one_a_day(row, channel, due_at)
        notifications.schedule(
            template=template,
            recipient=row.patient.user,
            channel=channel,
            due_at=due_at,
            not_after=due_at + REMINDER_KEEPS,
            dedupe_key=key,
            about=reminders_of(row),
            variables={"link": HOME},
            now=doer.now,
        )
        return {}

    return _step(follow_up, StepKind.REMINDED, doer, send)


def _require_one_a_day(row: FollowUp, channel: Channel, due_at: datetime) -> None:
    """Counted by the day on which they arrive: what is ordered at night leaves in the morning."""
    steps = FollowUpStep.objects.filter(patient=row.patient, kind=StepKind.REMINDED, at__gte=due_at - LATEST_LEAVES)
    ordered = steps.filter(follow_up__kind=row.kind, undone_at__isnull=True).values_list("batch", "follow_up")
    keys = [_key(batch, follow_up) for batch, follow_up in ordered]
    earlier = Notification.objects.filter(dedupe_key__in=keys).exclude(state__in=NOT_ARRIVED)
    earlier = earlier.select_related("recipient__patient")
    new = Notification(recipient=row.patient.user, channel=channel, ready_at=due_at)
    if _day_of(new, row.patient) in {_day_of(one, row.patient) for one in earlier}:
        raise RuleViolation(_("They got a reminder of this today, or get one in the morning."), "today")


def _day_of(message: Notification, patient: Patient) -> date:
    return clock.today(patient.zone, leaves_at(message))


def _key(batch: UUID, follow_up: UUID) -> str:
    return f"follow_up:{batch}:{follow_up}"


def _channel(row: FollowUp) -> Channel:
    if not row.patient.user.is_active:
        raise RuleViolation(_("Their account is closed. Call instead."), "closed_account")
    wished = reminded(row.patient)
    if row.kind in ABOUT_VISITS and wished.none:
        raise RuleViolation(_("They want no reminders of visits. Call instead."), "reminders_off")
    visits = row.kind in ABOUT_VISITS
    if wished.texts_possible and (wished.sms or not visits):
        return Channel.SMS
    return Channel.EMAIL


def undo(*, batch: UUID, by: User, now: datetime) -> tuple[int, int]:
    """Take back what one form did, within ten seconds; returns how much was taken back, and how much was not.

    What somebody changed since, and a reminder that has left, stay as they are. Only one's own form.
    """
    require(by, Permission.WORK_FOLLOW_UPS)
    steps = FollowUpStep.objects.filter(batch=batch, by=by, undone_at__isnull=True, kind__in=UNDONE)
    done = [_take_back(step, now) for step in steps.select_related("follow_up__patient")]
    return sum(done), len(done) - sum(done)


def _take_back(found: FollowUpStep, now: datetime) -> bool:
    with transaction.atomic():
        patient: Patient = found.follow_up.patient
        hold_chain(patient)
        row = FollowUp.objects.select_for_update(of=("self",)).select_related("patient").get(pk=found.follow_up_id)
        step = FollowUpStep.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if step.undone_at is not None or not rules.may_undo(at=step.at, now=now) or not UNDONE[step.kind](row, step):
            return False
        if step.kind != StepKind.REMINDED:
            _restore(row, step.was)
        if step.kind == StepKind.CLOSED:
            notifications.bring_back(about=reminders_of(row), reason=CLOSED)
        step.undone_at = now
        step.save(update_fields=["undone_at"])
        record(actor=step.by, action="follow_up.undone", now=now, subject=row, step=step.kind)
    return True


def _restore(row: FollowUp, was: Mapping[str, str | None]) -> None:
    row.state, row.owner_id = was["state"] or FollowUpState.OPEN, UUID(was["owner"]) if was["owner"] else None
    row.snoozed_until = datetime.fromisoformat(was["until"]) if was["until"] else None
    row.closed_at, row.closed_by, row.note = None, None, ""
    row.save(update_fields=["state", "owner", "snoozed_until", "closed_at", "closed_by", "note"])


def _is_last(row: FollowUp, step: FollowUpStep) -> bool:
    """Nobody did anything about it since, so what it was before is what it would be without this step."""
    others = FollowUpStep.objects.filter(follow_up=row, at__gte=step.at, undone_at__isnull=True).exclude(pk=step.pk)
    return not others.exists()


def _still_open(row: FollowUp, step: FollowUpStep) -> bool:
    return row.is_open and _is_last(row, step)


def _still_closed(row: FollowUp, step: FollowUpStep) -> bool:
    return not row.is_open and (row.closed_at, row.closed_by_id) == (step.at, step.by_id)


def _has_not_left(row: FollowUp, step: FollowUpStep) -> bool:
    key = _key(step.batch, row.pk)
    return row.is_open and notifications.cancel_key(dedupe_key=key, now=step.at, reason="taken_back") > 0


# What can be taken back, and how one sees that nothing came between.
UNDONE: Mapping[str, Callable[[FollowUp, FollowUpStep], bool]] = {
    StepKind.ASSIGNED: _still_open,
    StepKind.RELEASED: _still_open,
    StepKind.SNOOZED: _still_open,
    StepKind.CLOSED: _still_closed,
    StepKind.REMINDED: _has_not_left,
}
