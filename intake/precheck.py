"""The two-minute check before any account: a few answers, decided by the rules that decide the intake. Pure.

It has no rule of its own. What may be ticked comes from the policy (every condition that excludes at some time, every
medicine that excludes), the answers become a case in which everything that is not asked stands well, and
`eligibility.assess` decides it. Nothing here is stored, and nothing here knows who answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from harmoniously.core.questions.instruments import CssrsAnswers
from intake.case import (
    Case,
    Condition,
    Disorder,
    Frequency,
    Indication,
    Medicine,
    Reading,
    Reproductive,
    Substance,
    SubstanceUse,
    TakenFor,
    Trial,
    Use,
)
from intake.catalogue import BENZODIAZEPINE, OPIOIDS
from intake.eligibility import Finding, Outcome, Tier, assess
from intake.policy import Policy
from intake.rules.care import Care, care_that_fits

EARLIER = ":earlier"  # a choice "longer ago" of a condition whose tier depends on time
PREGNANCY = ("pregnant", "breastfeeding", "trying_to_conceive")
PREGNANCY_UNSURE = "unsure"
OPIOID_DAILY, OPIOID_PAIR, MEDICINE_GROUP = "opioid_daily", "opioid_pair", "group:"
PRESSURE_URGENT, PRESSURE_HIGH = "urgent", "high"
TAKEN_ELSEWHERE = (Substance.KETAMINE, Substance.PCP)


class Thoughts(StrEnum):
    """Thoughts of ending one's life, in our own plain words; the C-SSRS itself is asked in the intake."""

    NONE = "none"
    THOUGHTS = "thoughts"
    ACTING = "acting"
    UNSAID = "unsaid"


class Kind(StrEnum):
    """What the check answers: the four outcomes of policy section 1 in the words of somebody who only looks."""

    CRISIS = "crisis"
    NOT_AT_HOME = "not_at_home"
    TALK = "talk"
    MAY_SUIT = "may_suit"


_KINDS = {
    Outcome.CRISIS: Kind.CRISIS,
    Outcome.NOT_ELIGIBLE: Kind.NOT_AT_HOME,
    Outcome.NEEDS_INFORMATION: Kind.TALK,
    Outcome.ELIGIBLE_FOR_REVIEW: Kind.MAY_SUIT,
}


@dataclass(frozen=True)
class Answers:
    """What was ticked. The codes are those of `condition_choices`, `use_choices` and the constants above."""

    age: int
    state: str
    thoughts: Thoughts
    indications: tuple[Indication, ...] = ()
    conditions: frozenset[str] = frozenset()
    pressure: frozenset[str] = frozenset()
    pregnancy: frozenset[str] = frozenset()
    use: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """What the check says: why, what a prescriber would look at, which other care fits, and what was held back.

    `thoughts` is said in every kind of answer (in a crisis the whole page says it): whatever else was ticked, somebody
    who thinks of ending their life is told whom to call.
    """

    kind: Kind
    thoughts: str = ""
    reasons: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()
    care: tuple[Care, ...] = ()
    outside_our_states: bool = False


def condition_choices(policy: Policy) -> tuple[str, ...]:
    """The conditions to ask about, in the policy's order: whatever excludes always, or at some time."""
    found: list[str] = []
    for rule in policy.conditions.values():
        if rule.code in PREGNANCY or rule.rule == "use_disorder":
            continue
        if rule.rule != "fixed" or rule.tier == Tier.EXCLUDE:
            found.append(rule.code)
        # Longer ago these two still need a letter; a seizure longer ago only needs a look.
        if rule.rule in ("vascular_event", "bipolar"):
            found.append(rule.code + EARLIER)
    return tuple(found)


def recent_weeks(code: str, policy: Policy) -> int:
    """How far back "recently" reaches for a condition whose tier depends on time."""
    event = policy.conditions[code].rule == "vascular_event"
    return int((policy.timing.early_event_weeks if event else policy.timing.year_weeks).value)


def use_choices(policy: Policy) -> tuple[str, ...]:
    """What to ask about substances and medicines: use disorders, ketamine and PCP, and what excludes (section 7)."""
    disorders = [rule.code for rule in policy.conditions.values() if rule.rule == "use_disorder"]
    groups = sorted({group.key for group in policy.groups.values() if group.tier == Tier.EXCLUDE} - {*OPIOIDS})
    medicines = [OPIOID_DAILY, OPIOID_PAIR, *(MEDICINE_GROUP + key for key in groups)]
    return (*disorders, *(substance.value for substance in TAKEN_ELSEWHERE), *medicines)


