"""Policy sections 4 and 6: suicide risk, indications and the instruments they need."""

from tests.rules.eligibility_cases import CLEAN, codes, decide, document, pairs, tiers
from tests.rules.tables import each


def items(total, length, highest=3):
    """Answers that add up to `total`."""
    full, rest = divmod(total, highest)
    return ([highest] * full + [rest] + [0] * length)[:length]


PHQ9_LOW = items(9, 9)
PHQ9_HIGH = items(10, 9)


@each("indication", ["depression", "bipolar_depression", "postpartum_depression"])
@each(("total", "reaches"), [(9, False), (10, True), (11, True)])
def test_depression_needs_a_phq9_of_ten(indication, total, reaches):
    decision = decide(indications=[indication], phq9=items(total, 9))
    assert (("information", "indication") not in pairs(decision)) is reaches


@each(("total", "reaches"), [(9, False), (10, True), (11, True)])
def test_anxiety_needs_a_gad7_of_ten(total, reaches):
    decision = decide(indications=["anxiety"], gad7=items(total, 7))
    assert tiers(decision, "indication") == (["review"] if reaches else ["information"])


@each(("total", "reaches"), [(32, False), (33, True), (34, True)])
def test_ptsd_needs_a_pcl5_of_thirty_three(total, reaches):
    decision = decide(indications=["ptsd"], pcl5=items(total, 20, 4))
    assert tiers(decision, "indication") == (["review"] if reaches else ["information"])


def test_ocd_has_no_score():
    assert tiers(decide(indications=["ocd"], phq9=PHQ9_LOW), "indication") == ["review"]


@each("indications", [None, []])
def test_no_indication(indications):
    decision = decide(indications=indications)
    assert tiers(decision, "indication") == ["information"]
    assert "indication.missing" in codes(decision)


@each(
    ("changes", "about", "missing"),
    [
        ({"phq9": None}, "instrument.phq9", True),
        ({"phq9": None, "indications": ["ocd"]}, "instrument.phq9", True),
        ({"phq9": [None, *CLEAN["phq9"][1:]]}, "instrument.phq9", True),
        ({"gad7": None}, "instrument.gad7", False),
        ({"gad7": None, "indications": ["anxiety"]}, "instrument.gad7", True),
        ({"gad7": [None, 3, 3, 3, 3, 3, 3], "indications": ["anxiety"]}, "instrument.gad7", True),
        ({"gad7": [None, 3, 3, 3, 3, 3, 3]}, "instrument.gad7", False),
        ({"pcl5": None}, "instrument.pcl5", False),
        ({"pcl5": None, "indications": ["ptsd"]}, "instrument.pcl5", True),
        ({"peg": None, "indications": ["chronic_pain"]}, "instrument.peg", False),
    ],
)
def test_required_instruments(changes, about, missing):
    assert (("information", about) in pairs(decide(**changes))) is missing


def test_without_its_questionnaire_an_indication_is_not_said_to_be_too_low():
    found = codes(decide(phq9=None))
    assert "indication.not_scored" in found
    assert "indication.none_reaches_threshold" not in found


def test_one_indication_is_enough_and_the_other_is_noted():
    decision = decide(indications=["depression", "anxiety"], gad7=items(5, 7))
    assert tiers(decision, "indication") == ["note"]
    assert decision.outcome == "eligible_for_review"
    unscored = decide(indications=["depression", "anxiety"], gad7=None)
    assert tiers(unscored, "indication") == []
    assert decide(indications=["depression", "anxiety", "ocd"]).outcome == "eligible_for_review"


PAPERS = [document("pain_records"), document("treating_clinician_letter")]


@each(
    ("documents", "expected"),
    [
        ([], ["information"]),
        (PAPERS[:1], ["information"]),
        (PAPERS[1:], ["information"]),
        (PAPERS, ["review"]),
        ([PAPERS[0], document("treating_clinician_letter", 91)], ["information"]),
        ([PAPERS[0], document("treating_clinician_letter", 90)], ["review"]),
        ([document("pain_records", 91), PAPERS[1]], ["information"]),
    ],
)
def test_chronic_pain_alone(documents, expected):
    decision = decide(indications=["chronic_pain"], documents=documents)
    assert tiers(decision, "indication") == expected
    assert decision.outcome == ("eligible_for_review" if expected == ["review"] else "needs_information")


def test_chronic_pain_beside_another_indication_holds_nothing_up():
    assert tiers(decide(indications=["chronic_pain", "depression"]), "indication") == ["note"]
    too_low = decide(indications=["chronic_pain", "depression"], phq9=PHQ9_LOW)
    assert tiers(too_low, "indication") == ["information", "note"]
    documented = decide(indications=["chronic_pain", "depression"], phq9=PHQ9_LOW, documents=PAPERS)
    assert tiers(documented, "indication") == ["review", "note"]


def test_scores_are_shown_as_given():
    scores = decide(gad7=[1, None, 1, 1, 1, 1, 1], peg=[5, 7, 8]).to_json()["scores"]
    assert scores == {
        "phq9": {"total": 16, "band": "moderately severe"},
        "gad7": {"total": None, "band": None},
        "peg": {"total": 6.7, "band": "moderate"},
    }


YES_TO = {**CLEAN["cssrs"]}


@each(
    ("answers", "level", "tier", "outcome"),
    [
        ({}, "none", None, "eligible_for_review"),
        ({"wish_dead": True}, "low", "review", "eligible_for_review"),
        ({"behavior_lifetime": True, "behavior_past_3_months": False}, "moderate", "review", "eligible_for_review"),
        ({"behavior_lifetime": True}, "incomplete", "information", "needs_information"),
        ({"behavior_lifetime": True, "behavior_past_3_months": True}, "high", "crisis", "crisis"),
    ],
)
def test_suicide_risk(answers, level, tier, outcome):
    decision = decide(cssrs={**YES_TO, **answers})
    assert decision.suicide_risk == level
    assert tiers(decision, "suicide_risk") == ([tier] if tier else [])
    assert decision.outcome == outcome


@each("cssrs", [None, {}])
def test_no_answers_are_incomplete_never_none(cssrs):
    assert decide(cssrs=cssrs).suicide_risk == "incomplete"


def test_item_nine_is_a_trigger_not_a_level():
    decision = decide(phq9=[3, 3, 3, 3, 0, 0, 0, 0, 1])
    assert decision.suicide_risk == "none"
    assert tiers(decision, "instrument.phq9") == ["note"]
    assert tiers(decide(), "instrument.phq9") == []
