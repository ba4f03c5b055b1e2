"""When a patient is asked what (policy section 9): every dose, weekly and by the session, monthly; in winter too."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES
from treatment.policy import load
from treatment.rules import check_pages, rhythm
from treatment.rules.rhythm import CareFacts, Kind, Phase

POLICY = load()
TODAY = date(2026, 11, 20)
RUNNING = CareFacts(
    today=TODAY,
    in_care=True,
    indications=frozenset({"depression"}),
    first_session=TODAY - timedelta(days=21),
    last_session=TODAY - timedelta(days=3),
    next_session=TODAY + timedelta(days=4),
    last_scores=TODAY - timedelta(days=3),
    last_month=TODAY - timedelta(days=3),
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def opened(**changes):
    return [(due.kind.value, due.why) for due in rhythm.due_now(replace(RUNNING, **changes), POLICY)]


def test_policy_9_questionnaires_weekly_and_every_2_sessions_and_the_rest_by_the_phase():
    """Weekly is the stricter of the two that the practice promises; 14 days is the outer limit and rests the same."""
    scores = [("scores", why) for why in ("weekly", "outer_limit", "never", "before_first")]
    weekly, limit, never, before = scores
    resting = {"last_session": ago(29), "next_session": None}
    first = {"first_session": None, "last_session": None, "last_month": None}
    table = (
        ({"last_scores": ago(6)}, []),
        ({"last_scores": ago(7)}, [weekly]),
        ({"last_scores": ago(8)}, [weekly]),
        ({"last_scores": ago(13)}, [weekly]),
        ({"last_scores": ago(14)}, [limit]),
        ({"last_scores": ago(15)}, [limit]),
        ({"sessions_since_scores": 1}, []),
        ({"sessions_since_scores": 2}, [limit]),
        ({"sessions_since_scores": 3}, [limit]),
        ({"last_scores": None}, [never]),
        ({"last_scores": ago(30), "open_kinds": frozenset({Kind.SCORES})}, []),
        # A pause or a stop: the last session was 28 or 29 days ago and none is planned.
        ({"last_session": ago(28), "next_session": None, "last_scores": ago(7)}, [weekly]),
        ({**resting, "last_scores": ago(7)}, []),
        ({**resting, "last_scores": ago(13)}, []),
        ({**resting, "last_scores": ago(14)}, [limit]),
        ({**resting, "last_session": ago(84), "last_scores": ago(40)}, [limit]),
        ({**resting, "last_session": ago(85), "last_scores": ago(40), "last_month": ago(60)}, []),
        # Discharged, or an agreement taken back.
        ({"in_care": False, "last_scores": ago(40), "last_month": ago(60)}, []),
        # Before the first dose: an old score is renewed in the week before.
        ({**first, "last_scores": ago(14), "next_session": TODAY + timedelta(days=7)}, [before]),
        ({**first, "last_scores": ago(14), "next_session": TODAY + timedelta(days=8)}, []),
        ({**first, "last_scores": ago(13), "next_session": TODAY + timedelta(days=1)}, []),
        ({**first, "last_scores": None, "next_session": TODAY + timedelta(days=1)}, []),
        # Bladder, substances and blood pressure every 28 days, from the first dose on.
        ({"last_month": ago(27)}, []),
        ({"last_month": ago(28)}, [("month", "monthly")]),
        ({"last_month": None, "first_session": ago(27)}, []),
        ({"last_month": None, "first_session": ago(28)}, [("month", "monthly")]),
        ({"last_month": ago(28), "last_scores": ago(7)}, [weekly, ("month", "monthly")]),
    )
    for changes, expected in table:
        assert opened(**changes) == expected, changes


def test_nothing_falls_due_on_the_day_of_a_dose():
    """A session today counts already, and is asked about tomorrow."""
    facts = replace(RUNNING, last_session=TODAY, sessions_since_scores=2, last_month=ago(27))
    assert [(due.kind, due.day) for due in rhythm.due_now(facts, POLICY)] == [
        (Kind.SCORES, TODAY + timedelta(days=1)),
        (Kind.MONTH, TODAY + timedelta(days=1)),
    ]


def test_each_indication_adds_its_scale():
    """PCL-5 where PTSD is treated, PEG where pain is; PHQ-9 and GAD-7 for everybody."""
    for indications, expected in (
        ((), ("phq9", "gad7")),
        (("depression",), ("phq9", "gad7")),
        (("ptsd",), ("phq9", "gad7", "pcl5")),
        (("chronic_pain", "ptsd"), ("phq9", "gad7", "pcl5", "peg")),
    ):
        assert rhythm.instruments_for(indications) == expected, indications


def test_moments_after_a_dose_are_real_hours_and_mornings_are_mornings_across_the_change_of_clocks():
    night = datetime(2026, 11, 1, 1, 30, tzinfo=UTC)  # 6:30 pm in Los Angeles; the clocks go back that night
    hours = {kind: (rhythm.after_dose(kind, night, POLICY).due_at - night) for kind in (Kind.AFTER, Kind.DAY)}
    assert hours == {Kind.AFTER: timedelta(hours=2), Kind.DAY: timedelta(hours=24)}
    for day, morning in ((date(2026, 10, 31), 16), (date(2026, 11, 1), 17), (date(2027, 3, 14), 16)):
        times = rhythm.on_day(day, "America/Los_Angeles", POLICY)
        assert times.due_at == datetime(day.year, day.month, day.day, morning, tzinfo=UTC), day
        assert times.second_reminder_at - times.due_at == timedelta(hours=24)
        assert times.follow_up_at - times.due_at == timedelta(hours=48)
    assert rhythm.look_again_at(date(2026, 10, 31), "America/Los_Angeles") == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert rhythm.look_again_at(date(2026, 11, 1), "America/Los_Angeles") == datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_one_text_asks_for_all_that_was_due():
    """One that was due when the last text went is not asked for again within a day of it."""
    text = datetime(2026, 11, 20, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    for due_at, reminded_at, now, covered in (
        (text - 2 * hour, text, text + 22 * hour, True),
        (text, text, text + 22 * hour, True),
        (text + hour, text, text + 22 * hour, False),
        (text - 2 * hour, text, text + 24 * hour, False),
        (text, None, text, False),
    ):
        assert rhythm.reminder_covers(due_at, reminded_at, now, POLICY) is covered, (due_at, now)


def test_item_9_opens_the_c_ssrs_at_once_and_an_open_one_too():
    """Policy section 4: before anything else, also when the item was left open; it stays when the answer changes."""

    def after_item_9(said):
        pages = check_pages.pages_of(Kind.SCORES, ("phq9", "gad7"), {"phq9_9": said})
        return [page.key for page in pages][9]

    for said, key in (
        ({"answer": 0}, "gad7_1"),
        ({"answer": 1}, "safety"),
        ({"answer": 3}, "safety"),
        ({"answer": None}, "safety"),
        ({"answer": 0, "asked": True}, "safety"),
    ):
        assert after_item_9(said) == key, said
    assert len(check_pages.pages_of(Kind.SCORES, ("phq9", "gad7", "pcl5", "peg"), {})) == 9 + 7 + 20 + 3
    for kind in Kind:
        slugs = [page.slug for page in check_pages.pages_of(kind, ("phq9", "gad7"), {})]
        assert len(set(slugs)) == len(slugs), kind


def test_old_answers_of_a_questionnaire_are_asked_anew():
    """A questionnaire looks two weeks back: what was said eight days ago is not mixed with today."""
    answers = {"phq9_1": {"answer": 2, "on": "2026-11-13"}, "phq9_2": {"answer": 2, "on": "2026-11-12"}, "body": {}}
    assert set(check_pages.fresh(answers, TODAY, 7)) == {"phq9_1", "body"}


@TRIES
@given(
    gap=st.integers(0, 120),
    scores=st.one_of(st.none(), st.integers(0, 120)),
    sessions=st.integers(0, 5),
    planned=st.booleans(),
)
def test_nobody_in_a_running_treatment_goes_14_days_or_2_sessions_unasked(gap, scores, sessions, planned):
    """Policy section 9, whatever the history: in a running treatment the outer limit always opens."""
    facts = replace(
        RUNNING,
        last_session=ago(gap),
        first_session=ago(max(gap, 30)),
        next_session=TODAY + timedelta(days=3) if planned else None,
        last_scores=None if scores is None else ago(scores),
        sessions_since_scores=sessions,
    )
    if rhythm.phase_of(facts, POLICY) is Phase.RUNNING and (scores is None or scores >= 14 or sessions >= 2):
        assert Kind.SCORES in [due.kind for due in rhythm.due_now(facts, POLICY)]
