"""Who is told of an alert, and when again; what is done to reach somebody (policy section 4)."""

import unittest
from datetime import UTC, datetime, timedelta

from harmoniously.core.alerts import policy, rules

OPENED = datetime(2026, 11, 4, 3, 0, tzinfo=UTC)


class Telling(unittest.TestCase):
    def test_i3_again_every_five_minutes_the_next_person_after_fifteen_the_administrators_after_thirty(self) -> None:
        # minutes waited, people on the list -> positions told, administrators told
        for minutes, people, positions, administrators in (
            (-30, 3, (0,), False),  # a clock that went back
            (0, 3, (0,), False),
            (14.9, 3, (0,), False),
            (15, 3, (0, 1), False),
            (29.9, 4, (0, 1), False),
            (30, 4, (0, 1, 2), True),
            (44.9, 4, (0, 1, 2), True),
            (45, 4, (0, 1, 2, 3), True),
            (60 * 24 * 365, 4, (0, 1, 2, 3), True),  # time never ends it, and a jump leaves nobody out
            (14.9, 1, (0,), False),
            (15, 1, (0,), True),  # the list is used up
            (0, 0, (), True),
        ):
            now = OPENED + timedelta(minutes=minutes)
            step = rules.telling(since=OPENED, now=now, people=people, policy=policy.load())
            told = (step.positions, step.administrators, step.next_at - now)
            assert told == (positions, administrators, timedelta(minutes=5)), (minutes, people, told)


class Reaching(unittest.TestCase):
    def test_i3_what_ends_the_wait_and_what_comes_next(self) -> None:
        no, yes = False, True
        # what was recorded -> the step that is next ("": none), whether the wait is over
        for attempts, following, over in (
            ((), "call", no),
            ((("call", no),), "call", no),
            ((("call", no), ("call", no)), "text", no),
            ((("call", no), ("call", no), ("text", no)), "emergency_contact", no),
            # Reaching the sister is not reaching the patient.
            ((("call", no), ("call", no), ("text", no), ("emergency_contact", yes)), "emergency_services", no),
            ((("emergency_contact", yes),), "call", no),
            ((("emergency_services", no),), "call", no),
            ((("emergency_services", yes),), "", yes),
            ((("call", no), ("in_person", yes)), "", yes),
            ((("text", yes),), "", yes),
        ):
            found = rules.steps(attempts, calls=policy.load().calls)
            told = (
                "".join(step.how for step in found if step.next),
                any(rules.settles(h, reached=r) for h, r in attempts),
            )
            assert told == (following, over), (attempts, told)


class Levels(unittest.TestCase):
    def test_the_stronger_wins_whatever_the_order(self) -> None:
        self.assertEqual(rules.stronger("incomplete", "moderate"), "moderate")
        self.assertEqual(rules.stronger("high", "moderate"), "high")
        self.assertEqual(rules.stronger("high", "incomplete"), "high")


class Waits(unittest.TestCase):
    def test_the_spread_is_of_waits_that_really_were(self) -> None:
        for minutes, expected in (
            ([], None),
            ([3], (3, 3, 3)),
            ([9, 1], (1, 9, 9)),
            ([3, 1, 2], (2, 3, 3)),
            (list(range(10, 0, -1)), (5, 9, 10)),
            (list(range(1, 12)), (6, 10, 11)),
        ):
            found = rules.spread([timedelta(minutes=minute) for minute in minutes])
            told = found and tuple(span // timedelta(minutes=1) for span in (found.median, found.ninth, found.worst))
            assert told == expected, minutes
