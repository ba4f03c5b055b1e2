"""Suicide risk (policy section 4): the finding for the level that the instrument gives."""

from harmoniously.core.questions.instruments import CssrsAnswers, SuicideRisk, suicide_risk
from intake.case import Case
from intake.policy import Policy
from intake.rules.finding import Finding, Tier

_TEXTS = {
    SuicideRisk.HIGH: (
        Tier.CRISIS,
        (
            "You told us about thoughts or acts that mean you need help now. Please call or text 988, or call "
            "911 if you "
            "are in danger. You can also text HOME to 741741. We have told our clinician on call, who will "
            "contact you. "
            "This is not a refusal: we can go on with you when you are safe."
        ),
        (
            "C-SSRS high risk: intent, plan, or suicidal behavior in the past 3 months. Contact at once; record the "
            "contact and a safety plan. Not a decline."
        ),
    ),
    SuicideRisk.MODERATE: (
        Tier.REVIEW,
        (
            "Thank you for telling us about these thoughts. A clinician will contact you soon to talk and make a "
            "safety "
            "plan with you. Treatment starts only after that. If it gets worse, call or text 988 at any time."
        ),
        (
            "C-SSRS moderate risk: thoughts with a method, or suicidal behavior more than 3 months ago. "
            "Priority review; "
            "nothing ships and no session starts until a contact and a safety plan are recorded."
        ),
    ),
    SuicideRisk.LOW: (
        Tier.REVIEW,
        (
            "Thank you for telling us about these thoughts. Your prescriber will talk with you about them. If they get "
            "stronger, call or text 988 at any time."
        ),
        (
            "C-SSRS low risk: wish to be dead or non-specific suicidal thoughts in the past month. Review; resources "
            "were shown."
        ),
    ),
    SuicideRisk.INCOMPLETE: (
        Tier.INFORMATION,
        (
            "Some of the safety questions were not answered. Please answer all of them, so that we can go on "
            "safely. If "
            "you have thoughts of ending your life, call or text 988 at any time."
        ),
        (
            "C-SSRS incomplete: an unanswered question could raise the level. The protections of moderate risk "
            "hold until "
            "it is answered."
        ),
    ),
}


def assess_suicide_risk(case: Case, policy: Policy) -> tuple[SuicideRisk, list[Finding]]:
    """The level, and its finding (none when the level is none). No answers at all is `incomplete`."""
    level = suicide_risk(case.cssrs or CssrsAnswers())
    if level not in _TEXTS:
        return level, []
    tier, patient, clinician = _TEXTS[level]
    return level, [
        Finding(
            code=f"suicide_risk.{level.value}",
            tier=tier,
            about="suicide_risk",
            facts={"level": level.value},
            patient_text=patient,
            clinician_text=clinician,
            source=f"C-SSRS screener; {policy.section(4)}",
        )
    ]
