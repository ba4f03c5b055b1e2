"""Visits that are due in treatment, and what they are due for."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from harmoniously.core.accounts.models import Patient
from treatment import selectors
from treatment.models import Chart, DoseSession, DueVisit, SessionStatus
from treatment.rules.visits import DueKind

# The sweep runs every minute; a worker that was down for two days misses nothing, the hourly one catches the rest.
LATELY = timedelta(days=2)


def waiting_visit(patient: Patient) -> DueVisit | None:
    """The one visit that is due and did not take place yet, booked or not."""
    return DueVisit.objects.filter(patient=patient, status__in=DueVisit.WAITING).first()


def waiting_visits() -> QuerySet[DueVisit]:
    """Every visit that is due, the longest due first."""
    return (
        DueVisit.objects.filter(status__in=DueVisit.WAITING).select_related("patient__user").order_by("due_since", "pk")
    )


def charts_to_look_at(now: datetime) -> QuerySet[Chart]:
    """Open charts: whoever is in treatment may have a visit due."""
    rows = Chart.objects.filter(closed_at__isnull=True, opened_at__lte=now)
    return rows.select_related("patient__user").order_by("opened_at")


def charts_changed(now: datetime, *, unseen_since: datetime) -> QuerySet[Chart]:
    """Those among them for whom something may have become due since the last look."""
    own = {"patient": OuterRef("patient")}
    sessions = DoseSession.objects.filter(**own)
    lately = sessions.filter(completed_at__gte=now - LATELY)
    waiting = DueVisit.objects.filter(**own, status__in=DueVisit.WAITING)
    unseen = Q(approved_at__lt=unseen_since) & ~Exists(sessions.filter(started_at__gte=unseen_since))
    evaluated = DueVisit.objects.filter(**own, kind=DueKind.EVALUATION, due_since__gte=F("chart__approved_at"))
    return charts_to_look_at(now).filter(Exists(lately) | Exists(waiting) | unseen & ~Exists(evaluated))


def completed_at(chart: Chart) -> list[datetime]:
    """When the sessions of this treatment were completed, in order."""
    rows = DoseSession.objects.filter(prescription__chart=chart, status=SessionStatus.COMPLETED)
    return [at for at in rows.order_by("completed_at").values_list("completed_at", flat=True) if at is not None]


def last_taken_at(patient: Patient) -> datetime | None:
    """When the newest session began."""
    last = selectors.last_taken(patient)
    return last.started_at if last else None
