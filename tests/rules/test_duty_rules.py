"""Who is on call when: the rota, its exceptions, its hand-overs, the nights in which the clocks change."""

import unittest
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from harmoniously.core.alerts import duty_rules as rules
from harmoniously.core.alerts.duty_rules import Shift, Weekly

A, B, C = (UUID(int=number) for number in (1, 2, 3))
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Berlin")


def utc(*words: int) -> datetime:
    return datetime(*words, tzinfo=UTC)


class Rota(unittest.TestCase):
    def test_i3_no_night_of_a_clock_change_has_a_gap_or_two_people(self) -> None:
        """Day and night shifts that meet also at an hour that is skipped or comes twice."""
        for zone in ZONES:
            for turn in (time(2, 30), time(1, 30), time(20)):
                weekly = [Weekly(A, day, time(8), turn, zone) for day in range(7)]
                weekly += [Weekly(B, day, turn, time(8), zone) for day in range(7)]
                for month, day in ((3, 27), (10, 23), (3, 6), (10, 30), (6, 1)):
                    since = utc(2026, month, day)
                    until = since + timedelta(days=5)
                    found = rules.shifts(weekly, (), since=since, until=until)
                    assert rules.gaps(found, since=since, until=until) == (), (zone, turn, month)
                    ends = [(one.ends_at, two.starts_at) for one, two in zip(found, found[1:], strict=False)]
                    assert all(end == start for end, start in ends), (zone, turn, month)

    def test_i3_who_is_told_first(self) -> None:
        new_york = "America/New_York"
        week = [Weekly(A, 0, time(8), time(20), new_york), Weekly(B, 0, time(20), time(8), new_york)]
        away = Shift(utc(2026, 6, 1, 15), utc(2026, 6, 1, 16), C)
        # 1 June 2026 is a Monday; 8 in the morning there is noon.
        for at, holder, in_use, first, gap, awaited in (
            (utc(2026, 6, 1, 11, 59), None, True, (C,), True, ()),  # nobody yet: the list
            (utc(2026, 6, 1, 11, 59), B, True, (C, B), True, ()),  # and whoever held it last
            (utc(2026, 6, 1, 12), B, True, (A, B), False, (A,)),  # not accepted: both
            (utc(2026, 6, 1, 12), A, True, (A,), False, ()),
            (utc(2026, 6, 1, 14, 59), A, True, (A,), False, ()),
            (utc(2026, 6, 1, 15), A, True, (C, A), False, (C,)),  # the exception takes the place of the rota
            (utc(2026, 6, 1, 16), A, True, (A,), False, ()),
            (utc(2026, 6, 2, 0), A, True, (B, A), False, (B,)),
            (utc(2026, 6, 2, 11, 59), B, True, (B,), False, ()),
            (utc(2026, 6, 2, 12), B, True, (C, B), True, ()),
            (utc(2026, 6, 1, 12), B, False, (C, B), False, ()),  # without a rota: the list, and whoever holds it
            (utc(2026, 6, 1, 12), C, False, (C,), False, ()),
            (utc(2026, 6, 1, 12), None, False, (C,), False, ()),
        ):
            usual, special = (week, [away]) if in_use else ([], [])
            found = rules.shifts(usual, special, since=at, until=at + timedelta(days=1))
            duty = rules.on_duty(found, in_use=in_use, holder=holder, listed=(C, A), now=at)
            told = (duty.first, duty.gap, tuple(shift.person for shift in duty.awaited))
            assert told == (first, gap, awaited), (at, holder, told)

    def test_a_gap_is_seen_ahead_and_nobody_stands_twice_in_the_order(self) -> None:
        day = timedelta(days=1)
        found = rules.shifts([Weekly(A, 0, time(8), time(8), "UTC")], (), since=utc(2026, 6, 1), until=utc(2026, 6, 4))
        empty = rules.gaps(found, since=utc(2026, 6, 1), until=utc(2026, 6, 4))
        assert empty == ((utc(2026, 6, 1), utc(2026, 6, 1, 8)), (utc(2026, 6, 2, 8), utc(2026, 6, 3) + day))
        assert rules.order((B, C), (C, A, B)) == ((B, C), (A,))
        assert rules.order((), (C, A)) == ((C,), (A,))
