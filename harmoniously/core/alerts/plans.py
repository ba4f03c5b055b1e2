"""Verbs of the safety plan: written with the patient, as a new version each time; the old ones stay."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts.plan_models import KEYS, SafetyPlan
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation


def newest_plan(patient: Patient) -> SafetyPlan | None:
    """The plan as it is now, or None while there is none."""
    return SafetyPlan.objects.filter(patient=patient).order_by("-version").first()


def write_plan(
    *, patient: Patient, words: Mapping[str, str], by: User, now: datetime, seen: int | None = None
) -> SafetyPlan:
    """A new version of the plan; the same words again leave the newest version as it is.

    `words` has every step (KEYS). `seen` is the version that the page showed (0: none). Raises PermissionDenied for
    anybody who may not read what is clinical, RuleViolation for an empty step, Conflict when somebody wrote another
    version meanwhile.
    """
    require(by, Permission.VIEW_CLINICAL)
    said = {key: words.get(key, "").strip() for key in KEYS}
    if not all(said.values()):
        raise RuleViolation(
            _("Write something for every step of the safety plan, also that there is nobody yet."), "plan_incomplete"
        )
    with transaction.atomic():
        hold_chain(patient)  # one writer at a time
        before = newest_plan(patient)
        version = before.version if before else 0
        if before is not None and before.words == said:
            return before
        if seen is not None and seen != version:
            raise Conflict(
                _("A newer version of the safety plan was written meanwhile. Nothing is saved; read it below."), "raced"
            )
        plan = SafetyPlan.objects.create(
            patient=patient, version=version + 1, words=said, written_at=now, written_by=by, created_at=now
        )
        record(actor=by, action="safety_plan.written", now=now, subject=plan, version=plan.version)
    return plan
