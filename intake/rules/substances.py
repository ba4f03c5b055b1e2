"""Substances (policy section 5): use disorders, recreational ketamine and PCP, opioids, and what was left unanswered.

An opioid beside a sedative is in medicines.py, because either may be prescribed.
"""

from intake.case import Case, Disorder, Substance, SubstanceUse, Use
from intake.policy import Policy
from intake.rules.finding import Finding, Tier

_NAMES = {
    Substance.ALCOHOL: "alcohol",
    Substance.CANNABIS: "cannabis",
    Substance.OPIOID: "opioids",
    Substance.COCAINE: "cocaine",
    Substance.STIMULANT: "stimulants",
    Substance.SEDATIVE: "sedatives",
    Substance.KETAMINE: "ketamine",
    Substance.PCP: "PCP",
    Substance.OTHER: "another substance",
}
_DISSOCIATIVES = {Substance.KETAMINE, Substance.PCP}
_NO_DISORDER_QUESTION = {Substance.ALCOHOL, Substance.CANNABIS}
HELPLINE = "The free helpline 1-800-662-4357 can help you find care."


def is_current(use: SubstanceUse) -> bool:
    """Within the past 12 months: every use but never and past."""
    return use.use not in (None, Use.NEVER, Use.PAST)


def substance_findings(case: Case, policy: Policy) -> list[Finding]:
    """The findings of every substance named; a list that was not answered is asked for."""
    if case.substances is None:
        return [_list_unanswered(policy)]
    return [finding for one in case.substances for finding in _substance(one, policy)]


def _substance(one: SubstanceUse, policy: Policy) -> list[Finding]:
    if one.substance is None:
        return [_list_unanswered(policy)]
    found = [*_recreational(one, one.substance, policy), *_disorder(one, one.substance, policy)]
    return found + (_opioid(one, one.substance, policy) if one.substance == Substance.OPIOID else [])


def _recreational(one: SubstanceUse, substance: Substance, policy: Policy) -> list[Finding]:
    if substance not in _DISSOCIATIVES:
        return []
    name = _NAMES[substance]
    if one.use is None:
        return [_ask(one, substance, "use_unknown", f"Tell us whether and when you last used {name}.", policy)]
    if one.use == Use.NEVER:
        return []
    if is_current(one):
        return [
            use_finding(
                one,
                Tier.EXCLUDE,
                "recreational_use",
                f"You told us that you used {name} in the past 12 months. Using it outside of treatment makes "
                f"treatment "
                "at home unsafe now. After 12 months without it we can look again.",
                f"Recreational {name} within 12 months: exclude.",
                policy,
            )
        ]
    return [
        use_finding(
            one,
            Tier.REVIEW,
            "earlier_recreational_use",
            f"You told us that you used {name} in the past. Your prescriber will talk with you about it.",
            f"Earlier recreational {name}: review.",
            policy,
        )
    ]


def _disorder(one: SubstanceUse, substance: Substance, policy: Policy) -> list[Finding]:
    name = _NAMES[substance]
    if one.disorder is None:
        return _disorder_unanswered(one, substance, policy)
    if one.disorder == Disorder.NONE:
        return []
    if one.disorder == Disorder.REMISSION:
        return _remission(one, substance, policy)
    heavy = substance == Substance.OPIOID or one.disorder in (Disorder.MODERATE, Disorder.SEVERE)
    if heavy and one.use == Use.NEVER:
        # Silent in the policy: a disorder of something never used contradicts itself, so a person asks, where the
        # answer matters. A mild one is a review whatever the use is.
        question = (
            f"You told us that you never used {name}, and also that you had trouble with it. Tell us which is right."
        )
        return [_ask(one, substance, "contradiction", question, policy)]
    # "Current" is within 12 months, here as for the condition codes. A use that was not given is not known to be
    # past, so it counts as current.
    past = one.use == Use.PAST
    if heavy and not past:
        return [
            use_finding(
                one,
                Tier.EXCLUDE,
                "use_disorder",
                f"You told us about trouble with {name} now. Ketamine can be habit-forming, so treatment at home is "
                f"not safe for you now. After {policy.timing.remission_months.value} months of recovery we can look "
                f"again. {HELPLINE}",
                f"Use disorder ({name}), {one.disorder.value}, current: exclude.",
                policy,
            )
        ]
    when = "past" if past else "never used" if one.use == Use.NEVER else "current"
    return [
        use_finding(
            one,
            Tier.REVIEW,
            "use_disorder_past" if past else "use_disorder_mild",
            f"You told us about trouble with {name}. Your prescriber will talk with you about it.",
            f"Use disorder ({name}), {one.disorder.value}, {when}: review.",
            policy,
        )
    ]


