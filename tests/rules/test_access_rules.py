"""Which openings nothing explains, and which accounts are noticeable: at the days where it changes."""

from datetime import UTC, datetime, timedelta

from harmoniously.portal.access_reviews.rules import Account, Opening, Reading, marks, unexplained
from tests.rules.tables import each

PAIR, OTHER = ("clinician", "patient"), ("colleague", "patient")
NOW = datetime(2026, 11, 4, tzinfo=UTC)
SECOND, QUARTER = timedelta(seconds=1), timedelta(days=90)


@each(
    ("done", "explained"),
    [([92], False), ([93], True), ([100], True), ([107], True), ([108], False), ([1, 108, 93], True), ([], False)],
)
def test_what_was_done_within_a_week_explains_an_opening(done: list[int], explained: bool) -> None:
    found = unexplained([Reading(PAIR, 100, 3)], {PAIR: done})
    assert (found == []) is explained


def test_what_a_colleague_did_explains_nothing() -> None:
    assert unexplained([Reading(PAIR, 100, 1)], {OTHER: [100]}) == [Opening(PAIR, 100, 100, 1)]


def test_openings_of_one_pair_stand_together_and_the_most_come_first() -> None:
    readings = [Reading(PAIR, 120, 2), Reading(PAIR, 100, 1), Reading(PAIR, 50, 5), Reading(OTHER, 100, 4)]
    assert unexplained(readings, {PAIR: [52]}) == [Opening(OTHER, 100, 100, 4), Opening(PAIR, 100, 120, 3)]


@each(
    ("account", "found"),
    [
        (Account(True, True, NOW, NOW), []),
        (Account(True, False, NOW, NOW), ["no_second_factor"]),
        (Account(True, True, NOW - QUARTER + SECOND, NOW - 2 * QUARTER), []),
        (Account(True, True, NOW - QUARTER, NOW - 2 * QUARTER), ["dormant"]),
        (Account(True, True, None, NOW - QUARTER + SECOND), []),
        (Account(True, False, None, NOW - QUARTER), ["no_second_factor", "never_used"]),
        (Account(False, False, None, NOW - 9 * QUARTER), []),
    ],
)
def test_what_is_noticeable_about_an_account(account: Account, found: list[str]) -> None:
    assert marks(account, NOW) == found
