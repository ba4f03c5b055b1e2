"""The plan and its sessions, with their reminders in the same transaction."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.selectors import case_held
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    DoseSession,
    Plan,
    Prescription,
    SessionStatus,
    SitterInvitation,
)
from treatment.rules import calendar, law
from treatment.rules.reasons import Reason
from treatment.services.locks import lock_chart
from treatment.services.reasons import refuse
from treatment.services.reminders import HOME, about_session, schedule_reminders


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
        lock_chart(patient)
        consents.require(patient, Activity.DOSE, now)
        if selectors.pause_of(patient) is not None:
            raise RuleViolation(
                _("Your prescriber has paused the treatment. Plan again when you hear that it goes on."), "paused"
            )
        if case_held(patient):
            raise RuleViolation(
                _("Newer answers speak against the treatment. Plan when a prescriber has approved them."), "case_hold"
            )
        slots, number, reasons = _slots(prescription, wishes, now=now)
        if not slots.slots:
            raise RuleViolation(_("No day fits what you chose. Leave more days open and try again."), "no_day_fits")
        end_plan(patient=patient, reason_code="replanned", by=by, now=now)
        plan = Plan.objects.create(
            patient=patient,
            prescription=prescription,
            zone=patient.zone,
            hour=wishes.hour,
            frequency=prescription.frequency,
            first_day=wishes.first_day,
            no_weekdays=sorted(wishes.no_weekdays),
            away=[[first.isoformat(), last.isoformat()] for first, last in wishes.away],
            created_at=now,
        )
        for offset, slot in enumerate(slots.slots):
            _create_session(plan, number + offset, slot, now=now)
        record(actor=by, action="plan.made", now=now, subject=plan, sessions=len(slots.slots))
    return plan, reasons


def _slots(
    prescription: Prescription, wishes: PlanWishes, *, now: datetime
) -> tuple[calendar.Calendar, int, tuple[Reason, ...]]:
    """The days of the sessions that are left, the number of the first, and why there are fewer than ordered."""
    policy = policies.load()
    current = selectors.prescription_in_force(prescription.patient)
    arrived = selectors.last_delivery(prescription)
    if current is None or current.pk != prescription.pk or current.issued_on is None:
        raise RuleViolation(_("There is no prescription in force to plan sessions for."), "not_in_force")
    if arrived is None or arrived.delivered_at is None:
        raise RuleViolation(_("Plan your sessions when your medicine has arrived."), "not_arrived")
    if DoseSession.objects.filter(patient=prescription.patient, status=SessionStatus.STARTED).exists():
        raise RuleViolation(_("A session is in progress. Plan the next ones when it is completed."), "session_running")
    taken = DoseSession.objects.filter(prescription=prescription, status__in=DoseSession.TAKEN).count()
    last = selectors.last_taken(prescription.patient)
    found = calendar.plan(
        count=prescription.session_count - taken,
        frequency=calendar.Frequency(prescription.frequency),
        wishes=calendar.Wishes(
            zone=prescription.patient.zone,
            hour=wishes.hour,
            first_day=wishes.first_day,
            no_weekdays=frozenset(wishes.no_weekdays),
            away=(*wishes.away, *((day, day) for day in selectors.held_days(prescription.patient))),
        ),
        not_before=max(now, arrived.delivered_at),
        last_session_at=last.started_at if last else None,
        last_day=law.last_fill_day(current.issued_on, policy),
        policy=policy,
    )
    return found, taken + 1, found.reasons


def _create_session(plan: Plan, number: int, slot: calendar.Slot, *, now: datetime) -> DoseSession:
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
        _cancel(session, reason_code, by=by, now=now)
    advance(plan, Plan.Status.ENDED, by=by, now=now, reason_code=reason_code)


def _cancel(session: DoseSession, reason_code: str, *, by: Actor, now: datetime) -> None:
    advance(session, SessionStatus.CANCELLED, by=by, now=now, reason_code=reason_code)
    notifications.cancel_about(about=about_session(session), now=now, reason=reason_code)
    revoke_invitations(session, by=by, now=now)


def revoke_invitations(session: DoseSession, *, by: Actor, now: datetime) -> None:
    """The private link stops working at once, and a message with it that was not sent yet is never sent."""
    for invitation in SitterInvitation.objects.filter(session=session, revoked_at__isnull=True):
        SitterInvitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=now)
        notifications.cancel_about(about=f"invitation:{invitation.pk}", now=now, reason="revoked")
        record(actor=by, action="sitter_invitation.revoked", now=now, subject=invitation)


def locked_session(session: DoseSession) -> DoseSession:
    """The session as it is now, its row locked; take the chart's lock first."""
    rows = DoseSession.objects.select_related("patient__user", "prescription__product", "prescription__chart", "plan")
    return rows.select_for_update(of=("self",)).get(pk=session.pk)


