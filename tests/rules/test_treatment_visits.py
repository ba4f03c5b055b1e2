"""Which visit is due: after session 2 and every 6, and anew after 12 weeks without a session (policy 8)."""

from datetime import UTC, datetime, timedelta

from tests.rules.tables import each
from treatment import policy
from treatment.rules.visits import SeenFacts, asks_for_check_in, due_visit, evaluation_due, is_overdue

POLICY = policy.load()
START = datetime(2026, 6, 1, 18, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(sessions=0, visits=(), approved=START):
    done = [START + timedelta(days=4 * number) for number in range(1, sessions + 1)]
    return SeenFacts(done, visits, approved, done[-1] if done else None)


def test_sessions_2_8_14_ask_for_a_check_in():
    assert [number for number in range(16) if asks_for_check_in(number, POLICY)] == [2, 8, 14]


@each(
    ("sessions", "visits_after", "due_after"),
    [
        (1, (), None),
        (2, (), 2),
        (3, (), 2),
        (7, (), 2),
        (7, (2,), None),
        (8, (2,), 8),
        (9, (2,), 8),
        (8, (), 2),  # the oldest that was not met: overdue is counted from there
        (9, (8,), None),  # one visit meets both
        (13, (2, 8), None),
        (14, (2, 8), 14),
        (2, (1,), 2),  # a visit before the session does not count
    ],
)
def test_a_check_in_is_due_after_its_session_until_a_visit_took_place(sessions, visits_after, due_after):
    visits = [START + timedelta(days=4 * number, hours=20) for number in visits_after]
    now = START + timedelta(days=4 * sessions + 1)
    found = due_visit(seen(sessions, visits), now=now, policy=POLICY)
    assert (found.after_session if found else None) == due_after
    if found:
        assert (found.kind, found.since) == ("check_in", START + timedelta(days=4 * due_after))
        assert found.overdue_at == found.since + timedelta(days=7)
        assert [is_overdue(found.overdue_at, found.since + timedelta(days=days)) for days in (6, 7, 8)] == [
            False, True, True,
        ]  # fmt: skip


@each(
    ("after", "due"),
    [
        (83 * DAY, False),
        (84 * DAY, False),
        (84 * DAY + timedelta(seconds=1), True),
        (85 * DAY, True),
    ],
)
def test_twelve_weeks_without_a_session_ask_for_a_new_evaluation(after, due):
    last = START + 8 * DAY
    assert evaluation_due(approved_at=START, last_taken_at=last, now=last + after, policy=POLICY) is due
    # Also of somebody who never began, counted from the approval; a later approval counts.
    assert evaluation_due(approved_at=START, last_taken_at=None, now=START + after, policy=POLICY) is due
    assert evaluation_due(approved_at=last, last_taken_at=START, now=last + after, policy=POLICY) is due
    found = due_visit(seen(2), now=last + after, policy=POLICY)
    # It stands for the check-in after session 2, which nobody held either.
    assert found.kind == ("evaluation" if due else "check_in")
