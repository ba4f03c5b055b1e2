"""Opening check-ins: two with every dose, the others by the rhythm, looked at once on every local day of a patient."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.services import advance, record
from harmoniously.core.common import clock
from harmoniously.core.common.rounds import each
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment import policy as policies
from treatment.models import Chart, CheckIn, DoseSession
from treatment.policy import Policy
from treatment.rules import rhythm
from treatment.rules.rhythm import CareFacts, Due, DueTimes, Kind
from treatment.selecting import check_ins as selecting
from treatment.services.locks import lock_check_ins
from treatment.services.reminders import HOME

BATCH = 200
BY_THE_CALENDAR = (Kind.SCORES.value, Kind.MONTH.value)


def about_moment(check_in: CheckIn) -> str:
    """The group of the first e-mail: check-ins of one patient that fall due together get one."""
    return f"check_ins:{check_in.patient_id}:{check_in.due_at:%Y%m%d%H%M}"


def open_check_ins(*, session: DoseSession, by: Actor, now: datetime) -> list[CheckIn]:
    """Both check-ins of a session that was started, and what its count makes due; each with its e-mail waiting."""
    if session.started_at is None:
        raise ValueError("A check-in belongs to a session that was started.")
    policy = policies.load()
    opened = []
    for kind in (Kind.AFTER, Kind.DAY):
        times = rhythm.after_dose(kind, session.started_at, policy)
        day = clock.local(times.due_at, session.zone).date()
        row = CheckIn(patient=session.patient, session=session, kind=kind.value, day=day)
        opened.append(_open(row, times, policy, by=by, now=now))
    return [*opened, *open_due(patient=session.patient, by=by, now=now)]


@transaction.atomic
def open_due(*, patient: Patient, by: Actor, now: datetime) -> list[CheckIn]:
    """Open what the rhythm asks for today, and end what it asks no more; what is open stays as it is."""
    policy = policies.load()
    facts = selecting.care_facts(patient, now)
    over = [kind for kind in facts.open_kinds if rhythm.closes(kind, rhythm.phase_of(facts, policy))]
    for row in lock_check_ins(CheckIn.objects.filter(patient=patient, status="open", kind__in=over)) if over else ():
        close(row, "treatment_ended", by=by, now=now)
    return [_open_due(patient, due, facts, policy, by=by, now=now) for due in rhythm.due_now(facts, policy)]


def _open_due(patient: Patient, due: Due, facts: CareFacts, policy: Policy, *, by: Actor, now: datetime) -> CheckIn:
    row = CheckIn(patient=patient, kind=due.kind.value, day=due.day, instruments=list(due.instruments))
    row.facts = {
        "why": due.why,
        "phase": rhythm.phase_of(facts, policy).value,
        "last_scores": facts.last_scores.isoformat() if facts.last_scores else None,
        "last_month": facts.last_month.isoformat() if facts.last_month else None,
        "sessions_since_scores": facts.sessions_since_scores,
    }
    return _open(row, _together(row, policy), policy, by=by, now=now)


def _together(check_in: CheckIn, policy: Policy) -> DueTimes:
    """Several of one day are one list and get one reminder: they fall due at the same moment."""
    others = CheckIn.objects.filter(patient=check_in.patient, day=check_in.day, status="open")
    other = others.exclude(kind=Kind.AFTER).order_by("due_at").first()
    if other is not None:
        return rhythm.chased(other.due_at, policy)
    return rhythm.on_day(check_in.day, check_in.patient.zone, policy)


def _open(row: CheckIn, times: DueTimes, policy: Policy, *, by: Actor, now: datetime) -> CheckIn:
    row.due_at, row.second_reminder_at, row.follow_up_at = times.due_at, times.second_reminder_at, times.follow_up_at
    row.policy_version, row.created_at = policy.version, now
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Another process, or another click, was faster.
        return _twin(row)
    notifications.schedule(
        template="check_in_due",
        recipient=row.patient.user,
        channel=Channel.EMAIL,
        due_at=row.due_at,
        dedupe_key=f"{about_moment(row)}:due",
        about=about_moment(row),
        variables={"link": HOME},
        not_after=row.follow_up_at,
        now=now,
    )
    record(actor=by, action="checkin.opened", now=now, subject=row)
    return row


def _twin(row: CheckIn) -> CheckIn:
    """The row that stands in the way of this one: that of the session, that of the day, or the open one."""
    rows = CheckIn.objects.select_related("patient__user", "session").filter(patient=row.patient, kind=row.kind)
    if row.session_id is not None:
        return rows.get(session=row.session_id)
    return rows.filter(Q(status="open") | Q(day=row.day)).order_by("-due_at")[0]


def look_at_rhythm(*, now: datetime) -> int:
    """Every open chart once on each local day: opens what is due; returns how many check-ins were opened."""
    due = Chart.objects.select_related("patient__user").filter(closed_at__isnull=True)
    due = due.filter(Q(rhythm_next_at__isnull=True) | Q(rhythm_next_at__lte=now))

    def look(pk: UUID) -> int:
        with transaction.atomic():
            chart = due.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if chart is None:
                return 0
            patient = chart.patient
            opened = open_due(patient=patient, by=SYSTEM, now=now)
            chart.rhythm_next_at = rhythm.look_again_at(clock.today(patient.zone, now), patient.zone)
            chart.save(update_fields=["rhythm_next_at"])
            return len(opened)

    return each(list(due.order_by("rhythm_next_at").values_list("pk", flat=True)[:BATCH]), look)


def close(check_in: CheckIn, reason_code: str, *, by: Actor, now: datetime) -> None:
    """End an open check-in without an answer, with what was still to be sent about it."""
    advance(check_in, CheckIn.Status.CLOSED, by=by, now=now, reason_code=reason_code)
    settle(check_in, by=by, now=now, reason=reason_code)


def settle(check_in: CheckIn, *, by: Actor, now: datetime, reason: str) -> None:
    """After one was answered or closed: end the messages and the coordinators' task that no other one needs."""
    left = list(CheckIn.objects.filter(patient=check_in.patient_id, status="open").exclude(pk=check_in.pk))
    if all(row.due_at != check_in.due_at for row in left):
        notifications.cancel_about(about=about_moment(check_in), now=now, reason=reason)
    if all(row.second_reminder_done_at is None for row in left):
        notifications.cancel_about(about=about_patient(check_in), now=now, reason=reason)
    if all(row.follow_up_opened_at is None for row in left):
        alerts.close_follow_up(about=about_patient(check_in), by=by, now=now, note="")


def about_patient(check_in: CheckIn) -> str:
    """The group of the second reminder and of the coordinators' task: one for all that is open."""
    return f"check_ins:{check_in.patient_id}"
