"""One antidepressant trial, one verdict (policy section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from intake.case import StoppedBecause, TakenFor, Trial
from intake.catalogue import Antidepressant, Product
from intake.dose import NOT_ASKED, Dose
from intake.names import Match
from intake.policy import Policy
from intake.rules.finding import exact


class Verdict(StrEnum):
    NOT_COUNTED = "not_counted"
    WRONG_INDICATION = "wrong_indication"
    INTOLERANCE = "intolerance"
    TOO_SHORT = "too_short"
    UNDER_DOSED = "under_dosed"
    RESPONDED = "responded"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    BORDERLINE = "borderline"
    FAILED_ADEQUATE = "failed_adequate"
    DUPLICATE_INGREDIENT = "duplicate_ingredient"


# Verdicts of periods that could count, lowest first: only these compete for their ingredient.
_COULD_COUNT = (Verdict.UNKNOWN, Verdict.BORDERLINE, Verdict.FAILED_ADEQUATE)


@dataclass(frozen=True)
class TrialResult:
    """A trial with what it was recognised as. `daily_mg` is the dose in the terms of the policy's minimum."""

    trial: Trial
    verdict: Verdict
    ingredient: str | None = None
    drug_class: str | None = None
    daily_mg: Fraction | None = None
    suggestions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "medicine": self.trial.medicine,
            "ingredient": self.ingredient,
            "class": self.drug_class,
            "verdict": self.verdict.value,
        }


def judge_trials(trials: Sequence[Trial], policy: Policy) -> list[TrialResult]:
    """The verdict of every trial, in the order given; of one ingredient only the best period can count."""
    results = [_judge(trial, policy) for trial in trials]
    best: dict[str, int] = {}
    for at, result in enumerate(results):
        if result.ingredient is None or result.verdict not in _COULD_COUNT:
            continue
        rival = best.get(result.ingredient)
        if rival is None or _rank(result) > _rank(results[rival]):
            best[result.ingredient] = at
    return [
        replace(result, verdict=Verdict.DUPLICATE_INGREDIENT)
        if result.verdict in _COULD_COUNT and best.get(result.ingredient or "", at) != at
        else result
        for at, result in enumerate(results)
    ]


def _rank(result: TrialResult) -> tuple[int, float, float]:
    """Best by verdict, then dose, then weeks; a number that was not given is the lowest."""
    dose = -1 if result.daily_mg is None else float(result.daily_mg)
    weeks = -1 if result.trial.weeks_at_dose is None else result.trial.weeks_at_dose
    return _COULD_COUNT.index(result.verdict), dose, weeks


def _judge(trial: Trial, policy: Policy) -> TrialResult:
    name = trial.medicine or ""
    match = policy.names.match(name)
    key = catalogue_key(match, policy)
    if key is None:
        return TrialResult(trial, Verdict.UNKNOWN, suggestions=_suggestions(name, match, policy))
    entry = policy.antidepressants.get(key)
    if entry is None or not entry.counted:
        return TrialResult(trial, Verdict.NOT_COUNTED, key, entry.drug_class if entry else None)
    product = product_of(match, entry)
    dose = daily_mg(trial, product)
    verdict = _verdict(trial, dose, minimum_of(entry, product), entry, policy)
    return TrialResult(trial, verdict, key, entry.drug_class, dose)


def catalogue_key(match: Match, policy: Policy) -> str | None:
    """The one thing that was named, or None: an unknown name, several medicines in one line, or a combination whose
    single dose says nothing about its antidepressant. None of these may be guessed at.
    """
    if not match.recognised:
        return None
    if len(match.keys) > 1:
        whole = [key for key, parts in policy.components.items() if set(parts) == match.keys]
        return whole[0] if whole and whole[0] in policy.antidepressants else None
    (key,) = match.keys
    hides_one = any(part in policy.antidepressants for part in policy.components.get(key, ()))
    return None if hides_one and key not in policy.antidepressants else key


def _suggestions(name: str, match: Match, policy: Policy) -> tuple[str, ...]:
    return policy.names.suggest(name) or tuple(sorted(found.title() for found in match.names))


def product_of(match: Match, entry: Antidepressant) -> Product:
    """How this product differs from the plain ingredient; a brand says more than a release form."""
    for product in entry.products:
        if product.names & match.names:
            return product
    for product in entry.products:
        if product.forms & match.forms:
            return product
    return Product(never=entry.never)


def dose_of(name: str, policy: Policy) -> Dose:
    """What the dose of a product is asked in: mg a day unless the policy says otherwise."""
    match = policy.names.match(name)
    key = catalogue_key(match, policy)
    if key in policy.other_treatments:
        return Dose(NOT_ASKED)
    entry = policy.antidepressants.get(key or "")
    return Dose() if entry is None else product_of(match, entry).dose or entry.dose


def minimum_of(entry: Antidepressant, product: Product) -> Fraction | None:
    """The minimum adequate dose in mg a day; None when no dose of this product is ever adequate."""
    if product.never:
        return None
    return exact(entry.minimum if product.minimum is None else product.minimum)


def daily_mg(trial: Trial, product: Product) -> Fraction | None:
    """The dose in the terms of the policy's minimum, in mg a day; None when it was not given."""
    if trial.max_daily_dose_mg is None:
        return None
    dose = exact(trial.max_daily_dose_mg)
    if product.labelled is None or product.equals is None:
        return dose
    labelled, equals = exact(product.labelled), exact(product.equals)
    # A weekly capsule is typed either as the capsule (90) or spread over the days (12.86, or the 20 that it stands
    # for). Up to what it stands for, the number is read as a daily amount; above, as the capsule.
    if product.weekly and dose <= equals:
        dose = Fraction(round(dose * 7))
    return dose * equals / labelled


def _verdict(
    trial: Trial, dose: Fraction | None, minimum: Fraction | None, entry: Antidepressant, policy: Policy
) -> Verdict:
    """The first verdict that applies, in the policy's order. A number that was not given never makes a rule apply."""
    rules = policy.resistance
    course = entry.course_weeks
    weeks = trial.weeks_at_dose
    if trial.taken_for not in (None, TakenFor.DEPRESSION):
        return Verdict.WRONG_INDICATION
    if weeks is not None:
        early = weeks < (rules.intolerance_weeks.value if course is None else course)
        if early and trial.stopped_because == StoppedBecause.SIDE_EFFECTS:
            return Verdict.INTOLERANCE
        if weeks < (rules.borderline_weeks.value if course is None else course):
            return Verdict.TOO_SHORT
    band = minimum if entry.borderline_from is None else exact(entry.borderline_from)
    if minimum is None or band is None or (dose is not None and dose < band):
        return Verdict.UNDER_DOSED
    improvement = _by_improvement(trial, policy)
    if improvement is not None:
        return improvement
    # The dose of brexanolone is given per hour and is not asked: its minimum is 0 and a missing dose is no gap.
    if None in (trial.taken_for, trial.improvement_percent, weeks) or (dose is None and minimum > 0):
        return Verdict.UNKNOWN
    short = course is None and weeks is not None and weeks < rules.minimum_weeks.value
    low = dose is not None and dose < minimum
    return Verdict.BORDERLINE if short or low else Verdict.FAILED_ADEQUATE


def _by_improvement(trial: Trial, policy: Policy) -> Verdict | None:
    """Responded or partial; None when the improvement was too small or is not known."""
    improvement = trial.improvement_percent
    if improvement is None or improvement <= policy.resistance.failure_percent.value:
        return None
    if improvement >= policy.resistance.response_percent.value:
        return Verdict.RESPONDED
    return Verdict.PARTIAL
