"""From a prescriber's form to a checked order: the same checks when it is typed, saved and signed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import prefetch_related_objects

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.common import clock
from treatment import policy as policies
from treatment import selectors
from treatment.models import Chart, Product
from treatment.policy import Policy
from treatment.rules import calendar, dosing, law, visits
from treatment.rules.reasons import Reason, Weight, reason
from treatment.rules.today import PAUSED, TodayFacts, check_today
from treatment.said import CaseSaid
from treatment.selecting.picture import Picture
from treatment.services.todays import facts_today, medicines_now


@dataclass(frozen=True)
class Order:
    """What a prescriber typed."""

    product: Product
    units_per_session: int
    quantity_units: int
    first_shipment_units: int
    frequency: str
    directions: str
    visit_state: str
    refills: int = 0
    written_reason: str = ""
    in_person_visit_on: date | None = None
    pdmp_state: str = ""
    pdmp_checked_at: datetime | None = None
    pdmp_result: str = ""

    @property
    def mg_per_session(self) -> Decimal:
        """Strength times units, mg."""
        return self.product.strength_mg * self.units_per_session

    @property
    def days_supply(self) -> int:
        """Days that the quantity lasts."""
        gaps = calendar.GAPS[calendar.Frequency(self.frequency)]
        return dosing.days_supply(
            quantity_units=self.quantity_units,
            units_per_session=self.units_per_session,
            days_between=Decimal(sum(gaps)) / len(gaps),
        )


@dataclass(frozen=True)
class OrderCheck:
    """Everything the form shows beside the order: guard-rails, law, today's facts, and the usual range."""

    dose: dosing.DoseCheck
    law: tuple[Reason, ...]
    today: tuple[Reason, ...]
    usual: dosing.StartRange | None
    facts: selectors.PatientFacts
    known: TodayFacts
    written: bool
    # Said, measured or paused since the draft was saved: its written reason was not about that.
    unread: tuple[Reason, ...] = ()

    @property
    def asked(self) -> tuple[Reason, ...]:
        """What asks for a written reason; empty when there is one."""
        found = (*self.dose.reasons, *self.today)
        return () if self.written else tuple(item for item in found if item.weight is Weight.ASK)

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """What keeps this order from being signed."""
        dose, today = (
            tuple(item for item in reasons if item.weight is Weight.REFUSE)
            for reasons in (self.dose.reasons, self.today)
        )
        outdated = (reason("draft_outdated", Weight.REFUSE, "design I8"),) if self.unread else ()
        return (*dose, *self.law, *today, *self.asked, *outdated)

    def since(self, decision: Mapping[str, Any]) -> "OrderCheck":
        """The same check of a draft that was saved with this decision: what asks for a reason now and did not then.

        A pause is told of too, because the signature would end it.
        """
        stored = (*decision.get("dose", ()), *decision.get("today", ()))
        then = Counter((item["code"], tuple(sorted(item["facts"].items()))) for item in stored)
        asking = [
            item for item in (*self.dose.reasons, *self.today) if item.weight is Weight.ASK or item.code == PAUSED
        ]
        new = Counter((item.code, item.facts) for item in asking) - then
        return replace(self, unread=tuple(item for item in asking if (item.code, item.facts) in new))


def facts_of(picture: Picture) -> selectors.PatientFacts:
    """What the guard-rails need, from the record and the open chart; an unknown age counts as the older one."""
    patient, chart, now = picture.patient, picture.chart, picture.at
    facts: dict[str, Any] = chart.facts if chart else {}
    # Also one that never ended: what was taken is what a step up is measured against.
    last = picture.last
    return selectors.PatientFacts(
        age=_age(patient, clock.today(patient.zone, now)),
        weight_kg=_decimal(facts.get("weight_kg")),
        cyp_inhibitor=_cyp_inhibitor(chart, picture.said),
        previous_mg=last.mg if last else None,
        previous_reviewed=last is not None and last.reviewed_at is not None,
        first_prescription=not any(row.chart_id == chart.pk for row in picture.signed) if chart else not picture.signed,
        evaluation_due=chart is not None
        and visits.evaluation_due(
            approved_at=chart.approved_at,
            last_taken_at=last.started_at if last else None,
            now=now,
            policy=policies.load(),
        ),
    )


def _age(patient: Patient, today: date) -> int:
    born = patient.date_of_birth
    if born is None:
        # Absent data never raises a dose: treated as 65 and over.
        return 150
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None


def _cyp_inhibitor(chart: Chart | None, said: CaseSaid | None) -> bool | None:
    """Whether a medicine of the approved or of the newest list raises the exposure; None when no list was answered."""
    given = chart.facts.get("cyp_inhibitor") if chart else None
    found = dosing.takes_cyp_inhibitor(medicines_now(chart, said))
    return True if found else given if isinstance(given, bool) else found


def dose_order(order: Order, facts: selectors.PatientFacts, *, second_prescriber: bool) -> dosing.DoseOrder:
    """The order as the dosing rules read it."""
    return dosing.DoseOrder(
        strength_mg=order.product.strength_mg,
        units_per_session=order.units_per_session,
        quantity_units=order.quantity_units,
        first_shipment_units=order.first_shipment_units,
        age=facts.age,
        weight_kg=facts.weight_kg,
        cyp_inhibitor=facts.cyp_inhibitor,
        previous_mg=facts.previous_mg,
        previous_reviewed=facts.previous_reviewed,
        written_reason=order.written_reason,
        second_prescriber=second_prescriber,
        product_enabled=order.product.enabled,
        directions=order.directions,
    )


