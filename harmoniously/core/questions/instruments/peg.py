"""PEG, the three-item pain scale. Wording unaltered; the score is the mean of the three items."""

from collections.abc import Sequence

from harmoniously.core.questions.instruments.base import (
    UNSCORED,
    Band,
    Instrument,
    Item,
    Option,
    Score,
    answered,
    band_of,
)


def _scale(none: str, worst: str) -> tuple[Option, ...]:
    labels = {0: f"0 – {none}", 10: f"10 – {worst}"}
    return tuple(Option(value, labels.get(value, str(value))) for value in range(11))


_INTERFERENCE = _scale("Does not interfere", "Completely interferes")

PEG = Instrument(
    key="peg",
    name="PEG",
    title="PEG scale assessing pain intensity and interference",
    preamble="",
    items=(
        Item(
            "pain",
            "What number best describes your pain on average in the past week?",
            options=_scale("No pain", "Pain as bad as you can imagine"),
        ),
        Item(
            "enjoyment",
            "What number best describes how, during the past week, pain has interfered with your enjoyment of life?",
            options=_INTERFERENCE,
        ),
        Item(
            "activity",
            "What number best describes how, during the past week, pain has interfered with your general activity?",
            options=_INTERFERENCE,
        ),
    ),
    options=tuple(Option(value, str(value)) for value in range(11)),
    attribution=(
        "Krebs EE, Lorenz KA, Bair MJ, et al. Development and initial validation of the PEG, a three-item scale "
        "assessing pain intensity and interference. J Gen Intern Med 2009;24:733-738."
    ),
    source="Krebs et al., J Gen Intern Med 2009;24:733-738; house policy 2026.1 section 3",
    bands=(Band(0, "mild"), Band(4, "moderate"), Band(7, "severe")),
)


def score_peg(items: Sequence[int | None]) -> Score:
    """Score three answers of 0 to 10 (None = unanswered): `total` is the mean, to one decimal, with its band.

    The band is taken before rounding. Raises ValueError for a wrong number of items or a value out of range.
    """
    values = answered(PEG, items)
    if values is None:
        return UNSCORED
    mean = sum(values) / len(values)
    return Score(total=round(mean, 1), band=band_of(PEG, mean), complete=True)
