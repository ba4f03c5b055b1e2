"""What is told during a session, by the patient's or the sitter's device: readings, checks, notes, a call for help.

A device without a network keeps what was tapped and sends it later, perhaps more than once, perhaps after the session
has ended. Its `key` makes it count once, `after` says how long after the start it happened. Nothing that happened
during the session is refused for being late, and what is urgent is told at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.alerts.selectors import open_alerts
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import RuleViolation
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    DoseSession,
    SessionEvent,
    SessionEventKind,
    SessionStatus,
    SitterCheck,
    SitterInvitation,
    Vital,
    VitalPhase,
)
from treatment.rules import safety
from treatment.rules.devices import NOTES, moment_of
from treatment.services.reminders import about_session
from treatment.services.sitters import actor_of

# Whoever presses again while the call is fresh and nobody has taken it does not call twice.
_ONE_CALL = timedelta(minutes=1)


def _locked(session: DoseSession) -> DoseSession:
    """The session as it is now, its row locked, with the patient: no more is asked of it when something is told."""
    return DoseSession.objects.select_for_update(of=("self",)).select_related("patient__user").get(pk=session.pk)


def _first_time(
    session: DoseSession, kind: SessionEventKind, *, key: UUID, after: timedelta | None, now: datetime, **content: str
) -> tuple[DoseSession, SessionEvent, bool]:
    """The locked session, the event, and whether it is new; RuleViolation when it happened outside the session."""
    row = _locked(session)
    known = SessionEvent.objects.filter(session=row, key=key).first()
    if known is not None:
        return row, known, False
    if row.started_at is None:
        raise RuleViolation(_("This session is not in progress."), "not_running")
    at = moment_of(after, started_at=row.started_at, now=now)
    over = row.status != SessionStatus.STARTED and (after is None or row.completed_at is None or at > row.completed_at)
    if over and kind is not SessionEventKind.HELP:
        raise RuleViolation(_("This session is over. If you need help, call 911 or the clinic."), "not_running")
    event = SessionEvent.objects.create(
        patient=row.patient, session=row, key=key, kind=kind, at=at, content=content, created_at=now
    )
    return row, event, True


def record_vital(
    *,
    session: DoseSession,
    systolic: int,
    diastolic: int,
    heart_rate: int,
    by: Actor,
    key: UUID,
    now: datetime,
    after: timedelta | None = None,
) -> Vital:
    """Keep a reading of a session, judged at the time it was taken; one out of range tells the clinician at once."""
    policy = policies.load()
    with transaction.atomic():
        row, event, new = _first_time(session, SessionEventKind.READING, key=key, after=after, now=now)
        if not new:
            return Vital.objects.get(pk=event.pk)
        facts = selectors.session_facts(row)
        release_from = safety.release_conditions(
            facts, safety.ReleaseAnswers(), now=event.at, policy=policy
        ).possible_from
        vital = Vital.objects.create(
            id=event.pk,
            patient=row.patient,
            session=row,
            phase=VitalPhase.AFTER if event.at >= release_from else VitalPhase.DURING,
            taken_at=event.at,
            systolic=systolic,
            diastolic=diastolic,
            heart_rate=heart_rate,
            created_at=now,
        )
        record(actor=by, action="vital.recorded", now=now, subject=vital, phase=vital.phase)
        if safety.reading_alerts(safety.Measured(event.at, systolic, diastolic), facts.baseline, policy):
            _alert(row, AlertKind.BLOOD_PRESSURE, f"vital:{vital.pk}", by=by, now=now)
    return vital


def reading_advice(vital: Vital) -> str:
    """The code of what to tell the people in the room about a reading; "" when there is nothing to tell."""
    if vital.session is None:
        return ""
    measured = safety.Measured(vital.taken_at, vital.systolic, vital.diastolic)
    return safety.reading_advice(measured, selectors.session_facts(vital.session).baseline, policies.load())


def _alert(session: DoseSession, kind: AlertKind, key: str, *, by: Actor, now: datetime) -> None:
    alerts.raise_alert(
        kind=kind,
        patient=session.patient,
        about=about_session(session),
        dedupe_key=f"{about_session(session)}:{key}",
        by=by,
        now=now,
    )


def sitter_check(
    *,
    invitation: SitterInvitation,
    responds: bool,
    breathing_normal: bool,
    key: UUID,
    now: datetime,
    after: timedelta | None = None,
) -> SitterCheck:
    """The sitter's look at the patient. A check with a finding calls the clinic at once, however late it arrives."""
    by = actor_of(invitation)
    with transaction.atomic():
        row, event, new = _first_time(invitation.session, SessionEventKind.CHECK, key=key, after=after, now=now)
        if not new:
            return SitterCheck.objects.get(pk=event.pk)
        check = SitterCheck.objects.create(
            id=event.pk,
            patient=row.patient,
            session=row,
            invitation=invitation,
            number=row.sitter_checks.count() + 1,
            taken_at=event.at,
            responds=responds,
            breathing_normal=breathing_normal,
            created_at=now,
        )
        record(actor=by, action="sitter_check.recorded", now=now, subject=check)
        if not (responds and breathing_normal):
            _alert(row, AlertKind.HELP_PRESSED, f"check:{check.pk}", by=by, now=now)
    return check


def note_feeling(
    *, session: DoseSession, note: str, by: Actor, key: UUID, now: datetime, after: timedelta | None = None
) -> SessionEvent:
    """How it feels, by one tap; sealed, and in the trail only as something that was noted. KeyError if unknown."""
    if note not in NOTES:
        raise KeyError(note)
    with transaction.atomic():
        row, event, new = _first_time(session, SessionEventKind.NOTE, key=key, after=after, now=now, note=note)
        if new:
            record(actor=by, action="dosesession.noted", now=now, subject=row)
    return event


def get_help(*, session: DoseSession, by: Actor, key: UUID, now: datetime, after: timedelta | None = None) -> None:
    """Somebody pressed Get help: the on-call clinician is told at once, whatever became of the session.

    Pressing again within a minute calls nobody twice while the first call still rings; after somebody took it, it does.
    """
    with transaction.atomic():
        row = _locked(session)
        if row.started_at is not None:
            row, _event, new = _first_time(session, SessionEventKind.HELP, key=key, after=after, now=now)
            if not new:
                return
        record(actor=by, action="dosesession.help", now=now, subject=row)
        ringing = open_alerts().filter(
            about=about_session(row), kind=AlertKind.HELP_PRESSED, opened_at__gt=now - _ONE_CALL
        )
        if not ringing.exists():
            _alert(row, AlertKind.HELP_PRESSED, f"help:{key}", by=by, now=now)
