"""Where a treatment stands: its phase, what was taken in it, who decided what, and whose review is due."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from harmoniously.core.accounts.models import CareRelation, Clinician, Patient
from harmoniously.core.common import clock
from treatment.models import Chart, DoseSession, PhaseChange, PhaseChoice, Prescription, Shipment, ShipmentStatus
from treatment.policy import Policy
from treatment.rules import phases
from treatment.rules.calendar import Frequency
from treatment.rules.phases import Phase, Standing
from treatment.rules.reasons import Reason, Weight


def latest_chart(patient: Patient) -> Chart | None:
    """The chart of the present treatment, else of the last one; None before any approval.

    `arrived` says whether medicine of the prescription in force came to the patient.
    """
    arrived = Shipment.objects.filter(
        patient=OuterRef("patient"),
        prescription__status__in=Prescription.IN_FORCE,
        status=ShipmentStatus.DELIVERED,
    )
    rows = Chart.objects.filter(patient=patient).annotate(arrived=Exists(arrived))
    return rows.order_by(F("closed_at").desc(nulls_first=True)).first()


def changes_of(patient: Patient) -> QuerySet[PhaseChange]:
    """Every decision about the phase, newest first, of all treatments."""
    return PhaseChange.objects.select_related("by").filter(patient=patient)


def standing_of(chart: Chart) -> Standing:
    """The phase as the rules read it."""
    rows = DoseSession.objects.filter(patient=chart.patient_id, started_at__gte=chart.since)
    return standing_in(chart, rows)


def standing_in(chart: Chart, sessions: Iterable[DoseSession]) -> Standing:
    """The same from the patient's sessions that were read already."""
    taken = [row.local_day for row in sessions if row.started_at is not None and row.started_at >= chart.since]
    return Standing(Phase(chart.status), tuple(sorted(taken)))


def rhythm_of(chart: Chart, prescription: Prescription) -> Frequency:
    """How often sessions may come now. ValueError in a phase in which nothing is planned."""
    phase = Phase(chart.status)
    if phase not in phases.RHYTHMS:
        raise ValueError(f"nothing is planned in {phase}")
    chosen = Frequency(chart.rhythm) if chart.rhythm else None
    return phases.rhythm_of(phase, Frequency(prescription.frequency), chosen)


def proposals(standing: Standing, today: date, policy: Policy) -> tuple[Reason, ...]:
    """What the rules propose to the prescriber, and what of the sessions taken does not fit the phase."""
    return (*phases.review_due(standing, today, policy), *phases.check_pace(standing, today, policy))


def to_decide(clinician: Clinician, now: datetime, policy: Policy) -> list[tuple[Chart, str]]:
    """The clinician's patients whose phase waits for a decision, with the code of why, those in review first."""
    cared = CareRelation.objects.filter(clinician=clinician, since__lte=now).exclude(until__lte=now)
    rows = Chart.objects.select_related("patient__user").filter(
        closed_at__isnull=True,
        status__in=(PhaseChoice.REVIEW, PhaseChoice.INDUCTION),
        patient__in=cared.values("patient"),
    )
    found = [(row, "in_review") for row in rows if row.status == PhaseChoice.REVIEW]
    begun = [row for row in rows if row.status == PhaseChoice.INDUCTION]
    for row, standing in zip(begun, _standings(begun), strict=True):
        due = phases.review_due(standing, clock.today(row.patient.zone, now), policy)
        found += [(row, item.code) for item in due[:1] if item.weight is Weight.ASK]
    return found


def _standings(charts: list[Chart]) -> list[Standing]:
    """The same as standing_of for many charts, in one query."""
    rows: dict[object, list[DoseSession]] = {}
    for row in DoseSession.objects.filter(
        patient__in=[chart.patient_id for chart in charts], status__in=DoseSession.TAKEN
    ):
        rows.setdefault(row.patient_id, []).append(row)
    return [standing_in(chart, rows.get(chart.patient_id, ())) for chart in charts]
