"""Verbs of the holds: what stops shipments and sessions, and how it ends. The trail is locked before the row."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts import rules
from harmoniously.core.alerts.contacts import end_telling, known_at
from harmoniously.core.alerts.models import CaseHold, HoldLevel, SafetyHold
from harmoniously.core.alerts.plans import write_plan
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation


def open_hold(*, patient: Patient, level: HoldLevel | str, about: str, by: Actor, now: datetime) -> SafetyHold:
    """Stop checkout, shipments and sessions of a patient; a patient has one open hold, at the strongest level seen.

    `level` is "high", "moderate" or "incomplete". A weaker or equal finding leaves the level of an open hold as it is,
    and is known by its moment: whoever has not read of it does not clear the hold.
    """
    wanted = HoldLevel(level)
    with transaction.atomic():
        hold_chain(patient)
        hold = _open_row(patient)
        if hold is None:
            hold, made = _create(patient, wanted, about, since=now, by=by, now=now)
            if made:
                return hold
        raised = rules.stronger(hold.level, wanted) != hold.level
        if raised:
            hold.level, hold.about = wanted, about
        hold.newest_at = max(now, hold.last_told_at)
        # Moderate and high say what the open questions could have said.
        hold.unanswered_at = now if wanted == HoldLevel.INCOMPLETE else None
        hold.save(update_fields=["level", "about", "newest_at", "unanswered_at"])
        action = "safety_hold.raised" if raised else "safety_hold.told"
        record(actor=by, action=action, now=now, subject=hold, level=wanted.value, about=about)
    return hold


def _open_row(patient: Patient) -> SafetyHold | None:
    return SafetyHold.objects.select_for_update().filter(patient=patient, cleared_at__isnull=True).first()


def _create(
    patient: Patient, level: HoldLevel, about: str, *, since: datetime, by: Actor, now: datetime
) -> tuple[SafetyHold, bool]:
    """The open hold, and whether it is new: another hand may have been faster."""
    try:
        with transaction.atomic():
            hold = SafetyHold.objects.create(
                patient=patient,
                level=level,
                about=about,
                opened_at=since,
                newest_at=since,
                unanswered_at=since if level == HoldLevel.INCOMPLETE else None,
                created_at=now,
            )
            record(actor=by, action="safety_hold.opened", now=now, subject=hold, level=level.value, about=about)
            return hold, True
    except IntegrityError:
        twin = _open_row(patient)
        if twin is None:
            raise
        return twin, False


def hold_stand(hold: SafetyHold) -> str:
    """What a page shows of the hold, for it to send back: its level, and the newest finding of any level."""
    return f"{hold.level} {hold.last_told_at.isoformat()}"


def clear_hold(
    *,
    hold: SafetyHold,
    contact_note: str,
    safety_plan: Mapping[str, str],
    by: User,
    now: datetime,
    seen: str | None = None,
    plan_seen: int | None = None,
    shown_at: datetime | None = None,
) -> SafetyHold:
    """A clinician ends the hold after speaking with the patient (policy section 4).

    Both are needed: what was said in the contact, and every step of the safety plan (plans.KEYS), which becomes a new
    version where it changed. `seen` is what the page showed of the hold (hold_stand), `plan_seen` of the plan;
    the contact settles the alerts that were raised when it was opened (`shown_at`; None: now). Safety
    questions that were left open under it hold until they are answered (left_open). Raises
    PermissionDenied for anybody who does not review cases, RuleViolation for an empty text, Conflict when the hold was
    cleared or raised, or another finding came, meanwhile.
    """
    require(by, Permission.REVIEW_CASES)
    if not contact_note.strip():
        raise RuleViolation(_("Record both: your contact with the patient and the safety plan."), "record_missing")
    with transaction.atomic():
        hold_chain(hold.patient)
        locked = SafetyHold.objects.select_for_update().filter(pk=hold.pk, cleared_at__isnull=True).first()
        if locked is None or locked.level != hold.level or (seen is not None and seen != hold_stand(locked)):
            raise Conflict(
                _("The hold was raised or cleared, or a newer answer came, since you opened this. Nothing is saved."),
                "raced",
            )
        hold.plan = write_plan(patient=hold.patient, words=safety_plan, seen=plan_seen, by=by, now=now)
        hold.contact_note, hold.cleared_at, hold.cleared_by = contact_note.strip(), now, by
        hold.shown_at = known_at(shown_at, since=locked.opened_at, now=now)
        hold.save(update_fields=["plan", "contact_note", "shown_at", "cleared_at", "cleared_by"])
        end_telling(hold.patient, known=hold.shown_at, now=now)
        record(actor=by, action="safety_hold.cleared", now=now, subject=hold, level=hold.level)
        if locked.left_open and locked.unanswered_at is not None:
            # As of the open questions, so that what was asked to stop by then is not asked again.
            _create(hold.patient, HoldLevel.INCOMPLETE, hold.about, since=locked.unanswered_at, by=by, now=now)
    return hold


def lift_incomplete_hold(*, patient: Patient, by: Actor, now: datetime) -> bool:
    """End a hold that stood only because questions were unanswered, now that they are answered without a finding.

    Holds of level "moderate" or "high" stay. Returns whether one was lifted.
    """
    with transaction.atomic():
        hold_chain(patient)
        hold = _open_row(patient)
        if hold is None:
            return False
        if hold.level != HoldLevel.INCOMPLETE:
            SafetyHold.objects.filter(pk=hold.pk).update(unanswered_at=None)
            return False
        hold.cleared_at = now
        hold.save(update_fields=["cleared_at"])
        record(actor=by, action="safety_hold.answered", now=now, subject=hold)
    return True


def open_case_hold(*, patient: Patient, about: str, by: Actor, now: datetime) -> CaseHold:
    """Stop shipments and sessions of a patient whose newer answers speak against the treatment; one is open at most."""
    with transaction.atomic():
        hold_chain(patient)
        hold, made = CaseHold.objects.get_or_create(
            patient=patient, ended_at=None, defaults={"about": about, "opened_at": now, "created_at": now}
        )
        if made:
            record(actor=by, action="case_hold.opened", now=now, subject=hold, about=about)
    return hold


def end_case_hold(*, patient: Patient, by: User, now: datetime) -> bool:
    """A prescriber approved the case as it is now. Returns whether one was open; PermissionDenied for anybody else."""
    require(by, Permission.REVIEW_CASES)
    with transaction.atomic():
        hold_chain(patient)
        hold = CaseHold.objects.select_for_update().filter(patient=patient, ended_at__isnull=True).first()
        if hold is None:
            return False
        hold.ended_at, hold.ended_by = now, by
        hold.save(update_fields=["ended_at", "ended_by"])
        record(actor=by, action="case_hold.ended", now=now, subject=hold)
    return True
