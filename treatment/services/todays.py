"""Today's facts about an order: read from what was measured, reported and said since the approval."""

from datetime import date, datetime, timedelta
from typing import Any

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common import clock
from treatment import selectors
from treatment.models import Chart, Prescription, Product, Report, Vital, VitalPhase
from treatment.policy import Policy
from treatment.rules.law import check_licence
from treatment.rules.today import Pressure, TodayFacts
from treatment.said import CaseSaid, medicines_in, newest_said, pressures_in
from treatment.selecting.check_ins import sign_to_review
from treatment.selecting.ledger import line_on, with_lines


def newer_case(patient: Patient, chart: Chart | None) -> CaseSaid | None:
    """Answers that came after the chart's facts were confirmed; None when those are the newest."""
    return _since(chart, newest_said(patient))


def _since(chart: Chart | None, said: CaseSaid | None) -> CaseSaid | None:
    return said if said is not None and (chart is None or said.at > chart.confirmed_at) else None


def medicines_now(patient: Patient, chart: Chart | None) -> tuple[str, ...] | None:
    """Every medicine on the approved list or the newest one; None when no list was ever answered."""
    newer = newer_case(patient, chart)
    lists = [medicines_in(facts) for facts in (chart.facts if chart else {}, newer.facts if newer else {})]
    known = [names for names in lists if names is not None]
    return tuple(name for names in known for name in names) if known else None


def facts_today(
    *, patient: Patient, product: Product | None, visit_state: str, prescriber: Clinician, now: datetime, policy: Policy
) -> TodayFacts:
    """What the rules of today are asked about."""
    chart = selectors.open_chart_of(patient)
    said = newest_said(patient)
    newer = _since(chart, said)
    approved = medicines_in(chart.facts) if chart else None
    named = medicines_in(newer.facts) if newer else None
    known = {name.casefold() for name in approved or ()}
    today, pause = clock.today(prescriber.zone, now), selectors.pause_of(patient)
    home = check_licence(selectors.licences_of(prescriber), visit_state=patient.state, today=today)
    return TodayFacts(
        today=clock.today(patient.zone, now),
        newer=newer.findings if newer else (),
        new_medicines=tuple(name for name in named or () if name.casefold() not in known),
        reported=_reported(patient, chart),
        pressures=tuple(_pressures(patient, chart, newer, now=now, policy=policy)),
        visit_state=visit_state,
        said_state=said.visit_state if said else "",
        home_state=patient.state,
        licensed_at_home=not home,
        sign_to_review=sign_to_review(patient),
        supply_to_review=selectors.supply_to_review(patient),
        left_over=_left_over(patient, product),
        paused_on=clock.local(pause.paused_at, patient.zone).date() if pause else None,
    )


def _reported(patient: Patient, chart: Chart | None) -> tuple[tuple[str, date], ...]:
    """What was reported since the facts were confirmed and since the newest order, which thought of it before."""
    signed = Prescription.objects.filter(patient=patient, signed_at__isnull=False).order_by("-signed_at")
    moments = [chart.confirmed_at] if chart else []
    moments += [at for at in signed.values_list("signed_at", flat=True)[:1] if at is not None]
    rows = Report.objects.filter(patient=patient)
    if moments:
        rows = rows.filter(at__gt=max(moments))
    return tuple((row.code, clock.local(row.at, patient.zone).date()) for row in rows)


def _pressures(
    patient: Patient, chart: Chart | None, newer: CaseSaid | None, *, now: datetime, policy: Policy
) -> list[Pressure]:
    """Readings at rest: of the newest answers and before each dose; after a dose it is another matter."""
    facts: Any = newer.facts if newer else chart.facts if chart else {}
    found = pressures_in(facts, "case")
    since = now - timedelta(days=policy.dosing.pressure_recent_days + 1)
    taken = Vital.objects.filter(patient=patient, phase=VitalPhase.GATE, taken_at__gte=since, taken_at__lte=now)
    for row in taken.order_by("taken_at"):
        day = clock.local(row.taken_at, patient.zone).date()
        found.append(Pressure(day, row.systolic, row.diastolic, "readiness"))
    return found


def _left_over(patient: Patient, product: Product | None) -> int:
    """Units of other products that should still be at home."""
    rows = with_lines(Prescription.objects.filter(patient=patient, signed_at__isnull=False))
    return sum(line_on(row).at_home for row in rows if product is None or row.product_id != product.pk)
