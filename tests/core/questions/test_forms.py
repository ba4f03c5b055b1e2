"""From a page to its form and back: what is typed, what is stored, what is said when it cannot be right."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import gettext as _

from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.instruments import GAD7
from harmoniously.core.questions.reading import read
from harmoniously.core.questions.specs import Context, Field, Kind, Option, Page

TODAY = date(2026, 11, 4)
OPTIONS = (Option("a", "Apple"), Option("b", "Bean"))


def bind(field: Field, data: dict[str, Any], **page: Any) -> AnswersForm:
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    spec = Page(key="page", section="s", title="t", fields=(field,), **page)
    return form_for(spec, context=Context(used={}, today=TODAY), data=query)


CASES: list[tuple[Field, dict[str, Any], Any, str]] = [
    (Field("x", "q"), {"x": "  words  "}, "words", "words"),
    (Field("x", "q", Kind.CHOICE, options=OPTIONS), {"x": "a"}, "a", "Apple"),
    (Field("x", "q", Kind.SELECT, options=OPTIONS), {"x": "b"}, "b", "Bean"),
    (Field("x", "q", Kind.CHOICES, options=OPTIONS, none_label="None"), {"x": ["a", "b"]}, ["a", "b"], "Apple"),
    (Field("x", "q", Kind.CHOICES, options=OPTIONS, none_label="None"), {"x": ["none"]}, [], "None"),
    (Field("x", "q", Kind.YES_NO), {"x": "no"}, False, "No"),
    (Field("x", "q", Kind.AGREE), {"x": "on"}, True, "Agreed"),
    (Field("x", "q", Kind.INTEGER), {"x": "12"}, 12, "12"),
    (Field("x", "q", Kind.DECIMAL), {"x": "37.5"}, 37.5, "37.5"),
    (Field("x", "q", Kind.DATE), {"x_0": "3", "x_1": "4", "x_2": "1985"}, "1985-03-04", "4 March 1985"),
    (Field("x", "q", Kind.PHONE), {"x": "415.555.0132"}, "+14155550132", "(415) 555-0132"),
    (Field("x", "q", Kind.PHONE), {"x": "+44 20 7946 0018"}, "+442079460018", "+44 20 7946 0018"),
    (Field("x", "q", Kind.ZIP), {"x": "94110 1234"}, "94110-1234", "94110-1234"),
    (Field("x", "q", Kind.HEIGHT), {"x_0": "5", "x_1": "6", "x_2": "ft"}, 167.6, "5 ft 6 in (168 cm)"),
    (Field("x", "q", Kind.WEIGHT), {"x_0": "160", "x_1": "lb"}, 72.6, "160 lb (72.6 kg)"),
    (Field("x", "q", Kind.WEIGHT), {"x_0": "72", "x_1": "kg"}, 72.0, "159 lb (72 kg)"),
    (
        Field("x", "q", Kind.BLOOD_PRESSURE),
        {"x_0": "122", "x_1": "76"},
        {"systolic": 122, "diastolic": 76},
        "122/76",
    ),
    (
        Field("x", "q", Kind.AGO),
        {"x_0": "3", "x_1": "months"},
        {"amount": 3, "unit": "months"},
        "3 months ago",
    ),
]


@pytest.mark.parametrize(("field", "posted", "stored", "words"), CASES)
def test_what_is_typed_is_stored_read_and_shown_again(
    field: Field, posted: dict[str, Any], stored: Any, words: str
) -> None:
    form = bind(field, posted)
    assert form.is_valid(), form.errors
    assert form.answers() == {"x": stored}
    assert read(field, stored)[0] == words

    again = form_for(form.page, context=form.context, stored=form.answers())
    assert "x" in str(again["x"])


WRONG: list[tuple[Field, dict[str, Any], str]] = [
    (Field("x", "q", missing="Say it."), {}, "Say it."),
    (Field("x", "q", Kind.AGREE, missing="Tick it."), {}, "Tick it."),
    (Field("x", "q", Kind.YES_NO, missing="Choose."), {}, "Choose."),
    (Field("x", "q", Kind.INTEGER), {"x": "twelve"}, "Enter a number"),
    (Field("x", "q", Kind.INTEGER, maximum=10), {"x": "11"}, "10 or less"),
    (Field("x", "q", Kind.INTEGER), {"x": "1.5"}, "whole number"),
    (Field("x", "q", Kind.INTEGER), {"x": "NaN"}, "Enter a number"),
    (Field("x", "q", Kind.DATE), {"x_0": "2", "x_1": "30", "x_2": "1985"}, "real date"),
    (Field("x", "q", Kind.PHONE), {"x": "12"}, "area code"),
    (Field("x", "q", Kind.ZIP), {"x": "9411"}, "five digits"),
    (Field("x", "q", Kind.BLOOD_PRESSURE), {"x_0": "76", "x_1": "122"}, "larger"),
    (Field("x", "q", Kind.AGO), {"x_0": "3", "x_1": "moons"}, "Choose weeks"),
    (Field("x", "q", Kind.CHOICE, options=OPTIONS), {"x": "z"}, "valid choice"),
    (Field("x", "q", Kind.CHOICES, options=OPTIONS, none_label="None"), {"x": ["a", "none"]}, "not both"),
    (Field("x", "q"), {"x": "a\x00b"}, "Null"),
]


@pytest.mark.parametrize(("field", "posted", "words"), WRONG)
def test_what_cannot_be_right_is_refused_with_what_to_do(field: Field, posted: dict[str, Any], words: str) -> None:
    form = bind(field, posted)
    assert not form.is_valid()
    assert words in str(form.errors)


def test_an_instrument_is_stored_item_by_item() -> None:
    field = Field("x", "GAD-7", Kind.INSTRUMENT, instrument=GAD7)
    form = bind(field, {f"x_{number}": "2" for number in range(7)})
    assert form.is_valid(), form.errors
    assert form.answers() == {"x": [2] * 7}


def test_an_instrument_needs_every_item_unless_it_is_left_open_on_purpose() -> None:
    field = Field("x", "GAD-7", Kind.INSTRUMENT, instrument=GAD7)
    some = {f"x_{number}": "1" for number in range(6)}
    assert not bind(field, some, may_skip=True).is_valid()

    form = bind(field, {**some, "_skipped": "on"}, may_skip=True)
    assert form.is_valid()
    assert form.answers() == {"x": [1, 1, 1, 1, 1, 1, None], "_skipped": True}


def test_an_unusual_value_is_accepted_once_it_is_confirmed() -> None:
    field = Field("x", "q", Kind.INTEGER, unusual=lambda value: _("Odd.") if value > 9 else None)
    form = bind(field, {"x": "10"})
    assert not form.is_valid()
    assert [bound.name for bound in form.rows()] == ["x", "x_confirmed"]

    confirmed = bind(field, {"x": "10", "x_confirmed": "on"})
    assert confirmed.is_valid()
    assert confirmed.answers() == {"x": 10, "x_confirmed": True}
    assert [bound.name for bound in bind(field, {"x": "3"}).rows()] == ["x"]


def test_bug_03_what_was_not_asked_is_ignored() -> None:
    form = bind(Field("x", "q"), {"x": "words", "status": "submitted", "patient": "other"})
    assert form.is_valid()
    assert form.answers() == {"x": "words"}
