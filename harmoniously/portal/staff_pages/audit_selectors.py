"""Questions about the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with the names that belong to its keys."""

    event: AuditEvent
    actor: str
    record: str


def events(query: str, subject_key: str) -> QuerySet[AuditEvent]:
    """Events, newest first. `query` is a record number, an e-mail address or the start of an action.

    What patients do in their own journal is in the trail and its proof, and on no page of the staff: not even that
    they keep one. What a therapist read of it stands here like every other reading.
    """
    own_journal = Q(role="patient", action__startswith="journal") & ~Q(action="journal.refused")
    rows = AuditEvent.objects.exclude(own_journal)
    if subject_key:
        rows = rows.filter(subject__endswith=f":{subject_key}")
    if query:
        patients = list(Patient.objects.filter(mrn__iexact=query).values_list("pk", flat=True))
        actors = [str(key) for key in User.objects.filter(email__iexact=query).values_list("pk", flat=True)]
        rows = rows.filter(Q(patient__in=patients) | Q(actor__in=actors) | Q(action__istartswith=query))
    return rows.order_by("-id")


def with_names(page: Iterable[AuditEvent]) -> list[Entry]:
    """The events of one page with e-mail addresses and record numbers; two queries whatever its length."""
    rows = list(page)
    keys = {key for row in rows if (key := _uuid(row.actor))}
    people = {str(key): email for key, email in User.objects.filter(pk__in=keys).values_list("pk", "email")}
    patients = {row.patient for row in rows if row.patient}
    records = dict(Patient.objects.filter(pk__in=patients).values_list("pk", "mrn"))
    return [
        Entry(row, people.get(row.actor, row.actor), records.get(row.patient, "") if row.patient else "")
        for row in rows
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
