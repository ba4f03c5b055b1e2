"""Where the next supply of a patient stands: the one answer that every page shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.common.columns import as_column
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
from treatment.models.refill import RefillRequestStatus
from treatment.policy import Policy
from treatment.rules import visits
from treatment.rules.calendar import GAPS, Frequency
from treatment.rules.ledger import Line, days_left
from treatment.rules.refill import Refill, RefillFacts, is_time, refill
from treatment.rules.rhythm import questionnaire_due
from treatment.selecting.check_ins import check_ins_due
from treatment.selecting.ledger import line_on, with_lines
from treatment.selecting.stops import marks, stops_on

_ENDED = (PrescriptionStatus.STOPPED, PrescriptionStatus.CANCELLED)
_ANSWERS = (RefillRequestStatus.DECLINED, RefillRequestStatus.OVERTAKEN)
_SCORES = (Assessment.Instrument.PHQ9, Assessment.Instrument.GAD7)


@dataclass(frozen=True)
class NextSupply:
    """The answer with what it came from. `request` is the newest one, also one that has ended; `line` counts units;
    `unread` says whether the patient has not read an answer yet that is not a supply, `asked_at` since when a request
    waits, `flags` the key of the session of each flagged check-in that no prescriber has read.
    """

    refill: Refill
    facts: RefillFacts
    prescription: Prescription | None
    request: RefillRequest | None
    check_ins: list[CheckIn]
    line: Line = Line()
    unread: bool = False
    asked_at: datetime | None = None
    flags: tuple[str, ...] = ()
    due_visit: DueVisit | None = None

    @property
    def waiting(self) -> RefillRequest | None:
        """The request that a prescriber has to answer."""
        request = self.request
        return request if request is not None and request.status in RefillRequest.WAITING else None

    def flags_of(self, session: DoseSession) -> tuple[str, ...]:
        """Its flagged check-ins that no prescriber has read, one item for each."""
        return tuple(key for key in self.flags if key == str(session.pk))

    @property
    def first(self) -> str:
        """The code of what a clinician does before any further dose; empty when nothing of that kind waits."""
        facts = self.facts
        waits = (
            ("safety_hold", facts.safety_hold),
            ("case_hold", facts.case_hold),
            ("sign_to_review", facts.sign_unread),
            ("supply_to_review", not facts.ledger_clean),
            ("unreleased_session", facts.unreleased),
        )
        return next((code for code, there in waits if there), "")

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
    with_request: bool = True,
) -> NextSupply:
    """Where the next supply stands now, in four queries; what a page has read already may be given.

    Without `with_request` the newest request is not read, only where it stands (`asked` and `unread`).
    """
    policy = policies.load()
    prescription = _newest_prescription(patient, now)
    if prescription is None:
        return NextSupply(refill(_NOTHING, policy), _NOTHING, None, None, [])
    known = list(sessions) if sessions is not None else list(selectors.sessions_of(patient).order_by("starts_at"))
    row: Any = prescription
    request, newest = None, row.requests[0] if row.requests else {"status": ""}
    if with_request and row.requests:
        asked = RefillRequest.objects.filter(patient=patient, prescription__chart=prescription.chart_id)
        request = asked.select_related("decided_by", "shipment").first()
    waiting = check_ins_due(patient, now) if row.unanswered else []
    line = line_on(prescription)
    facts = _facts(prescription, line, known, waiting, newest["status"], now=now, policy=policy)
    return NextSupply(
        refill(facts, policy),
        facts,
        prescription,
        request,
        waiting,
        line,
        unread=newest["status"] in _ANSWERS and newest["answer_read_at"] is None,
        asked_at=datetime.fromisoformat(newest["requested_at"]) if facts.request else None,
        flags=tuple(str(item["session"]) for item in row.flags_unread),
        due_visit=_due_visit(row),
    )


def _newest_prescription(patient: Patient, now: datetime) -> Prescription | None:
    """The newest signed one, with its chart and everything else that a refill depends on, in one query."""
    own = {"patient": OuterRef("patient")}
    check_ins, taken = CheckIn.objects.filter(**own), Assessment.objects.filter(**own, total__isnull=False)
    phq9, gad7 = (taken.filter(instrument=one).order_by("-taken_at").values("taken_at")[:1] for one in _SCORES)
    due = DueVisit.objects.filter(**own, status__in=DueVisit.WAITING)
    # Of this treatment: the answer of one that has ended is no news in the next.
    requests = RefillRequest.objects.filter(**own, prescription__chart=OuterRef("chart"))
    rows = with_lines(Prescription.objects.filter(patient=patient, signed_at__isnull=False)).annotate(
        due_visits=as_column(due, "kind", "status", "overdue_at"),
        requests=as_column(requests, "status", "requested_at", "answer_read_at", order="-requested_at", most=1),
        unanswered=Exists(check_ins.filter(status="open", due_at__lte=now)),
        phq9_at=Subquery(phq9),
        gad7_at=Subquery(gad7),
        acts=consents.acts_of("patient"),
        **marks(now),
    )
    found: Prescription | None = (
        rows.select_related("product", "prescriber__user", "chart", "patient__user").order_by("-signed_at").first()
    )
    return found


def _facts(
    row: Any,
    line: Line,
    sessions: list[DoseSession],
    check_ins: list[CheckIn],
    asked: str,
    *,
    now: datetime,
    policy: Policy,
) -> RefillFacts:
    """The facts from what `_newest_prescription` read, of the patient's and the prescriber's day."""
    patient, in_force, stops = row.patient, row.status in Prescription.IN_FORCE, stops_on(row)
    at_home, due = line.at_home // row.units_per_session, _due_visit(row)
    parcels = [parcel["status"] for parcel in row.parcel_units]
    last = max((one.started_at for one in sessions if one.started_at is not None), default=None)
    return RefillFacts(
        in_treatment=row.chart.closed_at is None,
        prescribed=True,
        ended=row.status in _ENDED,
        in_force=in_force,
        issued_on=row.issued_on,
        today=clock.today(patient.zone, now),
        prescriber_today=clock.today(row.prescriber.zone, now),
        units_per_session=row.units_per_session,
        sessions_at_home=at_home,
        days_left=_days(row, at_home),
        left_to_ship=line.left_to_ship,
        fills=sum(1 for status in parcels if status != ShipmentStatus.CANCELLED),
        on_the_way=in_force and any(status in Shipment.COMING for status in parcels),
        request=asked if asked in RefillRequest.WAITING else "",
        expected_on=_expected_on(sessions, row, at_home, policy),
        check_ins_open=len(check_ins),
        scores_due=_scores_due((row.phq9_at, row.gad7_at), sessions, now=now, policy=policy),
        ledger_clean=line.balances and "supply_to_review" not in stops,
        paused=row.status == PrescriptionStatus.PAUSED,
        safety_hold="safety_hold" in stops,
        case_hold="case_hold" in stops,
        sign_unread="sign_to_review" in stops,
        unreleased="unreleased_session" in stops,
        visit_overdue=due is not None and visits.is_overdue(due.overdue_at, now),
        evaluation_due=visits.evaluation_due(
            approved_at=row.chart.approved_at, last_taken_at=last, now=now, policy=policy
        ),
        consents_in_force=consents.in_force_by(row.acts, patient, Activity.ORDER, now),
    )


def _due_visit(row: Any) -> DueVisit | None:
    """The one visit that is due, as far as it was read."""
    for found in row.due_visits:
        return DueVisit(**{**found, "overdue_at": datetime.fromisoformat(found["overdue_at"])})
    return None


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


def _scores_due(
    taken_at: Iterable[datetime | None], sessions: Iterable[DoseSession], *, now: datetime, policy: Policy
) -> bool:
    """Whether one of the questionnaires is due: every 2 sessions and at least every 14 days of a treatment."""
    done = [row.completed_at for row in sessions if row.completed_at is not None]
    return bool(done) and any(
        questionnaire_due(
            sessions_since=sum(1 for moment in done if at is None or moment > at),
            days_since=(now - at).days if at is not None else None,
            policy=policy,
        )
        for at in taken_at
    )


def waiting_requests(now: datetime) -> QuerySet[RefillRequest]:
    """Every request that a prescriber has to answer, the longest waiting first."""
    rows = RefillRequest.objects.filter(status__in=RefillRequest.WAITING, requested_at__lte=now)
    return rows.select_related("patient__user", "prescription__prescriber").order_by("requested_at", "pk")


def stray_requests() -> QuerySet[RefillRequest]:
    """Requests that nobody can answer any more: the treatment was stopped, or the chart was closed."""
    stopped = Q(prescription__status__in=_ENDED) | Q(prescription__chart__closed_at__isnull=False)
    return RefillRequest.objects.filter(stopped, status__in=RefillRequest.WAITING).order_by("requested_at")
