"""Where the next supply of a patient stands: the one answer that every page shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.selectors import what_stops
from harmoniously.core.common import clock
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.questions.models import Assessment
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    CheckIn,
    DoseSession,
    DueVisit,
    Prescription,
    PrescriptionStatus,
    RefillRequest,
    SessionStatus,
    Shipment,
    ShipmentStatus,
)
from treatment.policy import Policy
from treatment.rules import visits
from treatment.rules.calendar import GAPS, Frequency
from treatment.rules.checkin import questionnaire_due
from treatment.rules.ledger import days_left
from treatment.rules.refill import Refill, RefillFacts, is_time, refill

_ENDED = (PrescriptionStatus.STOPPED, PrescriptionStatus.CANCELLED)
_SCORES = (Assessment.Instrument.PHQ9, Assessment.Instrument.GAD7)


@dataclass(frozen=True)
class NextSupply:
    """The answer with what it came from. `request` is the newest one, also one that has ended."""

    refill: Refill
    facts: RefillFacts
    prescription: Prescription | None
    request: RefillRequest | None
    check_in: CheckIn | None

    @property
    def waiting(self) -> RefillRequest | None:
        """The request that a prescriber has to answer."""
        request = self.request
        return request if request is not None and request.status in RefillRequest.WAITING else None

    @property
    def usual_units(self) -> int:
        """What the form offers: as much as may still be sent, in whole sessions."""
        each = max(1, self.facts.units_per_session)
        return self.facts.left_to_ship // each * each


_NOTHING = RefillFacts(
    in_treatment=False,
    prescribed=False,
    ended=False,
    in_force=False,
    issued_on=None,
    today=date.min,
    prescriber_today=date.min,
    units_per_session=0,
    sessions_at_home=0,
    days_left=0,
    left_to_ship=0,
    fills=0,
    on_the_way=False,
)


def next_supply(
    patient: Patient,
    now: datetime,
    *,
    sessions: Iterable[DoseSession] | None = None,
    agreed: bool | None = None,
) -> NextSupply:
    """Where the next supply stands now. What a page has read already may be given: the sessions, the consents."""
    policy = policies.load()
    prescription = _newest_prescription(patient)
    if prescription is None:
        return NextSupply(refill(_NOTHING, policy), _NOTHING, None, None, None)
    known = list(sessions) if sessions is not None else list(selectors.sessions_of(patient).order_by("starts_at"))
    request = RefillRequest.objects.filter(patient=patient).select_related("decided_by", "shipment").first()
    check_in = selectors.check_in_due(patient, now)
    facts = _facts(prescription, known, request, check_in, agreed, now=now, policy=policy)
    return NextSupply(refill(facts, policy), facts, prescription, request, check_in)


def _newest_prescription(patient: Patient) -> Prescription | None:
    """The newest signed one, with its chart and what a refill depends on."""
    fills = Shipment.objects.filter(prescription=OuterRef("pk")).exclude(status=ShipmentStatus.CANCELLED).order_by()
    due = DueVisit.objects.filter(patient=OuterRef("patient"), status__in=DueVisit.WAITING)
    unread = CheckIn.objects.filter(patient=OuterRef("patient"), flagged=True).exclude(
        session__reviewed_at__gte=F("answered_at"), answered_at__isnull=False
    )
    rows = Prescription.objects.filter(patient=patient, signed_at__isnull=False).annotate(
        fills=Coalesce(
            Subquery(
                fills.values("prescription").annotate(number=Count("pk")).values("number"),
                output_field=IntegerField(),
            ),
            0,
        ),
        waits=Exists(fills.filter(status__in=Shipment.COMING)),
        visit_overdue_at=Subquery(due.values("overdue_at")[:1]),
        unread=Exists(unread),
    )
    return rows.select_related("product", "prescriber__user", "chart", "patient__user").order_by("-signed_at").first()


def _facts(
    prescription: Prescription,
    sessions: list[DoseSession],
    request: RefillRequest | None,
    check_in: CheckIn | None,
    agreed: bool | None,
    *,
    now: datetime,
    policy: Policy,
) -> RefillFacts:
    patient, row = prescription.patient, prescription
    in_force = row.status in Prescription.IN_FORCE
    supply = selectors.supply_of(row)
    stops = what_stops(patient)
    overdue_at: datetime | None = row.visit_overdue_at  # type: ignore[attr-defined]
    waiting = request is not None and request.status in RefillRequest.WAITING
    return RefillFacts(
        in_treatment=row.chart.closed_at is None,
        prescribed=True,
        ended=row.status in _ENDED,
        in_force=in_force,
        issued_on=row.issued_on,
        today=clock.today(patient.zone, now),
        prescriber_today=clock.today(row.prescriber.zone, now),
        units_per_session=row.units_per_session,
        sessions_at_home=supply.sessions_at_home,
        days_left=_days(row, supply.sessions_at_home),
        left_to_ship=supply.left_to_ship,
        fills=row.fills,  # type: ignore[attr-defined]
        on_the_way=in_force and bool(row.waits),  # type: ignore[attr-defined]
        request=request.status if request is not None and waiting else "",
        expected_on=_expected_on(sessions, row, supply.sessions_at_home, policy),
        check_ins_open=int(check_in is not None),
        scores_due=_scores_due(patient, sessions, now=now, policy=policy),
        ledger_clean=selectors.ledger_of(patient).clean,
        paused=row.status == PrescriptionStatus.PAUSED,
        safety_hold="safety_hold" in stops,
        case_hold="case_hold" in stops,
        sign_unread=bool(row.unread) and selectors.sign_to_review(patient),  # type: ignore[attr-defined]
        visit_overdue=overdue_at is not None and visits.is_overdue(overdue_at, now),
        evaluation_due=visits.evaluation_due(
            approved_at=row.chart.approved_at, last_taken_at=_last_taken_at(sessions), now=now, policy=policy
        ),
        consents_in_force=consents.in_force(patient, Activity.ORDER, now) if agreed is None else agreed,
    )


def _last_taken_at(sessions: Iterable[DoseSession]) -> datetime | None:
    return max((row.started_at for row in sessions if row.started_at is not None), default=None)


def _days(row: Prescription, sessions: int) -> int:
    """How long so many sessions at home last at the ordered pace, as the ledger counts it."""
    gaps = GAPS[Frequency(row.frequency)]
    return days_left(units=sessions, units_per_session=1, days_between=Decimal(sum(gaps)) / len(gaps))


def _expected_on(sessions: Iterable[DoseSession], row: Prescription, at_home: int, policy: Policy) -> date | None:
    """The day of the session after which it is time to ask; None when it is time, or when too few are planned."""
    coming = [one for one in sessions if one.status in (SessionStatus.SCHEDULED, SessionStatus.RELEASED)]
    left = next(count for count in range(at_home, -1, -1) if is_time(count, _days(row, count), policy))
    taken = at_home - left
    return coming[taken - 1].local_day if 0 < taken <= len(coming) else None


def _scores_due(patient: Patient, sessions: Iterable[DoseSession], *, now: datetime, policy: Policy) -> bool:
    """Whether one of the questionnaires is due: every 2 sessions and at least every 14 days of a treatment."""
    done = [row.completed_at for row in sessions if row.completed_at is not None]
    if not done:
        return False
    rows = Assessment.objects.filter(patient=patient, instrument__in=_SCORES, total__isnull=False)
    newest = dict(rows.order_by().values_list("instrument").annotate(at=Max("taken_at")))
    for instrument in _SCORES:
        at = newest.get(instrument.value)
        days = (now - at).days if at is not None else None
        since = sum(1 for moment in done if at is None or moment > at)
        if questionnaire_due(sessions_since=since, days_since=days, policy=policy):
            return True
    return False


def waiting_requests(now: datetime) -> QuerySet[RefillRequest]:
    """Every request that a prescriber has to answer, the longest waiting first."""
    rows = RefillRequest.objects.filter(status__in=RefillRequest.WAITING, requested_at__lte=now)
    return rows.select_related("patient__user", "prescription__prescriber").order_by("requested_at", "pk")


def stray_requests() -> QuerySet[RefillRequest]:
    """Requests that nobody can answer any more: the treatment was stopped, or the chart was closed."""
    stopped = Q(prescription__status__in=_ENDED) | Q(prescription__chart__closed_at__isnull=False)
    return RefillRequest.objects.filter(stopped, status__in=RefillRequest.WAITING).order_by("requested_at")