def _opioid(one: SubstanceUse, substance: Substance, policy: Policy) -> list[Finding]:
    """Opioids without a prescription and without a disorder now: daily excludes, any other use now is reviewed.

    Silent in the policy, so as strict as for those that are prescribed (section 7: a daily full agonist excludes, and
    what is sold on the street may be one). Therefore how often has to be known. Where it was not said whether there is
    a disorder, the policy asks that first (section 5), and every answer to it but these two excludes.
    """
    if one.disorder not in (Disorder.NONE, Disorder.REMISSION):
        return []
    if one.use is None:
        return [ask_how_often(one, substance, policy)]
    if one.use == Use.DAILY:
        text = (
            "You told us that you use opioids every day. With ketamine they can slow your breathing too much. "
            "Treatment at home is not safe for you now. Do not stop them suddenly on your own: that can be dangerous. "
            f"Talk with a doctor about it. {HELPLINE} After 12 months without them we can look again."
        )
        clinician = "Daily opioid use without a prescription: exclude, as a daily full agonist."
        return [use_finding(one, Tier.EXCLUDE, "daily_opioid", text, clinician, policy, section=7)]
    if one.disorder == Disorder.REMISSION or not is_current(one):
        return []
    patient = "You told us that you use opioids. With ketamine they can slow your breathing, so your prescriber asks."
    return [use_finding(one, Tier.REVIEW, "current_opioid", patient, "Opioid use, no disorder: review.", policy)]


def _remission(one: SubstanceUse, substance: Substance, policy: Policy) -> list[Finding]:
    """Twelve months or more are reviewed; fewer, or a number that was not given, are asked about."""
    name, needed = _NAMES[substance], policy.timing.remission_months.value
    if one.remission_months is None:
        return [
            _ask(one, substance, "remission_unknown", f"Tell us how long you have been in recovery ({name}).", policy)
        ]
    if one.remission_months < needed:
        text = (
            f"You told us that you have been in recovery ({name}) for less than {needed} months. We need to know more "
            f"about it, and after {needed} months we can look again."
        )
        return [_ask(one, substance, "early_remission", text, policy)]
    return [
        use_finding(
            one,
            Tier.REVIEW,
            "remission",
            f"You told us that you are in recovery ({name}). Your prescriber will talk with you about what keeps "
            f"you well.",
            f"Use disorder ({name}) in remission for {one.remission_months:g} months{_used_now(one)}: review supports.",
            policy,
        )
    ]


def _used_now(one: SubstanceUse) -> str:
    return f", used {one.use.value.replace('_', ' ')} now" if one.use is not None and is_current(one) else ""


def _disorder_unanswered(one: SubstanceUse, substance: Substance, policy: Policy) -> list[Finding]:
    """Current use of anything but alcohol and cannabis asks whether it is a disorder, and so does an empty answer."""
    name = _NAMES[substance]
    if one.use is None and substance not in _DISSOCIATIVES:
        return [ask_how_often(one, substance, policy)]
    if substance in _NO_DISORDER_QUESTION or not is_current(one):
        return []
    return [
        _ask(
            one,
            substance,
            "disorder_unknown",
            f"Tell us whether using {name} causes you trouble, and how much.",
            policy,
        )
    ]


def use_finding(
    one: SubstanceUse, tier: Tier, code: str, patient: str, clinician: str, policy: Policy, *, section: int = 5
) -> Finding:
    """A finding about a substance that has a name, from a section of the policy."""
    return Finding(
        code=f"substance.{code}",
        tier=tier,
        about=str(one.substance),
        facts={
            "use": None if one.use is None else one.use.value,
            "disorder": None if one.disorder is None else one.disorder.value,
            "remission_months": one.remission_months,
        },
        patient_text=patient,
        clinician_text=clinician,
        source=policy.section(section),
    )


def _ask(one: SubstanceUse, substance: Substance, code: str, question: str, policy: Policy) -> Finding:
    clinician = f"{_NAMES[substance]}: {code.replace('_', ' ')}; ask."
    return use_finding(one, Tier.INFORMATION, code, question, clinician, policy)


def ask_how_often(one: SubstanceUse, substance: Substance, policy: Policy) -> Finding:
    """Asks whether and how often, where the outcome depends on it."""
    question = f"Tell us whether and how often you use {_NAMES[substance]}."
    return _ask(one, substance, "use_unknown", question, policy)


def _list_unanswered(policy: Policy) -> Finding:
    return Finding(
        code="substances.not_answered",
        tier=Tier.INFORMATION,
        about="substances",
        patient_text="Tell us about alcohol, cannabis and other substances, or that you use none. We ask because some "
        "of them are not safe with ketamine.",
        clinician_text="Substances not answered, or one without a name.",
        source=policy.section(5),
    )
