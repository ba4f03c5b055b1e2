"""Pregnancy, breastfeeding, trying to conceive (policy section 5). The condition codes of the same names are in
conditions.py; all are about `pregnancy`.
"""

from intake.case import Case, Reproductive, Sex
from intake.policy import Policy
from intake.rules.conditions import fixed_condition
from intake.rules.finding import Finding, Tier


def reproduction_findings(case: Case, policy: Policy) -> list[Finding]:
    """An exclusion for every "yes", and a question for every answer that is needed and missing."""
    answers = case.reproductive
    if answers is None:
        return [] if case.sex_at_birth == Sex.MALE else [_ask("section", policy)]
    given = {
        "pregnant": answers.pregnant,
        "breastfeeding": answers.breastfeeding,
        "trying_to_conceive": answers.trying_to_conceive,
    }
    findings = [fixed_condition(policy.conditions[code], {"answer": code}) for code, yes in given.items() if yes]
    # Unless male, an answer that could be an exclusion is asked for. Someone who says that they can become pregnant
    # is asked whatever their sex at birth: the safe reading.
    if case.sex_at_birth != Sex.MALE or answers.can_become_pregnant:
        findings += [_ask(code, policy) for code in _missing(answers)]
    return findings


def _missing(answers: Reproductive) -> list[str]:
    """Unanswered questions that matter. Who cannot become pregnant need not answer about pregnancy, but may still
    breastfeed."""
    able = answers.can_become_pregnant is not False
    needed = {
        "pregnant": able and answers.pregnant is None,
        "breastfeeding": answers.breastfeeding is None,
        "trying_to_conceive": able and answers.trying_to_conceive is None,
    }
    return [code for code, missing in needed.items() if missing]


_QUESTIONS = {
    "section": (
        "Tell us whether you could be pregnant, are breastfeeding or are trying to become pregnant.",
        "Reproductive section not answered (required unless male).",
    ),
    "pregnant": (
        "We need to know that you are not pregnant. Please take a pregnancy test and tell us the result.",
        "Pregnancy unknown and can conceive, or not known whether can: pregnancy test needed.",
    ),
    "breastfeeding": ("Tell us whether you are breastfeeding.", "Breastfeeding not answered."),
    "trying_to_conceive": (
        "Tell us whether you are trying to become pregnant.",
        "Trying to conceive not answered.",
    ),
}


def _ask(code: str, policy: Policy) -> Finding:
    patient, clinician = _QUESTIONS[code]
    return Finding(
        code=f"pregnancy.{code}_unknown",
        tier=Tier.INFORMATION,
        about="pregnancy",
        facts={"unanswered": code},
        patient_text=patient,
        clinician_text=clinician,
        source=policy.section(5),
    )
