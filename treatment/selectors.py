"""Questions about a patient's treatment. Everything reads; nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When, prefetch_related_objects

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common import clock
from treatment.models import (
    Chart,
    DoseSession,
    Handover,
    Pause,
    Pharmacy,
    Plan,
    Prescription,
    Product,
    SessionEvent,
    SessionEventKind,
    SessionStatus,
    Shipment,
    ShipmentStatus,
    SitterInvitation,
    Vital,
    VitalPhase,
)
from treatment.policy import Policy
from treatment.rules import law
from treatment.rules.ledger import Line
from treatment.rules.readiness import Reading, round_passes
from treatment.rules.reasons import Reason, Weight, reason
from treatment.rules.safety import Measured, SessionFacts
from treatment.rules.supply import Supply, check_take
from treatment.selecting.ledger import Ledger, ledger_of, line_of, supply_to_review

__all__ = ["Ledger", "ledger_of", "line_of", "supply_to_review"]


def open_chart_of(patient: Patient) -> Chart | None:
    """The open chart, or None before approval and after the end."""
    return Chart.objects.filter(patient=patient, closed_at__isnull=True).first()


def products() -> QuerySet[Product]:
    """What may be prescribed now."""
    return Product.objects.filter(enabled=True)


def draft_of(patient: Patient) -> Prescription | None:
    """The one prescription draft of a patient."""
    return Prescription.objects.select_related("product", "prescriber").filter(patient=patient, status="draft").first()


def prescription_in_force(patient: Patient) -> Prescription | None:
    """The signed prescription that sessions are taken under, or None."""
    rows = Prescription.objects.select_related("product", "prescriber")
    return rows.filter(patient=patient, status__in=Prescription.IN_FORCE).first()


def standing_prescription(patient: Patient) -> Prescription | None:
    """The prescription in force, or the one that is paused."""
    rows = Prescription.objects.select_related("chart", "product", "prescriber")
    return rows.filter(patient=patient, status__in=Prescription.STANDING).first()


def prescriptions_of(patient: Patient) -> QuerySet[Prescription]:
    """All prescriptions, newest first."""
    return Prescription.objects.select_related("product", "prescriber__user").filter(patient=patient)


def supply_of(prescription: Prescription, line: Line | None = None) -> Supply:
    """What was prescribed, sent, delivered, taken and what became of the rest, in units; a line read serves."""
    line = line or line_of(prescription)
    return Supply(
        prescribed=line.prescribed,
        shipped=line.at_pharmacy + line.shipped,
        delivered=line.delivered,
        taken=line.taken,
        units_per_session=prescription.units_per_session,
        strength_mg=prescription.strength_mg,
        gone=line.gone,
    )


def prescription_reasons(
    prescription: Prescription, supply: Supply, *, today: date, policy: Policy
) -> tuple[Reason, ...]:
    """Why no session may be taken under this prescription on this local day; empty when one may."""
    if prescription.status not in Prescription.IN_FORCE or prescription.issued_on is None:
        return (reason("prescription_not_valid", Weight.REFUSE),)
    return (*law.check_unexpired(prescription.issued_on, today, policy), *check_take(supply))


def licences_of(clinician: Clinician) -> list[law.LicenceFacts]:
    """The clinician's licences as the law rules read them; read once for each clinician in hand."""
    prefetch_related_objects([clinician], "licences")
    return [law.LicenceFacts(row.state, row.number, row.expires_on) for row in clinician.licences.all()]


def waiting_shipments(patient: Patient) -> QuerySet[Shipment]:
    """The parcels that can be confirmed as arrived: a pharmacy has the order, or sent it before the order ended.

    Those of the order that stands come first: an older one never takes the word for them.
    """
    rows = Shipment.objects.select_related("prescription__product").filter(patient=patient, status__in=Shipment.COMING)
    rows = rows.filter(Exists(Handover.objects.filter(prescription=OuterRef("prescription"))))
    coming = rows.filter(Q(prescription__status__in=Prescription.STANDING) | Q(status=ShipmentStatus.SHIPPED))
    old = Case(When(prescription__status__in=Prescription.STANDING, then=0), default=1)
    return coming.order_by(old, "ordered_at", "number")


def waiting_shipment(patient: Patient) -> Shipment | None:
    """The first of them."""
    return waiting_shipments(patient).first()


def called_off(patient: Patient) -> QuerySet[Shipment]:
    """Parcels that a pharmacy was asked to stop, the newest first: one may have left before it heard of that."""
    rows = Shipment.objects.select_related("prescription__product").filter(patient=patient)
    given = Exists(Handover.objects.filter(prescription=OuterRef("prescription")))
    return rows.filter(given, status=ShipmentStatus.CANCELLED).order_by("-ordered_at", "-number")


def pause_of(patient: Patient) -> Pause | None:
    """The pause that is open, or None."""
    return Pause.objects.filter(patient=patient, ended_at__isnull=True).first()


def pharmacies() -> QuerySet[Pharmacy]:
    """Who takes orders now."""
    return Pharmacy.objects.filter(enabled=True)


def last_delivery(prescription: Prescription) -> Shipment | None:
    """The first shipment that arrived, or None: no session is planned before it."""
    return (
        Shipment.objects.filter(prescription=prescription, status=ShipmentStatus.DELIVERED)
        .order_by("delivered_at")
        .first()
    )


