"""The antidepressants tried: each with the verdict of the rules, the numbers it was held against, and why, in words.

The verdict is the stored one. The numbers beside it come from the policy version of the decision itself; where that
version is not at hand any more, the stored verdict stands without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.case import Trial
from intake.pages.treatments import ANTIDEPRESSANTS, EPISODES, STOPPED, TAKEN_FOR
from intake.policy import Policy
from intake.rules.measures import TrialMeasure, measure_trial
from telemedicine.reviews.rules import resistance
from telemedicine.reviews.wording import RESISTANCE_WORDS, VERDICT_WORDS, Tagged, number, spoken

NEEDED = 2  # policy section 2, where the decision's own policy is not at hand


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One antidepressant, as the patient typed it and as the rules judged it."""

    medicine: str
    ingredient: str
    drug_class: str
    dose: str
    daily: str
    minimum: str
    weeks: str
    improvement: str
    stopped: str
    taken_for: str
    episode: str
    verdict: Tagged
    why: str


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One definition of treatment resistance, whether it is met, and the count behind it."""

    name: str
    status: Tagged
    count: str


def trials(
    said: Mapping[str, Any], summary: Mapping[str, Any], typed: Sequence[Mapping[str, Any]], policy: Policy | None
) -> list[TrialRow]:
    """Each trial in the order in which the patient gave them; `typed` are the entries as they were filled in."""
    given = said.get("antidepressant_trials") or []
    judged = (summary.get("treatment_resistance") or {}).get("trials", [])
    entries = typed if len(typed) == len(given) else [{}] * len(given)
    return [_trial(*row, policy) for row in zip(given, judged, entries, strict=False)]


def _trial(
    row: Mapping[str, Any], judged: Mapping[str, Any], entry: Mapping[str, Any], policy: Policy | None
) -> TrialRow:
    measure = _measure(row, policy)
    verdict = judged["verdict"]
    weeks, better = row.get("weeks_at_dose"), row.get("improvement_percent")
    return TrialRow(
        medicine=str(row.get("medicine") or _("No name")),
        ingredient=spoken(judged["ingredient"]) if judged.get("ingredient") else _("Not recognised"),
        drug_class=str(judged.get("class") or ""),
        dose=_dose(row, entry),
        daily=_("%(mg)s mg") % {"mg": number(measure.daily_mg)} if measure.daily_mg is not None else "–",
        minimum=_minimum(measure),
        weeks=_("not given") if weeks is None else number(weeks),
        improvement=_("not given") if better is None else f"{number(better)} %",
        stopped=_option(STOPPED, row.get("stopped_because")),
        taken_for=_option(TAKEN_FOR, row.get("taken_for")),
        episode=_option(EPISODES, row.get("episode")),
        verdict=Tagged(*VERDICT_WORDS.get(verdict, ("neutral", spoken(verdict)))),
        why=_why(verdict, row, judged, measure, policy),
    )


def _measure(row: Mapping[str, Any], policy: Policy | None) -> TrialMeasure:
    if policy is None:
        return TrialMeasure()
    trial = Trial(medicine=row.get("medicine"), max_daily_dose_mg=row.get("max_daily_dose_mg"))
    return measure_trial(trial, policy)


def _dose(row: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The dose as it was filled in, in its own unit."""
    amount, unit = entry.get("dose"), entry.get("dose_unit")
    if amount is not None and unit:
        return f"{number(float(amount))} {_option(ANTIDEPRESSANTS.field('dose_unit').options, unit)}"
    dose = row.get("max_daily_dose_mg")
    return _("not given") if dose is None else _("%(mg)s mg a day") % {"mg": number(dose)}


def _minimum(measure: TrialMeasure) -> str:
    if measure.never:
        return _("never counts")
    if not measure.counted or not measure.minimum:
        return "–"
    return _("%(mg)s mg") % {"mg": number(measure.minimum)}


def _option(options: Sequence[Any], code: Any) -> str:
    if not code:
        return _("not given")
    return next((str(option.label) for option in options if option.code == code), spoken(code))


# Why


def _why(
    verdict: str, row: Mapping[str, Any], judged: Mapping[str, Any], measure: TrialMeasure, policy: Policy | None
) -> str:
    """The one reason for a verdict, with the limit of the decision's policy in it."""
    if verdict == "unknown" and not judged.get("ingredient"):
        return _("The name is not recognised; nothing was assumed.")
    if verdict == "unknown":
        return _("Not given: %(what)s.") % {"what": ", ".join(_missing(row, measure))}
    if verdict == "not_counted":
        return _("Recorded and shown. It is not an oral antidepressant trial.")
    if verdict == "wrong_indication":
        return _("Taken for another reason: %(reason)s.") % {"reason": _option(TAKEN_FOR, row.get("taken_for")).lower()}
    if verdict == "duplicate_ingredient":
        return _("Another period of %(name)s counts instead: one ingredient is one trial.") % {
            "name": spoken(judged.get("ingredient") or "")
        }
    return _by_number(verdict, row, measure, policy) if policy else ""


