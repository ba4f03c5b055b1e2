"""Policy section 5: conditions, pregnancy."""

from intake.case import CONDITION_CODES
from tests.rules.eligibility_cases import POLICY, condition, decide, document, pairs, tiers
from tests.rules.tables import each

CARDIOLOGY = document("cardiology_letter")
TREATING = document("treating_clinician_letter")

EXCLUDED = """
    aneurysmal_vascular_disease arteriovenous_malformation intracerebral_hemorrhage unstable_angina
    heart_failure_decompensated serious_arrhythmia schizophrenia schizoaffective psychosis_current mania_current
    liver_severe raised_intracranial_pressure glaucoma_uncontrolled hyperthyroidism_untreated cystitis_active
    ketamine_allergy respiratory_severe
"""
REVIEWED = """
    heart_failure_stable arrhythmia_treated coronary_disease_stable hypertension psychosis_family liver_moderate
    liver_tests_abnormal glaucoma_treated hyperthyroidism_treated cystitis_history sleep_apnea dementia
    personality_disorder_severe
"""
PREGNANCY = ("pregnant", "breastfeeding", "trying_to_conceive")
TIMED = (
    "myocardial_infarction",
    "stroke_or_tia",
    "bipolar",
    "seizures",
    "substance_use_disorder",
    "opioid_use_disorder",
)


def test_every_code_is_in_these_tables():
    assert {*EXCLUDED.split(), *REVIEWED.split(), *PREGNANCY, *TIMED} == CONDITION_CODES


@each("weeks", [None, 0, 2000])
def test_excluded_whenever_it_was(weeks):
    assert {code: condition(code, weeks) for code in EXCLUDED.split()} == dict.fromkeys(EXCLUDED.split(), ["exclude"])


def test_reviewed():
    assert {code: condition(code) for code in REVIEWED.split()} == dict.fromkeys(REVIEWED.split(), ["review"])


def test_the_facts_are_what_was_said():
    (finding,) = [
        f for f in decide(conditions=[{"code": "dementia", "weeks_ago": 7}]).findings if f.about == "dementia"
    ]
    assert finding.facts == {"code": "dementia", "weeks_ago": 7}


@each("code", TIMED)
def test_without_a_date_it_is_asked(code):
    assert condition(code, None, CARDIOLOGY, TREATING) == ["information"]


@each("code", ["myocardial_infarction", "stroke_or_tia"])
@each(
    ("weeks", "without", "with_letter"),
    [
        (0, ["exclude"], ["exclude"]),
        (5.9, ["exclude"], ["exclude"]),
        (6, ["exclude", "information"], ["review"]),
        (7, ["exclude", "information"], ["review"]),
        (26, ["exclude", "information"], ["review"]),
        (26.1, ["information"], ["review"]),
        (208, ["information"], ["review"]),
    ],
)
def test_a_heart_attack_or_a_stroke(code, weeks, without, with_letter):
    assert condition(code, weeks) == without
    assert condition(code, weeks, TREATING) == without
    assert condition(code, weeks, CARDIOLOGY) == with_letter


@each(("days", "tier"), [(0, "review"), (89, "review"), (90, "review"), (91, "information")])
def test_a_letter_is_good_for_ninety_days(days, tier):
    assert condition("stroke_or_tia", 100, document("cardiology_letter", days)) == [tier]
    assert condition("bipolar", 100, document("treating_clinician_letter", days)) == [tier]


def test_an_undated_or_unnamed_document_is_not_on_file():
    assert condition("stroke_or_tia", 100, {"kind": "cardiology_letter"}, {"dated": "2026-11-01"}) == ["information"]
    assert tiers(decide(conditions=[{"code": "bipolar", "weeks_ago": 60}], documents=None), "bipolar") == [
        "information"
    ]


@each(
    ("weeks", "without", "with_letter"),
    [
        (51, "exclude", "exclude"),
        (52, "exclude", "exclude"),
        (52.5, "information", "review"),
        (53, "information", "review"),
    ],
)
def test_bipolar_disorder(weeks, without, with_letter):
    assert condition("bipolar", weeks) == [without]
    assert condition("bipolar", weeks, CARDIOLOGY) == [without]
    assert condition("bipolar", weeks, TREATING) == [with_letter]


@each(("weeks", "tier"), [(51, "exclude"), (52, "exclude"), (53, "review")])
def test_seizures(weeks, tier):
    assert condition("seizures", weeks) == [tier]


@each("code", ["substance_use_disorder", "opioid_use_disorder"])
@each(("weeks", "tier"), [(0, "exclude"), (51.9, "exclude"), (52, "review"), (53, "review")])
def test_a_use_disorder_as_a_condition(code, weeks, tier):
    assert condition(code, weeks) == [tier]