def move_session(*, session: DoseSession, day: date, hour: time, by: Actor, now: datetime) -> DoseSession:
    """Move a session to another local day or hour; reminders move with it, the sitter is asked again.

    A held session goes to another day only, and its gate is done anew. Raises RuleViolation with the reason.
    """
    policy = policies.load()
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        starts_at = calendar.local_moment(day, hour, row.zone)
        if row.starts_at == starts_at and row.status == SessionStatus.SCHEDULED:
            return row
        if row.status not in (SessionStatus.SCHEDULED, SessionStatus.RELEASED, SessionStatus.HELD):
            raise RuleViolation(_("This session cannot be moved any more."), "not_movable")
        held_today = row.status == SessionStatus.HELD and day <= clock.today(row.zone, max(now, row.held_at or now))
        if held_today or day in selectors.held_days(row.patient):
            raise RuleViolation(_("Choose another day: nothing is taken on a day on hold."), "held_day")
        refuse(calendar.check_move(starts_at, _others(row), now=now, policy=policy))
        issued = row.prescription.issued_on
        if issued is not None and day > law.last_fill_day(issued, policy):
            raise RuleViolation(_("Your prescription ends before that day."), "after_prescription")
        if row.status != SessionStatus.SCHEDULED:
            advance(row, SessionStatus.SCHEDULED, by=by, now=now, reason_code="moved")
        reset_gate(row)
        row.starts_at, row.local_day = starts_at, day
        row.save(update_fields=["starts_at", "local_day", *GATE_COLUMNS])
        notifications.cancel_about(about=about_session(row), now=now, reason="moved")
        revoke_invitations(row, by=by, now=now)
        schedule_reminders(row, now=now)
        record(actor=by, action="dosesession.moved", now=now, subject=row)
    return row


GATE_COLUMNS = ("gate_attempt", "gate_answers", "gate_facts", "gate_reasons", "gate_passed_at", "gate_valid_until")


def reset_gate(session: DoseSession) -> None:
    """Begin the gate anew; the readings of the earlier run stay on record under their number. Not saved here."""
    session.gate_attempt += 1
    session.gate_answers, session.gate_facts, session.gate_reasons = {}, {}, []
    session.gate_passed_at = session.gate_valid_until = None


def _others(session: DoseSession) -> list[datetime]:
    """The moments to keep 72 hours from: of started sessions their start, of planned ones their plan."""
    rows = DoseSession.objects.filter(patient=session.patient).exclude(pk=session.pk)
    rows = rows.filter(status__in=(*DoseSession.OPEN, SessionStatus.COMPLETED)).exclude(status=SessionStatus.HELD)
    return [started or planned for started, planned in rows.values_list("started_at", "starts_at")]


def skip_session(*, session: DoseSession, by: Actor, now: datetime) -> DoseSession:
    """Leave a session out; its reminders and its sitter's link end with it. A second click does nothing."""
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status == SessionStatus.CANCELLED:
            return row
        _cancel(row, "skipped", by=by, now=now)
    return row
