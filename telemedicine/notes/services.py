"""Verbs of the notes: keep while it is written, sign. The trail never holds their words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.audit.services import advance, hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.opened import WROTE, OpenedPage, is_elsewhere, is_older, wrote
from harmoniously.core.documents.services import digest
from telemedicine.models import Appointment, VisitNote
from telemedicine.models.appointment import Status
from telemedicine.notes import gathered, risk
from telemedicine.notes.content import content_of
from telemedicine.notes.gathered import Around, around
from telemedicine.notes.rules import codes
from telemedicine.notes.rules.templates import (
    LONGEST,
    STOPPING,
    TEMPLATES,
    VERSION,
    Template,
    contradicts,
    missing,
    risk_said,
)
from telemedicine.notes.rules.writing import may_write
from telemedicine.notes.wording import WRONG, heading_of
from telemedicine.services.visits import require_clinician


@dataclass(frozen=True)
class Written:
    """What stands in the form: the sections by name, and time and codes."""

    sections: Mapping[str, str]
    billing: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """A draft that may be signed, word for word as it will be, with what the page shows to be recognised again."""

    note: VisitNote
    found: Around
    content: dict[str, Any]

    @property
    def seen(self) -> str:
        """The digest of what is signed."""
        return digest(self.content)


class WrittenElsewhere(Conflict):
    """Another tab or device wrote this note after the page was opened; nothing was written."""

    def __init__(self, note: VisitNote) -> None:
        super().__init__(_("This note was changed in another tab or on another device meanwhile."), "elsewhere")
        self.note = note


def template_of(visit: Appointment) -> Template:
    """The template of the kind of visit."""
    return TEMPLATES[visit.kind]


def require_writable(visit: Appointment, by: User) -> None:
    """Raise unless this is the clinician of a visit that began; PermissionDenied, RuleViolation."""
    require_clinician(by, visit)
    if not may_write(status=visit.status, started_at=visit.started_at):
        raise RuleViolation(
            _("There is a note once the visit has begun, and none for one that was missed."), "no_visit"
        )


def keep(*, visit: Appointment, written: Written, page: OpenedPage, by: User, now: datetime) -> VisitNote:
    """Keep the draft as it stands in one opened page; what comes late from the same page changes nothing.

    Raises WrittenElsewhere, Conflict when the note was signed meanwhile, RuleViolation before the visit.
    """
    require_writable(visit, by)
    with transaction.atomic():
        note = _locked(visit, by=by, now=now)
        if note.status != VisitNote.Status.DRAFT:
            raise Conflict(_("This note was signed meanwhile. What you add now is an amendment."), "signed")
        if is_elsewhere(note, page):
            raise WrittenElsewhere(note)
        sections = {name: str(written.sections.get(name, ""))[:LONGEST] for name in template_of(visit).names}
        billing = dict(written.billing)
        if is_older(note, page) or (note.sections == sections and note.billing == billing):
            return note
        before = risk_said(note.sections)
        note.sections, note.billing, note.kept_at = sections, billing, now
        risk.plan(note, visit, before=before, now=now)
        wrote(note, page)
        note.save(update_fields=["sections", "billing", "kept_at", *WROTE, *risk.RAISED])
        record(actor=by, action="visitnote.kept", now=now, subject=note)
    return note


def raise_risk(*, visit: Appointment, level: str, by: User, now: datetime) -> None:
    """The clinician holds and alerts now, whatever becomes of the draft; twice does it once while it is held.

    Raises RuleViolation for a level that stops nothing, and before the visit.
    """
    require_writable(visit, by)
    if level not in STOPPING:
        raise RuleViolation(_("Choose a moderate or high risk first. Nothing was raised."), "no_level")
    with transaction.atomic():
        note = _locked(visit, by=by, now=now)
        risk.press(note, visit, level, by=by, now=now)
        if note.status == VisitNote.Status.DRAFT:
            note.save(update_fields=risk.RAISED)


def _locked(visit: Appointment, *, by: User, now: datetime) -> VisitNote:
    """The note of a visit with its row locked; made when it is the first writing. The visit's lock makes it one."""
    hold_chain(visit.patient)  # as everybody who changes a visit: the trail, then the row
    Appointment.objects.select_for_update(no_key=True).only("pk").get(pk=visit.pk)
    note = VisitNote.objects.select_for_update().filter(appointment=visit).first()
    if note is None:
        note = VisitNote.objects.create(
            appointment=visit,
            patient=visit.patient,
            author=visit.clinician,
            kind=visit.kind,
            template_version=VERSION,
            kept_at=now,
            created_at=now,
        )
        record(actor=by, action="visitnote.begun", now=now, subject=note)
    # The page that signs and the door read the same people again and again.
    note.appointment, note.patient, note.author = visit, visit.patient, visit.clinician
    return note


