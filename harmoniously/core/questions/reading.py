"""How stored answers read: lines of words per question, for check-your-answers, the signed copy and staff pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from harmoniously.core.common import clock, phones
from harmoniously.core.common.forms import CM_PER_INCH, KG_PER_POUND
from harmoniously.core.questions import flow, wording
from harmoniously.core.questions.fields import AGO_UNITS
from harmoniously.core.questions.instruments import Instrument
from harmoniously.core.questions.instruments.base import Item
from harmoniously.core.questions.specs import Answers, Field, Kind, Page, Questionnaire, Repeat, Section

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its answer, and the page it can be changed on."""

    page: Page
    label: str
    lines: Lines


def _option(spec: Field, code: Any) -> str:
    return next((str(option.label) for option in spec.options if str(option.code) == str(code)), str(code))


def _date(_spec: Field, value: str) -> Lines:
    return (clock.long_date_words(date.fromisoformat(value)),)


def month_in_words(value: str) -> str:
    """A Kind.MONTH as it reads: "14 March 2020", or "March 2020" where the day is not known."""
    if len(value) == len("2020-03"):
        return clock.month_words(date.fromisoformat(f"{value}-01"))
    return clock.long_date_words(date.fromisoformat(value))


def _choices(spec: Field, value: list[str]) -> Lines:
    if not value:
        return (str(spec.none_label) or _("None of these"),)
    return tuple(_option(spec, code) for code in value)


def _instrument(spec: Field, value: list[int | None]) -> Lines:
    if spec.instrument is None:
        return ()
    instrument = wording.shown(spec.instrument)
    answered = zip(instrument.items, value, strict=True)
    return tuple(f"{item.text}: {_item_answer(instrument, item, given)}" for item, given in answered)


def _item_answer(instrument: Instrument, item: Item, given: int | None) -> str:
    options = item.options or instrument.options
    return next((option.label for option in options if option.value == given), _("Not answered"))


def _height(_spec: Field, value: float) -> Lines:
    inches = round(value / float(CM_PER_INCH))
    return (
        _("%(feet)s ft %(inches)s in (%(cm)s cm)") % {"feet": inches // 12, "inches": inches % 12, "cm": round(value)},
    )


def _weight(_spec: Field, value: float) -> Lines:
    return (_("%(lb)s lb (%(kg)s kg)") % {"lb": round(value / float(KG_PER_POUND)), "kg": f"{value:g}"},)


def _ago(_spec: Field, value: Mapping[str, Any]) -> Lines:
    return (f"{value['amount']} {dict(AGO_UNITS)[value['unit']]}",)


READERS: Mapping[Kind, Callable[[Field, Any], Lines]] = {
    Kind.PHONE: lambda _spec, value: (phones.in_words(value),),
    Kind.CHOICE: lambda spec, value: (_option(spec, value),),
    Kind.SELECT: lambda spec, value: (_option(spec, value),),
    Kind.CHOICES: _choices,
    Kind.DATE: _date,
    Kind.MONTH: lambda _spec, value: (month_in_words(value),),
    Kind.YES_NO: lambda _spec, value: (_("Yes") if value else _("No"),),
    Kind.AGREE: lambda _spec, value: (_("Agreed") if value else _("Not agreed"),),
    Kind.TICK: lambda _spec, value: (_("Yes") if value else _("No"),),
    Kind.INSTRUMENT: _instrument,
    Kind.HEIGHT: _height,
    Kind.WEIGHT: _weight,
    Kind.BLOOD_PRESSURE: lambda _spec, value: (f"{value['systolic']}/{value['diastolic']}",),
    Kind.AGO: _ago,
}


def read(spec: Field, value: Any) -> Lines:
    """One answer in words; "Not answered" where there is none."""
    if value is None or value == "":
        return (_("Not answered") if spec.required else _("Left empty"),)
    reader = READERS.get(spec.kind)
    return reader(spec, value) if reader else (str(value),)


def _entry_line(page: Page, repeat: Repeat, entry: Mapping[str, Any]) -> str:
    # The short line names an entry; what was chosen from lists follows, so that nothing signed is left out.
    chosen = [spec for spec in page.fields if spec.kind is Kind.CHOICE]
    said = [f"{spec.label} {read(spec, entry.get(spec.name))[0]}" for spec in chosen]
    return "; ".join([repeat.line(entry), *said])


def page_rows(page: Page, used: Answers) -> list[Row]:
    """The questions of one page with their answers; a list page is one row with a line per entry."""
    given = used.get(page.key, {})
    if page.repeat is not None:
        lines = tuple(_entry_line(page, page.repeat, entry) for entry in given.get("items", []))
        return [Row(page, str(page.title), lines or (str(page.repeat.none),))]
    return [
        Row(page, str(spec.short or spec.label), read(spec, given.get(spec.name)))
        for spec in flow.shown_fields(page, used)
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One question that was answered differently in two places."""

    label: str
    there: Lines
    here: Lines


def differences(fields: Sequence[Field], there: Mapping[str, Any], here: Mapping[str, Any]) -> list[Difference]:
    """The questions whose answers differ, both in words; an instrument is compared question by question."""
    found = []
    for spec in fields:
        one, other = there.get(spec.name), here.get(spec.name)
        if spec.instrument is not None:
            found += _item_differences(spec.instrument, one or [], other or [])
        elif one != other:
            found.append(Difference(str(spec.label), read(spec, one), read(spec, other)))
    return found


def _item_differences(instrument: Instrument, there: Sequence[Any], here: Sequence[Any]) -> list[Difference]:
    rows = zip_longest(instrument.items, there, here)
    return [
        Difference(item.text, (_item_answer(instrument, item, one),), (_item_answer(instrument, item, other),))
        for item, one, other in rows
        if one != other
    ]


def sections(questionnaire: Questionnaire, answers: Answers) -> list[tuple[Section, list[Row]]]:
    """Every section with the rows of its pages that are shown; hidden answers do not appear."""
    route = flow.route(questionnaire, answers)
    found = []
    for section in questionnaire.sections:
        rows = [row for page in route.pages if page.section == section.key for row in page_rows(page, route.used)]
        if rows:
            found.append((section, rows))
    return found
