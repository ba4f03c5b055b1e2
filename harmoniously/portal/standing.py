"""Where one patient stands, read once for a whole page: every app is asked at most once, whatever the data size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from billing.selectors import evaluation_paid
from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import SafetyHold, SafetyPlan
from harmoniously.core.alerts.plans import newest_plan
from harmoniously.core.alerts.selectors import active_hold, case_holds
from harmoniously.core.documents.consents import selectors as consents
from harmoniously.core.documents.consents.rules import Activity, taken_back
from harmoniously.core.documents.consents.selectors import Standing as Agreement
from intake.amending import standing_on
from intake.models import EligibilityDecision, Submission, SubmissionStatus
from intake.selectors import standing_submissions
from telemedicine.models import Appointment, Review
from telemedicine.reviews.ladder import MEETINGS, promised_before
from telemedicine.reviews.turns import wrote_to_us
from telemedicine.selectors import visits_of
from treatment import selectors as treatment
from treatment.models import (
    Chart,
    CheckIn,
    Discharge,
    DoseSession,
    DueVisit,
    Preparation,
    Prescription,
    SessionStatus,
    Shipment,
)
from treatment.rules.phases import RHYTHMS
from treatment.selecting import phases
from treatment.selecting.check_ins import calls
from treatment.selecting.discharge import standing_discharges
from treatment.selecting.refills import NextSupply, next_supply

VISITS_READ = 12
# A prescriber has said something that the patient is to read.
TOLD = (Review.Status.DECIDED, Review.Status.ASKED, Review.Status.IN_PERSON)
VISIT_IS_NEAR = timedelta(minutes=30)


class AskedVisit(NamedTuple):
    """A visit that the treatment asks for: the kind of visit to book, and where it stands."""

    kind: str
    status: str


@dataclass
class Standing:
    """A patient at a moment; each part is read when it is first asked for."""

    patient: Patient
    now: datetime

    @cached_property
    def hold(self) -> SafetyHold | None:
        """What stops everything else."""
        return active_hold(self.patient)

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        """What is signed, and what waits for a signature."""
        return consents.standings(self.patient, self.now)

    @property
    def care_taken_back(self) -> bool:
        """Whether the patient took back what treatment rests on."""
        return bool(taken_back(consents.states(self.agreements), Activity.APPROVAL))

    @property
    def may_apply_again(self) -> bool:
        """Whether no refusal stands against new answers today."""
        refused = standing_on(self.decision, self.patient, self.now) if self.decision is not None else None
        return refused is None or refused.open

    @cached_property
    def stopped(self) -> bool:
        """Whether newer answers stopped the treatment."""
        return any(getattr(row, "held", False) for row in self._submissions.values())

    @cached_property
    def sessions(self) -> list[DoseSession]:
        """Every session, in order of time."""
        rows = treatment.sessions_of(self.patient).select_related("preparation").defer("preparation__intention")
        return list(rows.order_by("starts_at"))

    @property
    def session(self) -> DoseSession | None:
        """The session that matters now."""
        return treatment.next_of(self.sessions)

    @cached_property
    def check_ins(self) -> list[CheckIn]:
        """The check-ins that wait, the most pressing first; only planned sessions bring any."""
        running = self.session is not None and self.session.status == SessionStatus.STARTED
        supply = self.next_supply
        return [row for row in supply.check_ins if calls(row, running=running)] if supply is not None else []

    @cached_property
    def next_supply(self) -> NextSupply | None:
        """Where the next supply stands; nobody without a session needs one."""
        if not self.sessions:
            return None
        return next_supply(self.patient, self.now, sessions=self.sessions, with_request=False)

    @property
    def due_visit(self) -> AskedVisit | None:
        """The visit that the treatment asks for now."""
        row = next(iter(self._submissions.values()), None)
        kind = getattr(row, "due_kind", None)
        return AskedVisit(kind, str(getattr(row, "due_status", ""))) if kind else None

    @property
    def order_status(self) -> str:
        """How the newest signed order of the present treatment stands; empty without one."""
        return next((str(row.order or "") for row in self._submissions.values()), "")  # type: ignore[attr-defined]

    @property
    def discharge(self) -> UUID | None:
        """By what the treatment ended, until the patient has handed in new answers."""
        row = self._submissions.get(SubmissionStatus.SUBMITTED)
        if self.decision is None or self.ended_at is None or self.decision.decided_at > self.ended_at:
            return None
        return getattr(row, "ended", None)

    @property
    def ended_at(self) -> datetime | None:
        """When the newest treatment that ended did; what was paid, seen and decided before counts no more."""
        return next((getattr(row, "ended_at", None) for row in self._submissions.values()), None)

    @property
    def approved(self) -> bool:
        """Whether a prescriber approved the answers that count."""
        return self.review is not None and self.review.outcome == Review.Outcome.APPROVED

    @cached_property
    def parcel(self) -> Shipment | None:
        """The shipment that can be confirmed; nothing is ordered for somebody who was never in treatment."""
        return treatment.waiting_shipment(self.patient) if self._charted else None

    @cached_property
    def chart(self) -> Chart | None:
        """The present treatment, or the last one."""
        supply = self.next_supply
        order = supply.prescription if supply is not None else None
        if order is not None and order.chart.closed_at is None:
            return order.chart
        return phases.latest_chart(self.patient) if self._charted else None

    @property
    def may_choose_day(self) -> bool:
        """Whether medicine for a session is at home and the phase is one in which sessions are planned."""
        chart, supply = self.chart, self.next_supply
        if chart is None or chart.closed_at is not None or chart.status not in RHYTHMS:
            return False
        if supply is not None:
            return supply.facts.in_force and not supply.facts.paused and supply.facts.sessions_at_home > 0
        return bool(getattr(chart, "arrived", False))

    @cached_property
    def preparation(self) -> Preparation | None:
        """What is ticked off for the next session."""
        return getattr(self.session, "preparation", None)

    @cached_property
    def visits(self) -> list[Appointment]:
        """The newest visits, newest first."""
        return list(visits_of(self.patient)[:VISITS_READ])

    @property
    def visit(self) -> Appointment | None:
        """The booked visit that comes next, or is going on."""
        ahead = [row for row in self.visits if row.status == Appointment.Status.BOOKED and row.ends_at > self.now]
        return min(ahead, key=lambda row: row.starts_at, default=None)

    @property
    def visit_is_near(self) -> bool:
        """Whether the next visit begins within half an hour."""
        return self.visit is not None and self.visit.starts_at - self.now <= VISIT_IS_NEAR

    @property
    def was_seen(self) -> bool:
        """Whether the first visit took place, or its time is over; not that of a treatment that has ended."""
        counted = (Appointment.Status.BOOKED, Appointment.Status.COMPLETED)
        since = [row for row in self.visits if self.ended_at is None or row.starts_at > self.ended_at]
        return any(row.kind == Appointment.Kind.EVALUATION and row.status in counted for row in since)

    @property
    def answer_is_late(self) -> bool:
        """Whether the day by which the word after the visit was promised has passed, as the queue of cases has it."""
        day, decision = promised_before(self.now), self.decision
        held = (row for row in self.visits if row.kind in MEETINGS and row.status == Appointment.Status.COMPLETED)
        return decision is not None and decision.decided_at < day and any(row.starts_at < day for row in held)

    @cached_property
    def _submissions(self) -> dict[str, Submission]:
        held = Exists(case_holds().filter(patient=OuterRef("patient")))
        due = DueVisit.objects.filter(patient=OuterRef("patient"), status__in=DueVisit.WAITING).order_by()
        rows = standing_submissions(self.patient).select_related("decision__review", "decision__refusal")
        orders = Prescription.objects.filter(patient=OuterRef("patient"), chart__closed_at__isnull=True)
        orders = orders.filter(signed_at__isnull=False).order_by("-signed_at")
        rows = rows.annotate(
            held=held,
            answered=Exists(wrote_to_us("patient", "decision__review__asked_at")),
            order=Subquery(orders.values("status")[:1]),
            planned=Exists(SafetyPlan.objects.filter(patient=OuterRef("patient"))),
            charted=Exists(Chart.objects.filter(patient=OuterRef("patient"))),
            due_kind=Subquery(due.values("kind")[:1]),
            due_status=Subquery(due.values("status")[:1]),
            ended_at=Subquery(Discharge.objects.filter(patient=OuterRef("patient")).values("discharged_at")[:1]),
            ended=Subquery(standing_discharges().filter(patient=OuterRef("patient")).values("pk")[:1]),
        )
        return {row.status: row for row in rows}

    @property
    def _charted(self) -> bool:
        """Whether a treatment ever began: before that there is neither a chart nor a parcel to look for."""
        return any(getattr(row, "charted", False) for row in self._submissions.values())

    @property
    def has_plan(self) -> bool:
        """Whether a safety plan was written with the patient; it may be before there are any answers."""
        if not self._submissions:
            return newest_plan(self.patient) is not None
        return any(getattr(row, "planned", False) for row in self._submissions.values())

    @property
    def draft(self) -> Submission | None:
        """The answers the patient is working on."""
        return self._submissions.get(SubmissionStatus.DRAFT)

    @property
    def decision(self) -> EligibilityDecision | None:
        """The decision that counts."""
        return getattr(self._submissions.get(SubmissionStatus.SUBMITTED), "decision", None)

    @property
    def review(self) -> Review | None:
        """What a prescriber made of that decision."""
        return getattr(self.decision, "review", None)

    @property
    def told(self) -> Review | None:
        """What a prescriber said that the patient is to read; a question that they answered is over."""
        review, row = self.review, self._submissions.get(SubmissionStatus.SUBMITTED)
        if review is None or review.status not in TOLD:
            return None
        return None if review.status == Review.Status.ASKED and getattr(row, "answered", False) else review

    @cached_property
    def paid(self) -> bool:
        """Whether the evaluation is paid for."""
        return evaluation_paid(self.patient)