def group_names(key: str, policy: Policy) -> str:
    """The medicines of a group, the same in every language: "theophylline / aminophylline"."""
    return " / ".join(name.replace("_", " ") for name, group in policy.groups.items() if group.key == key)


def answer(given: Answers, policy: Policy, today: date) -> Answer:
    """Decide the check. Total over every combination of answers; the same answers always give the same."""
    decision = assess(_case(given, policy, today), policy)
    told = [finding for finding in decision.findings if finding.code not in _unasked(policy)]
    kind, outside = _KINDS[decision.outcome], any(finding.code == "state.not_served" for finding in told)
    if kind == Kind.CRISIS:
        # Its sentence promises that our clinician was told; here nobody was, and the page must not say so.
        return Answer(kind)
    if kind == Kind.TALK and outside:
        kind = Kind.NOT_AT_HOME
    thoughts = _about_thoughts(told, kind)
    told = [finding for finding in told if finding.about != "suicide_risk"]
    deciding = Tier.EXCLUDE if decision.outcome == Outcome.NOT_ELIGIBLE else Tier.INFORMATION
    care = care_that_fits([finding.to_json() for finding in told]) if kind == Kind.NOT_AT_HOME else ()
    return Answer(
        kind=kind,
        thoughts=thoughts,
        reasons=_sentences((one for one in told if one.tier == deciding), given, policy),
        looked_at=_sentences((one for one in told if one.tier == Tier.REVIEW), given, policy),
        care=care,
        outside_our_states=outside and decision.outcome != Outcome.NOT_ELIGIBLE,
    )


@lru_cache(maxsize=4)
def _unasked(policy: Policy) -> frozenset[str]:
    """What is found about somebody of whom nothing stands in the way; the day does not matter."""
    return frozenset(finding.code for finding in assess(_well(policy, policy.effective_on), policy).findings)


# From the answers to a case


def _case(given: Answers, policy: Policy, today: date) -> Case:
    return replace(
        _well(policy, today),
        date_of_birth=_born(given.age, today),
        state=given.state,
        indications=given.indications,
        cssrs=_cssrs(given.thoughts),
        conditions=tuple(_condition(code, policy) for code in sorted(given.conditions | _disorders(given, policy))),
        substances=tuple(
            SubstanceUse(one, Use.MONTHLY, Disorder.NONE) for one in TAKEN_ELSEWHERE if one.value in given.use
        ),
        medicines=_medicines(given, policy),
        blood_pressure=_readings(given, policy, today) or _well(policy, today).blood_pressure,
        reproductive=_reproductive(given.pregnancy),
    )


def _well(policy: Policy, today: date) -> Case:
    """Somebody of whom nothing stands in the way: how everything that the check does not ask is taken."""
    trials = tuple(
        Trial(
            medicine=name,
            max_daily_dose_mg=policy.antidepressants[name].minimum,
            weeks_at_dose=policy.resistance.minimum_weeks.value,
            taken_for=TakenFor.DEPRESSION,
            improvement_percent=0,
        )
        for name in ("sertraline", "bupropion")
    )
    return Case(
        as_of=today,
        date_of_birth=_born(40, today),
        state=min(policy.states_served, default=""),
        indications=(Indication.DEPRESSION,),
        antidepressant_trials=trials,
        phq9=(3,) * 8 + (0,),
        gad7=(3,) * 7,
        pcl5=(4,) * 20,
        cssrs=_cssrs(Thoughts.NONE),
        conditions=(),
        substances=(),
        medicines=(),
        blood_pressure=(Reading(today, 110, 70),),
        heart_rate=70,
        reproductive=_reproductive(frozenset()),
        documents=(),
        adult_sitter=True,
    )


def _born(age: int, today: date) -> date:
    # 28 February stands in for the 29th, which most years do not have; the age in whole years is the same.
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return date(today.year - age, today.month, day)


