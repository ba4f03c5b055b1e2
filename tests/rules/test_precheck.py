"""The two-minute check (issue 3, SEC-21): its answers are the engine's, over the policy's own table."""

from dataclasses import replace
from datetime import date
from itertools import combinations

from intake.case import CONDITION_CODES, Indication
from intake.eligibility import Outcome, assess
from intake.precheck import (
    EARLIER,
    PREGNANCY,
    Answers,
    Kind,
    Thoughts,
    _well,
    answer,
    condition_choices,
    use_choices,
)
from intake.rules.care import CLINICS, Care
from tests.rules.eligibility_cases import AS_OF, POLICY
from tests.rules.tables import each

WELL = Answers(age=40, state="CA", thoughts=Thoughts.NONE, indications=(Indication.DEPRESSION,))
ORDER = list(Kind)
ELSEWHERE = "elsewhere"  # a place that no policy serves


def told(today=AS_OF, policy=POLICY, **changes):
    return answer(replace(WELL, **changes), policy, today)


def test_what_is_not_asked_stands_well():
    decision = assess(_well(POLICY, AS_OF), POLICY)
    assert decision.outcome == Outcome.ELIGIBLE_FOR_REVIEW
    assert {finding.tier for finding in decision.findings} == {"note"}


@each(
    ("changes", "kind"),
    [
        ({}, Kind.MAY_SUIT),
        ({"age": 17}, Kind.NOT_AT_HOME),
        ({"age": 18}, Kind.MAY_SUIT),
        ({"age": 65}, Kind.MAY_SUIT),
        ({"age": 0}, Kind.NOT_AT_HOME),
        ({"age": 120}, Kind.MAY_SUIT),
        ({"state": ELSEWHERE}, Kind.NOT_AT_HOME),
        ({"thoughts": Thoughts.ACTING}, Kind.CRISIS),
        ({"thoughts": Thoughts.ACTING, "age": 12, "state": "", "indications": ()}, Kind.CRISIS),
        ({"thoughts": Thoughts.THOUGHTS}, Kind.TALK),
        ({"thoughts": Thoughts.UNSAID}, Kind.TALK),
        ({"indications": ()}, Kind.TALK),
        ({"indications": (Indication.CHRONIC_PAIN,)}, Kind.TALK),
        ({"indications": (Indication.BIPOLAR_DEPRESSION,)}, Kind.TALK),
        ({"indications": (Indication.OCD,)}, Kind.MAY_SUIT),
        ({"pregnancy": frozenset({"unsure"})}, Kind.TALK),
        ({"pressure": frozenset({"high"})}, Kind.NOT_AT_HOME),
        ({"pressure": frozenset({"urgent"})}, Kind.NOT_AT_HOME),
    ],
)
def test_each_answer(changes, kind):
    assert told(**changes).kind == kind


def test_every_exclusion_of_the_policy_can_be_ticked_and_rules_out_home():
    """Sections 5 and 7: a code that excludes at some time is asked, and is never answered with "may suit"."""
    excluding = {
        code
        for code in CONDITION_CODES
        if POLICY.conditions[code].rule != "fixed" or POLICY.conditions[code].tier == "exclude"
    }
    asked = {*condition_choices(POLICY), *use_choices(POLICY), *PREGNANCY}
    assert excluding <= asked
    recent = [code for code in condition_choices(POLICY) if not code.endswith(EARLIER)]
    ticked = [
        *({"conditions": frozenset({code})} for code in recent),
        *({"use": frozenset({code})} for code in use_choices(POLICY)),
        *({"pregnancy": frozenset({code})} for code in PREGNANCY),
    ]
    answers = [told(**one) for one in ticked]
    assert [one for one, given in zip(ticked, answers, strict=True) if given.kind != Kind.NOT_AT_HOME] == []
    assert all(given.reasons and given.care for given in answers)
    # Longer ago it needs a letter first; nobody is sent away and nobody is cleared.
    earlier = [code for code in condition_choices(POLICY) if code.endswith(EARLIER)]
    assert [told(conditions=frozenset({code})).kind for code in earlier] == [Kind.TALK] * 3


