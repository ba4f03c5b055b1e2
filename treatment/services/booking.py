"""The day, the hour and the place of one session: chosen, moved, changed on a journey, left out."""

from collections.abc import Mapping
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.alerts.surfacing import surface, surface_unsaved
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications import services as notifications
from treatment import policy as policies
from treatment import selectors
from treatment.models import Chart, DoseSession, Plan, Preparation, Prescription, SessionStatus, SkipReason
from treatment.rules import booking, calendar
from treatment.rules.phases import Phase, check_planning
from treatment.selecting import booking as selecting
from treatment.selecting import phases as standings
from treatment.services import plans, sitters
from treatment.services.locks import lock_chart
from treatment.services.plans import about_place, locked_session
from treatment.services.reasons import refuse
from treatment.services.reminders import about_session, schedule_reminders


def book_session(*, patient: Patient, day: date, hour: time, by: Actor, now: datetime) -> DoseSession:
    """One more session on the day and hour that the patient picked; the same click twice books it once.

    Raises RuleViolation with the reason: nothing may be planned, the day does not work, or what is at home is planned.
    """
    policy = policies.load()
    with transaction.atomic():
        chart = lock_chart(patient)
        plans.require_plannable(chart, now=now)
        prescription = selectors.prescription_in_force(patient)
        if prescription is None:
            raise RuleViolation(_("There is no prescription in force to plan sessions for."), "not_in_force")
        plans.require_ready(prescription)
        at = calendar.local_moment(day, hour, patient.zone)
        twin = DoseSession.objects.filter(patient=patient, status=SessionStatus.SCHEDULED, starts_at=at).first()
        if twin is not None:
            return twin
        sessions = list(selectors.sessions_of(patient))
        bounds = selecting.bounds_of(
            chart=chart, prescription=prescription, zone=patient.zone, policy=policy, sessions=sessions
        )
        refuse(booking.check_slot(day, hour, bounds, now=now, policy=policy))
        at_home = selectors.supply_of(prescription).sessions_at_home
        refuse(
            selecting.room_for_one(prescription=prescription, at_home=at_home, frame=bounds.frame, sessions=sessions)
        )
        plan = _plan_for(chart, prescription, hour, by=by, now=now)
        newest = plan.sessions.order_by("-number").first()
        number = newest.number + 1 if newest else plans.sessions_taken(prescription) + 1
        session = plans.create_session(plan, number, calendar.Slot(day, at), now=now)
        record(actor=by, action="dosesession.booked", now=now, subject=session)
    return session


def _plan_for(chart: Chart, prescription: Prescription, hour: time, *, by: Actor, now: datetime) -> Plan:
    """The active plan of this prescription; one of an older prescription gives way to a new one."""
    plan = selectors.active_plan(prescription.patient)
    if plan is not None and plan.prescription_id == prescription.pk:
        return plan
    plans.end_plan(patient=prescription.patient, reason_code="replanned", by=by, now=now)
    return Plan.objects.create(
        patient=prescription.patient,
        prescription=prescription,
        zone=prescription.patient.zone,
        hour=hour,
        frequency=standings.rhythm_of(chart, prescription),
        created_at=now,
    )


def move_session(*, session: DoseSession, day: date, hour: time, by: Actor, now: datetime) -> DoseSession:
    """Move a session to another local day or hour; reminders move with it, the sitter is asked again.

    A held session goes to another day only, and its gate is done anew. Raises RuleViolation with the reason.
    """
    with transaction.atomic():
        chart = lock_chart(session.patient)
        row = locked_session(session)
        starts_at = calendar.local_moment(day, hour, row.zone)
        if row.starts_at == starts_at and row.status == SessionStatus.SCHEDULED:
            return row
        _require_movable(row, chart)
        held_today = row.status == SessionStatus.HELD and day <= clock.today(row.zone, max(now, row.held_at or now))
        if held_today or day in selectors.held_days(row.patient):
            raise RuleViolation(_("Choose another day: nothing is taken on a day on hold."), "held_day")
        _check(row, chart, day, starts_at, row.zone, now=now)
        _put(row, day, starts_at, reason_code="moved", by=by, now=now)
        _ask_clinic(row, by=by, now=now)
        record(actor=by, action="dosesession.moved", now=now, subject=row)
    return row


def _require_movable(session: DoseSession, chart: Chart) -> None:
    if session.status not in selecting.MOVABLE:
        raise RuleViolation(_("This session cannot be moved any more."), "not_movable")
    refuse(check_planning(Phase(chart.status)))


