"""What the rules measured a trial and a blood pressure by, for showing beside the verdict. Decides nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from intake.case import Reading, Trial
from intake.policy import Policy
from intake.rules import blood_pressure, trials
from intake.rules.finding import exact, tidy


@dataclass(frozen=True)
class TrialMeasure:
    """The dose in the terms of the policy's minimum, and what it is held against; mg a day.

    `minimum` is None when no dose of the product is ever adequate or nothing was recognised; from `borderline_from` up
    to the minimum a dose is borderline. `course_weeks` replaces the rule about weeks where a full course is the trial.
    """

    daily_mg: int | float | None = None
    minimum: int | float | None = None
    borderline_from: int | float | None = None
    course_weeks: float | None = None
    counted: bool = False
    never: bool = False


def measure_trial(trial: Trial, policy: Policy) -> TrialMeasure:
    """How one trial was measured under a policy."""
    match = policy.names.match(trial.medicine or "")
    entry = policy.antidepressants.get(trials.catalogue_key(match, policy) or "")
    if entry is None or not entry.counted:
        return TrialMeasure()
    product = trials.product_of(match, entry)
    minimum = trials.minimum_of(entry, product)
    return TrialMeasure(
        daily_mg=_shown(trials.daily_mg(trial, product)),
        minimum=_shown(minimum),
        borderline_from=entry.borderline_from if minimum is not None else None,
        course_weeks=entry.course_weeks,
        counted=True,
        never=minimum is None,
    )


def _shown(value: Fraction | None) -> int | float | None:
    return None if value is None else tidy(value)


@dataclass(frozen=True)
class PressureDay:
    """One day's readings in mmHg and their mean. `recent`: within the days that count; `decides`: the newest such."""

    on: date
    readings: tuple[Reading, ...]
    systolic: int | float | None
    diastolic: int | float | None
    recent: bool
    decides: bool = False


def pressure_days(readings: Sequence[Reading], as_of: date, policy: Policy) -> list[PressureDay]:
    """Every dated day, the newest first; only the newest recent day decides (policy section 5)."""
    dated = [reading for reading in readings if reading.taken_on is not None]
    found: list[PressureDay] = []
    for day in blood_pressure.days_of(dated):
        recent = (as_of - day.on).days <= policy.blood_pressure.recent_days.value
        found.append(
            PressureDay(
                on=day.on,
                readings=tuple(reading for reading in dated if reading.taken_on == day.on),
                systolic=_shown(day.systolic),
                diastolic=_shown(day.diastolic),
                recent=recent,
                decides=recent and not found,
            )
        )
    return found


def exceeds(value: float | None, limit: float) -> bool:
    """Whether a mean lies above its limit; exactly at the limit passes."""
    return value is not None and exact(value) > exact(limit)
