"""The plan and its sessions, with their reminders in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.selectors import case_held
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    Chart,
    DoseSession,
    Plan,
    Prescription,
    SessionStatus,
    SitterInvitation,
)
from treatment.policy import Policy
from treatment.rules import calendar, phases
from treatment.rules.booking import Bounds
from treatment.rules.phases import Phase, Standing
from treatment.rules.reasons import Reason, Weight, reason
from treatment.selecting import booking
from treatment.selecting import phases as standings
from treatment.services.locks import lock_chart
from treatment.services.reasons import refuse
from treatment.services.reminders import HOME, about_session, schedule_reminders


def about_sitter(session: DoseSession) -> str:
    """The coordinators' question whether the sitter comes; asked anew after every move."""
    return f"sitter:{session.pk}:{session.gate_attempt}"


def about_place(session: DoseSession) -> str:
    """The coordinators' question about a session in a state where the prescriber may not treat."""
    return f"place:{session.pk}"


def tell_patient(*, patient: Patient, key: str, now: datetime) -> None:
    """One neutral e-mail that something waits on the treatment page."""
    notifications.schedule(
        template="action_needed",
        recipient=patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=key,
        about=f"treatment:{patient.pk}",
        variables={"link": HOME},
        now=now,
    )


@dataclass(frozen=True)
class PlanWishes:
    """What the patient chose on the planning page; Monday is 0."""

    hour: time
    first_day: date | None = None
    no_weekdays: tuple[int, ...] = ()
    away: tuple[tuple[date, date], ...] = ()


def plan_sessions(
    *, prescription: Prescription, wishes: PlanWishes, by: Actor, now: datetime
) -> tuple[Plan, tuple[Reason, ...]]:
    """Plan every session that is left under the prescription; an older plan of the patient gives way to it.

    Returns the plan and why it has fewer sessions than ordered (empty when it has not). Raises RuleViolation before
    the medicine has arrived, without a prescription in force or consent, or when no day fits.
    """
    patient = prescription.patient
    with transaction.atomic():
        chart = lock_chart(patient)
        require_plannable(chart, now=now)
        slots, number, reasons = _slots(chart, prescription, wishes, now=now)
        if not slots.slots:
            raise RuleViolation(_("No day fits what you chose. Leave more days open and try again."), "no_day_fits")
        end_plan(patient=patient, reason_code="replanned", by=by, now=now)
        plan = Plan.objects.create(
            patient=patient,
            prescription=prescription,
            zone=patient.zone,
            hour=wishes.hour,
            frequency=standings.rhythm_of(chart, prescription),
            first_day=wishes.first_day,
            no_weekdays=sorted(wishes.no_weekdays),
            away=[[first.isoformat(), last.isoformat()] for first, last in wishes.away],
            created_at=now,
        )
        for offset, slot in enumerate(slots.slots):
            create_session(plan, number + offset, slot, now=now)
        record(actor=by, action="plan.made", now=now, subject=plan, sessions=len(slots.slots))
    return plan, reasons


def require_plannable(chart: Chart, *, now: datetime) -> None:
    """Raise RuleViolation while nothing may be planned: no consent, a pause, a case hold, a review, a discharge."""
    consents.require(chart.patient, Activity.DOSE, now)
    if selectors.pause_of(chart.patient) is not None:
        raise RuleViolation(
            _("Your prescriber has paused the treatment. Plan again when you hear that it goes on."), "paused"
        )
    if case_held(chart.patient):
        raise RuleViolation(
            _("Newer answers speak against the treatment. Plan when a prescriber has approved them."), "case_hold"
        )
    refuse(phases.check_planning(Phase(chart.status)))


def require_ready(prescription: Prescription) -> Prescription:
    """The prescription in force, its medicine at the patient's home, and no session running; else RuleViolation."""
    current = selectors.prescription_in_force(prescription.patient)
    if current is None or current.pk != prescription.pk or current.issued_on is None:
        raise RuleViolation(_("There is no prescription in force to plan sessions for."), "not_in_force")
    if selectors.last_delivery(prescription) is None:
        raise RuleViolation(_("Plan your sessions when your medicine has arrived."), "not_arrived")
    if DoseSession.objects.filter(patient=prescription.patient, status=SessionStatus.STARTED).exists():
        raise RuleViolation(_("A session is in progress. Plan the next ones when it is completed."), "session_running")
    return current


def sessions_taken(prescription: Prescription) -> int:
    """How many sessions of this prescription were begun."""
    return DoseSession.objects.filter(prescription=prescription, status__in=DoseSession.TAKEN).count()


def _slots(
    chart: Chart, prescription: Prescription, wishes: PlanWishes, *, now: datetime
) -> tuple[calendar.Calendar, int, tuple[Reason, ...]]:
    """The days of the sessions that are left, the number of the first, and why there are fewer than ordered."""
    policy, patient = policies.load(), prescription.patient
    require_ready(prescription)
    # What is planned gives way to the new plan; what was taken does not.
    sessions = list(selectors.sessions_of(patient))
    bounds = booking.bounds_of(
        chart=chart, prescription=prescription, zone=patient.zone, policy=policy, sessions=sessions
    )
    standing, taken = standings.standing_in(chart, sessions), sessions_taken(prescription)
    days_taken = [row.local_day for row in sessions if row.status in DoseSession.TAKEN]
    left = prescription.session_count - taken
    last = selectors.last_taken(patient)

    def fits(day: date, planned: Sequence[date]) -> bool:
        after = phases.frame(Standing(standing.phase, (*standing.taken, *planned)), bounds.frame.rhythm, policy)
        rhythm = phases.check_rhythm(day, (*days_taken, *planned), bounds.frame.rhythm, policy)
        return not rhythm and not phases.check_frame(day, after, policy)

    found = calendar.plan(
        count=left if bounds.frame.sessions_left is None else min(left, bounds.frame.sessions_left),
        frequency=bounds.frame.rhythm,
        wishes=calendar.Wishes(
            zone=patient.zone,
            hour=wishes.hour,
            first_day=wishes.first_day,
            no_weekdays=frozenset(wishes.no_weekdays),
            away=(*wishes.away, *((day, day) for day in bounds.held_days)),
        ),
        not_before=max(now, bounds.arrived_at or now),
        last_session_at=last.started_at if last else None,
        last_day=bounds.last_fill_day,
        policy=policy,
        fits=fits,
    )
    return found, taken + 1, _why_fewer(found, left, standing, bounds, policy)


