"""Break-glass (SEC-03): a clinician opens the record of somebody they do not care for, for a reason, for an hour.

What it opens and what not is the door's (core.audit.doors): reading, of this one patient, by this one account. Every
event about the patient says which opening it belongs to, the privacy officer is told at once, and somebody looks at
every opening afterwards (core.accounts.selectors.emergencies_to_review).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import EmergencyAccess, Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.selectors import emergencies_of, on_care_team
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.portal import officer

LASTS = timedelta(minutes=60)
# Characters: enough to say what happened.
SHORTEST_REASON = 20


def open_record(*, mrn: str, kind: str, reason: str, by: User, now: datetime) -> EmergencyAccess:
    """Open the record with this number for an hour; a second click finds the opening that lasts.

    Raises PermissionDenied for whoever is no clinician, RuleViolation "reason" without one, "unknown" for a number
    that nobody has, "in_care" for a patient whose record is open to them anyway.
    """
    require(by, Permission.VIEW_CLINICAL)
    clinician = getattr(by, "clinician", None)
    if clinician is None:
        raise RuleViolation(_("Your account has no clinician record. Ask an administrator to add one."), "no_clinician")
    if len(reason.strip()) < SHORTEST_REASON or kind not in EmergencyAccess.Kind:
        raise RuleViolation(_("Write what happened and why you need this record now."), "reason")
    patient = Patient.objects.select_related("user").filter(mrn=mrn.strip().upper()).first()
    if patient is None:
        record(actor=by, action="emergencyaccess.not_found", now=now)
        raise RuleViolation(_("No record has this number. Look once more: H- and seven characters."), "unknown")
    if on_care_team(by, patient, at=now):
        raise RuleViolation(_("You care for this patient: the record is open to you."), "in_care")
    with transaction.atomic():
        hold_chain(patient)
        running = emergencies_of(by).filter(patient=patient, until__gt=now).first()
        if running is not None:
            return running
        row = EmergencyAccess.objects.create(
            patient=patient,
            clinician=clinician,
            kind=kind,
            reason=reason.strip(),
            since=now,
            until=now + LASTS,
            created_at=now,
        )
        record(actor=by, action="emergencyaccess.opened", now=now, subject=row, kind=kind, break_glass=str(row.pk))
        officer.tell(template="record_opened", about=f"emergencyaccess:{row.pk}", now=now)
    return row


def end(*, opening: EmergencyAccess, by: User, now: datetime) -> EmergencyAccess:
    """The clinician needs it no longer: from this moment it opens nothing. A second click, or a late one, is harmless.

    Raises PermissionDenied for an opening of somebody else.
    """
    require(by, Permission.VIEW_CLINICAL)
    with transaction.atomic():
        hold_chain(opening.patient)
        row = emergencies_of(by).select_for_update(of=("self",)).get(pk=opening.pk)
        if row.until > now:
            row.until = row.ended_at = now
            row.save(update_fields=["until", "ended_at"])
            record(actor=by, action="emergencyaccess.ended", now=now, subject=row, break_glass=str(row.pk))
    return row
