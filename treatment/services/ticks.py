"""What time brings about. Every tick claims its rows with SKIP LOCKED and may run in several processes at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import advance
from harmoniously.core.common.rounds import each
from treatment import policy as policies
from treatment import selectors
from treatment.models import AdverseEvent, DoseSession, SessionStatus, Shipment
from treatment.rules import safety
from treatment.selecting.parcels import called_about, late, to_stop
from treatment.services import adverse, refills
from treatment.services.check_in_chasing import follow_up_check_ins, remind_check_ins
from treatment.services.check_in_opening import look_at_rhythm
from treatment.services.parcels import is_stopped
from treatment.services.pharmacy_calls import ask_where_it_is, follow_the_stop, stop_held
from treatment.services.plans import let_go, tell_patient
from treatment.services.preparation import ask_after_sitter, sitters_to_ask_after
from treatment.services.reminders import about_session

_ALERTS = {"sitter_check_missed": AlertKind.SITTER_CHECK_MISSED, "no_release": AlertKind.NO_RELEASE}
Row = TypeVar("Row", bound=models.Model)


def tick(*, now: datetime) -> dict[str, int]:
    """All of them, those who may be in danger now first; returns how many rows each one touched.

    One that fails keeps no other from its turn; RowsFailed is raised when all have had it.
    """
    sweeps: dict[str, Callable[..., int]] = {
        "watched": watch_sessions,
        "chased": chase_events,
        "missed": miss_sessions,
        "sitters": ask_after_sitters,
        "opened": look_at_rhythm,
        "reminded": remind_check_ins,
        "followed_up": follow_up_check_ins,
        "refills_closed": refills.close_strays,
        "parcels_stopped": stop_parcels,
        "parcels_late": chase_parcels,
    }
    touched: dict[str, int] = {}

    def run(name: str) -> None:
        touched[name] = sweeps[name](now=now)

    each(sweeps, run)
    return touched


def _each(queryset: models.QuerySet[Row], act: Callable[[Row], bool]) -> int:
    """Every due row in its own transaction; a row that another process holds is left to it.

    All of them on every tick: a row may stay due for hours, and would keep those behind it from being looked at.
    """

    def one(pk: UUID) -> bool:
        with transaction.atomic():
            row = queryset.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            return row is not None and act(row)

    return each(list(queryset.values_list("pk", flat=True)), one)


def ask_after_sitters(*, now: datetime) -> int:
    """Coordinators are asked after sitters who have not confirmed on the day before."""
    return _each(sitters_to_ask_after(now), lambda session: ask_after_sitter(session, now=now))


def miss_sessions(*, now: datetime) -> int:
    """Sessions that were not begun in time, or held and not moved, are missed; their sitter's link ends.

    The patient is told that something waits: the page says what happened and what to do next.
    """
    gate = policies.load().gate
    planned = Q(
        status__in=(SessionStatus.SCHEDULED, SessionStatus.RELEASED),
        starts_at__lt=now - timedelta(hours=gate.closes_hours_after),
    )
    held = Q(status=SessionStatus.HELD, starts_at__lt=now - timedelta(hours=gate.held_closes_hours_after))
    due = DoseSession.objects.select_related("patient__user").filter(planned | held)

    def miss(session: DoseSession) -> bool:
        advance(session, SessionStatus.MISSED, by=SYSTEM, now=now, reason_code="not_begun")
        let_go(session, "missed", by=SYSTEM, now=now)
        tell_patient(patient=session.patient, key=f"{about_session(session)}:missed", now=now)
        return True

    return _each(due.order_by("starts_at"), miss)


def watch_sessions(*, now: datetime) -> int:
    """Running sessions: a missed sitter check, or no release by 240 minutes, tells the on-call clinician."""
    policy = policies.load()
    due = DoseSession.objects.select_related("patient").filter(status=SessionStatus.STARTED)

    def watch(session: DoseSession) -> bool:
        raised = False
        for item in safety.session_alerts(selectors.session_facts(session), now=now, policy=policy):
            kind = _ALERTS.get(item.code)
            if kind is None:
                continue
            # One for the release, and one for each gap between checks; another while the gap goes on, see below.
            facts = dict(item.facts)
            key = f"{about_session(session)}:{item.code}:{facts.get('after', '')}"
            missed_at = facts.get("missed_at")
            if missed_at is not None:
                if _taken_or_rings(session, key, datetime.fromisoformat(missed_at)):
                    continue
                key = f"{key}:{missed_at}"
            alerts.raise_alert(
                kind=kind, patient=session.patient, about=about_session(session), dedupe_key=key, by=SYSTEM, now=now
            )
            raised = True
        return raised

    return _each(due.order_by("started_at"), watch)


def _taken_or_rings(session: DoseSession, key: str, missed_at: datetime) -> bool:
    """Whether the alert of this gap still rings, or somebody took one since this check was missed.

    Whoever took it has telephoned; a check that is missed after that is news and rings again. While it rings, no
    contact that was made before this check was missed settles it.
    """
    known = Alert.objects.filter(dedupe_key__startswith=f"{key}:")
    alerts.say_again(known, patient=session.patient, at=missed_at)
    return known.filter(Q(status=AlertStatus.OPEN) | Q(acknowledged_at__gte=missed_at)).exists()


def chase_events(*, now: datetime) -> int:
    """Adverse events that nobody looked at in time, and serious ones whose report is not noted as sent."""
    due = AdverseEvent.objects.select_related("patient").filter(adverse.to_chase(now))
    return _each(due.order_by("look_due_at"), lambda event: adverse.chase(event, now=now))


def stop_parcels(*, now: datetime) -> int:
    """Parcels at a pharmacy of patients whose treatment stands still: a coordinator calls there, once for each stop.

    And what was asked there about others follows their stop, which may have ended.
    """
    since = to_stop(now)
    rows = Shipment.objects.select_related("patient").filter(pk__in=since, status__in=Shipment.AT_PHARMACY)

    def look(parcel: Shipment) -> bool:
        return follow_the_stop(parcel, stopped=is_stopped(parcel, now=now), now=now)

    sweeps: dict[str, Callable[[], int]] = {
        "stop": lambda: _each(rows.order_by("ordered_at"), lambda row: stop_held(row, since=since[row.pk], now=now)),
        "follow": lambda: _each(called_about(), look),
    }
    return each(sweeps, lambda name: sweeps[name]())


def chase_parcels(*, now: datetime) -> int:
    """Parcels that should have left the pharmacy, or arrived: a coordinator asks where they are."""
    found = late(now)
    rows = Shipment.objects.select_related("patient").filter(pk__in=found)

    def ask(parcel: Shipment) -> bool:
        status, since = found[parcel.pk]
        return parcel.status == status and ask_where_it_is(parcel, late_from=since, now=now)

    return _each(rows.order_by("ordered_at"), ask)
