"""Guard-rails on a dose (house policy, section 8): the prescriber decides; these say when to stop and think."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from treatment.policy import Policy
from treatment.rules.directions import check_directions
from treatment.rules.reasons import Reason, Weight, heaviest, reason


class DoseVerdict(StrEnum):
    """What the guard-rails say of an order."""

    ALLOWED = "allowed"
    NEEDS_REASON = "needs_reason"
    REFUSED = "refused"


@dataclass(frozen=True)
class DoseOrder:
    """What is to be ordered and for whom; doses in mg per session, weight in kg, age in whole years.

    `previous_mg` is the dose of the newest completed session, None when there was none yet.
    """

    strength_mg: Decimal
    units_per_session: int
    quantity_units: int
    first_shipment_units: int
    age: int
    weight_kg: Decimal | None
    cyp_inhibitor: bool | None
    previous_mg: Decimal | None = None
    previous_reviewed: bool = False
    written_reason: str = ""
    second_prescriber: bool = False
    product_enabled: bool = True
    directions: str = ""

    @property
    def mg_per_session(self) -> Decimal:
        """Strength times units: what one session takes."""
        return self.strength_mg * self.units_per_session


@dataclass(frozen=True)
class DoseCheck:
    """The verdict with everything that led to it."""

    verdict: DoseVerdict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class StartRange:
    """The usual first dose in mg, with why it is halved (empty when it is not)."""

    low_mg: Decimal
    high_mg: Decimal
    halved_for: tuple[str, ...]


def start_range(order: DoseOrder, policy: Policy) -> StartRange:
    """50-100 mg or 0.5-1 mg/kg, whichever reaches further; half of it for the fragile (section 8).

    An unanswered CYP question counts as yes: absent data never raises a dose.
    """
    rule = policy.dosing
    weight = order.weight_kg
    low, high = Decimal(rule.start_low_mg), Decimal(rule.start_high_mg)
    if weight is not None and weight > 0:
        low = min(low, Decimal(str(rule.start_low_mg_per_kg)) * weight)
        high = max(high, Decimal(str(rule.start_high_mg_per_kg)) * weight)
    halved = []
    if order.age >= rule.older_age_years:
        halved.append("age")
    if weight is not None and weight < rule.low_weight_kg:
        halved.append("weight")
    if order.cyp_inhibitor is not False:
        halved.append("cyp_inhibitor")
    factor = Decimal(str(rule.reduced_start_factor)) if halved else Decimal(1)
    return StartRange(low * factor, high * factor, tuple(halved))


def step_limit(previous_mg: Decimal, policy: Policy) -> Decimal:
    """The highest next dose in mg: at most +100 mg and at most +50 % (section 8)."""
    rule = policy.dosing
    return min(previous_mg + rule.step_up_max_mg, previous_mg * (100 + rule.step_up_max_percent) / 100)


def _start_reasons(order: DoseOrder, policy: Policy) -> list[Reason]:
    limits, dose, found = start_range(order, policy), order.mg_per_session, []
    facts = {"dose": _plain(dose), "low": _plain(limits.low_mg), "high": _plain(limits.high_mg)}
    source = policy.source("dosing.start_high_mg")
    if dose > limits.high_mg:
        found.append(reason("start_above_range", Weight.ASK, source, **facts))
    if dose < limits.low_mg:
        found.append(reason("start_below_range", Weight.NOTE, source, **facts))
    if limits.halved_for:
        because = " ".join(limits.halved_for)
        found.append(
            reason("start_halved", Weight.NOTE, policy.source("dosing.reduced_start_factor"), because=because, **facts)
        )
    if order.weight_kg is None:
        found.append(reason("weight_unknown", Weight.NOTE, policy.source("dosing.low_weight_kg")))
    return found


def _step_reasons(order: DoseOrder, previous_mg: Decimal, policy: Policy) -> list[Reason]:
    dose, found = order.mg_per_session, []
    if dose <= previous_mg:
        return []
    limit = step_limit(previous_mg, policy)
    if dose > limit:
        facts = {"dose": _plain(dose), "previous": _plain(previous_mg), "limit": _plain(limit)}
        found.append(reason("step_too_large", Weight.REFUSE, policy.source("dosing.step_up_max_mg"), **facts))
    if not order.previous_reviewed:
        found.append(reason("step_before_review", Weight.REFUSE, policy.source("dosing.step_up_max_percent")))
    return found


def _ceiling_reasons(order: DoseOrder, policy: Policy) -> list[Reason]:
    rule, dose, found = policy.dosing, order.mg_per_session, []
    if dose >= rule.written_reason_from_mg:
        facts = {"dose": _plain(dose), "limit": rule.written_reason_from_mg}
        found.append(reason("high_dose", Weight.ASK, policy.source("dosing.written_reason_from_mg"), **facts))
    if dose > rule.second_prescriber_above_mg:
        weight = Weight.NOTE if order.second_prescriber else Weight.REFUSE
        code = "second_prescriber_signed" if order.second_prescriber else "second_prescriber_needed"
        facts = {"dose": _plain(dose), "limit": rule.second_prescriber_above_mg}
        found.append(reason(code, weight, policy.source("dosing.second_prescriber_above_mg"), **facts))
    return found


def _quantity_reasons(order: DoseOrder, policy: Policy) -> list[Reason]:
    found = []
    if order.quantity_units < order.units_per_session or order.quantity_units % order.units_per_session:
        found.append(reason("quantity_not_whole_sessions", Weight.REFUSE, units=order.units_per_session))
    most = policy.dosing.first_shipment_sessions * order.units_per_session
    if order.first_shipment_units > min(most, order.quantity_units):
        source = policy.source("dosing.first_shipment_sessions")
        found.append(reason("first_shipment_too_large", Weight.REFUSE, source, most=min(most, order.quantity_units)))
    if order.first_shipment_units < order.units_per_session:
        found.append(reason("first_shipment_too_small", Weight.REFUSE, units=order.units_per_session))
    return found


def check_order(order: DoseOrder, policy: Policy) -> DoseCheck:
    """Every guard-rail of section 8 on this order; the written reason turns NEEDS_REASON into ALLOWED."""
    found: list[Reason] = []
    if not order.product_enabled:
        found.append(reason("product_off", Weight.REFUSE, "house policy 8: home nasal spray is off by default"))
    if order.units_per_session < 1 or order.mg_per_session <= 0:
        found.append(reason("dose_not_positive", Weight.REFUSE))
        return DoseCheck(DoseVerdict.REFUSED, tuple(found))
    if order.previous_mg is None:
        found += _start_reasons(order, policy)
    else:
        found += _step_reasons(order, order.previous_mg, policy)
    found += _ceiling_reasons(order, policy)
    found += _quantity_reasons(order, policy)
    found += check_directions(order.directions, units=order.units_per_session, strength_mg=order.strength_mg)
    worst = heaviest(tuple(found))
    if worst is Weight.REFUSE:
        return DoseCheck(DoseVerdict.REFUSED, tuple(found))
    if worst is Weight.ASK and not order.written_reason.strip():
        return DoseCheck(DoseVerdict.NEEDS_REASON, tuple(found))
    return DoseCheck(DoseVerdict.ALLOWED, tuple(found))


def days_supply(*, quantity_units: int, units_per_session: int, days_between: Decimal) -> int:
    """Days that the quantity lasts: whole sessions times the days between them, rounded up."""
    if units_per_session < 1:
        return 0
    sessions = quantity_units // units_per_session
    return int((sessions * days_between).to_integral_value(rounding=ROUND_CEILING))


def _plain(amount: Decimal) -> str:
    """12.50 -> "12.5", 100.00 -> "100": how an amount is shown."""
    return f"{amount.normalize():f}"


# House policy 7: medicines that raise ketamine exposure through CYP3A4 or CYP2B6, by ingredient and US brand.
CYP_INHIBITORS = (
    "clarithromycin", "biaxin", "ketoconazole", "nizoral", "itraconazole", "sporanox", "onmel", "tolsura", "ritonavir",
    "norvir", "paxlovid", "kaletra", "cobicistat", "tybost", "stribild", "genvoya", "prezcobix", "symtuza", "evotaz",
    "ticlopidine", "ticlid", "clopidogrel", "plavix",
)  # fmt: skip


def takes_cyp_inhibitor(medicines: Sequence[str] | None) -> bool | None:
    """Whether one of the medicine names is a CYP inhibitor of house policy 7; None when no list was ever given."""
    if medicines is None:
        return None
    return any(inhibitor in name.casefold() for name in medicines for inhibitor in CYP_INHIBITORS)
