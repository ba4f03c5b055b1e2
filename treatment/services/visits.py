"""The verbs of a visit that is due: opened by the calendar, told, booked, overdue, held, or not needed any more.

Telemedicine calls these: it knows which visits took place and which can be booked.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp, FollowUpKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.services import advance, record
from treatment import policy as policies
from treatment.models import Chart, DueVisit
from treatment.rules import visits
from treatment.rules.visits import Due, SeenFacts
from treatment.selecting.visits import completed_at, last_taken_at
from treatment.services import plans

Status = DueVisit.Status


def about_due(due: DueVisit) -> str:
    """The group under which the follow-ups of a visit that is due are closed together."""
    return f"due_visit:{due.pk}"


def due_now(chart: Chart, visits_held: Sequence[datetime], *, now: datetime) -> Due | None:
    """What the rule says of a patient in treatment, with the visits that took place."""
    facts = SeenFacts(completed_at(chart), visits_held, chart.approved_at, last_taken_at(chart.patient))
    return visits.due_visit(facts, now=now, policy=policies.load())


def bring_up_to_date(*, chart: Chart, visits_held: Sequence[datetime], by: Actor, now: datetime) -> DueVisit | None:
    """Open what is due, close what is not any more, and note what is overdue; asked again it changes nothing.

    Returns the visit that waits, or None. The coordinators see it at once, and again when it is overdue.
    """
    with transaction.atomic():
        rows = Chart.objects.select_for_update(of=("self",)).select_related("patient__user")
        row = rows.get(pk=chart.pk)
        waiting = hold_still(row.patient)
        due = due_now(row, visits_held, now=now) if row.closed_at is None else None
        if waiting is not None and not _same(waiting, due):
            _close(waiting, visits_held, by=by, now=now)
            waiting = None
        if due is None:
            return None
        if waiting is None:
            waiting = _open(row, due, visits_held, by=by, now=now)
        if waiting is not None and visits.is_overdue(waiting.overdue_at, now):
            _overdue(waiting, by=by, now=now)
    return waiting


def _same(waiting: DueVisit, due: Due | None) -> bool:
    return due is not None and (waiting.kind, waiting.due_since) == (due.kind.value, due.since)


def _close(waiting: DueVisit, visits_held: Sequence[datetime], *, by: Actor, now: datetime) -> None:
    took_place = _took_place(waiting, visits_held)
    status = Status.DONE if took_place else Status.ENDED
    advance(waiting, status, by=by, now=now, done_at=now if took_place else None)
    alerts.close_follow_up(about=about_due(waiting), by=by, now=now, note="")


def _took_place(due: DueVisit, visits_held: Sequence[datetime]) -> bool:
    return any(at >= due.due_since for at in visits_held)


def _open(chart: Chart, due: Due, visits_held: Sequence[datetime], *, by: Actor, now: datetime) -> DueVisit | None:
    """The row of what is due, made once and opened again when it was closed without a visit since; else None."""
    row, made = DueVisit.objects.get_or_create(
        chart=chart,
        kind=due.kind.value,
        due_since=due.since,
        defaults={
            "patient": chart.patient,
            "after_session": due.after_session,
            "overdue_at": due.overdue_at,
            "policy_version": policies.CURRENT_VERSION,
            "created_at": now,
        },
    )
    if not made:
        return _reopen(row, visits_held, by=by, now=now)
    record(actor=by, action="duevisit.opened", now=now, subject=row, kind=row.kind)
    _follow_up(row, FollowUpKind.VISIT_NEEDED, by=by, now=now)
    return row


def _reopen(row: DueVisit, visits_held: Sequence[datetime], *, by: Actor, now: datetime) -> DueVisit | None:
    if row.status in DueVisit.WAITING:
        return row
    if _took_place(row, visits_held):
        return None
    advance(row, Status.DUE, by=by, now=now, reason_code="due_again", done_at=None, appointment=None)
    _follow_up(row, FollowUpKind.VISIT_NEEDED, by=by, now=now, again=f":{now.isoformat()}")
    return row


def _follow_up(due: DueVisit, kind: FollowUpKind, *, by: Actor, now: datetime, again: str = "") -> None:
    alerts.open_follow_up(
        kind=kind,
        patient=due.patient,
        about=about_due(due),
        dedupe_key=f"{about_due(due)}:{kind.value}{again}",
        due_at=due.overdue_at if kind is FollowUpKind.VISIT_OVERDUE else due.due_since,
        by=by,
        now=now,
    )


def _overdue(due: DueVisit, *, by: Actor, now: datetime) -> None:
    """Booked ones stay booked; what is sent waits for them all the same."""
    if due.status in (Status.DUE, Status.OFFERED):
        advance(due, Status.OVERDUE, by=by, now=now)
        alerts.close_follow_up(about=about_due(due), by=by, now=now, note="")
        # Each time anew: the follow-up of another time is closed.
        _follow_up(due, FollowUpKind.VISIT_OVERDUE, by=by, now=now, again=f":{now.isoformat()}")
        plans.tell_patient(patient=due.patient, key=f"{about_due(due)}:overdue", now=now)


def offer(*, due: DueVisit, by: Actor, now: datetime) -> None:
    """Tell the patient, in a message that says nothing, that a visit waits to be booked. Told once."""
    with transaction.atomic():
        if due.status == Status.DUE:
            advance(due, Status.OFFERED, by=by, now=now, offered_at=now)
            plans.tell_patient(patient=due.patient, key=f"{about_due(due)}:offered", now=now)


def held(*, due: DueVisit, began: datetime, by: Actor, now: datetime) -> None:
    """A visit of the kind that meets it took place; one that began before it was due does not meet it."""
    if began < due.due_since:
        let_go(due=due, by=by, now=now)
        return
    advance(due, Status.DONE, by=by, now=now, done_at=now)
    alerts.close_follow_up(about=about_due(due), by=by, now=now, note="")


def hold_still(patient: Patient) -> DueVisit | None:
    """The visit that waits, its row locked; before the trail is written, as everybody takes it."""
    rows = DueVisit.objects.select_for_update(of=("self",)).select_related("patient__user")
    return rows.filter(patient=patient, status__in=DueVisit.WAITING).first()


def booked(*, due: DueVisit, appointment: UUID, by: Actor, now: datetime) -> None:
    """A visit that meets it is booked; the coordinators need not call."""
    if due.status != Status.BOOKED:
        advance(due, Status.BOOKED, by=by, now=now, appointment=appointment)
    elif due.appointment != appointment:
        DueVisit.objects.filter(pk=due.pk, status=Status.BOOKED).update(appointment=appointment)
    alerts.close_follow_up(about=about_due(due), by=by, now=now, note="")


def unbooked(*, due: DueVisit, by: Actor, now: datetime) -> None:
    """The booking was taken back before anybody was told: it waits as before, told or not.

    Its line on the worklist is opened again by whoever takes the booking back. What became overdue meanwhile is not
    yet: the next look at it opens the call and tells the patient.
    """
    if due.status != Status.BOOKED:
        return
    told = Status.OFFERED if due.offered_at is not None else Status.DUE
    called = FollowUp.objects.filter(about=about_due(due), kind=FollowUpKind.VISIT_OVERDUE).exists()
    to = Status.OVERDUE if called and visits.is_overdue(due.overdue_at, now) else told
    advance(due, to, by=by, now=now, reason_code="taken_back", appointment=None)


def let_go(*, due: DueVisit, by: Actor, now: datetime) -> None:
    """The booked visit was cancelled or missed: it waits to be booked again."""
    if due.status != Status.BOOKED:
        return
    overdue = visits.is_overdue(due.overdue_at, now)
    advance(due, Status.OVERDUE if overdue else Status.OFFERED, by=by, now=now, appointment=None)
    kind = FollowUpKind.VISIT_OVERDUE if overdue else FollowUpKind.VISIT_NEEDED
    alerts.open_follow_up(
        kind=kind,
        patient=due.patient,
        about=about_due(due),
        dedupe_key=f"{about_due(due)}:{kind.value}:{now.isoformat()}",
        due_at=now,
        by=by,
        now=now,
    )
