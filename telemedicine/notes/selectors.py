"""Questions about notes."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import CLINICIAN_ROLES
from harmoniously.core.accounts.selectors import care_relations
from harmoniously.core.common import clock
from telemedicine.models import Appointment, NoteAmendment, VisitNote
from telemedicine.models.appointment import Status
from telemedicine.notes.rules.writing import DUE_WITHIN
from telemedicine.notes.withholding import standing


def note_of(visit: Appointment) -> VisitNote | None:
    """The note of a visit, draft or signed."""
    return VisitNote.objects.filter(appointment=visit).first()


def signed_note_of(visit: Appointment) -> VisitNote | None:
    """The signed note of a visit, without its words; `held_back` where its patient does not read it for now."""
    rows = VisitNote.objects.filter(appointment=visit, status=VisitNote.Status.SIGNED)
    return rows.annotate(held_back=Exists(standing().filter(note=OuterRef("pk")))).only("id", "signed_at").first()


def with_notes(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Visits with `note_key` and `note_signed_at` where a signed note stands, in the same query."""
    return visits.annotate(note_key=F("note__id"), note_signed_at=F("note__signed_at"))


def amendments_of(note: VisitNote) -> list[NoteAmendment]:
    """What was added to a note and signed, oldest first."""
    rows = note.amendments.filter(signed_at__isnull=False).select_related("author")
    return list(rows.order_by("signed_at"))


def unsigned_amendment_of(note: VisitNote) -> NoteAmendment | None:
    """What its author has written to add, and not signed yet."""
    return note.amendments.filter(signed_at__isnull=True).first()


def newest_amendment_of(note: VisitNote) -> NoteAmendment | None:
    """The unsigned one, else the one that was written last."""
    return note.amendments.order_by("-version", F("signed_at").desc(nulls_first=True)).first()


def to_finish(clinician: Clinician, now: datetime) -> QuerySet[Appointment]:
    """The clinician's visits without a signed note: 24 hours after their end, or with a draft that was begun.

    Those with an amendment that was written and not signed as well, and those held back that are to be looked at again
    (`look_again`): by their author, by whoever decided it, and once the author cannot read it any more by all who care.
    """
    held = Q(status=Status.COMPLETED) | Q(status=Status.BOOKED, started_at__isnull=False)
    waits = Q(note__isnull=True, ends_at__lte=now - DUE_WITHIN) | Q(note__status=VisitNote.Status.DRAFT)
    waits |= Q(Exists(NoteAmendment.objects.filter(note__appointment=OuterRef("pk"), signed_at__isnull=True)))
    again = standing().filter(note__appointment=OuterRef("pk"), review_on__lte=clock.today(clinician.zone, now))
    own, due = Q(clinician=clinician), Q(look_again=True)
    cared = Q(patient__in=care_relations(clinician.user, at=now).values("patient"))
    reads = Q(clinician__user__is_active=True, clinician__user__role__in=CLINICIAN_ROLES)
    decided = Q(Exists(again.filter(by=clinician.user))) | ~reads
    rows = Appointment.objects.with_people().annotate(look_again=Exists(again)).filter(held)
    return with_notes(rows.filter(own & (waits | due) | cared & due & decided)).order_by("starts_at")
