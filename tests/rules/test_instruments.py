"""The instruments: their shape, their wording, their scores and bands, and the suicide risk level."""

from itertools import product

import pytest

from harmoniously.core.questions.instruments import (
    CSSRS_SCREEN,
    CSSRS_SINCE_LAST,
    GAD7,
    INSTRUMENTS,
    PCL5,
    PEG,
    PHQ9,
    CssrsAnswers,
    CssrsSinceLastAnswers,
    SuicideRisk,
    asks_cssrs,
    pcl5_clusters,
    score_gad7,
    score_pcl5,
    score_peg,
    score_phq9,
    suicide_risk,
    suicide_risk_since_last,
)
from tests.rules.tables import each


def items(total, length, highest):
    full, rest = divmod(total, highest)
    return ([highest] * full + [rest] + [0] * length)[:length]


@each(
    ("total", "band"),
    [
        (0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
        (15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe"),
    ],
)  # fmt: skip
def test_phq9_bands(total, band):
    score = score_phq9(items(total, 9, 3))
    assert (score.total, score.band, score.complete) == (total, band, True)


@each(
    ("total", "band"),
    [
        (0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe"),
        (21, "severe"),
    ],
)  # fmt: skip
def test_gad7_bands(total, band):
    assert score_gad7(items(total, 7, 3)).to_json() == {"total": total, "band": band}


@each(
    ("total", "band"),
    [(0, "below threshold"), (32, "below threshold"), (33, "provisional PTSD"), (80, "provisional PTSD")],
)
def test_pcl5_bands(total, band):
    assert score_pcl5(items(total, 20, 4)).to_json() == {"total": total, "band": band}


@each(
    ("answers", "total", "band"),
    [
        ([0, 0, 0], 0, "mild"),
        ([4, 4, 3], 3.7, "mild"),
        ([4, 4, 4], 4, "moderate"),
        ([7, 7, 6], 6.7, "moderate"),
        ([7, 7, 7], 7, "severe"),
        ([10, 10, 10], 10, "severe"),
    ],
)
def test_peg_is_a_mean(answers, total, band):
    assert score_peg(answers).to_json() == {"total": total, "band": band}


@each(("scorer", "length"), [(score_phq9, 9), (score_gad7, 7), (score_pcl5, 20), (score_peg, 3)])
def test_an_unanswered_item_leaves_no_score(scorer, length):
    score = scorer([None] + [0] * (length - 1))
    assert (score.total, score.band, score.complete) == (None, None, False)
    with pytest.raises(ValueError, match="items, not"):
        scorer([0] * (length + 1))
    for wrong in (-1, 11, True):
        with pytest.raises(ValueError, match="items are"):
            scorer([wrong] + [0] * (length - 1))


def test_pcl5_clusters():
    answers = [0] * 20
    assert pcl5_clusters([None] + answers[1:]) is None
    for at in (0, 5, 7, 8, 14):
        answers[at] = 2
    one_short = pcl5_clusters(answers)
    assert one_short is not None
    assert (one_short.b, one_short.c, one_short.d, one_short.e, one_short.met) == (1, 1, 2, 1, False)
    answers[19] = 1
    assert not pcl5_clusters(answers).met
    answers[19] = 2
    assert pcl5_clusters(answers).met


@each(
    ("instrument", "length", "highest", "first_option"),
    [(PHQ9, 9, 3, "Not at all"), (GAD7, 7, 3, "Not at all"), (PCL5, 20, 4, "Not at all"), (PEG, 3, 10, "0"),
     (CSSRS_SCREEN, 7, 1, "No"), (CSSRS_SINCE_LAST, 6, 1, "No")],
)  # fmt: skip
def test_shape(instrument, length, highest, first_option):
    assert (instrument.length, instrument.highest, instrument.lowest) == (length, highest, 0)
    assert instrument.options[0].label == first_option
    assert len({item.key for item in instrument.items}) == length
    assert instrument.attribution
    assert instrument.source
    assert INSTRUMENTS[instrument.key] is instrument


def test_wording_is_verbatim():
    assert PHQ9.items[8].text == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert [option.label for option in PHQ9.options] == [
        "Not at all",
        "Several days",
        "More than half the days",
        "Nearly every day",
    ]
    assert GAD7.items[6].text == "Feeling afraid as if something awful might happen"
    assert (
        CSSRS_SCREEN.items[0].text == "Have you wished you were dead or wished you could go to sleep and not wake up?"
    )
    assert CSSRS_SCREEN.items[1].text == "Have you actually had any thoughts of killing yourself?"
    assert [item.shown_if for item in CSSRS_SCREEN.items] == [
        "",
        "",
        *["suicidal_thoughts"] * 3,
        "",
        "behavior_lifetime",
    ]


@each(("item_9", "asks"), [(0, False), (1, True), (3, True), (None, False)])
def test_item_nine_asks_the_screener(item_9, asks):
    assert asks_cssrs([3] * 8 + [item_9]) is asks


Y, N, U = True, False, None


@each(
    ("answers", "level"),
    [
        # questions 1, 2, 3, 4, 5, 6 lifetime, 6 past 3 months
        ((N, N, U, U, U, N, U), "none"),
        ((N, N, N, N, N, N, N), "none"),
        ((Y, N, U, U, U, N, U), "low"),
        ((N, Y, N, N, N, N, U), "low"),
        ((U, Y, N, N, N, N, U), "low"),
        ((Y, U, N, N, N, N, U), "low"),
        ((N, Y, Y, N, N, N, U), "moderate"),
        ((U, U, Y, N, N, N, U), "moderate"),
        ((N, N, U, U, U, Y, N), "moderate"),
        ((U, N, U, U, U, Y, N), "moderate"),
        ((N, Y, Y, N, N, U, N), "moderate"),
        ((N, Y, N, Y, N, N, U), "high"),
        ((N, Y, N, N, Y, N, U), "high"),
        ((N, N, U, U, U, Y, Y), "high"),
        ((N, N, N, Y, N, N, N), "high"),
        ((N, N, U, U, U, N, Y), "high"),
        ((U, U, U, Y, U, U, U), "high"),
        ((U, U, U, U, Y, U, U), "high"),
        ((U, U, U, U, U, U, Y), "high"),
        ((U, U, U, U, U, U, U), "incomplete"),
        ((U, N, U, U, U, N, U), "incomplete"),
        ((N, U, U, U, U, N, U), "incomplete"),
        ((N, U, N, N, N, N, U), "incomplete"),
        ((Y, U, U, U, U, N, U), "incomplete"),
        ((N, Y, U, N, N, N, U), "incomplete"),
        ((N, Y, Y, U, N, N, U), "incomplete"),
        ((N, Y, Y, N, U, N, U), "incomplete"),
        ((N, N, U, U, U, U, U), "incomplete"),
        ((N, N, U, U, U, U, N), "incomplete"),
        ((N, N, U, U, U, Y, U), "incomplete"),
        ((N, Y, Y, N, N, Y, U), "incomplete"),
    ],
)
def test_suicide_risk(answers, level):
    assert suicide_risk(CssrsAnswers(*answers)) == level


def test_suicide_risk_against_the_policy_sentence_for_every_combination():
    """An independent reading: the level of each way to answer what is open; incomplete when they differ."""

    def level(q1, q2, q3, q4, q5, ever, recent):
        if q4 or q5 or recent:
            return "high"
        if q3 or ever:
            return "moderate"
        return "low" if q1 or q2 else "none"

    def ways(answers):
        q1, q2, q3, q4, q5, ever, recent = answers
        for f1, f2 in product([q1] if q1 is not U else [N, Y], [q2] if q2 is not U else [N, Y]):
            middle = [[one] if one is not U else ([N, Y] if f2 else [N]) for one in (q3, q4, q5)]
            for f3, f4, f5 in product(*middle):
                for f6 in [ever] if ever is not U else [N, Y]:
                    for f7 in [recent] if recent is not U else ([N, Y] if f6 else [N]):
                        yield level(f1, f2, f3, f4, f5, f6, f7)

    for answers in product([Y, N, U], repeat=7):
        possible = set(ways(answers))
        expected = possible.pop() if len(possible) == 1 else "incomplete"
        assert suicide_risk(CssrsAnswers(*answers)) == expected, answers


@each(
    ("answers", "level"),
    [
        ((N, N, U, U, U, N), "none"),
        ((Y, N, U, U, U, N), "low"),
        ((N, Y, Y, N, N, N), "moderate"),
        ((N, Y, Y, Y, N, N), "high"),
        ((N, N, U, U, U, Y), "high"),
        ((N, N, U, U, U, U), "incomplete"),
        ((U, U, U, U, U, U), "incomplete"),
    ],
)
def test_suicide_risk_since_the_last_contact(answers, level):
    assert suicide_risk_since_last(CssrsSinceLastAnswers(*answers)) == SuicideRisk(level)
