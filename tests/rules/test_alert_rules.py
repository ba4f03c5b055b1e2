"""Who is told of an alert, and when again."""

import unittest
from datetime import UTC, datetime, timedelta

from harmoniously.core.alerts import rules

OPENED = datetime(2026, 11, 4, 3, 0, tzinfo=UTC)


def after(minutes: float, *, people: int = 3, told_up_to: int) -> rules.Telling:
    now = OPENED + timedelta(minutes=minutes)
    return rules.telling(opened_at=OPENED, now=now, people=people, told_up_to=told_up_to)


class Telling(unittest.TestCase):
    def test_the_first_person_at_once(self) -> None:
        self.assertEqual(after(0, told_up_to=-1).positions, (0,))

    def test_the_same_person_until_fifteen_minutes(self) -> None:
        self.assertEqual(after(14.9, told_up_to=0).positions, (0,))

    def test_the_next_person_from_fifteen_minutes_on(self) -> None:
        self.assertEqual(after(15, told_up_to=0).positions, (1,))
        self.assertEqual(after(29.9, told_up_to=1).positions, (1,))
        self.assertEqual(after(30, told_up_to=1).positions, (2,))

    def test_everybody_when_the_list_is_exhausted(self) -> None:
        step = after(45, told_up_to=2)
        self.assertEqual(step.positions, (0, 1, 2))
        self.assertTrue(step.exhausted)

    def test_it_never_ends_by_itself(self) -> None:
        step = after(60 * 24 * 365, told_up_to=2)
        self.assertEqual(step.next_at - (OPENED + timedelta(days=365)), rules.REPEAT_EVERY)
        self.assertEqual(step.positions, (0, 1, 2))

    def test_a_jump_of_time_leaves_nobody_out(self) -> None:
        self.assertEqual(after(31, told_up_to=-1).positions, (0, 1, 2))
        self.assertEqual(after(20, told_up_to=-1).positions, (0, 1))

    def test_an_empty_list_is_exhausted_at_once(self) -> None:
        step = after(0, people=0, told_up_to=-1)
        self.assertEqual(step.positions, ())
        self.assertTrue(step.exhausted)

    def test_a_clock_that_went_back_tells_the_first(self) -> None:
        self.assertEqual(after(-30, told_up_to=0).positions, (0,))


class Levels(unittest.TestCase):
    def test_the_stronger_wins_whatever_the_order(self) -> None:
        self.assertEqual(rules.stronger("incomplete", "moderate"), "moderate")
        self.assertEqual(rules.stronger("high", "moderate"), "high")
        self.assertEqual(rules.stronger("high", "incomplete"), "high")
