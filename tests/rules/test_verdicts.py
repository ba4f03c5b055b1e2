"""When a decision can be undone, by when a question is to be answered, and the texts that prescribers start from."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from intake.requests.rules import Ask, spans
from telemedicine.reviews.deciding.starting import KINDS, fitting, in_english, starts
from telemedicine.reviews.rules.verdicts import (
    ANSWER_DAYS,
    IN_PERSON_WITHIN,
    answer_due,
    can_undo,
    remind_at,
    takes_effect,
)

NOON = datetime(2026, 11, 4, 17, 0, tzinfo=UTC)
LA = "America/Los_Angeles"
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("seconds", [0, 9, 10])
def test_ten_seconds_can_be_undone_the_tenth_included(seconds):
    later = NOON + timedelta(seconds=seconds)
    assert can_undo(NOON, later)
    assert not takes_effect(NOON, later)


def test_from_then_on_it_takes_effect_and_never_both():
    for later in (NOON + timedelta(seconds=10) + MOMENT, NOON + timedelta(seconds=11), NOON + timedelta(days=1)):
        assert takes_effect(NOON, later)
        assert not can_undo(NOON, later)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        (NOON, 3, "2026-11-07T23:59:00-08:00"),
        # Late in the evening the day at home counts, not that in UTC.
        (datetime(2026, 11, 5, 7, 30, tzinfo=UTC), 3, "2026-11-07T23:59:00-08:00"),
        # Over the end of summer time it stays the end of the day.
        (datetime(2026, 10, 30, 17, 0, tzinfo=UTC), 3, "2026-11-02T23:59:00-08:00"),
        (datetime(2026, 10, 28, 17, 0, tzinfo=UTC), 3, "2026-10-31T23:59:00-07:00"),
    ],
)
def test_an_answer_has_until_the_end_of_its_last_day_at_home(asked, days, due):
    found = answer_due(asked, days, LA)
    assert found.isoformat() == due
    reminder = remind_at(found, LA)
    assert (found.date() - reminder.date(), reminder.hour) == (timedelta(days=1), 10)


def test_there_is_time_for_a_reminder_whatever_is_chosen():
    assert ANSWER_DAYS[0] == spans()[Ask.ANSWER].days, "as for what the rules ask"
    assert spans()[Ask.LETTER].days == IN_PERSON_WITHIN.days, "an office needs time for both"
    assert all(remind_at(answer_due(NOON, days, LA), LA) > NOON for days in ANSWER_DAYS)


TEXTS = [(kind, row) for kind, rows in starts().items() for row in rows]


def test_every_kind_of_decision_has_texts():
    assert set(starts()) == set(KINDS)


@pytest.mark.parametrize(("kind", "row"), TEXTS, ids=[f"{kind}-{row.key}" for kind, row in TEXTS])
def test_a_text_promises_nothing_shouts_nothing_and_stands_in_both_languages(kind, row):
    for language, words in row.words.items():
        assert 40 < len(words) < 600, language
        assert "!" not in words and "¡" not in words
        assert not re.search(r"guarant|cure|proven|FDA|will (help|work)|garantiz|curar", words, re.I), language
    assert row.in_language("es") != row.in_language("en") == row.in_language("fr")
    assert in_english(row.in_language("es")) == row.in_language("en")


def test_no_text_tells_anybody_to_stop_a_medicine():
    """Policy 7: "do not stop these on your own", and never the other way round."""
    stops = [words for _kind, row in TEXTS for words in row.words.values() if re.search(r"\bstop\b|\bdej[ea]\b", words)]
    assert stops
    assert all(re.search(r"not stop|\bno lo dej|No dej|no dej", words) for words in stops)


def test_questions_about_what_was_found_come_first():
    assert fitting("ask", ["sitter.missing"])[0].key == "sitter"
    assert fitting("ask")[0].key == starts()["ask"][0].key