def _why_fewer(
    found: calendar.Calendar, left: int, standing: Standing, bounds: Bounds, policy: Policy
) -> tuple[Reason, ...]:
    """The induction ends before the prescription does, or the other way round; nothing when every session fits."""
    planned = [slot.day for slot in found.slots]
    if len(planned) >= left or not planned:
        return found.reasons if planned else ()
    ends = phases.frame(Standing(standing.phase, (*standing.taken, *planned)), bounds.frame.rhythm, policy)
    by_phase = ends.sessions_left == 0 or (ends.last_day is not None and ends.last_day <= bounds.last_fill_day)
    code = "plan_until_review" if by_phase else "plan_shorter"
    source = policy.source("phase.induction_weeks" if by_phase else "law.refill_months")
    return (reason(code, Weight.NOTE, source, planned=len(planned), asked=left),)


def create_session(plan: Plan, number: int, slot: calendar.Slot, *, now: datetime) -> DoseSession:
    """One planned session with its reminders, in the plan's zone."""
    session = DoseSession.objects.create(
        patient=plan.patient,
        plan=plan,
        prescription=plan.prescription,
        number=number,
        zone=plan.zone,
        local_day=slot.day,
        starts_at=slot.starts_at,
        units=plan.prescription.units_per_session,
        strength_mg=plan.prescription.strength_mg,
        created_at=now,
    )
    schedule_reminders(session, now=now)
    return session


def end_plan(*, patient: Patient, reason_code: str, by: Actor, now: datetime) -> None:
    """End the active plan: its coming sessions and everything scheduled for them are cancelled. No plan: nothing."""
    plan = Plan.objects.filter(patient=patient, status=Plan.Status.ACTIVE).first()
    if plan is None:
        return
    open_statuses = (SessionStatus.SCHEDULED, SessionStatus.RELEASED, SessionStatus.HELD)
    rows = DoseSession.objects.select_for_update(of=("self",)).select_related("patient")
    for session in rows.filter(plan=plan, status__in=open_statuses):
        cancel_session(session, reason_code, by=by, now=now)
    advance(plan, Plan.Status.ENDED, by=by, now=now, reason_code=reason_code)


def cancel_session(session: DoseSession, reason_code: str, *, by: Actor, now: datetime) -> None:
    """A planned session does not take place: nothing about it goes out any more."""
    advance(session, SessionStatus.CANCELLED, by=by, now=now, reason_code=reason_code)
    let_go(session, reason_code, by=by, now=now)


def let_go(session: DoseSession, reason_code: str, *, by: Actor, now: datetime) -> None:
    """The reminders of a session, its sitter's link and what coordinators had to ask about it end together."""
    notifications.cancel_about(about=about_session(session), now=now, reason=reason_code)
    revoke_invitations(session, by=by, now=now)
    stop_asking_after_sitter(session, by=by, now=now)
    alerts.close_follow_up(about=about_place(session), by=by, now=now)


def stop_asking_after_sitter(session: DoseSession, *, by: Actor, now: datetime) -> None:
    """Whatever was asked about the sitter is answered, also what was asked before the gate was begun anew."""
    asked = FollowUp.objects.filter(about__startswith=f"sitter:{session.pk}:")
    for about in asked.values_list("about", flat=True):
        alerts.close_follow_up(about=about, by=by, now=now)


def revoke_invitations(session: DoseSession, *, by: Actor, now: datetime) -> None:
    """The private link stops working at once, and a message with it that was not sent yet is never sent."""
    for invitation in SitterInvitation.objects.filter(session=session, revoked_at__isnull=True):
        SitterInvitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=now)
        notifications.cancel_about(about=f"invitation:{invitation.pk}", now=now, reason="revoked")
        record(actor=by, action="sitter_invitation.revoked", now=now, subject=invitation)


def locked_session(session: DoseSession) -> DoseSession:
    """The session as it is now, its row locked; take the chart's lock first."""
    rows = DoseSession.objects.select_related(
        "patient__user", "prescription__product", "prescription__chart", "prescription__prescriber", "plan"
    )
    return rows.select_for_update(of=("self",)).get(pk=session.pk)


GATE_COLUMNS = ("gate_attempt", "gate_answers", "gate_facts", "gate_reasons", "gate_passed_at", "gate_valid_until")


def reset_gate(session: DoseSession) -> None:
    """Begin the gate anew; the readings of the earlier run stay on record under their number. Not saved here."""
    session.gate_attempt += 1
    session.gate_answers, session.gate_facts, session.gate_reasons = {}, {}, []
    session.gate_passed_at = session.gate_valid_until = None