def check_order(
    picture: Picture, *, order: Order, prescriber: Clinician, second_prescriber: bool, policy: Policy
) -> OrderCheck:
    """Every guard-rail of policy section 8, today's facts (5, 7, 9) and the law of section 10 on this order, now."""
    prefetch_related_objects([prescriber], "licences")
    facts = facts_of(picture)
    asked = dose_order(order, facts, second_prescriber=second_prescriber)
    known = facts_today(
        picture, product=order.product, visit_state=order.visit_state, prescriber=prescriber, policy=policy
    )
    return OrderCheck(
        dose=dosing.check_order(asked, policy),
        today=check_today(known, policy),
        facts=facts,
        known=known,
        written=bool(order.written_reason.strip()),
        law=(
            *law_reasons(picture, order=order, prescriber=prescriber, first=facts.first_prescription, policy=policy),
            *_seen_reasons(facts, policy),
        ),
        usual=dosing.start_range(asked, policy) if facts.previous_mg is None else None,
    )


def _seen_reasons(facts: selectors.PatientFacts, policy: Policy) -> tuple[Reason, ...]:
    if not facts.evaluation_due:
        return ()
    weeks = policy.dosing.new_evaluation_after_weeks
    source = policy.source("dosing.new_evaluation_after_weeks")
    return (reason("evaluation_due", Weight.REFUSE, source, weeks=weeks),)


@dataclass(frozen=True)
class Computed:
    """What follows from an order: sessions, milligrams, days, the limits of the policy, and expiry if signed now."""

    mg_per_session: Decimal
    units_per_session: int
    sessions: int
    total_mg: Decimal
    days_supply: int
    most_first_units: int
    most_refills: int
    last_fill_day: date


def computed(order: Order, prescriber: Clinician, *, now: datetime, policy: Policy) -> Computed:
    """The numbers that the form shows beside what was typed."""
    most = policy.dosing.first_shipment_sessions * order.units_per_session
    return Computed(
        mg_per_session=order.mg_per_session,
        units_per_session=order.units_per_session,
        sessions=order.quantity_units // order.units_per_session,
        total_mg=order.product.strength_mg * order.quantity_units,
        days_supply=order.days_supply,
        most_first_units=min(most, order.quantity_units),
        most_refills=policy.law.refill_count,
        last_fill_day=law.last_fill_day(clock.today(prescriber.zone, now), policy),
    )


def law_reasons(
    picture: Picture, *, order: Order, prescriber: Clinician, first: bool, policy: Policy
) -> tuple[Reason, ...]:
    """What the law, a safety hold or a missing consent has against signing this order now."""
    patient, now = picture.patient, picture.at
    today = clock.today(prescriber.zone, now)
    pdmp = law.PdmpRecord(order.pdmp_state, order.pdmp_checked_at, order.pdmp_result)
    found: list[Reason] = [
        *law.check_dea_number(prescriber.dea_number),
        *(law.check_npi(prescriber.npi) if prescriber.npi else ()),
        *law.check_licence(selectors.licences_of(prescriber), visit_state=order.visit_state, today=today),
        *law.check_refill_count(order.refills, policy),
        *law.check_pdmp(pdmp, visit_state=order.visit_state, now=now, policy=policy),
        *law.check_telemedicine(
            first_prescription=first, in_person_visit_on=order.in_person_visit_on, today=today, policy=policy
        ),
        *law.check_content(content_of(patient=patient, order=order, prescriber=prescriber, issued_on=today)),
    ]
    if order.pdmp_result == "concern" and not order.written_reason.strip():
        found.append(reason("pdmp_concern", Weight.REFUSE, "policy 10: PDMP"))
    if "safety_hold" in picture.stops:
        found.append(reason("safety_hold", Weight.REFUSE, "house policy 4"))
    if "case_hold" in picture.stops:
        found.append(reason("case_hold", Weight.REFUSE, "house policy 9: stop and refer to the prescriber"))
    if "unreleased_session" in picture.stops:
        found.append(reason("unreleased_session", Weight.REFUSE, "house policy 9: a missed sitter release"))
    if not picture.may_order:
        found.append(reason("consent_missing", Weight.REFUSE, "requirements ASVS 2.3.1: no order without consent"))
    return tuple(found)


def content_of(*, patient: Patient, order: Order, prescriber: Clinician, issued_on: date) -> dict[str, str]:
    """The content of 21 CFR 1306.05, with the licence, the days' supply and the first part beside it."""
    address = patient.address or {}
    lines = [address.get("street"), address.get("city"), f"{address.get('state', '')} {address.get('zip', '')}".strip()]
    licence = next((row.number for row in prescriber.licences.all() if row.state == order.visit_state), "")
    complete = all(address.get(name) for name in ("street", "city", "state", "zip"))
    return {
        "issued_on": issued_on.isoformat(),
        "patient_name": patient.legal_name,
        "patient_address": ", ".join(line for line in lines if line) if complete else "",
        "patient_date_of_birth": patient.date_of_birth_sealed,
        "drug": f"Ketamine HCl {order.product.get_form_display().lower()}",
        "strength": f"{order.product.strength_mg.normalize():f} mg",
        "form": str(order.product.get_form_display()),
        "quantity": str(order.quantity_units),
        "first_dispensing": str(order.first_shipment_units),
        "directions": order.directions,
        "refills": str(order.refills),
        "days_supply": str(order.days_supply),
        "prescriber_name": str(prescriber),
        "prescriber_address": prescriber.practice_address,
        "prescriber_licence": f"{order.visit_state} {licence}".strip(),
        "dea_number": prescriber.dea_number,
        "npi": prescriber.npi,
    }
