"""What follows when a clinician finds a moderate or high risk of suicide at a visit (house policy, section 4; I3).

Signing raises it, and so does a button beside the choice. A level that only stands in a draft raises itself some
minutes later: a draft may wait for days, and nobody but its author reads it. Not at once, because a draft is kept while
somebody still chooses, and a hold does not end without a contact and a safety plan.

It raises nothing where the contact and the safety plan of this very finding are on record already: the clinician
cleared a hold as strong since the visit began, and did so knowing of the level (it stood in the draft before), or says
in the note that it is the same. Whatever else was cleared before a level was written may have been about something
else.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.rounds import each
from harmoniously.core.questions.instruments import SuicideRisk
from telemedicine.models import Appointment, VisitNote
from telemedicine.notes.rules.templates import DEALT_WITH, STOPPING, covers, risk_said
from treatment import policy
from treatment.services.safety import act_on_risk

RAISED = ("raised", "raise_at", "risk_said_at")


def cleared_in(visit: Appointment) -> QuerySet[SafetyHold]:
    """The holds for a moderate or high risk that the clinician of the visit cleared since it began, newest first."""
    if visit.started_at is None:
        return SafetyHold.objects.none()
    by = visit.clinician.user
    rows = SafetyHold.objects.filter(patient=visit.patient, cleared_by=by, cleared_at__gte=visit.started_at)
    return rows.filter(level__in=STOPPING).order_by("-cleared_at")


def named_as(hold: SafetyHold, level: str) -> str:
    """How a note names the hold with which this level was dealt with: a level that rises since is another finding."""
    return f"{hold.pk} {level}"


def choices_of(visit: Appointment) -> list[tuple[SafetyHold, str]]:
    """The cleared holds that a note of the visit can name, each with every level that it is as strong as."""
    return [(hold, level) for hold in cleared_in(visit) for level in STOPPING if covers(hold.level, level)]


def dealt_with(note: VisitNote, visit: Appointment, level: str) -> SafetyHold | None:
    """The cleared hold with whose contact and safety plan this clinician answered a level in the note already.

    An open hold is none: whoever stands ready to clear it has not read of this finding.
    """
    if level not in STOPPING:
        return None
    as_strong, named, said_at = STOPPING[STOPPING.index(level) :], note.sections.get(DEALT_WITH), note.risk_said_at
    for hold in cleared_in(visit).filter(level__in=as_strong):
        known_at = hold.shown_at or hold.cleared_at
        if named_as(hold, level) == named or (said_at is not None and known_at is not None and known_at >= said_at):
            return hold
    return None


def stops(note: VisitNote, visit: Appointment, level: str) -> bool:
    """Whether this level still has to hold sessions and shipments and to alert, as far as this note knows."""
    return level in STOPPING and not covers(note.raised, level) and dealt_with(note, visit, level) is None


def grace() -> timedelta:
    """How long a level stands in a draft before it raises itself."""
    return timedelta(minutes=policy.load().visits.risk_raised_after_minutes)


def waits(note: VisitNote, visit: Appointment) -> bool:
    """Whether a level stands in the draft that was not raised yet."""
    return stops(note, visit, risk_said(note.sections))


def plan(note: VisitNote, visit: Appointment, *, before: str, now: datetime) -> None:
    """Note since when the level stands in the draft, which said `before`, and when it raises itself.

    Writing on does not put it off. The caller saves RAISED.
    """
    level = risk_said(note.sections)
    if level in STOPPING and not covers(before, level):
        note.risk_said_at = now
    note.raise_at = (note.raise_at or now + grace()) if waits(note, visit) else None


def act(note: VisitNote, visit: Appointment, level: str, *, by: Actor, now: datetime) -> None:
    """Hold and alert where the level says so and this note has not done it yet. The caller saves RAISED."""
    if stops(note, visit, level):
        _hold_and_alert(note, visit, level, by=by, now=now)
    if not waits(note, visit):
        note.raise_at = None


def press(note: VisitNote, visit: Appointment, level: str, *, by: Actor, now: datetime) -> None:
    """The same by the button: also where the hold that this note made was cleared since. The caller saves RAISED."""
    hold = active_hold(visit.patient)
    if hold is None or not covers(hold.level, level) or not covers(note.raised, level):
        _hold_and_alert(note, visit, level, by=by, now=now)
    if not waits(note, visit):
        note.raise_at = None


def _hold_and_alert(note: VisitNote, visit: Appointment, level: str, *, by: Actor, now: datetime) -> None:
    act_on_risk(patient=visit.patient, risk=SuicideRisk(level), about=visit.about, by=by, now=now)
    note.raised = level
    record(actor=by, action="visitnote.risk_raised", now=now, subject=note)


def sweep(*, now: datetime) -> int:
    """Raise what stands in drafts and whose time has come; returns how many. Safe to run in several processes."""
    due = VisitNote.objects.filter(status=VisitNote.Status.DRAFT, raise_at__lte=now)

    @transaction.atomic
    def one(row: tuple[UUID, UUID]) -> bool:
        pk, patient = row
        hold_chain(patient)
        rows = due.select_for_update(of=("self",)).select_related(
            "appointment__clinician__user", "appointment__patient"
        )
        note = rows.filter(pk=pk).first()
        if note is not None:
            act(note, note.appointment, risk_said(note.sections), by=SYSTEM, now=now)
            note.save(update_fields=RAISED)
        return note is not None

    return each(list(due.values_list("pk", "patient")), one)
