"""What the dose of a product is asked in. The policy says it, beside the dose that the product has to reach."""

from dataclasses import dataclass

from intake.policy_table import Table

MG_A_DAY, TABLETS, MG_24H, CAPSULES_WEEK, NOT_ASKED = "mg", "tablets", "mg_24h", "capsules_week", "none"
UNITS = (MG_A_DAY, TABLETS, MG_24H, CAPSULES_WEEK, NOT_ASKED)


@dataclass(frozen=True)
class Dose:
    """A unit, and how many mg of the case format one of it stands for. Not asked: no rule reads the number."""

    unit: str = MG_A_DAY
    mg: float = 1


def read_dose(entry: Table) -> Dose | None:
    """The unit that the policy gives for an ingredient or product; None where it is silent. Raises PolicyError."""
    if not entry.has("unit"):
        return None
    unit = entry.choice("unit", UNITS)
    return Dose(unit, 1 if unit in (MG_A_DAY, NOT_ASKED) else entry.number("unit_mg"))