@each("conditions", [[], None, [{"code": "dementia"}]])
def test_bipolar_depression_without_the_condition_is_asked(conditions):
    decision = decide(indications=["bipolar_depression"], conditions=conditions)
    assert tiers(decision, "bipolar") == ["information"]
    assert tiers(decide(conditions=conditions), "bipolar") == []


def test_bipolar_depression_with_the_condition_is_judged_by_it():
    decision = decide(
        indications=["bipolar_depression"], conditions=[{"code": "bipolar", "weeks_ago": 156}], documents=[TREATING]
    )
    assert tiers(decision, "bipolar") == ["review"]
    assert decision.outcome == "eligible_for_review"


def test_a_condition_without_a_code_is_asked():
    assert tiers(decide(conditions=[{"weeks_ago": 3}]), "conditions") == ["information"]


@each("code", PREGNANCY)
def test_pregnancy_codes_are_about_pregnancy(code):
    decision = decide(conditions=[{"code": code}])
    assert tiers(decision, "pregnancy") == ["exclude"]
    assert tiers(decision, code) == []


NO = {"can_become_pregnant": True, "pregnant": False, "breastfeeding": False, "trying_to_conceive": False}


@each(
    ("answers", "expected"),
    [
        (None, ["information"]),
        ({}, ["information"] * 3),
        (NO, []),
        ({**NO, "can_become_pregnant": False}, []),
        ({**NO, "can_become_pregnant": None}, []),
        ({**NO, "pregnant": True}, ["exclude"]),
        ({**NO, "breastfeeding": True}, ["exclude"]),
        ({**NO, "trying_to_conceive": True}, ["exclude"]),
        ({**NO, "pregnant": True, "can_become_pregnant": False}, ["exclude"]),
        ({**NO, "pregnant": None}, ["information"]),
        ({**NO, "pregnant": None, "can_become_pregnant": None}, ["information"]),
        ({**NO, "pregnant": None, "can_become_pregnant": False}, []),
        ({**NO, "trying_to_conceive": None, "can_become_pregnant": False}, []),
        ({**NO, "trying_to_conceive": None}, ["information"]),
        ({**NO, "breastfeeding": None, "can_become_pregnant": False}, ["information"]),
        ({**NO, "pregnant": None, "breastfeeding": True}, ["exclude", "information"]),
    ],
)
def test_reproductive_answers_unless_male(answers, expected):
    for sex in ("female", "intersex", None):
        assert tiers(decide(sex_at_birth=sex, reproductive=answers), "pregnancy") == expected


@each(
    ("answers", "expected"),
    [
        (None, []),
        ({}, []),
        ({"pregnant": None, "can_become_pregnant": False}, []),
        ({"pregnant": True}, ["exclude"]),
        ({**NO, "pregnant": None}, ["information"]),
    ],
)
def test_reproductive_answers_if_male(answers, expected):
    assert tiers(decide(sex_at_birth="male", reproductive=answers), "pregnancy") == expected


def test_postpartum_depression_and_breastfeeding():
    decision = decide(
        indications=["postpartum_depression"], sex_at_birth="female", reproductive={**NO, "breastfeeding": True}
    )
    assert decision.outcome == "not_eligible"
    assert {("exclude", "pregnancy"), ("review", "indication")} <= pairs(decision)


def test_a_patient_reads_what_would_change_it():
    for code in POLICY.conditions:
        decision = decide(conditions=[{"code": code, "weeks_ago": 1}])
        for finding in decision.findings:
            if finding.tier == "exclude":
                assert any(words in finding.patient_text for words in ("tell us", "can change this")), code


def test_what_time_cannot_change_is_not_promised():
    for code in ("intracerebral_hemorrhage", "aneurysmal_vascular_disease", "ketamine_allergy", "schizophrenia"):
        (finding,) = [f for f in decide(conditions=[{"code": code}]).findings if f.tier == "exclude"]
        assert "look again" not in finding.patient_text
        assert "If this is not right, tell us." in finding.patient_text


@each(
    ("code", "question"),
    [
        ("bipolar", "last manic or mixed episode"),
        ("opioid_use_disorder", "your last use"),
        ("stroke_or_tia", "how long ago it was"),
    ],
)
def test_a_missing_date_is_asked_in_the_words_of_the_condition(code, question):
    (finding,) = [f for f in decide(conditions=[{"code": code}]).findings if f.about == code]
    assert (finding.tier, question in finding.patient_text) == ("information", True)
