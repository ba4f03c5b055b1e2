"""What things cost. Whole cents in US dollars; the public price page shows the same numbers."""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a charge is for, in words that say nothing about health."""

    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Price:
    """An amount in cents, and the neutral name that the payment provider and the card statement may show (SEC-23)."""

    amount_cents: int
    neutral_name: str


PRICES: dict[Purpose, Price] = {Purpose.EVALUATION: Price(amount_cents=14_900, neutral_name="Program payment")}