def test_the_check_follows_a_change_of_policy_by_itself():
    apnea = replace(POLICY.conditions["sleep_apnea"], tier="exclude")
    changed = replace(POLICY, conditions={**POLICY.conditions, "sleep_apnea": apnea}, states_served=frozenset({"NY"}))
    assert "sleep_apnea" not in condition_choices(POLICY)
    assert "sleep_apnea" in condition_choices(changed)
    assert told(policy=changed, state="NY", conditions=frozenset({"sleep_apnea"})).kind == Kind.NOT_AT_HOME
    assert told(policy=changed).outside_our_states


def test_a_second_tick_never_makes_the_answer_better():
    ticks = [
        *({"conditions": frozenset({code})} for code in condition_choices(POLICY)[::3]),
        *({"use": frozenset({code})} for code in use_choices(POLICY)),
        {"thoughts": Thoughts.THOUGHTS},
        {"age": 16},
    ]
    for first, second in combinations(ticks, 2):
        if first.keys() != second.keys():
            both = ORDER.index(told(**first, **second).kind)
            assert both <= min(ORDER.index(told(**first).kind), ORDER.index(told(**second).kind)), (first, second)


def test_the_words_promise_nothing_that_nobody_does():
    """Nobody is told of a crisis here; one medicine that stands in for its group is not named as the patient's."""
    assert told(thoughts=Thoughts.ACTING, pregnancy=frozenset({"unsure"})).reasons == ()
    everything = told(use=frozenset(use_choices(POLICY)))
    text = " ".join(everything.reasons)
    assert "You take an opioid every day" in text
    assert "theophylline / aminophylline" in text
    assert "oxycodone" not in text


def test_whoever_thinks_of_suicide_is_told_whom_to_call_whatever_else_is_ticked():
    """SEC-21, policy section 4."""
    ticks = [
        {},
        {"age": 12},
        {"state": ELSEWHERE},
        {"indications": ()},
        *({"conditions": frozenset({code})} for code in condition_choices(POLICY)),
        *({"use": frozenset({code})} for code in use_choices(POLICY)),
        *({"pressure": frozenset({code})} for code in ("urgent", "high")),
        *({"pregnancy": frozenset({code})} for code in (*PREGNANCY, "unsure")),
        {"use": frozenset(use_choices(POLICY)), "conditions": frozenset(condition_choices(POLICY)), "age": 16},
    ]
    for thoughts, helped in ((Thoughts.THOUGHTS, True), (Thoughts.UNSAID, True), (Thoughts.NONE, False)):
        assert [one for one in ticks if ("988" in told(**one, thoughts=thoughts).thoughts) is not helped] == []
    assert "clinician may call you" in told(thoughts=Thoughts.THOUGHTS).thoughts
    # Who is sent elsewhere is not promised a call.
    assert "clinician" not in told(thoughts=Thoughts.THOUGHTS, age=12).thoughts


def test_the_day_is_no_matter():
    assert {told(today=date(2028, 2, 29), age=age).kind for age in (18, 40, 120)} == {Kind.MAY_SUIT}


@each(
    ("changes", "named", "not_named"),
    [
        ({"conditions": frozenset({"seizures"})}, {*CLINICS, Care.PRIMARY_CARE, Care.THERAPY}, set()),
        ({"conditions": frozenset({"schizophrenia"})}, {Care.PSYCHIATRY, Care.THERAPY}, {*CLINICS}),
        ({"use": frozenset({"opioid_daily"})}, {*CLINICS}, {Care.ADDICTION_CARE}),
        ({"use": frozenset({"substance_use_disorder"})}, {Care.ADDICTION_CARE, Care.THERAPY}, {*CLINICS}),
        # What rules ketamine out rules it out in a clinic too, whatever else was named.
        ({"use": frozenset({"opioid_daily"}), "pregnancy": frozenset({"pregnant"})}, {Care.PRIMARY_CARE}, {*CLINICS}),
        ({"state": ELSEWHERE}, {*CLINICS, Care.THERAPY}, {Care.ADDICTION_CARE}),
    ],
)
def test_the_care_that_fits(changes, named, not_named):
    care = set(told(**changes).care)
    assert named <= care
    assert not not_named & care
