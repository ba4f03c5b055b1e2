"""Conditions (policy section 5): tiers for treatment at home, some of which depend on time and on letters."""

from collections.abc import Mapping
from typing import Any

from intake.case import Case, Condition, DocumentKind, Indication
from intake.policy import ConditionRule, Policy
from intake.rules.finding import Finding, Tier, on_file


def condition_findings(case: Case, policy: Policy) -> list[Finding]:
    """The findings of every condition named, and questions for what was not answered."""
    if case.conditions is None:
        findings = [_unanswered(policy, "Tell us about your health conditions, or that you have none of them.")]
    else:
        findings = [finding for one in case.conditions for finding in _condition(one, case, policy)]
    return findings + _bipolar_code_missing(case, policy)


def _condition(condition: Condition, case: Case, policy: Policy) -> list[Finding]:
    if condition.code is None:
        return [_unanswered(policy, "One of your health conditions has no name. Tell us which one it is.")]
    rule = policy.conditions[condition.code]
    if rule.rule == "fixed":
        return [] if rule.tier == "none" else [fixed_condition(rule, _facts(condition))]
    if condition.weeks_ago is None:
        return [_undated(rule)]
    return _TIMED[rule.rule](rule, condition.weeks_ago, case, policy)


def fixed_condition(rule: ConditionRule, facts: Mapping[str, Any]) -> Finding:
    """The finding of a condition whose tier does not depend on anything else."""
    tier = Tier(rule.tier)
    return _finding(rule, tier, tier.value, facts, clinician=rule.clinician)


def _finding(
    rule: ConditionRule, tier: Tier, code: str, facts: Mapping[str, Any], *, clinician: str, ask: str = ""
) -> Finding:
    return Finding(
        code=f"condition.{rule.code}.{code}",
        tier=tier,
        about=rule.about,
        facts={"code": rule.code, **facts},
        patient_text=_patient_text(rule, tier, ask),
        clinician_text=clinician,
        source=rule.source,
    )


def _patient_text(rule: ConditionRule, tier: Tier, ask: str) -> str:
    if ask:
        return f"You told us about {rule.plain}. {rule.why} {ask}"
    if tier == Tier.EXCLUDE:
        return f"You told us about {rule.plain}. {rule.why} Treatment at home is not safe for you now. {rule.change}"
    return f"You told us about {rule.plain}. {rule.why} Your prescriber will talk with you about it."


def _facts(condition: Condition) -> dict[str, float]:
    return {} if condition.weeks_ago is None else {"weeks_ago": condition.weeks_ago}


def _undated(rule: ConditionRule) -> Finding:
    return _finding(
        rule,
        Tier.INFORMATION,
        "no_date",
        {},
        ask=rule.when,
        clinician=f"{rule.clinician}: no date given; the tier depends on it.",
    )


def _vascular_event(rule: ConditionRule, weeks: float, case: Case, policy: Policy) -> list[Finding]:
    """Heart attack, stroke: excluded when recent, then only with a cardiology letter."""
    timing = policy.timing
    letter = on_file(case, policy, DocumentKind.CARDIOLOGY_LETTER)
    facts = {"weeks_ago": weeks, "cardiology_letter": letter}
    what = f"{rule.clinician} {weeks:g} weeks ago"
    exclude = _finding(rule, Tier.EXCLUDE, "recent", facts, clinician=f"{what}: exclude.")
    ask = _finding(
        rule,
        Tier.INFORMATION,
        "letter_missing",
        facts,
        ask=f"Please ask your heart doctor for a letter and send it to us. It must be no more than "
        f"{timing.letter_days.value} days old.",
        clinician=f"{what}: needs a cardiology letter dated within {timing.letter_days.value} days.",
    )
    if weeks < timing.recent_event_weeks.value:
        return [exclude]
    if letter:
        # The policy asks for a letter of the last 90 days, not for one after the event; the prescriber checks that.
        checked = f"{what}, cardiology letter on file: review; check that it was written after the event."
        return [_finding(rule, Tier.REVIEW, "review", facts, clinician=checked)]
    return [exclude, ask] if weeks <= timing.early_event_weeks.value else [ask]


def _bipolar(rule: ConditionRule, weeks: float, case: Case, policy: Policy) -> list[Finding]:
    letter = on_file(case, policy, DocumentKind.TREATING_CLINICIAN_LETTER)
    facts = {"weeks_ago": weeks, "treating_clinician_letter": letter}
    what = f"{rule.clinician}, last manic or mixed episode {weeks:g} weeks ago"
    if weeks <= policy.timing.year_weeks.value:
        return [_finding(rule, Tier.EXCLUDE, "recent_mania", facts, clinician=f"{what}: within 12 months.")]
    if letter:
        return [_finding(rule, Tier.REVIEW, "review", facts, clinician=f"{what}; treating clinician's letter on file.")]
    return [
        _finding(
            rule,
            Tier.INFORMATION,
            "letter_missing",
            facts,
            ask="Please ask the clinician who treats you for a letter and send it to us. It must be no more than "
            f"{policy.timing.letter_days.value} days old.",
            clinician=f"{what}: needs the treating clinician's letter.",
        )
    ]


def _seizures(rule: ConditionRule, weeks: float, case: Case, policy: Policy) -> list[Finding]:
    facts = {"weeks_ago": weeks}
    what = f"{rule.clinician}, last one {weeks:g} weeks ago"
    if weeks <= policy.timing.year_weeks.value:
        return [_finding(rule, Tier.EXCLUDE, "recent", facts, clinician=f"{what}: within 12 months.")]
    return [_finding(rule, Tier.REVIEW, "review", facts, clinician=f"{what}: controlled; review treatment.")]


def _use_disorder(rule: ConditionRule, weeks: float, case: Case, policy: Policy) -> list[Finding]:
    """A use disorder as a condition code is current when the last use was under a year ago."""
    facts = {"weeks_ago": weeks}
    what = f"{rule.clinician}, last use {weeks:g} weeks ago"
    if weeks < policy.timing.year_weeks.value:
        return [_finding(rule, Tier.EXCLUDE, "current", facts, clinician=f"{what}: current.")]
    return [_finding(rule, Tier.REVIEW, "past", facts, clinician=f"{what}: in remission; review supports.")]


_TIMED = {
    "vascular_event": _vascular_event,
    "bipolar": _bipolar,
    "seizures": _seizures,
    "use_disorder": _use_disorder,
}


def _bipolar_code_missing(case: Case, policy: Policy) -> list[Finding]:
    """Bipolar depression without the condition `bipolar`: the time since the last mania is not known."""
    if Indication.BIPOLAR_DEPRESSION not in (case.indications or ()):
        return []
    if any(one.code == "bipolar" for one in case.conditions or ()):
        return []
    rule = policy.conditions["bipolar"]
    return [
        _finding(
            rule,
            Tier.INFORMATION,
            "not_described",
            {"indication": Indication.BIPOLAR_DEPRESSION.value},
            ask=rule.when,
            clinician="Bipolar depression is the indication, but bipolar disorder was not described: ask for the last "
            "manic or mixed episode.",
        )
    ]


def _unanswered(policy: Policy, patient: str) -> Finding:
    return Finding(
        code="conditions.not_answered",
        tier=Tier.INFORMATION,
        about="conditions",
        patient_text=patient,
        clinician_text="Conditions not answered, or one without a code.",
        source=policy.section(5),
    )
