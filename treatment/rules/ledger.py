"""The supply ledger (invariant I2): every unit that was prescribed is somewhere, and what nobody can account for shows.

Counts are units (one lozenge, troche or tablet) of one prescription:

    prescribed = not to be shipped yet + at the pharmacy + shipped
    shipped    = on the way + at home + taken + returned + destroyed + unaccounted

Returned is what came back to the pharmacy or was given back; unaccounted what was lost on the way or at home, and what
a count found missing (below zero: more than expected).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal

from treatment.policy import Policy
from treatment.rules.reasons import Reason, Weight, reason

_SOURCE = "design I2: never more than was prescribed"
LEAVING = ("returned", "destroyed", "lost")


@dataclass(frozen=True)
class Line:
    """One prescription, or several added up. `lost` and `missing` are known of units that had arrived."""

    prescribed: int = 0
    at_pharmacy: int = 0
    on_the_way: int = 0
    lost_on_the_way: int = 0
    came_back: int = 0
    delivered: int = 0
    taken: int = 0
    returned: int = 0
    destroyed: int = 0
    lost: int = 0
    missing: int = 0

    @property
    def shipped(self) -> int:
        """Everything that left the pharmacy."""
        return self.on_the_way + self.lost_on_the_way + self.came_back + self.delivered

    @property
    def left_to_ship(self) -> int:
        """What may still be ordered."""
        return self.prescribed - self.at_pharmacy - self.shipped

    @property
    def given_back(self) -> int:
        """What is at the pharmacy again, or at a collection site."""
        return self.came_back + self.returned

    @property
    def unaccounted(self) -> int:
        """What nobody can account for; below zero when a count found more than there should be."""
        return self.lost_on_the_way + self.lost + self.missing

    @property
    def gone(self) -> int:
        """What left the patient's home other than by being taken."""
        return self.returned + self.destroyed + self.lost + self.missing

    @property
    def at_home(self) -> int:
        """What should be in the patient's locked box."""
        return self.delivered - self.taken - self.gone

    @property
    def balances(self) -> bool:
        """Whether the two sums of this module hold and no part of them is below zero."""
        whole = self.prescribed == self.left_to_ship + self.at_pharmacy + self.shipped
        used = self.taken + self.given_back + self.destroyed + self.unaccounted
        parts = (self.left_to_ship, self.at_home, self.at_pharmacy, self.on_the_way, self.taken, self.delivered)
        return whole and self.shipped == self.on_the_way + self.at_home + used and min(parts) >= 0


def total(lines: Iterable[Line]) -> Line:
    """Several prescriptions of a patient together."""
    known = list(lines)
    return Line(**{field.name: sum(getattr(line, field.name) for line in known) for field in fields(Line)})


def check_entry(line: Line, kind: str, units: int) -> tuple[Reason, ...]:
    """Why this cannot be written about units at home; empty when it can. `units` is what was counted for a count."""
    if kind == "count":
        if units < 0 or units > line.delivered:
            return (reason("count_impossible", Weight.REFUSE, _SOURCE, most=line.delivered),)
        return ()
    if units < 1:
        return (reason("units_missing", Weight.REFUSE, _SOURCE),)
    if units > line.at_home:
        return (reason("more_than_at_home", Weight.REFUSE, _SOURCE, units=units, at_home=line.at_home),)
    return ()


def leaves(line: Line, kind: str, units: int) -> int:
    """How many units "at home" changes by: what a count found missing, or what left."""
    return line.at_home - units if kind == "count" else units


@dataclass(frozen=True)
class Asked:
    """More was asked for, and how many days what was at home would still have lasted."""

    at: datetime
    days_left: int


def days_left(*, units: int, units_per_session: int, days_between: Decimal) -> int:
    """How many days these units last at the ordered pace: whole sessions times the days between them, rounded down."""
    if units_per_session < 1:
        return 0
    return int(max(0, units) // units_per_session * days_between)


def early_refill_pattern(asked: Sequence[Asked], *, now: datetime, policy: Policy) -> Reason | None:
    """Whether more was asked for too early too often (policy section 9: stop and refer); None when not."""
    rule = policy.supply
    since = now - timedelta(days=rule.early_refill_window_days)
    early = [one for one in asked if since <= one.at <= now and one.days_left > rule.early_refill_days]
    if len(early) < rule.early_refill_count:
        return None
    source = policy.source("supply.early_refill_count")
    days = rule.early_refill_window_days
    return reason("early_refill_pattern", Weight.REFUSE, source, times=len(early), days=days)


def given_up(units: int) -> Reason:
    """Units that the patient says were destroyed or given back, of an order that stands: a prescriber asks how."""
    return reason("units_given_up", Weight.REFUSE, "house policy 9: stop and refer to the prescriber", units=units)


def unaccounted(units: int, policy: Policy) -> Reason | None:
    """Whether so many units, newly not accounted for (or too many), must be read by a prescriber."""
    if abs(units) < policy.supply.unaccounted_units:
        return None
    code = "units_unaccounted" if units > 0 else "units_too_many"
    return reason(code, Weight.REFUSE, policy.source("supply.unaccounted_units"), units=abs(units))
