"""Today's facts about an order: what was measured, reported and said since the approval, from the picture."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common import clock
from treatment import selectors
from treatment.models import Chart, Product, VitalPhase
from treatment.policy import Policy
from treatment.rules.law import check_licence
from treatment.rules.reasons import Reason, Weight
from treatment.rules.today import PAUSED, Pressure, TodayFacts, check_today
from treatment.said import CaseSaid, medicines_in, pressures_in
from treatment.selecting.ledger import line_on
from treatment.selecting.picture import Picture


def newer_case(chart: Chart | None, said: CaseSaid | None) -> CaseSaid | None:
    """Answers that came after the chart's facts were confirmed; None when those are the newest."""
    return said if said is not None and (chart is None or said.at > chart.confirmed_at) else None


def medicines_now(chart: Chart | None, said: CaseSaid | None) -> tuple[str, ...] | None:
    """Every medicine on the approved list or the newest one; None when no list was ever answered."""
    newer = newer_case(chart, said)
    lists = [medicines_in(facts) for facts in (chart.facts if chart else {}, newer.facts if newer else {})]
    known = [names for names in lists if names is not None]
    return tuple(name for names in known for name in names) if known else None


def facts_today(
    picture: Picture, *, product: Product | None, visit_state: str, prescriber: Clinician, policy: Policy
) -> TodayFacts:
    """What the rules of today are asked about."""
    patient, chart, said = picture.patient, picture.chart, picture.said
    newer = newer_case(chart, said)
    approved = medicines_in(chart.facts) if chart else None
    named = medicines_in(newer.facts) if newer else None
    known = {name.casefold() for name in approved or ()}
    today, paused_at = clock.today(prescriber.zone, picture.at), picture.paused_at
    home = check_licence(selectors.licences_of(prescriber), visit_state=patient.state, today=today)
    return TodayFacts(
        today=clock.today(patient.zone, picture.at),
        newer=newer.findings if newer else (),
        new_medicines=tuple(name for name in named or () if name.casefold() not in known),
        reported=_reported(picture),
        pressures=tuple(_pressures(picture, newer, policy)),
        visit_state=visit_state,
        said_state=said.visit_state if said else "",
        home_state=patient.state,
        licensed_at_home=not home,
        sign_to_review="sign_to_review" in picture.stops,
        supply_to_review="supply_to_review" in picture.stops,
        left_over=_left_over(picture, product),
        paused_on=clock.local(paused_at, patient.zone).date() if paused_at else None,
    )


def to_read(picture: Picture, prescriber: Clinician, policy: Policy) -> dict[str, Reason]:
    """What every page of an order shows of today, whatever is typed, and a written reason may answer.

    By marks that the page sends back: what it had not shown nobody has answered.
    """
    facts = facts_today(picture, product=None, visit_state="", prescriber=prescriber, policy=policy)
    found = [item for item in check_today(facts, policy) if item.weight is not Weight.NOTE or item.code == PAUSED]
    return marks_of(found)


def marks_of(shown: Iterable[Reason]) -> dict[str, Reason]:
    """What a page shows by marks that it sends back. Two reports of one day say the same, and each has its own."""
    found: dict[str, Reason] = {}
    for item in shown:
        digest = hashlib.sha256(repr(item.facts).encode()).hexdigest()[:8]
        number = sum(item == other for other in found.values()) + 1
        found[f"{item.code}.{digest}.{number}"] = item
    return found


def _reported(picture: Picture) -> tuple[tuple[str, date], ...]:
    """What was reported since the facts were confirmed and since the newest order, which thought of it before."""
    moments = [picture.chart.confirmed_at] if picture.chart else []
    moments += [row.signed_at for row in picture.signed if row.signed_at is not None]
    since, zone = max(moments, default=None), picture.patient.zone
    return tuple((code, clock.local(at, zone).date()) for at, code in picture.reported if since is None or at > since)


def _pressures(picture: Picture, newer: CaseSaid | None, policy: Policy) -> list[Pressure]:
    """Readings at rest: of the newest answers and before each dose; after a dose it is another matter."""
    facts: Any = newer.facts if newer else picture.chart.facts if picture.chart else {}
    found = pressures_in(facts, "case")
    since = picture.at - timedelta(days=policy.dosing.pressure_recent_days + 1)
    for row in picture.measured:
        read = row.read
        if row.phase == VitalPhase.GATE and since <= read.taken_at <= picture.at:
            day = clock.local(read.taken_at, picture.patient.zone).date()
            found.append(Pressure(day, read.systolic, read.diastolic, "readiness"))
    return found


def _left_over(picture: Picture, product: Product | None) -> int:
    """Units of other products that should still be at home."""
    return sum(line_on(row).at_home for row in picture.signed if product is None or row.product_id != product.pk)
