"""How a course of scores is named (policy section 3), at the edges; and which answers go to a prescriber."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from treatment.policy import load
from treatment.rules.checkin import STOP_CODES, CheckInAnswers, check_in_flags
from treatment.rules.outcomes import Change, Score, baseline, course
from treatment.rules.rhythm import Kind

POLICY = load()
START = datetime(2026, 9, 1, 17, tzinfo=UTC)


def scores(*totals):
    return [Score(START + timedelta(days=7 * at), Decimal(str(total))) for at, total in enumerate(totals)]


def test_policy_3_response_remission_and_change_at_their_limits():
    for scale, before, now, change in (
        # Response: 49, 50 and 51 per cent.
        ("gad7", 100, 51, Change.SAME),
        ("gad7", 100, 50, Change.RESPONSE),
        ("gad7", 100, 49, Change.RESPONSE),
        ("phq9", 21, 11, Change.SAME),
        ("phq9", 20, 10, Change.RESPONSE),
        ("gad7", 4, 0, Change.RESPONSE),
        # Remission: under 5.
        ("phq9", 20, 5, Change.RESPONSE),
        ("phq9", 20, 4, Change.REMISSION),
        ("phq9", 6, 4, Change.LOW),
        ("phq9", 4, 4, Change.LOW),
        ("phq9", 0, 0, Change.LOW),
        ("gad7", 20, 11, Change.SAME),
        # Worsening: 4, 5 and 6 points.
        ("phq9", 10, 14, Change.SAME),
        ("phq9", 10, 15, Change.WORSE),
        ("phq9", 10, 16, Change.WORSE),
        ("phq9", 0, 5, Change.WORSE),
        # PCL-5: 9, 10 and 11 points, both ways.
        ("pcl5", 50, 41, Change.SAME),
        ("pcl5", 50, 40, Change.BETTER),
        ("pcl5", 50, 39, Change.BETTER),
        ("pcl5", 50, 59, Change.SAME),
        ("pcl5", 50, 60, Change.WORSE),
        # PEG: 30 per cent of a mean with one decimal.
        ("peg", "6.7", "4.7", Change.SAME),
        ("peg", 10, "7.1", Change.SAME),
        ("peg", 10, 7, Change.RESPONSE),
    ):
        way = course(scale, scores(before, now), START, POLICY)
        assert way is not None and way.change is change, (scale, before, now, way)
    assert course("phq9", [], START, POLICY) is None
    only = course("phq9", scores(12), None, POLICY)
    assert only is not None and (only.change, only.fall) == (Change.FIRST, None)
    falls = [course("phq9", scores(*pair), START, POLICY).fall for pair in ((21, 11), (10, 15), (0, 5))]
    assert falls == [47, -50, None], "never more than there is"


def test_what_others_are_compared_with_is_the_last_score_before_the_first_dose():
    given = scores(18, 16, 12, 9)
    for dose, total in ((None, 18), (START - timedelta(days=1), 18), (START, 18), (START + timedelta(days=8), 16)):
        began = baseline(given, dose)
        assert began is not None and began.total == total, dose


def codes(kind, **given):
    found = check_in_flags(CheckInAnswers(given.pop("side_effects", {}), **given), POLICY, kind)
    return [item.code for item in found.serious]


def test_policy_9_which_answers_between_sessions_a_person_reads():
    calm = {"side_effects": dict.fromkeys(("urinary_frequency", "urinary_pain", "urinary_blood"), 0)}
    for kind, given, expected in (
        (Kind.SCORES, {"phq9_before": 10, "phq9_now": 14, "asks_risk": False}, []),
        (Kind.SCORES, {"phq9_before": 10, "phq9_now": 15, "asks_risk": False}, ["phq9_worse"]),
        (Kind.SCORES, {"phq9_before": 10, "phq9_now": 16, "asks_risk": False}, ["phq9_worse"]),
        (Kind.SCORES, {"phq9_before": None, "phq9_now": 27, "asks_risk": False}, []),
        (Kind.SCORES, {"phq9_before": 14, "phq9_lowest": 12, "phq9_now": 16, "asks_risk": False}, []),
        (Kind.SCORES, {"phq9_before": 14, "phq9_lowest": 12, "phq9_now": 17, "asks_risk": False}, ["phq9_worse"]),
        (Kind.SCORES, {"unscored": ("phq9",), "asks_risk": False}, ["questionnaire_incomplete"]),
        (Kind.SCORES, {"self_harm": 0, "asks_risk": False}, []),
        (Kind.SCORES, {"self_harm": 1, "asks_risk": False}, ["self_harm_item"]),
        (Kind.SCORES, {"self_harm": 1}, ["self_harm_item", "risk_incomplete"]),
        (Kind.SCORES, {"self_harm": 1, "risk": "moderate"}, ["self_harm_item", "risk_moderate"]),
        (Kind.MONTH, calm, []),
        (Kind.MONTH, {"side_effects": {**calm["side_effects"], "urinary_pain": 1}}, ["bladder_sign"]),
        (Kind.MONTH, {**calm, "craving": 1}, []),
        (Kind.MONTH, {**calm, "craving": 2}, ["craving"]),
        (Kind.MONTH, {**calm, "ketamine_extra": True}, ["ketamine_extra"]),
        (Kind.MONTH, {**calm, "substances": ("alcohol", "opioids")}, ["substance_more", "substance_more"]),
        (Kind.MONTH, {**calm, "pressure": (140, 90)}, []),
        (Kind.MONTH, {**calm, "pressure": (141, 90)}, ["pressure_high"]),
        (Kind.MONTH, {**calm, "pressure": (140, 91)}, ["pressure_high"]),
        (Kind.MONTH, {**calm, "pressure": (179, 119)}, ["pressure_high"]),
        (Kind.MONTH, {**calm, "pressure": (180, 90)}, ["pressure_urgent"]),
        (Kind.MONTH, {**calm, "pressure": (150, 120)}, ["pressure_urgent"]),
        (Kind.AFTER, {"feeling": "tired", "signs": (), "sitter_there": True}, []),
        (Kind.AFTER, {"feeling": "unwell"}, ["feeling_unwell"]),
        (Kind.AFTER, {"feeling": "help", "signs": ("chest_pain",)}, ["feeling_help", "emergency_sign"]),
        (Kind.AFTER, {"sitter_there": False}, ["sitter_gone"]),
        (Kind.AFTER, {"sitter_there": False, "released": True}, []),
    ):
        assert codes(kind, **given) == expected, (kind, given)
    stopping = {"mania_signs", "psychosis_signs", "phq9_worse", "bladder_sign", "emergency_sign", "feeling_help"}
    assert stopping <= STOP_CODES, "policies 5 and 9: an exclusion that appears, and what is called 911 for"
