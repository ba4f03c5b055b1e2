"""The order of the review queue and the obstacles before an approval."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

from telemedicine.conversation.rules import answer_by
from telemedicine.reviews.rules.approval import Obstacle, Standing, obstacles
from telemedicine.reviews.rules.triage import (
    DECISION_WITHIN,
    TELLING,
    VISIT_SOON,
    Kind,
    Urgency,
    Waiting,
    Work,
    last_late_day,
    order_key,
    urgency,
    work_key,
    work_urgency,
)
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
        (Waiting("none", AGO, asked=True, visit_completed=True, promise_over=True), Urgency.WITH_PATIENT),
        (Waiting("none", AGO, asked=True, overdue=True), Urgency.LATE),
        (Waiting("none", AGO, asked=True, overdue=True, arrived=True), Urgency.ARRIVED),
        (Waiting("none", AGO, asked=True, arrived=True), Urgency.ARRIVED),
        (Waiting("none", AGO, arrived=True), Urgency.ARRIVED),
        (Waiting("none", AGO, arrived=True, next_visit_at=NOW), Urgency.ARRIVED),
        (Waiting("none", AGO, arrived=True, visit_completed=True), Urgency.DECISION_DUE),
        (Waiting("none", AGO, visit_completed=True, promise_over=True), Urgency.LATE),
        (Waiting("incomplete", AGO, visit_completed=True, promise_over=True), Urgency.PRIORITY),
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


def test_on_one_rung_the_riskier_comes_first_however_long_the_other_waits():
    low, none = Waiting("low", AGO), Waiting("none", AGO - timedelta(days=9))
    assert sorted([none, low], key=lambda case: order_key(case, NOW)) == [low, none]


@each(
    ("work", "expected"),
    [
        (Work(Kind.CHECK_IN, AGO), Urgency.PRIORITY),
        (Work(Kind.CHECK_IN, AGO, stops=True), Urgency.STOPPED),
        (Work(Kind.CHECK_IN, AGO, hold="high"), Urgency.CRISIS),
        (Work(Kind.CHECK_IN, AGO, hold="moderate", stops=True), Urgency.HELD),
        (Work(Kind.CHECK_IN, AGO, hold="case"), Urgency.STOPPED),
        (Work(Kind.SESSION, AGO, hold="high", stops=True), Urgency.CRISIS),
        (Work(Kind.EVENT, AGO), Urgency.PRIORITY),
        (Work(Kind.EVENT, AGO, late=True), Urgency.LATE),
        (Work(Kind.EVENT, AGO, late=True, stops=True), Urgency.STOPPED),
        (Work(Kind.SUPPLY, AGO, stops=True), Urgency.STOPPED),
        (Work(Kind.SECOND, AGO), Urgency.DECISION_DUE),
        (Work(Kind.RENEWAL, AGO), Urgency.DECISION_DUE),
        (Work(Kind.REFILL, AGO), Urgency.DECISION_DUE),
        (Work(Kind.REFILL, AGO, asked=True), Urgency.WITH_PATIENT),
        (Work(Kind.REFILL, AGO, asked=True, arrived=True), Urgency.ARRIVED),
        (Work(Kind.REFILL, AGO, asked=True, arrived=True, late=True), Urgency.LATE),
        (Work(Kind.REFILL, AGO, hold="high"), Urgency.DECISION_DUE),
    ],
)
def test_each_other_kind_of_work_has_one_rung(work, expected):
    assert work_urgency(work) is expected


def test_what_tells_of_danger_never_stands_below_what_only_waits():
    """Whatever a colleague, a promise or a patient is late with."""
    for kind in TELLING:
        told = Work(kind, NOW, stops=kind in (Kind.SESSION, Kind.SUPPLY))
        for calm in (Waiting("none", AGO, visit_completed=True), Waiting("low", AGO, arrived=True)):
            assert work_key(told) < order_key(calm, NOW)
    assert work_key(Work(Kind.CHECK_IN, AGO)) < work_key(Work(Kind.REFILL, AGO, late=True))


def test_a_decision_is_late_after_two_working_days_and_not_before():
    """The result page promises it: holidays and weekends do not count."""
    for today in (date(2026, 11, 23) + timedelta(days=offset) for offset in range(40)):
        late = last_late_day(today)
        assert answer_by(late, DECISION_WITHIN) < today <= answer_by(late + timedelta(days=1), DECISION_WITHIN)
    assert last_late_day(date(2026, 11, 27)) == date(2026, 11, 23)  # the Friday after Thanksgiving


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
