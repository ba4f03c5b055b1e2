"""The person (policy section 5): age, weight, body mass index, heart rate, state, sitter."""

from intake.case import Case
from intake.policy import Policy
from intake.rules.finding import Finding, Tier, exact, tidy


def person_findings(case: Case, policy: Policy) -> list[Finding]:
    """All findings about the person as such."""
    rules = (_age, _weight, _bmi, _heart_rate, _state, _sitter)
    return [finding for rule in rules for finding in rule(case, policy)]


def _age(case: Case, policy: Policy) -> list[Finding]:
    limits = policy.people
    if case.age is None:
        return [
            Finding(
                code="age.missing",
                tier=Tier.INFORMATION,
                about="age",
                patient_text="We need your date of birth to go on.",
                clinician_text="Date of birth not given: age cannot be checked.",
                source=limits.adult_age.source,
            )
        ]
    if case.age < limits.adult_age.value:
        return [
            Finding(
                code="age.minor",
                tier=Tier.EXCLUDE,
                about="age",
                facts={"age": case.age},
                patient_text="Treatment at home is only for adults. You can come back when you are 18. A doctor or a "
                "clinic for young people can help you now.",
                clinician_text=f"Age {case.age}: under {limits.adult_age.value}.",
                source=limits.adult_age.source,
            )
        ]
    if case.age < limits.older_age.value:
        return []
    return [
        Finding(
            code="age.older",
            tier=Tier.REVIEW,
            about="age",
            facts={"age": case.age},
            patient_text="At your age your prescriber looks closely at your health. If you are treated, you start "
            "with a lower dose.",
            clinician_text=f"Age {case.age}: {limits.older_age.value} or over; use the lower start.",
            source=limits.older_age.source,
        )
    ]


def _weight(case: Case, policy: Policy) -> list[Finding]:
    limit = policy.people.low_weight_kg
    # A missing weight or height gives no finding (policy section 5): neither can change the outcome.
    if case.weight_kg is None or case.weight_kg >= limit.value:
        return []
    return [
        Finding(
            code="weight.low",
            tier=Tier.NOTE,
            about="weight",
            facts={"weight_kg": case.weight_kg},
            patient_text="Your prescriber looks at your weight. If you are treated, you start with a lower dose.",
            clinician_text=f"Weight {case.weight_kg} kg, under {limit.value} kg: half the starting dose.",
            source=limit.source,
        )
    ]


def _bmi(case: Case, policy: Policy) -> list[Finding]:
    limit = policy.people.high_bmi
    if case.weight_kg is None or case.height_cm is None:
        return []
    metres = exact(case.height_cm) / 100
    bmi = exact(case.weight_kg) / (metres * metres)
    if bmi < limit.value:
        return []
    return [
        Finding(
            code="bmi.high",
            tier=Tier.REVIEW,
            about="bmi",
            facts={"bmi": tidy(bmi)},
            patient_text="Because of your height and weight, your prescriber asks how you breathe and sleep "
            "before deciding.",
            clinician_text=f"BMI {tidy(bmi)}: review airway, sleep apnoea and sedatives.",
            source=limit.source,
        )
    ]


def _heart_rate(case: Case, policy: Policy) -> list[Finding]:
    low, high = policy.people.heart_rate_low, policy.people.heart_rate_high
    if case.heart_rate is None:
        # Silent in the policy. A heart rate can only lead to a review, so its absence cannot change the outcome:
        # the prescriber is told, and nothing is held up.
        return [
            Finding(
                code="heart_rate.missing",
                tier=Tier.NOTE,
                about="heart_rate",
                patient_text="Tell us your heart rate if you know it. It is measured before any treatment.",
                clinician_text="Heart rate not given: measure it before the first session.",
                source=low.source,
            )
        ]
    if low.value <= case.heart_rate <= high.value:
        return []
    slow = case.heart_rate < low.value
    return [
        Finding(
            code="heart_rate.low" if slow else "heart_rate.high",
            tier=Tier.REVIEW,
            about="heart_rate",
            facts={"heart_rate": case.heart_rate},
            patient_text="Your heart rate is outside the usual range, so your prescriber looks at it. Measuring it "
            "again after five minutes of rest can help.",
            clinician_text=f"Heart rate {case.heart_rate}/min: {'below' if slow else 'above'} "
            f"{low.value if slow else high.value}/min.",
            source=(low if slow else high).source,
        )
    ]


def _state(case: Case, policy: Policy) -> list[Finding]:
    state = (case.state or "").strip().upper()
    if state in policy.states_served and not case.state_closed:
        return []
    return [
        Finding(
            code="state.not_served" if state else "state.missing",
            tier=Tier.INFORMATION,
            about="state",
            facts={"state": case.state},
            patient_text="We do not treat people in this state yet. If you are somewhere else, tell us where."
            if state
            else "Tell us which state you are in. A visit can be booked only where our prescribers are licensed.",
            clinician_text=f"State {'closed to new patients' if case.state_closed else 'not served'}: "
            "blocks scheduling, not a medical exclusion."
            if state
            else "State not given: blocks scheduling, not a medical exclusion.",
            source=policy.states_source,
        )
    ]


def _sitter(case: Case, policy: Policy) -> list[Finding]:
    if case.adult_sitter:
        return []
    return [
        Finding(
            code="sitter.missing",
            tier=Tier.INFORMATION,
            about="sitter",
            facts={"adult_sitter": case.adult_sitter},
            patient_text="An adult you trust has to be with you during each dose. Tell us when you have found someone, "
            "and we can go on.",
            clinician_text="No adult sitter confirmed: blocks scheduling, not a medical exclusion.",
            source=policy.section(5),
        )
    ]
