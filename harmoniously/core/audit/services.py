"""Writing the trail: one event, one read through the door, one legal move."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.actors import Actor, identify
from harmoniously.core.audit.models import AuditChain, AuditEvent, StatusChange
from harmoniously.core.common import context
from harmoniously.core.common.errors import Conflict, IllegalMove

PRACTICE_CHAIN = "practice"


def label_of(row: models.Model) -> str:
    """How the trail names a row: "app.model:key"."""
    return f"{row._meta.label_lower}:{row.pk}"


def record(
    *,
    actor: Actor,
    action: str,
    now: datetime,
    subject: models.Model | None = None,
    patient: Patient | None = None,
    **facts: Any,
) -> AuditEvent:
    """Add one event; the patient is taken from the subject when it has one.

    ``facts`` are codes, ids, counts and names of fields; never clinical values, free text or contact data. Raises
    TypeError for an actor that cannot be named. What is read in an emergency says so by itself (`break_glass`).
    """
    who, role = identify(actor)
    if patient is None and subject is not None:
        patient = getattr(subject, "patient", None)
    request = context.current()
    emergency = request.emergency if request else None
    if emergency is not None and patient is not None and patient.pk == emergency.patient:
        facts["break_glass"] = str(emergency.key)
    known: dict[str, Any] = {
        "at": now,
        "actor": who,
        "role": role,
        "action": action,
        "subject": label_of(subject) if subject is not None else "",
        "patient": patient.pk if patient is not None else None,
        "request_id": request.request_id if request else "",
        "ip": request.ip if request else "",
        "facts": facts,
    }
    return AuditEvent.objects.create(**known, payload=canonical(known), chain=str(known["patient"] or PRACTICE_CHAIN))


def record_once(*, actor: Actor, action: str, within: timedelta, now: datetime, subject: models.Model) -> None:
    """The same, unless this actor did it from this address within that time. Two at once may both be recorded."""
    who, _role = identify(actor)
    request = context.current()
    same = AuditEvent.objects.filter(actor=who, at__gt=now - within, action=action, subject=label_of(subject))
    if not same.filter(ip=request.ip if request else "").exists():
        record(actor=actor, action=action, now=now, subject=subject)


def hold_chain(*patients: Patient | UUID) -> None:
    """Take the locks of these patients' chains, for rows that are always locked after the trail. Inside a transaction.

    Every event is chained to the one before, so writing it is a lock until the transaction ends.
    """
    keys = sorted(str(patient.pk if isinstance(patient, Patient) else patient) for patient in patients)
    list(AuditChain.objects.select_for_update().filter(key__in=keys).order_by("key").values_list("key"))


def hold_practice() -> None:
    """Take the lock of the practice's own chain: what is decided for the whole practice is decided one by one."""
    list(AuditChain.objects.select_for_update().filter(key=PRACTICE_CHAIN).values_list("key"))


def canonical(known: dict[str, Any]) -> str:
    """The text that is hashed: keys in order, no spaces, the moment in UTC with microseconds."""
    plain = {**known, "at": known["at"].isoformat(timespec="microseconds"), "patient": _text(known["patient"])}
    return json.dumps(plain, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def advance(row: Any, to: str, *, by: Actor, now: datetime, reason_code: str = "", **also: Any) -> None:
    """Move ``row.status`` along ``row.MOVES`` and write the history, all in one transaction.

    ``also`` are plain columns set in the same statement. Compare-and-set: Conflict when somebody moved the row since
    it was read (nothing is written), IllegalMove when the table does not list the step.
    """
    before = row.status
    if to not in row.MOVES.get(before, ()):
        raise IllegalMove(_("This step is not possible any more. Reload the page to see where things stand."), "moved")
    with transaction.atomic():
        changed = type(row).objects.filter(pk=row.pk, status=before).update(status=to, **also)
        if changed != 1:
            raise Conflict(_("Somebody else was faster. Reload the page to see where things stand."), "raced")
        row.status = to
        for name, value in also.items():
            setattr(row, name, value)
        who, _role = identify(by)
        StatusChange.objects.create(
            subject=label_of(row), before=before, after=to, at=now, actor=who, reason_code=reason_code
        )
        record(actor=by, action=f"{row._meta.model_name}.{to}", now=now, subject=row, before=before, reason=reason_code)
