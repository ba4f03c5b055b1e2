"""The order of the review queue and the obstacles before an approval."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from telemedicine.reviews.rules.approval import Obstacle, Standing, obstacles
from telemedicine.reviews.rules.triage import VISIT_SOON, Urgency, Waiting, order_key, urgency
from tests.rules.tables import each

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
AGO = NOW - timedelta(hours=5)


@each(
    ("case", "expected"),
    [
        (Waiting("none", AGO), Urgency.WAITING),
        (Waiting("low", AGO), Urgency.WAITING),
        (Waiting("moderate", AGO), Urgency.PRIORITY),
        (Waiting("incomplete", AGO), Urgency.PRIORITY),
        (Waiting("high", AGO), Urgency.CRISIS),
        (Waiting("none", AGO, hold="high"), Urgency.CRISIS),
        (Waiting("none", AGO, hold="moderate"), Urgency.HELD),
        (Waiting("low", AGO, hold="incomplete"), Urgency.HELD),
        (Waiting("moderate", AGO, hold="high"), Urgency.CRISIS),
        (Waiting("moderate", AGO, hold="case"), Urgency.STOPPED),
        (Waiting("none", AGO, visit_completed=True), Urgency.DECISION_DUE),
        (Waiting("none", AGO, next_visit_at=NOW + VISIT_SOON), Urgency.VISIT_SOON),
        (Waiting("none", AGO, next_visit_at=NOW + VISIT_SOON + timedelta(seconds=1)), Urgency.WAITING),
        (Waiting("none", AGO, asked=True), Urgency.WITH_PATIENT),
        (Waiting("none", AGO, asked=True, visit_completed=True), Urgency.WITH_PATIENT),
    ],
)
def test_each_case_has_one_rung(case, expected):
    assert urgency(case, NOW) is expected


def test_an_unanswered_question_to_the_patient_never_hides_danger():
    assert urgency(Waiting("moderate", AGO, asked=True), NOW) is Urgency.PRIORITY
    assert urgency(Waiting("none", AGO, hold="high", asked=True), NOW) is Urgency.CRISIS


def test_the_order_is_danger_then_promises_then_age_whatever_order_they_came_in():
    ladder = [
        Waiting("none", NOW, hold="high"),
        Waiting("none", NOW, hold="moderate"),
        Waiting("moderate", NOW),
        Waiting("none", AGO - timedelta(days=9)),
        Waiting("none", AGO),
    ]
    for shuffled in permutations(ladder):
        assert sorted(shuffled, key=lambda case: order_key(case, NOW)) == ladder


def test_on_one_rung_the_longest_wait_comes_first():
    older, newer = Waiting("moderate", AGO - timedelta(minutes=1)), Waiting("moderate", AGO)
    assert sorted([newer, older], key=lambda case: order_key(case, NOW)) == [older, newer]


READY = Standing("eligible_for_review", licensed=True, visit_completed=True, hold=None, taken_back=(), unsigned=())


def _standing(**changes):
    return Standing(**{name: getattr(READY, name) for name in READY.__slots__} | changes)


@each(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"visit_completed": False}, (Obstacle.VISIT_MISSING,)),
        ({"taken_back": ("privacy",)}, (Obstacle.CONSENT_TAKEN_BACK,)),
        ({"unsigned": ("treatment",)}, (Obstacle.CONSENT_UNSIGNED,)),
        ({"hold": "high"}, (Obstacle.CRISIS_HOLD,)),
        ({"hold": "moderate"}, (Obstacle.SAFETY_PLAN_MISSING,)),
        ({"hold": "incomplete"}, (Obstacle.SAFETY_PLAN_MISSING,)),
        ({"licensed": False}, (Obstacle.NO_LICENCE,)),
        ({"outcome": "not_eligible"}, (Obstacle.NOT_AWAITING,)),
        ({"outcome": "crisis"}, (Obstacle.NOT_AWAITING,)),
        ({"outcome": "needs_information"}, ()),
        ({"open_information": frozenset({"a"})}, (Obstacle.INFORMATION_OPEN,)),
    ],
)
def test_each_obstacle_is_named(changes, expected):
    assert obstacles(_standing(**changes)) == expected


def test_all_obstacles_are_named_at_once():
    found = obstacles(_standing(visit_completed=False, hold="high", licensed=False))
    assert found == (Obstacle.NO_LICENCE, Obstacle.CRISIS_HOLD, Obstacle.VISIT_MISSING)


def test_missing_information_counts_until_every_one_is_settled():
    standing = _standing(outcome="needs_information", open_information=frozenset({"a", "b"}))
    assert obstacles(standing, resolved=["a"]) == (Obstacle.INFORMATION_OPEN,)
    assert obstacles(standing, resolved=["a", "b", "unrelated"]) == ()