def seen_visit(visit: Appointment, found: Around, billing: Mapping[str, Any]) -> codes.Seen:
    """The visit as its codes depend on it."""
    prescriber = can(visit.clinician.user, Permission.PRESCRIBE)
    return gathered.seen(visit, found, prescriber=prescriber, billing=dict(billing))


def ready(*, visit: Appointment, by: User, now: datetime) -> Ready:
    """What would be signed now. Raises RuleViolation with what is missing or cannot be."""
    require_writable(visit, by)
    note = VisitNote.objects.filter(appointment=visit).first()
    if note is None:
        raise RuleViolation(_("Nothing is written yet."), "empty")
    return _ready(note, visit, now)


def _ready(note: VisitNote, visit: Appointment, now: datetime) -> Ready:
    template, found = template_of(visit), around(visit, now)
    left = missing(template, note.sections)
    if left:
        names = ", ".join(heading_of(name) for name in left)
        raise RuleViolation(_("Still missing: %(names)s.") % {"names": names}, "missing")
    if contradicts(note.sections):
        raise RuleViolation(
            _("Thoughts with intent or a plan are a high risk. Correct the one or the other."), "contradicts"
        )
    wrong = codes.check(note.billing.get("codes") or (), seen_visit(visit, found, note.billing))
    if wrong is not None:
        raise RuleViolation(str(WRONG[wrong]), wrong.value)
    if visit.status != Status.COMPLETED or found.ended_at is None:
        raise RuleViolation(_("The visit is still going on. End it first, then sign."), "going_on")
    written = {"sections": note.sections, "billing": note.billing}
    dealt_with = risk.dealt_with(note, visit, risk_said(note.sections))
    content = content_of(visit=visit, template=template, **written, found=found, dealt_with=dealt_with, now=now)
    return Ready(note, found, content)


def sign(*, visit: Appointment, seen: str, by: User, now: datetime) -> VisitNote:
    """Sign the note exactly as the page showed it (`seen`); from then on the database refuses any change.

    A moderate or high risk holds sessions and shipments and alerts, as an answer of the patient would (risk.act).

    The same click twice gives the signed note back. Raises RuleViolation with what is missing, Conflict when the note
    or the numbers in it are others than those that were shown.
    """
    require_writable(visit, by)
    with transaction.atomic():
        note = _locked(visit, by=by, now=now)
        if note.status == VisitNote.Status.SIGNED:
            return note
        made = _ready(note, visit, now)
        if made.seen != seen:
            raise Conflict(_("The note has changed since this page was opened. Read it once more, then sign."), "seen")
        note.content = made.content
        risk.act(note, visit, note.sections["risk_level"], by=by, now=now)
        note.save(update_fields=["content", *risk.RAISED])
        advance(
            note,
            VisitNote.Status.SIGNED,
            by=by,
            now=now,
            signed_at=now,
            visit_began_at=visit.started_at,
            visit_ended_at=made.found.ended_at,
            content_sha256=made.seen,
        )
    return note
