"""What somebody means who types into the one box for finding a person."""

from datetime import date

import pytest

from harmoniously.core.accounts.lookup.rules import Sought, fits, last_word_as_beginning, phone_end, read, words_of

TODAY = date(2026, 11, 23)
BORN = (date(1985, 3, 4),)


def sought(typed: str) -> Sought:
    return read(typed, today=TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        *("3/4/1985", "03/04/1985", "3-4-1985", "03.04.1985", "3 4 1985", "3/4/85", "03041985", "1985-03-04"),
        *("March 4, 1985", "Mar 4 1985", "march 4th 1985", "4 March 1985", "4 mar. 1985"),
    ],
)
def test_a_birth_date_is_read_however_it_is_written(typed):
    assert sought(typed) == Sought(births=BORN)


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("27/3/1985", date(1985, 3, 27)),  # no month has that number
        ("11/23/26", date(2026, 11, 23)),
        ("11/24/26", None),  # not born yet
        ("9/9/05", date(2005, 9, 9)),
        ("1/1/27", date(1927, 1, 1)),
        ("2/29/1984", date(1984, 2, 29)),
        ("2/29/1985", None),
        ("1/1/1879", None),
        ("13/13/1985", None),
        ("5/5/2030", None),
    ],
)
def test_only_a_day_that_has_been_is_a_birth_date(typed, born):
    assert sought(typed).births == ((born,) if born else ())


@pytest.mark.parametrize(
    "typed", ["(415) 555-0132", "415.555.0132", "415 555 0132", "+1 415 555 0132", "1-415-555-0132", "4155550132"]
)
def test_a_telephone_number_is_read_however_it_is_written(typed):
    assert sought(typed) == Sought(phones=("+14155550132",))


@pytest.mark.parametrize(("typed", "ends"), [("0132", ("0132",)), ("555-0132", ("5550132",)), ("132", ())])
def test_four_digits_or_more_are_the_end_of_a_number(typed, ends):
    found = sought(typed)
    assert (found.phone_ends, found.is_anchored, bool(found.unread)) == (ends, bool(ends), not ends)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Example, Robin", ("example", "robin")),
        ("JOSÉ Ñuñez", ("jose", "nunez")),
        ("jose nun\u0303ez", ("jose", "nunez")),
        ("O’Brien-Ruiz", ("obrien", "ruiz")),
        ("Łukasz Øst", ("lukasz", "ost")),
        ("Hartmann", ("hartmann",)),
        ("robin march", ("robin", "march")),
        ("Robin Robin", ("robin",)),
    ],
)
def test_words_of_a_name_are_compared_without_accents_signs_and_capitals(typed, words):
    assert sought(typed) == Sought(words=words)


def test_a_name_is_found_by_each_of_its_words_and_never_by_an_initial():
    assert words_of("Kim J. O'Brien-Ruiz de la Cruz") == {"kim", "obrien", "brien", "ruiz", "de", "la", "cruz"}


@pytest.mark.parametrize(
    ("typed", "mrn"), [("H-7KF2M3Q", "H-7KF2M3Q"), ("h7kf2m3q", "H-7KF2M3Q"), ("h-7k", "H-7K"), ("H-", "")]
)
def test_a_record_number_is_known_by_its_shape(typed, mrn):
    assert sought(typed).mrn == mrn


def test_several_things_at_once_are_told_apart():
    found = sought("  robin  example 3/4/1985, 0123 Robin.E@Example.com ")
    assert found == Sought(email="robin.e@example.com", births=BORN, phone_ends=("0123",), words=("robin", "example"))
    assert found.kinds == ["email", "births", "phone_ends", "words"]


@pytest.mark.parametrize("typed", ["", "r", "12", "?", "r 12"])
def test_what_says_too_little_finds_nobody(typed):
    assert not sought(typed).is_anchored


def test_a_line_of_any_length_and_signs_is_read():
    for typed in ("0" * 5000, "(" * 5000, "1 " * 3000, "a@" * 2000, "\x00\ud7ff🙂", "٣٤"):
        sought(typed)


def test_the_last_word_may_be_unfinished_when_something_else_holds_the_search():
    shorter = last_word_as_beginning(sought("robin exa"))
    assert shorter == Sought(words=("robin",), beginnings=("exa",))
    assert last_word_as_beginning(sought("exa 3/4/1985")) == Sought(births=BORN, beginnings=("exa",))
    assert last_word_as_beginning(sought("exa")) is None


def test_an_opened_record_has_to_have_the_beginnings_and_the_whole_end_of_the_number():
    names = words_of("Robin Example")
    assert fits(Sought(beginnings=("ex", "r")), names=names, phone="")
    assert not fits(Sought(beginnings=("ex", "z")), names=names, phone="")
    assert fits(Sought(phone_ends=("5550132",)), names=names, phone="+14155550132")
    assert not fits(Sought(phone_ends=("6550132",)), names=names, phone="+14155550132")


@pytest.mark.parametrize(("number", "end"), [("+14155550132", "0132"), ("132", ""), ("", "")])
def test_only_a_number_has_an_end(number, end):
    assert phone_end(number) == end