def _missing(row: Mapping[str, Any], measure: TrialMeasure) -> list[str]:
    gaps = [
        (row.get("improvement_percent"), _("improvement")),
        (row.get("max_daily_dose_mg") if measure.minimum else 0, _("dose")),
        (row.get("weeks_at_dose"), _("weeks")),
        (row.get("taken_for"), _("what it was taken for")),
    ]
    return [words for value, words in gaps if value is None] or [_("something that the rules need")]


def _by_number(verdict: str, row: Mapping[str, Any], measure: TrialMeasure, policy: Policy) -> str:
    rules = policy.resistance
    given = {
        "weeks": _weeks(row.get("weeks_at_dose")),
        "better": number(row.get("improvement_percent")),
        "dose": number(measure.daily_mg),
        "minimum": number(measure.minimum),
        "low": number(measure.borderline_from),
        "needed": number(measure.course_weeks or rules.minimum_weeks.value),
        "early": number(measure.course_weeks or rules.intolerance_weeks.value),
        "short": number(measure.course_weeks or rules.borderline_weeks.value),
        "failed": number(rules.failure_percent.value),
        "response": number(rules.response_percent.value),
    }
    if verdict == "under_dosed" and measure.never:
        return _("No dose of this product is an antidepressant dose.")
    if verdict == "borderline":
        return " ".join(_borderline(row, measure, policy, given))
    words = {
        "failed_adequate": _(
            "%(weeks)s, needs %(needed)s. %(dose)s mg a day, needs %(minimum)s. "
            "%(better)s %% better; up to %(failed)s %% is a failure."
        )
        if measure.minimum
        else _("A full course. %(better)s %% better; up to %(failed)s %% is a failure."),
        "too_short": _("%(weeks)s; under %(short)s weeks never counts."),
        "intolerance": _("Stopped for side effects after %(weeks)s, before %(early)s weeks."),
        "under_dosed": _("%(dose)s mg a day; the minimum is %(minimum)s mg."),
        "responded": _("%(better)s %% better; from %(response)s %% on it helped."),
        "partial": _("%(better)s %% better: above %(failed)s %% and below %(response)s %%."),
    }
    return words[verdict] % given if verdict in words else ""


def _borderline(row: Mapping[str, Any], measure: TrialMeasure, policy: Policy, given: Mapping[str, str]) -> list[str]:
    weeks, found = row.get("weeks_at_dose"), []
    if measure.course_weeks is None and weeks is not None and weeks < policy.resistance.minimum_weeks.value:
        found.append(_("%(weeks)s: %(short)s to under %(needed)s weeks needs a closer look.") % given)
    if measure.daily_mg is not None and measure.minimum is not None and measure.daily_mg < measure.minimum:
        found.append(_("%(dose)s mg a day: %(low)s to under %(minimum)s mg needs a closer look.") % given)
    return found


def _weeks(weeks: float | None) -> str:
    if weeks is None:
        return _("weeks not given")
    return ngettext("%(number)s week", "%(number)s weeks", 1 if weeks == 1 else 2) % {"number": number(weeks)}


# Both definitions


def definitions(said: Mapping[str, Any], summary: Mapping[str, Any], policy: Policy | None) -> list[DefinitionRow]:
    """The house definition and the European wording, each with its status (policy section 2)."""
    result = summary.get("treatment_resistance")
    if not result:
        return []
    classes = int(policy.resistance.failed_classes.value) if policy else NEEDED
    medicines = int(policy.resistance.different_medicines.value) if policy else NEEDED
    return [
        _definition(
            _("Two distinct classes (house rule)"), resistance.distinct_classes(result, said, classes), _("classes")
        ),
        _definition(
            _("Two different medicines (EU wording for Spravato)"),
            resistance.different_medicines(result, said, medicines),
            _("medicines"),
        ),
    ]


def _definition(name: str, found: resistance.Definition, what: str) -> DefinitionRow:
    count = _("%(found)d of %(needed)d %(what)s failed at an adequate dose and length") % {
        "found": found.found,
        "needed": found.needed,
        "what": what,
    }
    if found.status == "undetermined" and found.possible > found.found:
        count += _("; up to %(possible)d with what is still open") % {"possible": found.possible}
    return DefinitionRow(name, Tagged(*RESISTANCE_WORDS[found.status]), count)
