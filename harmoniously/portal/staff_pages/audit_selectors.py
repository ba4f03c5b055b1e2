"""Questions about the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.models import AuditEvent, ChainCheck
from harmoniously.core.audit.rules import Kind, wanted

# Rows with a page that whoever reads the trail may open. What is clinical has none for them.
PAGES = {
    "accounts.patient": "admin:patient",
    "accounts.user": "admin:accounts_user_change",
    "accounts.clinician": "admin:accounts_clinician_change",
    "telemedicine.appointment": "admin:appointment",
    "treatment.product": "admin:treatment_product_change",
    "treatment.pharmacy": "admin:treatment_pharmacy_change",
    "intake.facility": "admin:intake_facility_change",
}
# The names of all actions, one look into the index for each of them instead of one at each of millions of events.
_ACTIONS = """
WITH RECURSIVE known(name) AS (
    (SELECT action FROM audit_auditevent ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT action FROM audit_auditevent WHERE action > known.name ORDER BY action LIMIT 1)
    FROM known WHERE known.name IS NOT NULL
) SELECT name FROM known WHERE name IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty does not matter. `until` is the first moment after."""

    record: str = ""
    person: str = ""
    action: str = ""
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    request: str = ""
    ip: str = ""
    row: str = ""

    @property
    def asked(self) -> list[str]:
        """The names of what is looked for, for the trail: never the values."""
        return [each.name for each in fields(self) if getattr(self, each.name)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with the names that belong to its keys, and the page of its row where there is one to open."""

    event: AuditEvent
    actor: str
    record: str
    url: str


def events(search: Search) -> QuerySet[AuditEvent]:
    """Events, newest first, as they were added.

    What patients do in their own journal is in the trail and its proof, and on no page of the staff: not even that
    they keep one. What a therapist read of it stands here like every other reading.
    """
    own_journal = Q(role="patient", action__startswith="journal") & ~Q(action="journal.refused")
    # The plus keeps PostgreSQL from walking back through everything when an index names the few that are wanted.
    few = search.row or search.request or search.ip or search.since
    rows = AuditEvent.objects.exclude(own_journal).order_by((F("id") + 0).desc() if few else "-id")
    if search.record:
        rows = rows.filter(
            patient__in=list(Patient.objects.filter(mrn=search.record.upper()).values_list("pk", flat=True))
        )
    if search.person:
        people = User.objects.filter(email=search.person.lower()).values_list("pk", flat=True)
        rows = rows.filter(actor__in=[str(key) for key in people])
    if search.row:
        labels = [f"{model._meta.label_lower}:{search.row}" for model in apps.get_models()]
        rows = rows.filter(subject__in=labels).exclude(subject="")
    if search.request:
        rows = rows.filter(request_id=search.request).exclude(request_id="")
    if search.ip:
        rows = rows.filter(ip=search.ip).exclude(ip="")
    return _of_kind(_between(rows, search), search)


def _between(rows: QuerySet[AuditEvent], search: Search) -> QuerySet[AuditEvent]:
    if search.since is not None:
        rows = rows.filter(at__gte=search.since)
    return rows if search.until is None else rows.filter(at__lt=search.until)


def _of_kind(rows: QuerySet[AuditEvent], search: Search) -> QuerySet[AuditEvent]:
    if search.kind is None and not search.action:
        return rows
    named = Q(action__in=wanted(actions(), kind=search.kind, text=search.action))
    if search.kind is Kind.EMERGENCY and not search.action:
        # What was read in an emergency has the name of every other reading, and says so in its facts.
        named |= Q(facts__has_key="break_glass")
    return rows.filter(named)


def actions() -> list[str]:
    """The names of everything that was ever done."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [name for (name,) in cursor.fetchall()]


def page_of(search: Search, *, before: int | None, size: int) -> tuple[list[Entry], int | None]:
    """The newest events that were added before an event, and from where the next older ones go on (None: no more)."""
    rows = events(search)
    found = list((rows if before is None else rows.filter(id__lt=before))[: size + 1])
    return with_names(found[:size]), found[size - 1].pk if len(found) > size else None


def with_names(page: Iterable[AuditEvent]) -> list[Entry]:
    """The events of one page with e-mail addresses and record numbers; two queries whatever its length."""
    rows = list(page)
    keys = {key for row in rows if (key := _uuid(row.actor))}
    people = {str(key): email for key, email in User.objects.filter(pk__in=keys).values_list("pk", "email")}
    patients = {row.patient for row in rows if row.patient}
    records = dict(Patient.objects.filter(pk__in=patients).values_list("pk", "mrn"))
    return [
        Entry(row, people.get(row.actor, row.actor), records.get(row.patient, "") if row.patient else "", _page(row))
        for row in rows
    ]


def _page(row: AuditEvent) -> str:
    model, _colon, key = row.subject.partition(":")
    name = PAGES.get(model)
    return reverse(name, args=[key]) if name else ""


def for_file(rows: QuerySet[AuditEvent], size: int = 500) -> Iterator[tuple[object, ...]]:
    """The same events as lines of a file."""
    given = rows.iterator(chunk_size=size)
    while some := list(islice(given, size)):
        for row in with_names(some):
            event = row.event
            who = (event.at, row.actor, event.role, event.action, row.record)
            yield (*who, event.subject, event.ip, event.request_id)


def checks() -> list[ChainCheck]:
    """The newest checks of the whole trail."""
    return list(ChainCheck.objects.select_related("asked_by").order_by("-asked_at")[:10])


def record_of(mrn: str) -> Patient | None:
    """The patient with that record number."""
    return Patient.objects.filter(mrn=mrn.strip().upper()).first()


def named(sentences: Iterable[str]) -> list[str]:
    """Sentences about chains with record numbers instead of keys; one query."""
    said = list(sentences)
    keys = {key for sentence in said for word in sentence.split() if (key := _uuid(word.strip(":,.")))}
    records = Patient.objects.filter(pk__in=keys).values_list("pk", "mrn")
    for key, mrn in records:
        said = [sentence.replace(str(key), mrn) for sentence in said]
    return said


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
