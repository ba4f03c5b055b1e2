"""Supply (invariant I2): units and mg shipped or taken never exceed what was prescribed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from treatment.rules.reasons import Reason, Weight, reason

# [house]
LATE_AT_PHARMACY, LATE_ON_WAY = timedelta(days=3), timedelta(days=5)
_SOURCE = "design I2: never more than was prescribed"


@dataclass(frozen=True)
class Supply:
    """Counts in units (one lozenge, troche or tablet) of one prescription. Taken counts every session that was started.

    `gone` is what left the patient's home otherwise: returned, destroyed, lost, or missing at a count.
    """

    prescribed: int
    shipped: int  # ordered and not called off: at the pharmacy, on the way, lost on it, delivered
    delivered: int
    taken: int
    units_per_session: int
    strength_mg: Decimal
    gone: int = 0

    @property
    def left_to_ship(self) -> int:
        """Units that may still be sent."""
        return max(0, self.prescribed - self.shipped)

    @property
    def at_home(self) -> int:
        """Units that the patient has: delivered minus taken and gone, never more than prescribed."""
        return max(0, min(self.delivered, self.prescribed) - self.taken - self.gone)

    @property
    def sessions_at_home(self) -> int:
        """Whole sessions that the patient's units are enough for."""
        return self.at_home // self.units_per_session if self.units_per_session > 0 else 0

    @property
    def mg_left(self) -> Decimal:
        """Milligrams that may still be taken."""
        return max(0, self.prescribed - self.taken - self.gone) * self.strength_mg


def late_from(status: str, *, ready_at: datetime, shipped_at: datetime | None) -> datetime | None:
    """From when a parcel is late: three days after the pharmacy had the order, five after it left; else None."""
    if status in ("ordered", "filled"):
        return ready_at + LATE_AT_PHARMACY
    return shipped_at + LATE_ON_WAY if status == "shipped" and shipped_at is not None else None


def check_shipment(supply: Supply, units: int) -> tuple[Reason, ...]:
    """Why these units may not be sent; empty when they may."""
    if units < 1:
        return (reason("shipment_empty", Weight.REFUSE, _SOURCE),)
    if units > supply.left_to_ship:
        return (reason("shipment_over_prescribed", Weight.REFUSE, _SOURCE, units=units, left=supply.left_to_ship),)
    return ()


def check_take(supply: Supply) -> tuple[Reason, ...]:
    """Why one more session may not be taken; empty when there is medicine for it."""
    if supply.units_per_session < 1:
        return (reason("supply_unknown", Weight.REFUSE, _SOURCE),)
    if supply.taken + supply.units_per_session > supply.prescribed:
        return (reason("supply_used_up", Weight.REFUSE, _SOURCE),)
    if supply.at_home < supply.units_per_session:
        return (reason("supply_not_at_home", Weight.REFUSE, _SOURCE, at_home=supply.at_home),)
    return ()
