"""Starting, releasing, completing and reviewing a session; what is told meanwhile stands in watching.py."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts.selectors import open_alerts
from harmoniously.core.audit.actors import Sitter
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import services as notifications
from treatment import policy as policies
from treatment import selectors
from treatment.models import CheckIn, DoseSession, SessionStatus, SitterInvitation
from treatment.rules import safety
from treatment.rules.devices import moment_of
from treatment.rules.readiness import GateVerdict, assess_gate
from treatment.selecting.stops import release_limit
from treatment.services import check_in_opening
from treatment.services.checkins import require_seen, review_check_in
from treatment.services.gate import back_to_planned, gate_facts, hold_session
from treatment.services.locks import lock_chart, lock_check_ins
from treatment.services.plans import locked_session
from treatment.services.prescriptions import prescriber_of
from treatment.services.reasons import refuse
from treatment.services.reminders import about_session
from treatment.services.sitters import actor_of


def start_session(*, session: DoseSession, by: User, now: datetime) -> DoseSession:
    """Begin the dose: all of invariant I1 again, inside the transaction; a second click does nothing.

    A release that has run out goes back to the gate and a new finding holds the session, and then the RuleViolation
    is raised after the commit, so that neither is lost.
    """
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status in DoseSession.TAKEN:
            return row
        # The start may end an open check-in.
        lock_check_ins(CheckIn.objects.filter(patient=row.patient_id, status="open"))
        refusal = _refusal(row, by=by, now=now)
        if refusal is None:
            _begin(row, by=by, now=now)
    if refusal is not None:
        raise refusal
    return row


def _refusal(session: DoseSession, *, by: User, now: datetime) -> RuleViolation | None:
    """Why the session may not start now; writes what follows from it."""
    if session.status != SessionStatus.RELEASED:
        return RuleViolation(_("Go through the readiness check first."), "gate_not_passed")
    if session.gate_valid_until is None or now > session.gate_valid_until:
        back_to_planned(session, fresh=True, by=by, now=now)
        return RuleViolation(
            _("Your readiness check has run out. It takes a few minutes to do it again."), "gate_expired"
        )
    policy = policies.load(session.gate_policy or policies.CURRENT_VERSION)
    facts = gate_facts(session, now=now, policy=policy)
    gate = assess_gate(facts, policy)
    if gate.verdict is GateVerdict.HELD:
        hold_session(session, facts=facts, gate=gate, by=by, now=now, policy=policy)
        return RuleViolation(_("Something has changed, and there is no dose today. Your clinician knows."), "held")
    if gate.verdict is GateVerdict.WAIT:
        back_to_planned(session, fresh=False, by=by, now=now)
        return RuleViolation(_("Something is missing before you can begin. See what."), "gate_waits")
    return None


def _begin(session: DoseSession, *, by: User, now: datetime) -> None:
    advance(session, SessionStatus.STARTED, by=by, now=now, started_at=now)
    notifications.cancel_about(about=about_session(session), now=now, reason="started")
    # The check-ins exist from the first minute, so that nobody is forgotten whatever happens next.
    check_in_opening.open_check_ins(session=session, by=by, now=now)


def _running(session: DoseSession) -> DoseSession:
    row = locked_session(session)
    if row.status != SessionStatus.STARTED:
        raise RuleViolation(_("This session is not in progress."), "not_running")
    return row


def sitter_release(
    *,
    invitation: SitterInvitation,
    oriented: bool | None,
    walking: bool | None,
    now: datetime,
    after: timedelta | None = None,
) -> DoseSession:
    """The sitter ends the watch: from 120 minutes, oriented, walking, blood pressure back near the start.

    It completes the session in the same transaction, as of that long `after` the start when the sitter's phone had no
    network. Raises RuleViolation with what is missing; a second click does nothing.
    """
    by = actor_of(invitation)
    policy = policies.load()
    with transaction.atomic():
        row = locked_session(invitation.session)
        if row.status == SessionStatus.COMPLETED:
            return row
        row = _running(row)
        answers, facts = safety.ReleaseAnswers(oriented, walking), selectors.session_facts(row)
        at = moment_of(after, started_at=facts.started_at, now=now)
        refuse(safety.release_conditions(facts, answers, now=at, policy=policy).reasons)
        DoseSession.objects.filter(pk=row.pk, sitter_released_at__isnull=True).update(sitter_released_at=at)
        row.sitter_released_at = at
        record(actor=by, action="dosesession.sitter_released", now=now, subject=row)
        return complete_session(session=row, by=by, now=now)


def complete_session(*, session: DoseSession, by: User | Sitter, now: datetime) -> DoseSession:
    """Close a session that the sitter has released. Raises RuleViolation before that; a second click does nothing."""
    with transaction.atomic():
        row = locked_session(session)
        if row.status == SessionStatus.COMPLETED:
            return row
        if row.sitter_released_at is None:
            raise RuleViolation(_("Your sitter ends the session when you are well and steady."), "not_released")
        advance(row, SessionStatus.COMPLETED, by=by, now=now, completed_at=row.sitter_released_at)
    return row


def unreleased(session: DoseSession, *, now: datetime) -> bool:
    """Whether a session still runs past the time by which its sitter releases (policy section 9: 240 minutes)."""
    running = session.status == SessionStatus.STARTED and session.started_at is not None
    return running and session.started_at is not None and now - session.started_at >= release_limit()


def read_hold(*, session: DoseSession, by: User, now: datetime) -> DoseSession:
    """A prescriber has read why a session was held: nobody else has to look. A second click does nothing."""
    prescriber_of(by)
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.hold_unread:
            row.hold_read_at = now
            row.save(update_fields=["hold_read_at"])
            record(actor=by, action="dosesession.hold_read", now=now, subject=row)
    return row


def _end_unreleased(session: DoseSession, *, by: User, now: datetime) -> None:
    """A watch without a release ends when a prescriber says so: else nothing is ever planned or ordered again."""
    if not unreleased(session, now=now):
        raise RuleViolation(_("This session is in progress. Its sitter ends it."), "not_released")
    if open_alerts().filter(about=about_session(session)).exists():
        raise RuleViolation(_("Reach the patient and take the alerts of this session first."), "alerts_open")
    advance(
        session,
        SessionStatus.COMPLETED,
        by=by,
        now=now,
        reason_code="not_released_by_sitter",
        completed_at=now,
        reviewed_at=now,
    )


def review_session(*, session: DoseSession, by: User, now: datetime, seen: str | None = None) -> DoseSession:
    """A prescriber has read how a completed session went; a higher dose needs it, and so does a sign that stops.

    A check-in that came after the last reading is read anew. A session that the sitter never released ends with it,
    once somebody has taken its alerts; RuleViolation before that, and when a check-in tells more than the page showed
    (`seen`, checkins.stand_of). A second click does nothing.
    """
    prescriber_of(by)
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        told = lock_check_ins(CheckIn.objects.filter(session=row))
        require_seen(seen, told)
        if row.status == SessionStatus.STARTED:
            _end_unreleased(row, by=by, now=now)
        came = max((one.answered_at for one in told if one.answered_at), default=None)
        unread = Q(reviewed_at__isnull=True) | (Q(reviewed_at__lt=came) if came else Q(pk__isnull=True))
        changed = DoseSession.objects.filter(unread, pk=session.pk, status=SessionStatus.COMPLETED).update(
            reviewed_at=now
        )
        if changed:
            record(actor=by, action="dosesession.reviewed", now=now, subject=session)
        # What the check-ins of this session told of stands on the same page.
        for check_in in (one for one in told if one.flagged):
            review_check_in(check_in=check_in, by=by, now=now)
    session.refresh_from_db()
    return session
