"""What follows when a clinician finds a moderate or high risk of suicide at a visit (house policy, section 4; I3).

Signing raises it, and so does a button beside the choice. A level that only stands in a draft raises itself some
minutes later: a draft may wait for days, and nobody but its author reads it. Not at once, because a draft is kept while
somebody still chooses, and a hold does not end without a contact and a safety plan.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.rounds import each
from harmoniously.core.questions.instruments import SuicideRisk
from telemedicine.models import Appointment, VisitNote
from telemedicine.notes.rules.templates import STOPPING, covers, risk_said
from treatment import policy
from treatment.services.safety import act_on_risk

RAISED = ("raised", "raise_at")


def stops(visit: Appointment, level: str) -> bool:
    """Whether signing this level holds sessions and shipments and alerts.

    Not where this clinician cleared a hold as strong since the visit began: then the contact and the safety plan are
    on record already. An open hold is no reason: whoever stands ready to clear it has not read of this finding.
    """
    if level not in STOPPING:
        return False
    cleared = SafetyHold.objects.filter(
        patient=visit.patient,
        level__in=STOPPING[STOPPING.index(level) :],
        cleared_at__gte=visit.started_at,
        cleared_by=visit.clinician.user,
    )
    return not cleared.exists()


def grace() -> timedelta:
    """How long a level stands in a draft before it raises itself."""
    return timedelta(minutes=policy.load().visits.risk_raised_after_minutes)


def waits(note: VisitNote, visit: Appointment) -> bool:
    """Whether a level stands in the draft that was not raised yet."""
    level = risk_said(note.sections)
    return level in STOPPING and not covers(note.raised, level) and stops(visit, level)


def plan(note: VisitNote, visit: Appointment, *, now: datetime) -> None:
    """Note when the level in the draft raises itself; writing on does not put it off. The caller saves RAISED."""
    note.raise_at = (note.raise_at or now + grace()) if waits(note, visit) else None


def act(note: VisitNote, visit: Appointment, level: str, *, by: Actor, now: datetime) -> None:
    """Hold and alert where the level says so and this note has not done it yet. The caller saves RAISED."""
    if level in STOPPING and not covers(note.raised, level) and stops(visit, level):
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