def _cssrs(thoughts: Thoughts) -> CssrsAnswers:
    if thoughts == Thoughts.NONE:
        return CssrsAnswers(wish_dead=False, suicidal_thoughts=False, behavior_lifetime=False)
    if thoughts == Thoughts.UNSAID:
        return CssrsAnswers()
    # "Thoughts" leaves method, plan and earlier attempts open, and open questions never clear anybody.
    intent = True if thoughts == Thoughts.ACTING else None
    return CssrsAnswers(wish_dead=True, suicidal_thoughts=True, intent=intent)


def _condition(code: str, policy: Policy) -> Condition:
    name = code.removesuffix(EARLIER)
    return Condition(name, recent_weeks(name, policy) + 1 if code.endswith(EARLIER) else 0)


def _disorders(given: Answers, policy: Policy) -> frozenset[str]:
    return frozenset(code for code in given.use if code in policy.conditions)


def _readings(given: Answers, policy: Policy, today: date) -> tuple[Reading, ...]:
    limits = policy.blood_pressure
    found = []
    if PRESSURE_URGENT in given.pressure:
        found.append(Reading(today, limits.systolic_urgent.value, limits.diastolic_urgent.value))
    if PRESSURE_HIGH in given.pressure:
        found += [
            Reading(today - timedelta(days=day), limits.systolic_high.value, limits.diastolic_high.value)
            for day in range(int(limits.high_days.value))
        ]
    return tuple(found)


def _reproductive(ticked: frozenset[str]) -> Reproductive:
    unsure = PREGNANCY_UNSURE in ticked and "pregnant" not in ticked
    return Reproductive(
        can_become_pregnant=True if ticked else None,
        pregnant=None if unsure else "pregnant" in ticked,
        breastfeeding="breastfeeding" in ticked,
        trying_to_conceive="trying_to_conceive" in ticked,
    )


def _first_of(key: str, policy: Policy) -> str:
    return next(name for name, group in policy.groups.items() if group.key == key)


def _medicines(given: Answers, policy: Policy) -> tuple[Medicine, ...]:
    """One medicine stands in for its group; `_sentences` says the group where the rules say its name."""
    opioid = _first_of(OPIOIDS[0], policy)
    taken = [
        Medicine(_first_of(code.removeprefix(MEDICINE_GROUP), policy), frequency=Frequency.DAILY)
        for code in sorted(given.use)
        if code.startswith(MEDICINE_GROUP)
    ]
    if OPIOID_DAILY in given.use:
        taken.append(Medicine(opioid, frequency=Frequency.DAILY))
    if OPIOID_PAIR in given.use:
        taken += [
            Medicine(opioid, frequency=Frequency.AS_NEEDED),
            Medicine(_first_of(BENZODIAZEPINE, policy), frequency=Frequency.DAILY),
        ]
    return tuple(taken)


# What is said

_HELP = "You can call or text 988 at any time, also just to talk."
_OWN_WORDS = {
    "indication.missing": "What brings you is not on our list. A doctor who knows you can say better than we can which "
    "care fits.",
    "state.not_served": "We do not treat people where you are yet.",
}


def _about_thoughts(told: Iterable[Finding], kind: Kind) -> str:
    """Whom to call; and what we would ask first, where nothing that was ticked sends the person elsewhere."""
    if not any(finding.about == "suicide_risk" for finding in told):
        return ""
    if kind == Kind.NOT_AT_HOME:
        return f"If you have thoughts of ending your life, please talk with someone about them. {_HELP}"
    return (
        "About thoughts of ending your life we would ask you a few more questions first, and a clinician may call you. "
        f"{_HELP}"
    )


def _sentences(findings: Iterable[Finding], given: Answers, policy: Policy) -> tuple[str, ...]:
    """The patient's sentences, each once; a name that stood in for its group gives way to the group."""
    names = {_first_of(OPIOIDS[0], policy): "an opioid", _first_of(BENZODIAZEPINE, policy): "a benzodiazepine"}
    for code in given.use:
        if code.startswith(MEDICINE_GROUP):
            key = code.removeprefix(MEDICINE_GROUP)
            names[_first_of(key, policy)] = group_names(key, policy)
    told = []
    for finding in findings:
        text = _OWN_WORDS.get(finding.code, finding.patient_text)
        name = finding.facts.get("medicine")
        if name in names:
            text = text.replace(str(name), names[name])
        told.append(text)
    return tuple(dict.fromkeys(told))
