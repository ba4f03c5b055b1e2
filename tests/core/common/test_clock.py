"""One source of time; the demo moves, production does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from harmoniously.core.common import clock
from harmoniously.nonprod.time_travel import moved_by


@pytest.fixture
def clock_file(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO_CLOCK_FILE = tmp_path / "deep" / "clock"
    return settings.DEMO_CLOCK_FILE


def test_moving_the_demo_moves_now_and_not_the_wall(clock_file: Path) -> None:
    clock.move_demo(timedelta(days=1))
    assert timedelta(hours=23, minutes=59) < clock.now() - clock.wall() < timedelta(hours=24, minutes=1)


def test_another_process_sees_the_move_at_once(clock_file: Path) -> None:
    clock.move_demo(timedelta(days=1))
    assert clock.demo_offset() == timedelta(days=1)
    clock_file.write_text("7200.000")  # what another process writes
    assert clock.demo_offset() == timedelta(hours=2)


def test_without_a_clock_file_time_cannot_be_moved(settings: Any) -> None:
    settings.DEMO_CLOCK_FILE = None
    with pytest.raises(RuntimeError):
        clock.move_demo(timedelta(days=1))
    with pytest.raises(CommandError):
        call_command("demo_clock", "+1d")
    assert clock.demo_offset() == timedelta(0)


@pytest.mark.parametrize("words", ["1 day", "+1w", "", "++1d", "+999999d", "tomorrow"])
def test_unknown_moves_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="Say how far"):
        moved_by(words)


@pytest.mark.parametrize(
    ("words", "expected"), [("+1d", timedelta(days=1)), ("-2h", timedelta(hours=-2)), ("90m", timedelta(minutes=90))]
)
def test_moves_add_up_from_where_the_clock_stands(clock_file: Path, words: str, expected: timedelta) -> None:
    clock.move_demo(timedelta(hours=5))
    assert moved_by(words) == timedelta(hours=5) + expected


def test_garbage_in_the_clock_file_does_not_stop_the_demo(clock_file: Path) -> None:
    clock_file.parent.mkdir(parents=True)
    clock_file.write_text("nan")
    assert clock.demo_offset() == timedelta(0)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "Sunday 1 November, 1:30 am Eastern (EDT)"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "Sunday 1 November, 1:30 am Eastern (EST)"),
        (datetime(2027, 3, 14, 7, 0, tzinfo=UTC), "Sunday 14 March, 3:00 am Eastern (EDT)"),
    ],
)
def test_the_doubled_hour_is_told_apart_fi_12(at: datetime, words: str) -> None:
    assert clock.describe(at, "America/New_York") == words


def test_a_dose_belongs_to_a_local_day() -> None:
    late = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    assert clock.today("Pacific/Honolulu", late).isoformat() == "2026-11-01"
    assert clock.today("America/New_York", late).isoformat() == "2026-11-02"