def active_plan(patient: Patient) -> Plan | None:
    """The plan in force."""
    return Plan.objects.select_related("prescription__product").filter(patient=patient, status="active").first()


def sessions_of(patient: Patient) -> QuerySet[DoseSession]:
    """All sessions in order of time."""
    rows = DoseSession.objects.select_related("prescription__product", "prescription__prescriber", "plan")
    return rows.filter(patient=patient)


def next_session(patient: Patient) -> DoseSession | None:
    """The session that matters now: the running one, else the next one that is planned, ready or held."""
    return next_of(sessions_of(patient).filter(status__in=DoseSession.OPEN).order_by("starts_at"))


def next_of(sessions: Iterable[DoseSession]) -> DoseSession | None:
    """The same among sessions that were read already, in order of time."""
    waiting = [row for row in sessions if row.status in DoseSession.OPEN]
    running = [row for row in waiting if row.status == SessionStatus.STARTED]
    return next(iter(running or waiting), None)


def last_taken(patient: Patient) -> DoseSession | None:
    """The newest session that was started: its start is what the 72 hours count from."""
    rows = DoseSession.objects.filter(patient=patient, status__in=DoseSession.TAKEN)
    return rows.order_by("-started_at").first()


def gate_opens_at(session: DoseSession) -> datetime:
    """The gate is open on the local day of the session, from its first minute."""
    local = clock.local(session.starts_at, session.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def gate_closes_at(session: DoseSession, policy: Policy) -> datetime:
    """Not begun by then, the session is missed."""
    return session.starts_at + timedelta(hours=policy.gate.closes_hours_after)


def live_invitation(session: DoseSession) -> SitterInvitation | None:
    """The sitter's invitation that counts, confirmed or not."""
    return SitterInvitation.objects.filter(session=session, revoked_at__isnull=True).first()


def gate_readings(session: DoseSession) -> list[Vital]:
    """The readings of the current run of the gate, in order."""
    return list(
        Vital.objects.filter(session=session, phase=VitalPhase.GATE, attempt=session.gate_attempt).order_by(
            "round", "place"
        )
    )


def rounds(readings: list[Vital]) -> tuple[tuple[Reading, ...], ...]:
    """The readings as the gate's rules read them: one tuple per round."""
    numbers = sorted({row.round for row in readings})
    return tuple(
        tuple(
            Reading(row.taken_at, row.systolic, row.diastolic, row.heart_rate)
            for row in readings
            if row.round == number
        )
        for number in numbers
    )


def day_rounds(session: DoseSession, *, now: datetime, policy: Policy) -> tuple[tuple[Reading, ...], ...]:
    """The rounds of this run of the gate, after those of the same local day that were too high.

    A pause, another hour or another session of the day begins the gate anew; it does not give more repeats.
    """
    since = clock.local(now, session.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = Vital.objects.filter(patient=session.patient, phase=VitalPhase.GATE)
    this_run = Q(session=session, attempt=session.gate_attempt)
    own: list[Vital] = []
    earlier: dict[tuple[UUID | None, int, int], list[Vital]] = {}
    for row in taken.filter(this_run | Q(taken_at__gte=since)).order_by("taken_at", "place"):
        if (row.session_id, row.attempt) == (session.pk, session.gate_attempt):
            own.append(row)
        else:
            earlier.setdefault((row.session_id, row.attempt, row.round), []).append(row)
    high = [found for rows in earlier.values() for found in rounds(rows) if not round_passes(found, policy.gate)]
    own.sort(key=lambda row: (row.round, row.place))
    return (*high, *rounds(own))


def held_days(patient: Patient) -> frozenset[date]:
    """The local days on which a session of this patient was held: nothing is taken on them any more."""
    rows = DoseSession.objects.filter(patient=patient, held_at__isnull=False).values_list("held_at", "zone")
    return frozenset(clock.local(held_at, zone).date() for held_at, zone in rows if held_at is not None)


def session_facts(session: DoseSession) -> SessionFacts:
    """A started session as the safety rules read it; ValueError for one that was not started."""
    if session.started_at is None:
        raise ValueError("This session was not started.")
    vitals = list(session.vitals.order_by("taken_at"))
    before = [row for row in vitals if row.phase == VitalPhase.GATE and row.attempt == session.gate_attempt]
    baseline = before[-1] if before else None
    return SessionFacts(
        started_at=session.started_at,
        baseline=Measured(baseline.taken_at, baseline.systolic, baseline.diastolic) if baseline else None,
        readings=tuple(
            Measured(row.taken_at, row.systolic, row.diastolic) for row in vitals if row.phase != VitalPhase.GATE
        ),
        sitter_checks=tuple(session.sitter_checks.values_list("taken_at", flat=True)),
        released_at=session.sitter_released_at,
    )


def taps_of(session: DoseSession) -> QuerySet[SessionEvent]:
    """How the patient said it felt, and calls for help, in the order in which they happened."""
    return session.events.filter(kind__in=(SessionEventKind.NOTE, SessionEventKind.HELP)).order_by("at")


@dataclass(frozen=True)
class PatientFacts:
    """What the guard-rails need to know about a patient, from the chart and the record."""

    age: int
    weight_kg: Decimal | None
    cyp_inhibitor: bool | None
    previous_mg: Decimal | None
    previous_reviewed: bool
    first_prescription: bool
    evaluation_due: bool
