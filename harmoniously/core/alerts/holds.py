"""Verbs of the holds: what stops shipments and sessions, and the only ways it ends."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts import rules
from harmoniously.core.alerts.models import Alert, AlertKind, CaseHold, HoldLevel, SafetyHold
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation


def open_hold(*, patient: Patient, level: HoldLevel | str, about: str, by: Actor, now: datetime) -> SafetyHold:
    """Stop checkout, shipments and sessions of a patient; a patient has one open hold, at the strongest level seen.

    `level` is "high", "moderate" or "incomplete". Idempotent: a weaker or equal finding leaves the open hold as it is.
    """
    wanted = HoldLevel(level)
    with transaction.atomic():
        hold = _open_row(patient) or _create(patient, wanted, about, by, now)
        if rules.stronger(hold.level, wanted) != hold.level:
            hold.level, hold.about = wanted, about
            hold.save(update_fields=["level", "about"])
            record(actor=by, action="safety_hold.raised", now=now, subject=hold, level=wanted.value, about=about)
    return hold


def _open_row(patient: Patient) -> SafetyHold | None:
    return SafetyHold.objects.select_for_update().filter(patient=patient, cleared_at__isnull=True).first()


def _create(patient: Patient, level: HoldLevel, about: str, by: Actor, now: datetime) -> SafetyHold:
    try:
        with transaction.atomic():
            hold = SafetyHold.objects.create(patient=patient, level=level, about=about, opened_at=now, created_at=now)
            record(actor=by, action="safety_hold.opened", now=now, subject=hold, level=level.value, about=about)
            return hold
    except IntegrityError:
        twin = _open_row(patient)
        if twin is None:
            raise
        return twin


def hold_stand(hold: SafetyHold) -> str:
    """What a page shows of the hold, for it to send back: its level, and the newest finding that was told of."""
    kinds = (AlertKind.SUICIDE_RISK_HIGH, AlertKind.SUICIDE_RISK_MODERATE)
    told = Alert.objects.filter(patient=hold.patient_id, kind__in=kinds).aggregate(newest=Max("opened_at"))["newest"]
    return f"{hold.level} {told.isoformat() if told else '-'}"


def clear_hold(
    *, hold: SafetyHold, contact_note: str, safety_plan: str, by: User, now: datetime, seen: str | None = None
) -> SafetyHold:
    """A clinician ends the hold after speaking with the patient (policy section 4).

    Both texts are needed: what was said in the contact, and the safety plan. `seen` is what the page showed
    (hold_stand). Raises PermissionDenied for anybody who does not review cases, RuleViolation for an empty text,
    Conflict when the hold was cleared or raised, or another finding was told of, meanwhile.
    """
    require(by, Permission.REVIEW_CASES)
    if not contact_note.strip() or not safety_plan.strip():
        raise RuleViolation(_("Record both: your contact with the patient and the safety plan."), "record_missing")
    with transaction.atomic():
        locked = SafetyHold.objects.select_for_update().filter(pk=hold.pk, cleared_at__isnull=True).first()
        if locked is None or locked.level != hold.level or (seen is not None and seen != hold_stand(locked)):
            raise Conflict(
                _("The hold was raised or cleared, or a newer answer came, since you opened this. Nothing is saved."),
                "raced",
            )
        hold.contact_note, hold.safety_plan = contact_note.strip(), safety_plan.strip()
        hold.cleared_at, hold.cleared_by = now, by
        hold.save(update_fields=["contact_note", "safety_plan", "cleared_at", "cleared_by"])
        record(actor=by, action="safety_hold.cleared", now=now, subject=hold, level=hold.level)
    return hold


def lift_incomplete_hold(*, patient: Patient, by: Actor, now: datetime) -> bool:
    """End a hold that stood only because questions were unanswered, now that they are answered without a finding.

    Holds of level "moderate" or "high" stay. Returns whether one was lifted.
    """
    with transaction.atomic():
        hold = _open_row(patient)
        if hold is None or hold.level != HoldLevel.INCOMPLETE:
            return False
        hold.cleared_at = now
        hold.save(update_fields=["cleared_at"])
        record(actor=by, action="safety_hold.answered", now=now, subject=hold)
    return True


def open_case_hold(*, patient: Patient, about: str, by: Actor, now: datetime) -> CaseHold:
    """Stop shipments and sessions of a patient whose newer answers speak against the treatment; one is open at most."""
    with transaction.atomic():
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
        hold = CaseHold.objects.select_for_update().filter(patient=patient, ended_at__isnull=True).first()
        if hold is None:
            return False
        hold.ended_at, hold.ended_by = now, by
        hold.save(update_fields=["ended_at", "ended_by"])
        record(actor=by, action="case_hold.ended", now=now, subject=hold)
    return True
