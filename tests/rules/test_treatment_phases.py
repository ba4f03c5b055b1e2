"""The phases of a treatment, and the one rule for a session's day and hour: boundaries, clocks, journeys (I1)."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES
from treatment import policy
from treatment.rules import booking, calendar, phases, preparation
from treatment.rules.booking import Bounds, Other
from treatment.rules.calendar import Frequency
from treatment.rules.phases import Frame, Phase, Standing

POLICY = policy.load()
MONDAY = date(2026, 11, 2)
TWICE, WEEKLY, TWO_WEEKS, MONTHLY = Frequency
NEW_YORK, PHOENIX, PACIFIC = "America/New_York", "America/Phoenix", "America/Los_Angeles"


def after(*days):
    return tuple(MONDAY + timedelta(days=day) for day in days)


def codes(reasons):
    return [item.code for item in reasons]


def test_the_steps_between_phases_are_those_of_the_policy():
    """Induction, review, maintenance, then taper or discharge; a discharge is the end."""
    steps = {
        "induction": "review taper discharged",
        "review": "induction maintenance taper discharged",
        "maintenance": "review taper discharged",
        "taper": "review maintenance discharged",
        "discharged": "",
    }
    assert {phase: set(phases.MOVES.get(phase, ())) for phase in Phase} == {
        Phase(phase): set(to.split()) for phase, to in steps.items()
    }
    assert [codes(phases.check_planning(phase)) for phase in Phase] == [
        [], ["phase_review"], [], [], ["phase_discharged"],
    ]  # fmt: skip


def test_the_end_of_the_induction_asks_for_a_decision():
    """Four weeks or eight sessions, whichever comes first; from six on it may be made; nothing before the first."""
    eight = after(0, 3, 7, 10, 14, 17, 21, 24)
    for taken, today, wanted in (
        ((), 400, []),
        (eight[:1], 27, []),
        (eight[:1], 28, ["review_due_weeks"]),
        (eight[:5], 16, []),
        (eight[:6], 17, ["review_possible"]),
        (eight[:7], 21, ["review_possible"]),
        (eight, 24, ["review_due_sessions"]),
        (eight, 28, ["review_due_sessions", "review_due_weeks"]),
    ):
        found = phases.review_due(Standing(Phase.INDUCTION, taken), MONDAY + timedelta(days=today), POLICY)
        assert codes(found) == wanted, (len(taken), today)
    assert phases.review_due(Standing(Phase.MAINTENANCE, eight), MONDAY + timedelta(days=400), POLICY) == ()
    left = [phases.frame(Standing(Phase.INDUCTION, eight[:count]), TWICE, POLICY) for count in (0, 7, 8)]
    assert [(one.sessions_left, one.last_day) for one in left] == [(8, None), (1, after(27)[0]), (0, after(27)[0])]
    assert phases.frame(Standing(Phase.MAINTENANCE, eight), WEEKLY, POLICY) == Frame(WEEKLY)


def test_how_often_a_session_may_come():
    """Weeks run from Monday to Sunday; rarer rhythms let a session come three days early."""
    for rhythm, others, day, wanted in (
        (TWICE, (0,), 3, []),
        (TWICE, (0, 3), 6, ["week_full"]),
        (TWICE, (0, 3), 7, []),
        (WEEKLY, (0,), 6, ["week_full"]),
        (WEEKLY, (6,), 7, []),
        (WEEKLY, (14,), 13, []),
        (TWO_WEEKS, (0,), 10, ["too_soon_for_rhythm"]),
        (TWO_WEEKS, (0,), 11, []),
        (TWO_WEEKS, (30,), 20, ["too_soon_for_rhythm"]),
        (MONTHLY, (0,), 24, ["too_soon_for_rhythm"]),
        (MONTHLY, (0,), 25, []),
    ):
        assert codes(phases.check_rhythm(after(day)[0], after(*others), rhythm, POLICY)) == wanted, (rhythm, day)
    rows = ((Phase.INDUCTION, MONTHLY, None, MONTHLY), (Phase.MAINTENANCE, TWICE, None, WEEKLY))
    rows += ((Phase.MAINTENANCE, WEEKLY, MONTHLY, MONTHLY), (Phase.TAPER, TWICE, TWO_WEEKS, TWO_WEEKS))
    for phase, ordered, chosen, wanted in rows:
        assert phases.rhythm_of(phase, ordered, chosen) is wanted, (phase, ordered)
    for phase, chosen, ordered, wanted in (
        (Phase.INDUCTION, MONTHLY, None, ["rhythm_not_of_phase"]),
        (Phase.REVIEW, WEEKLY, None, ["rhythm_not_of_phase"]),
        (Phase.MAINTENANCE, WEEKLY, MONTHLY, ["rhythm_over_order"]),
        (Phase.MAINTENANCE, MONTHLY, WEEKLY, []),
    ):
        assert codes(phases.check_rhythm_choice(phase, chosen, ordered)) == wanted, (phase, chosen)


def test_the_pace_of_the_past_weeks_is_held_against_the_phase():
    for phase, taken, today, wanted in (
        (Phase.INDUCTION, (0, 3), 10, []),
        (Phase.INDUCTION, (0, 3), 11, ["pace_slow"]),
        (Phase.INDUCTION, (0, 3, 6), 6, ["pace_fast"]),
        (Phase.MAINTENANCE, (0, 7), 38, []),
        (Phase.MAINTENANCE, (0, 7), 39, ["pace_slow"]),
        (Phase.MAINTENANCE, (0, 6), 7, ["pace_fast"]),
        (Phase.REVIEW, (0, 1), 90, []),
    ):
        found = phases.check_pace(Standing(phase, after(*taken)), after(today)[0], POLICY)
        assert codes(found) == wanted, (phase, taken, today)


FREE = Frame(TWICE)


def bounds(zone=NEW_YORK, *others, frame=FREE, **changes):
    known = {"arrived_at": datetime(2026, 1, 1, tzinfo=UTC), "last_fill_day": date(2030, 1, 1), **changes}
    return Bounds(zone=zone, frame=frame, others=others, **known)


def other(day, hour, zone=NEW_YORK):
    return Other(calendar.local_moment(day, hour, zone), day)


def test_a_day_and_hour_are_refused_for_each_reason():
    now = datetime(2026, 11, 4, 17, tzinfo=UTC)  # noon on a Wednesday in New York
    friday, noon = date(2026, 11, 6), time(12)
    for wanted, day, hour, limits in (
        ([], friday, noon, bounds()),
        (["session_in_past"], date(2026, 11, 4), noon, bounds()),
        ([], date(2026, 11, 4), time(12, 1), bounds()),
        (["before_medicine"], friday, noon, bounds(arrived_at=None)),
        (["before_medicine"], friday, noon, bounds(arrived_at=calendar.local_moment(friday, noon, NEW_YORK))),
        ([], friday, time(12, 1), bounds(arrived_at=calendar.local_moment(friday, noon, NEW_YORK))),
        (["held_day"], friday, noon, bounds(held_days=frozenset({friday}))),
        (["after_prescription"], friday, noon, bounds(last_fill_day=date(2026, 11, 5))),
        ([], friday, noon, bounds(last_fill_day=friday)),
        (["induction_over"], friday, noon, bounds(frame=Frame(TWICE, 3, date(2026, 11, 5)))),
        (["session_too_close", "day_taken"], friday, noon, bounds(NEW_YORK, other(friday, time(18)))),
        (["session_too_close"], friday, time(11, 59), bounds(NEW_YORK, other(date(2026, 11, 3), noon))),
        ([], friday, noon, bounds(NEW_YORK, other(date(2026, 11, 3), noon))),
    ):
        found = booking.check_slot(day, hour, limits, now=now, policy=POLICY)
        assert codes(found) == wanted, (wanted, day, hour)
    full = {"frame": Frame(TWICE, 2), "at_home": 4, "ordered": 4}
    for wanted, room in (
        ([], {**full, "ahead": 1}),
        (["induction_full"], {**full, "ahead": 2}),
        (["home_planned"], {**full, "ahead": 1, "at_home": 1}),
        (["all_planned"], {**full, "ahead": 1, "ordered": 1}),
    ):
        assert codes(booking.check_room(**room)) == wanted, room


def test_72_real_hours_across_both_clock_changes_and_across_zones():
    """DST nights and journeys: what counts are hours that pass, whatever the clocks on the walls say."""
    spring, autumn = date(2027, 3, 12), date(2026, 10, 30)
    now = datetime(2026, 10, 1, tzinfo=UTC)
    for first, zone_then, hour, days, zone, hour_there, close in (
        (spring, NEW_YORK, 18, 3, NEW_YORK, 18, True),  # 71 hours
        (spring, NEW_YORK, 18, 3, NEW_YORK, 19, False),
        (autumn, NEW_YORK, 18, 3, NEW_YORK, 17, False),  # 72 hours
        (autumn, NEW_YORK, 18, 3, NEW_YORK, 16, True),
        (spring, PHOENIX, 18, 3, PHOENIX, 18, False),  # no change of clocks there
        (spring, PHOENIX, 18, 3, PHOENIX, 17, True),
        (date(2026, 11, 9), PACIFIC, 18, 3, NEW_YORK, 18, True),  # flown east: 69 hours
        (date(2026, 11, 9), PACIFIC, 18, 3, NEW_YORK, 21, False),
        (date(2026, 11, 9), NEW_YORK, 18, 3, PACIFIC, 15, False),  # flown west: 72 hours
        (date(2026, 11, 9), NEW_YORK, 18, 3, PACIFIC, 14, True),
        (spring, PACIFIC, 18, 3, NEW_YORK, 21, True),  # east over the spring night: 71 hours
        (spring, PACIFIC, 18, 3, NEW_YORK, 22, False),
        (autumn, NEW_YORK, 18, 3, PACIFIC, 13, True),  # west over the autumn night: 71 hours
        (autumn, NEW_YORK, 18, 3, PACIFIC, 14, False),
    ):
        limits = bounds(zone, other(first, time(hour), zone_then))
        found = booking.check_slot(first + timedelta(days=days), time(hour_there), limits, now=now, policy=POLICY)
        assert ("session_too_close" in codes(found)) is close, (first, zone_then, zone, hour_there)


def test_a_day_offers_the_hours_that_are_left_and_says_why_none_is():
    hours = tuple(time(hour) for hour in range(7, 21))
    limits = bounds(NEW_YORK, other(date(2026, 11, 6), time(18)))
    now = datetime(2026, 11, 5, tzinfo=UTC)
    offers = booking.offer_days(date(2026, 11, 6), 4, hours, limits, now=now, policy=POLICY)
    assert [offer.hours for offer in offers] == [(), (), (), (time(18), time(19), time(20))]
    assert [codes(offer.reasons)[:1] for offer in offers[:3]] == [["session_too_close"]] * 3


def test_getting_ready_is_due_from_the_day_before():
    assert [preparation.is_due(MONDAY, after(day)[0]) for day in (-2, -1, 0, 1)] == [False, True, True, False]
    assert preparation.missing(preparation.ITEMS) == ()
    assert preparation.missing([*preparation.ITEMS[1:], "nothing"]) == ("food",)


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
)


@TRIES
@given(
    taken=st.lists(MOMENTS, max_size=4),
    days=st.integers(-10, 10),
    hour=st.times(),
    zone=st.sampled_from([NEW_YORK, PHOENIX, PACIFIC, "Pacific/Honolulu"]),
    rhythm=st.sampled_from(list(Frequency)),
)
def test_no_slot_is_ever_within_72_hours_of_another_session(taken, days, hour, zone, rhythm):
    """I1, the interval: whatever is allowed lies 72 real hours from every other session, and after the medicine."""
    known = tuple(Other(at, at.date()) for at in taken)
    limits = bounds(zone, *known, frame=Frame(rhythm))
    day = (taken[0] if taken else datetime(2027, 3, 14, tzinfo=UTC)).date() + timedelta(days=days)
    at = calendar.local_moment(day, hour, zone)
    if not booking.check_slot(day, hour, limits, now=datetime(2026, 1, 1, tzinfo=UTC), policy=POLICY):
        assert all(abs(at - one.at) >= timedelta(hours=72) for one in known)
        assert at > limits.arrived_at
