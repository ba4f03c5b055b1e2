"""Treatment resistance (policy section 2): what the trials add up to. One trial's verdict is in trials.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from intake.case import Case, Indication
from intake.policy import Policy
from intake.rules.finding import Finding, Tier
from intake.rules.trials import TrialResult, Verdict, judge_trials

_APPLIES_TO = {Indication.DEPRESSION, Indication.POSTPARTUM_DEPRESSION}


class Status(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class ResistanceResult:
    """Whether treatment resistance is shown, and every trial with its verdict in the patient's order."""

    applies: bool
    status: Status
    failed_adequate: int
    distinct_classes: int
    two_different_medicines: bool
    trials: tuple[TrialResult, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status.value,
            "failed_adequate": self.failed_adequate,
            "distinct_classes": self.distinct_classes,
            "two_different_medicines": self.two_different_medicines,
            "trials": [trial.to_json() for trial in self.trials],
        }


def assess_resistance(case: Case, policy: Policy) -> tuple[ResistanceResult, list[Finding]]:
    """The result and its findings. The result is worked out and shown also where the rule does not apply."""
    trials = judge_trials(case.antidepressant_trials or (), policy)
    failed = [trial for trial in trials if trial.verdict == Verdict.FAILED_ADEQUATE]
    applies = bool(_APPLIES_TO & set(case.indications or ()))
    result = ResistanceResult(
        applies=applies,
        status=_status(case, trials, policy) if applies else Status.UNDETERMINED,
        failed_adequate=len(failed),
        distinct_classes=len({trial.drug_class for trial in failed}),
        two_different_medicines=len({trial.ingredient for trial in failed})
        >= policy.resistance.different_medicines.value,
        trials=tuple(trials),
    )
    findings = [_unanswered(policy)] if case.antidepressant_trials is None else []
    findings += [_unrecognised(trial, policy) for trial in trials if trial.ingredient is None]
    findings += [finding for trial in trials for finding in _earlier_ketamine(trial, policy)]
    if applies:
        findings += [_status_finding(result, policy)]
        findings += [_partial(trial, policy) for trial in trials if trial.verdict == Verdict.PARTIAL]
    return result, findings


def _status(case: Case, trials: Sequence[TrialResult], policy: Policy) -> Status:
    """Met, could be met with what is still open, or not met. Trials that nobody was asked about are open."""
    needed = policy.resistance.failed_classes.value
    if len({trial.drug_class for trial in trials if trial.verdict == Verdict.FAILED_ADEQUATE}) >= needed:
        return Status.MET
    counts_or_could = (Verdict.FAILED_ADEQUATE, Verdict.BORDERLINE, Verdict.UNKNOWN)
    open_trials = [trial for trial in trials if trial.verdict in counts_or_could]
    # Each different unrecognised name could be a class of its own; the same name twice is one medicine.
    possible = {trial.drug_class or f"?{trial.trial.medicine or at}" for at, trial in enumerate(open_trials)}
    if case.antidepressant_trials is None or len(possible) >= needed:
        return Status.UNDETERMINED
    return Status.NOT_MET


def _status_finding(result: ResistanceResult, policy: Policy) -> Finding:
    needed = policy.resistance.failed_classes
    facts = {key: value for key, value in result.to_json().items() if key != "trials"}
    counted = (
        f"{result.failed_adequate} adequate failed trial(s) in {result.distinct_classes} class(es); needed: "
        f"{needed.value} classes. EU wording (two different medicines): "
        f"{'met' if result.two_different_medicines else 'not met'}."
    )
    if result.status == Status.MET:
        return Finding(
            code="treatment_resistance.met",
            tier=Tier.NOTE,
            about="treatment_resistance",
            facts=facts,
            patient_text="You have tried enough kinds of antidepressants. Your prescriber looks at this together with "
            "your other answers.",
            clinician_text=f"Treatment resistance met: {counted}",
            source=needed.source,
        )
    open_question = result.status == Status.UNDETERMINED
    return Finding(
        code=f"treatment_resistance.{result.status.value}",
        tier=Tier.INFORMATION,
        about="treatment_resistance",
        facts=facts,
        patient_text=(
            "We need to know more about the antidepressants you have tried: the name, the dose, how many weeks you "
            "took it and how much it helped. Old records or a call to your pharmacy can help."
            if open_question
            else "This treatment is for people who were not helped by two different kinds of antidepressants, each "
            "taken long enough and at a full dose. What you told us does not show that yet. If you have tried "
            "others, add them and we will look again."
        ),
        clinician_text=f"Treatment resistance {'undetermined' if open_question else 'not met'}: {counted}",
        source=needed.source,
    )


def _partial(trial: TrialResult, policy: Policy) -> Finding:
    return Finding(
        code="treatment_resistance.partial_response",
        tier=Tier.REVIEW,
        about="treatment_resistance",
        facts={
            "medicine": trial.trial.medicine,
            "ingredient": trial.ingredient,
            "improvement_percent": trial.trial.improvement_percent,
        },
        patient_text=f"{trial.trial.medicine} helped you in part. Your prescriber will talk with you about it.",
        clinician_text=f"{trial.ingredient}: partial response ({trial.trial.improvement_percent} %), not counted as a "
        "failure.",
        source=policy.resistance.response_percent.source,
    )


def _earlier_ketamine(trial: TrialResult, policy: Policy) -> list[Finding]:
    limit = policy.resistance.ketamine_failure_percent
    improvement = trial.trial.improvement_percent
    entry = policy.antidepressants.get(trial.ingredient or "")
    if entry is None or entry.counted or improvement is None or improvement > limit.value:
        return []
    return [
        Finding(
            code="treatment_resistance.earlier_ketamine",
            tier=Tier.REVIEW,
            about=entry.ingredient,
            facts={"medicine": trial.trial.medicine, "improvement_percent": improvement},
            patient_text=f"You told us that {trial.trial.medicine} helped little or not at all. Your prescriber will "
            "talk with you about what to expect this time.",
            clinician_text=f"Earlier {entry.ingredient} with {improvement} % improvement: review first.",
            source=limit.source,
        )
    ]


def _unrecognised(trial: TrialResult, policy: Policy) -> Finding:
    name = trial.trial.medicine
    hint = f" Did you mean {' or '.join(trial.suggestions)}?" if trial.suggestions else ""
    return Finding(
        code="antidepressant_trial.unrecognised",
        tier=Tier.INFORMATION,
        about="unrecognised_medicine",
        facts={"medicine": name, "suggestions": list(trial.suggestions)},
        patient_text=f"We do not know the medicine “{name}”.{hint} Please check the name on the box."
        if name
        else "One of the medicines you tried has no name. Please add it.",
        clinician_text=f"Antidepressant trial not recognised: {name!r}.{hint} Nothing was assumed.",
        source=policy.section(2),
    )


def _unanswered(policy: Policy) -> Finding:
    return Finding(
        code="antidepressant_trials.not_answered",
        tier=Tier.INFORMATION,
        about="antidepressant_trials",
        patient_text="Tell us which antidepressants you have tried, or that you have tried none.",
        clinician_text="Antidepressant trials not answered.",
        source=policy.section(2),
    )
