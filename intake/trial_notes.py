"""What each antidepressant counts as, and why, in words that judge nobody: said by the engine's own verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.case import SCHEMA, Trial
from intake.case_reader import read_case
from intake.policy import Policy
from intake.rules.measures import TrialMeasure, measure_trial
from intake.rules.resistance import ResistanceResult, Status, assess_resistance
from intake.rules.trials import TrialResult, Verdict
from intake.trial_entries import trial_facts, weeks_in_words


@dataclass(frozen=True, slots=True)
class Note:
    """What is said about one entry: a tag with its tone, and a sentence."""

    tag: str
    tone: str
    text: str


def judge(
    entries: Sequence[Mapping[str, Any]], indications: Sequence[str] | None, *, as_of: date, policy: Policy
) -> ResistanceResult:
    """The engine's result for these entries, in their order."""
    facts = {
        "schema": SCHEMA,
        "as_of": as_of.isoformat(),
        "indications": indications,
        "antidepressant_trials": [trial_facts(entry, as_of=as_of) for entry in entries],
    }
    return assess_resistance(read_case(facts), policy)[0]


def trial_note(result: TrialResult, policy: Policy) -> Note:
    """What one trial counts as, and why."""
    tag, tone, why = _WORDS[result.verdict]
    return Note(tag(), tone, why(result, measure_trial(result.trial, policy), policy))


def in_all(result: ResistanceResult, policy: Policy) -> str:
    """What the trials add up to so far."""
    needed = int(policy.resistance.failed_classes.value)
    if not result.applies:
        return _(
            "For what you are looking for, it does not matter how many antidepressants you tried. "
            "Your prescriber still wants to know them."
        )
    if result.status is Status.MET:
        return _("You have tried enough different kinds of antidepressants for this treatment.")
    so_far = ngettext(
        "So far %(count)s kind of antidepressant counts, and %(needed)s different kinds are needed.",
        "So far %(count)s kinds of antidepressants count, and %(needed)s different kinds are needed.",
        result.distinct_classes,
    ) % {"count": result.distinct_classes, "needed": needed}
    more = []
    if result.failed_adequate > result.distinct_classes:
        more.append(_("Two medicines that work in the same way are one kind."))
    if result.status is Status.UNDETERMINED:
        more.append(_("Some of yours could count once we know more about them."))
    more.append(_("Add every one that you tried. If there are no others, go on: you see at the end what is possible."))
    return " ".join([so_far, *more])


# The words of each verdict


def _counts(result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    text = _("You took it long enough and at a full dose (%(kind)s), and it did not help enough.")
    return text % {"kind": result.drug_class}


def _borderline(result: TrialResult, measure: TrialMeasure, policy: Policy) -> str:
    found = []
    weeks = result.trial.weeks_at_dose
    enough = policy.resistance.minimum_weeks.value
    if measure.course_weeks is None and weeks is not None and weeks < enough:
        text = _("You took it for %(weeks)s; %(enough)s at a full dose are sure to be enough.")
        found.append(text % {"weeks": weeks_in_words(weeks), "enough": f"{enough:g}"})
    if measure.daily_mg is not None and measure.minimum is not None and measure.daily_mg < measure.minimum:
        text = _("The dose is a little below the full one of %(minimum)s mg a day.")
        found.append(text % {"minimum": f"{measure.minimum:g}"})
    return " ".join([*found, _("Your prescriber looks at it with you.")])


def _partial(_result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    return _("It helped you in part, so it does not count as one that did not help. Your prescriber asks about it.")


def _responded(_result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    return _("It helped you by half or more. That is good to know: a medicine that helped once may help again.")


def _intolerance(_result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    return _(
        "Side effects ended it before it could work. That says something about the medicine, not about you; "
        "your prescriber sees it, but we cannot tell whether it would have helped."
    )


def _too_short(result: TrialResult, measure: TrialMeasure, policy: Policy) -> str:
    if measure.course_weeks is not None:
        return _("A full course of this medicine is longer, so nobody can tell whether it would have helped.")
    text = _("After %(weeks)s nobody can tell yet: these medicines need at least %(least)s weeks at a full dose.")
    least = policy.resistance.borderline_weeks.value
    return text % {"weeks": weeks_in_words(result.trial.weeks_at_dose or 0), "least": f"{least:g}"}


def _under_dosed(_result: TrialResult, measure: TrialMeasure, _policy: Policy) -> str:
    if measure.never:
        return _("This product is not made in a dose that is full for depression. That is common, and not your doing.")
    least = measure.minimum if measure.borderline_from is None else measure.borderline_from
    text = _(
        "The dose stayed below the one that is full for depression (%(least)s mg a day or more). "
        "That is common, and not your doing."
    )
    return text % {"least": f"{least or 0:g}"}


def _wrong_indication(_result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    return _("You took it for something other than depression, so it does not say how it works against depression.")


def _not_counted(_result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    return _("We count only antidepressants that are taken regularly. Your prescriber sees this one too.")


def _duplicate(result: TrialResult, _measure: TrialMeasure, _policy: Policy) -> str:
    text = _("It is the same medicine as another one in your list (%(ingredient)s). The better of the two counts.")
    return text % {"ingredient": (result.ingredient or "").replace("_", " ")}


def _unknown(result: TrialResult, measure: TrialMeasure, _policy: Policy) -> str:
    if result.ingredient is None and len(result.suggestions) > 1 and result.drug_class is None:
        return _("We could not read this as one known medicine. It is kept as you wrote it, and a person reads it.")
    if result.ingredient is None:
        return _("We do not know this name. It is kept as you wrote it, and a person reads it.")
    missing = _missing(result.trial, measure)
    return _("To say whether it counts we would need to know: %(missing)s.") % {"missing": ", ".join(missing)}


def _missing(trial: Trial, measure: TrialMeasure) -> list[str]:
    named = {
        _("the dose"): trial.max_daily_dose_mg is None and bool(measure.minimum),
        _("how many weeks you took it"): trial.weeks_at_dose is None,
        _("how much better you felt"): trial.improvement_percent is None,
        _("what you took it for"): trial.taken_for is None,
    }
    return [words for words, is_missing in named.items() if is_missing]


_Why = Callable[[TrialResult, TrialMeasure, Policy], str]
_WORDS: Mapping[Verdict, tuple[Callable[[], str], str, _Why]] = {
    Verdict.FAILED_ADEQUATE: (lambda: _("Counts"), "success", _counts),
    Verdict.BORDERLINE: (lambda: _("May count"), "info", _borderline),
    Verdict.PARTIAL: (lambda: _("Helped in part"), "info", _partial),
    Verdict.RESPONDED: (lambda: _("Helped"), "info", _responded),
    Verdict.INTOLERANCE: (lambda: _("Shown, not counted"), "neutral", _intolerance),
    Verdict.TOO_SHORT: (lambda: _("Not counted: short"), "neutral", _too_short),
    Verdict.UNDER_DOSED: (lambda: _("Not counted: low dose"), "neutral", _under_dosed),
    Verdict.WRONG_INDICATION: (lambda: _("Not counted: other reason"), "neutral", _wrong_indication),
    Verdict.NOT_COUNTED: (lambda: _("Shown, not counted"), "neutral", _not_counted),
    Verdict.DUPLICATE_INGREDIENT: (lambda: _("Same medicine"), "neutral", _duplicate),
    Verdict.UNKNOWN: (lambda: _("Cannot tell yet"), "caution", _unknown),
}
