"""Questions about the journal. What is not shared is found only through its patient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from harmoniously.core.accounts.models import CareRelation, Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AuditEvent
from treatment.models import DoseSession, JournalEntry, JournalShare

READ = "journalentry.read"
# How many readings of one entry the patient is shown.
READS_SHOWN = 5


@dataclass(frozen=True)
class ReadBy:
    """Who read an entry, and when last."""

    name: str
    at: datetime


def entries_of(patient: Patient) -> QuerySet[JournalEntry]:
    """The patient's own entries, newest first; the deleted ones are gone."""
    return JournalEntry.objects.select_related("session").filter(patient=patient, deleted_at__isnull=True)


def unsaved_of(patient: Patient) -> JournalEntry | None:
    """The newest entry that was begun and never saved, as when a page was reloaded."""
    return entries_of(patient).filter(saved_at__isnull=True, draft__isnull=False).first()


def standing_shares(now: datetime) -> QuerySet[JournalShare]:
    """Shares that count: not taken back, and the care in which they were given has not ended since."""
    care = CareRelation.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now),
        patient=OuterRef("patient"),
        clinician=OuterRef("clinician"),
        since__lte=OuterRef("shared_at"),
    )
    return JournalShare.objects.filter(Exists(care), taken_back_at__isnull=True)


def shares_of(entries: Iterable[JournalEntry], now: datetime) -> dict[UUID, list[str]]:
    """With whom entries are shared now, by entry; one query."""
    rows = standing_shares(now).filter(entry__in=[row.pk for row in entries])
    found: dict[UUID, list[str]] = {}
    for row in rows.select_related("clinician"):
        found.setdefault(row.entry_id, []).append(row.clinician.display_name)
    return found


def therapists_of(patient: Patient, now: datetime) -> QuerySet[Clinician]:
    """The therapists who care for the patient now."""
    caring = CareRelation.objects.filter(patient=patient, since__lte=now).exclude(until__lte=now)
    rows = Clinician.objects.filter(pk__in=caring.values("clinician"), user__role=Role.THERAPIST, user__is_active=True)
    return rows.order_by("display_name")


def sessions_to_write_about(patient: Patient) -> QuerySet[DoseSession]:
    """Sessions that took place or are still to come, newest first."""
    rows = DoseSession.objects.filter(patient=patient, status__in=(*DoseSession.OPEN, *DoseSession.TAKEN))
    return rows.order_by("-starts_at")


def shared_with(user: User, now: datetime) -> QuerySet[JournalShare]:
    """What patients in this therapist's care share with them now, newest first."""
    rows = standing_shares(now).filter(
        clinician__user=user, clinician__user__role=Role.THERAPIST, entry__deleted_at__isnull=True
    )
    return rows.select_related("entry__session", "patient__user").order_by("-shared_at", "pk")


def unopened_by(user: User, now: datetime) -> QuerySet[JournalShare]:
    """Of these, what this person never opened."""
    label = Concat(Value(f"{JournalEntry._meta.label_lower}:"), Cast(OuterRef("entry"), CharField()))
    opened = AuditEvent.objects.filter(actor=str(user.pk), action=READ, subject=label)
    return shared_with(user, now).filter(~Exists(opened))


def readers_of(entry: JournalEntry) -> list[ReadBy]:
    """Who opened a shared entry, newest first, as the trail has it."""
    events = AuditEvent.objects.filter(
        patient=entry.patient_id, action=READ, subject=f"{entry._meta.label_lower}:{entry.pk}"
    )
    rows = list(events.order_by("-at").values_list("actor", "at")[:READS_SHOWN])
    names = dict(Clinician.objects.filter(user__in={actor for actor, _at in rows}).values_list("user", "display_name"))
    return [ReadBy(names.get(UUID(actor), ""), at) for actor, at in rows]


def opened_by(user: User, entries: Iterable[UUID]) -> set[UUID]:
    """Which of these entries this person has opened before; one query."""
    labels = {f"{JournalEntry._meta.label_lower}:{key}": key for key in entries}
    seen = AuditEvent.objects.filter(actor=str(user.pk), action=READ, subject__in=labels)
    return {labels[subject] for subject in seen.values_list("subject", flat=True)}
