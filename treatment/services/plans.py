"""Delivery, further shipments, the plan and its sessions, with their reminders in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.alerts.selectors import case_held, what_stops
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment import policy as policies
from treatment import selectors, words
from treatment.models import (
    DoseSession,
    Plan,
    Prescription,
    PrescriptionStatus,
    SessionStatus,
    Shipment,
    ShipmentStatus,
    SitterInvitation,
)
from treatment.rules import calendar, law
from treatment.rules.reasons import Reason
from treatment.rules.supply import check_shipment
from treatment.services.locks import lock_chart
from treatment.services.seen import require_evaluated

# Messages lead to the page with the one next thing: its address says nothing about health.
HOME = "/home/"


def about_session(session: DoseSession) -> str:
    """The group under which everything scheduled for a session is cancelled together."""
    return f"session:{session.pk}"


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


def confirm_delivery(*, shipment: Shipment, by: User, now: datetime) -> Shipment:
    """The patient says that the medicine has arrived; a second click does nothing."""
    with transaction.atomic():
        lock_chart(shipment.patient)
        row = Shipment.objects.select_for_update(of=("self",)).select_related("prescription").get(pk=shipment.pk)
        if row.status == ShipmentStatus.DELIVERED:
            return row
        if row.prescription.status not in Prescription.IN_FORCE:
            raise RuleViolation(
                _("This prescription is no longer in force. Do not take it. Your clinic will call you."), "not_in_force"
            )
        advance(row, ShipmentStatus.DELIVERED, by=by, now=now, delivered_at=now)
        if row.prescription.status != PrescriptionStatus.DELIVERED:
            advance(row.prescription, PrescriptionStatus.DELIVERED, by=by, now=now)
    return row


def order_shipment(*, prescription: Prescription, units: int, by: User, now: datetime) -> Shipment:
    """Order a further shipment: never beyond what was prescribed (I2), none under a safety hold or without consent.

    Raises PermissionDenied for anybody but a prescriber, RuleViolation with the reason.
    """
    require(by, Permission.PRESCRIBE)
    with transaction.atomic():
        chart = lock_chart(prescription.patient)
        row = Prescription.objects.select_for_update(of=("self",)).select_related("patient").get(pk=prescription.pk)
        require_not_held(row.patient)
        require_evaluated(row.patient, chart, now)
        consents.require_by_clinic(row.patient, Activity.ORDER, now)
        if row.status not in Prescription.IN_FORCE or row.issued_on is None:
            raise RuleViolation(_("This prescription is not in force."), "not_in_force")
        today = clock.today(row.patient.zone, now)
        refuse((*law.check_unexpired(row.issued_on, today, policies.load()),))
        refuse(check_shipment(selectors.supply_of(row), units))
        number = row.shipments.count() + 1
        shipment = Shipment.objects.create(
            patient=row.patient, prescription=row, number=number, units=units, ordered_at=now, created_at=now
        )
        record(actor=by, action="shipment.ordered", now=now, subject=shipment, units=units)
    return shipment


def require_not_held(patient: Patient) -> None:
    """Raise RuleViolation "safety_hold" or "case_hold" while nothing may ship (policy sections 4 and 9)."""
    stops = what_stops(patient)
    if "safety_hold" in stops:
        raise RuleViolation(_("A safety hold stops shipments until a clinician has cleared it."), "safety_hold")
    if "case_hold" in stops:
        raise RuleViolation(
            _("Newer answers speak against the treatment. Nothing ships until a prescriber has decided on them."),
            "case_hold",
        )


def refuse(reasons: Sequence[Reason]) -> None:
    """Raise RuleViolation with the first reason in the patient's words, if there is one."""
    if reasons:
        raise RuleViolation(words.patient_text(reasons[0]), reasons[0].code)


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


def schedule_reminders(session: DoseSession, *, now: datetime) -> None:
    """One e-mail the day before, one text (or e-mail without consent to texts) an hour before; never a late one."""
    patient = session.patient
    hour_channel = Channel.SMS if patient.sms_consent_at and patient.phone else Channel.EMAIL
    for name, before, channel in (("day", 24, Channel.EMAIL), ("hour", 1, hour_channel)):
        due_at = session.starts_at - timedelta(hours=before)
        if due_at <= now:
            continue
        notifications.schedule(
            template="session_reminder",
            recipient=patient.user,
            channel=channel,
            due_at=due_at,
            # The attempt, which every move counts up: a session moved away and back again is reminded of again.
            dedupe_key=f"{about_session(session)}:{session.gate_attempt}:{session.starts_at.isoformat()}:{name}",
            about=about_session(session),
            variables={"when": session.starts_at, "link": HOME},
            not_after=session.starts_at,
            now=now,
        )


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