def _check(session: DoseSession, chart: Chart, day: date, at: datetime, zone: str, *, now: datetime) -> None:
    policy = policies.load()
    bounds = selecting.bounds_of(
        chart=chart,
        prescription=session.prescription,
        zone=zone,
        policy=policy,
        sessions=list(selectors.sessions_of(session.patient)),
        apart_from=session,
    )
    refuse(booking.check_moment(day, at, bounds, now=now, policy=policy))


def _put(session: DoseSession, day: date, at: datetime, *, reason_code: str, by: Actor, now: datetime) -> None:
    """The session stands at another moment or place: everything that was arranged for the old one is done anew."""
    if session.status != SessionStatus.SCHEDULED:
        advance(session, SessionStatus.SCHEDULED, by=by, now=now, reason_code=reason_code)
    invitation = selectors.live_invitation(session)
    plans.let_go(session, reason_code, by=by, now=now)
    plans.reset_gate(session)
    session.starts_at, session.local_day = at, day
    session.save(update_fields=["starts_at", "local_day", "zone", "state", "place", *plans.GATE_COLUMNS])
    # The intention stays; what was ticked off was ticked off for another day.
    Preparation.objects.filter(session=session).update(ticked=[], updated_at=now)
    if may_go(session):
        schedule_reminders(session, now=now)
    if invitation is not None:
        sitters.ask_again(session=session, earlier=invitation, by=by, now=now)


def may_go(session: DoseSession) -> bool:
    """Whether the prescriber may treat in the state where the patient will be (policy section 10)."""
    return not selecting.check_place(session)


def say_where(
    *, session: DoseSession, place: Mapping[str, str], zone: str, hour: time, by: Actor, now: datetime
) -> DoseSession:
    """Where the patient will be for a session: the local day stays, the hour is that of the clock there.

    The reminders follow, the sitter is asked again, and 72 hours stay 72 real hours (RuleViolation when they do not).
    In a state where the prescriber has no licence the session waits: nothing reminds of it, its gate stays shut, and
    a coordinator is asked to call. Saying the same again looks at the licence anew.
    """
    with transaction.atomic():
        chart = lock_chart(session.patient)
        row = locked_session(session)
        _require_movable(row, chart)
        if row.status == SessionStatus.HELD:
            raise RuleViolation(_("This session is on hold. Choose another day for it first."), "held")
        starts_at = calendar.local_moment(row.local_day, hour, zone)
        before = (row.starts_at, row.zone, row.state, dict(row.place or {}))
        if starts_at != row.starts_at:
            _check(row, chart, row.local_day, starts_at, zone, now=now)
        row.zone, row.state, row.place = zone, place["state"], dict(place)
        if (starts_at, zone, row.state, row.place) != before:
            _put(row, row.local_day, starts_at, reason_code="place_changed", by=by, now=now)
            record(actor=by, action="dosesession.place_stated", now=now, subject=row, state=row.state)
        _ask_clinic(row, by=by, now=now)
    return row


def _ask_clinic(session: DoseSession, *, by: Actor, now: datetime) -> None:
    """A coordinator calls about a state where nobody may treat; where somebody may, the reminders are there."""
    if may_go(session):
        alerts.close_follow_up(about=about_place(session), by=by, now=now)
        schedule_reminders(session, now=now)
        return
    notifications.cancel_about(about=about_session(session), now=now, reason="place")
    alerts.open_follow_up(
        kind=FollowUpKind.PLACE_CHANGED,
        patient=session.patient,
        about=about_place(session),
        dedupe_key=f"{about_place(session)}:{session.state}:{session.gate_attempt}",
        due_at=now,
        by=by,
        now=now,
    )


def skip_session(
    *, session: DoseSession, reason: SkipReason | str, words: str = "", by: Actor, now: datetime
) -> DoseSession:
    """Leave a session out, and say why; its reminders and its sitter's link end with it. A second click does nothing.

    Raises RuleViolation for one that has begun or is over, ValueError for a reason that is none.
    """
    why = SkipReason(reason)
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status == SessionStatus.CANCELLED:
            if words.strip() != (row.skip_words or ""):
                surface_unsaved(texts=[words], patient=row.patient, by=by, now=now)
            return row
        if row.status not in selecting.MOVABLE:
            raise RuleViolation(_("This session has begun or is over. It cannot be left out any more."), "not_movable")
        plans.cancel_session(row, "skipped", by=by, now=now)
        row.skip_reason, row.skip_words = why.value, words.strip() or None
        row.save(update_fields=["skip_reason", "skip_words"])
        record(actor=by, action="dosesession.skipped", now=now, subject=row, reason=why.value)
        surface(text=words, patient=row.patient, about=f"session:{row.pk}", key=f"skipped:{row.pk}", by=by, now=now)
    return row
