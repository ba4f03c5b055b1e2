"""What the coordinators do first, how long it may be put off, and what is undone (docs/worklist.md)."""

import unittest
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from harmoniously.core.alerts import work_rules as rules
from harmoniously.core.alerts.work_rules import CLOSED_TOGETHER, TIERS, Tier

NOW = datetime(2026, 11, 4, 20, 0, tzinfo=UTC)  # 3 pm in New York
HERE = "America/New_York"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]  # year, month, day, hour


class Order(unittest.TestCase):
    def test_what_waits_too_long_goes_up_one_step_and_never_before_what_is_urgent(self) -> None:
        for kind, waited, overdue, rank in (
            ("call_back", timedelta(0), False, 0),
            ("call_back", 4 * HOUR, False, 0),
            ("call_back", 4 * HOUR + timedelta(seconds=1), True, 0),  # nothing is before the first
            ("check_in_overdue", 24 * HOUR, False, 2),
            ("check_in_overdue", 24 * HOUR + timedelta(seconds=1), True, 1),
            ("check_in_overdue", 300 * DAY, True, 1),  # somebody may be in danger tomorrow
            ("letter", 72 * HOUR, False, 3),
            ("letter", 72 * HOUR + timedelta(seconds=1), True, 2),
            ("letter", 300 * DAY, True, 2),
            ("call_back", -DAY, False, 0),  # not due yet
        ):
            due = NOW - waited
            found = (rules.is_overdue(kind, due_at=due, now=NOW), rules.rank(kind, due_at=due, now=NOW))
            assert found == (overdue, rank), (kind, waited)

    def test_nobody_is_forgotten_by_one_note_for_many_where_somebody_waits_for_a_person(self) -> None:
        assert not {kind for kind in CLOSED_TOGETHER if TIERS[kind] == Tier.URGENT}
        assert not CLOSED_TOGETHER & {"check_in_overdue", "visit_overdue", "visit_needed", "identity_check"}


class PuttingOff(unittest.TestCase):
    def test_the_choices_are_moments_on_the_clock_of_whoever_works(self) -> None:
        for choice, day, now, expected in (
            ("hours", None, NOW, NOW + 4 * HOUR),
            ("tomorrow", None, NOW, at(HERE, 2026, 11, 5, 9)),
            ("tomorrow", None, at(HERE, 2026, 11, 4, 0), at(HERE, 2026, 11, 5, 9)),
            ("tomorrow", None, at(HERE, 2026, 11, 4, 23), at(HERE, 2026, 11, 5, 9)),
            ("days", None, NOW, at(HERE, 2026, 11, 7, 9)),
            ("date", date(2026, 11, 10), NOW, at(HERE, 2026, 11, 10, 9)),
            # The night in which the clocks go back has 25 hours; nine stays nine.
            ("tomorrow", None, at(HERE, 2026, 10, 31, 15), at(HERE, 2026, 11, 1, 9)),
            ("date", None, NOW, None),
            ("", None, NOW, None),
            ("never", None, NOW, None),
        ):
            assert rules.later(choice, day=day, now=now, zone=HERE) == expected, (choice, now)

    def test_what_is_about_somebodys_safety_waits_for_hours_and_what_can_wait_two_weeks(self) -> None:
        for kind, expected in (
            ("companion_missing", NOW + 4 * HOUR),
            ("text_received", NOW + 4 * HOUR),
            ("check_in_overdue", at(HERE, 2026, 11, 5, 9)),
            ("identity_check", at(HERE, 2026, 11, 5, 9)),
            ("letter", at(HERE, 2026, 11, 18, 9)),
        ):
            assert rules.latest(kind, now=NOW, zone=HERE) == expected, kind

    def test_it_comes_back_while_a_call_can_still_change_something(self) -> None:
        latest = NOW + 4 * HOUR
        for begins, expected in ((None, latest), (NOW + 5 * HOUR, latest), (NOW + 3 * HOUR, NOW + 2 * HOUR)):
            assert rules.in_time(latest, begins=begins) == expected, begins

    def test_every_kind_that_may_wait_until_tomorrow_may_be_put_off_until_tomorrow(self) -> None:
        for kind, tier in TIERS.items():
            tomorrow = rules.later("tomorrow", day=None, now=NOW, zone=HERE)
            assert tomorrow is not None
            allowed = tomorrow <= rules.latest(kind, now=NOW, zone=HERE)
            assert allowed == (tier != Tier.URGENT) == ("tomorrow" in rules.choices(kind)), kind


class TakingBack(unittest.TestCase):
    def test_ten_seconds_and_what_the_click_takes(self) -> None:
        for seconds, may in ((0, True), (10, True), (15, True), (15.1, False), (-0.1, False)):
            assert rules.may_undo(at=NOW, now=NOW + timedelta(seconds=seconds)) is may, seconds
