"""What a questionnaire is: sections of pages, pages of fields, as data (style habit 26).

Everything here is plain Python. A page spec drives its form (``forms``), the order of pages (``flow``), the
check-your-answers list (``answers``) and the task list. What a person answered is one JSON object per page, under
``Page.key`` and then ``Field.name``; the shapes are listed at ``Kind``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from harmoniously.core.questions.instruments.base import Instrument

SKIPPED = "_skipped"  # the key under which a page remembers that questions were left open on purpose
LANGUAGE = "_language"  # and in which language its instrument was shown; absent: English
SAID_ON = "_on"  # and on which day it was answered, as an ISO date, where the age of an answer counts
PARTIAL = "_partial"  # the key under which a page remembers that somebody left in the middle of it

# page key -> field name -> JSON value
Answers = Mapping[str, Mapping[str, Any]]
Condition = Callable[[Answers], bool]


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know beside the page: the answers so far that count, and the local day."""

    used: Answers
    today: date


class Text(Protocol):
    """A string, or one that is translated when it is shown."""

    def __str__(self) -> str: ...


class Kind(StrEnum):
    """What kind of answer a field takes, and the JSON that it is stored as."""

    TEXT = "text"  # "…"
    LONG_TEXT = "long_text"  # "…"
    PHONE = "phone"  # "+15555550100"
    ZIP = "zip"  # "94110" or "94110-1234"
    CHOICE = "choice"  # the code of one option, as radios
    SELECT = "select"  # the code of one option, as a drop-down
    CHOICES = "choices"  # a list of option codes, as checkboxes; "none of these" is []
    INTEGER = "integer"  # 12
    DECIMAL = "decimal"  # 37.5
    DATE = "date"  # "1985-03-04", three boxes
    MONTH = "month"  # "2020-03-14", or "2020-03" where the day was left empty
    YES_NO = "yes_no"  # true or false
    AGREE = "agree"  # true: a box that has to be ticked
    TICK = "tick"  # true or false: a box that may be ticked
    INSTRUMENT = "instrument"  # one integer per item, null where not answered
    HEIGHT = "height"  # centimetres, 170.2
    WEIGHT = "weight"  # kilograms, 72.6
    BLOOD_PRESSURE = "blood_pressure"  # {"systolic": 122, "diastolic": 76}
    AGO = "ago"  # {"amount": 3, "unit": "days", "weeks", "months" or "years"}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: what is stored, what is read, and a line under it."""

    code: str
    label: Text
    hint: Text = ""
    group: Text = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. ``shown_if`` looks at earlier pages only; ``required`` may be a condition too."""

    name: str
    label: Text
    kind: Kind = Kind.TEXT
    hint: Text = ""
    required: bool = True
    missing: Text = ""  # what the error says when it is not answered
    options: tuple[Option, ...] = ()
    none_label: Text = ""  # CHOICES: the explicit "none of these"
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    autocomplete: str = ""
    instrument: Instrument | None = None  # INSTRUMENT: its items and options, worded as published
    unusual: Callable[[Any], Text | None] | None = None  # a value that has to be confirmed, and why
    shown_if: Condition | None = None
    short: Text = ""  # how check-your-answers calls it, where the question alone would not be clear


@dataclass(frozen=True, slots=True)
class Repeat:
    """A page that is a list: the question whether there is one (or another), and how one entry is read in a line."""

    first: Text  # "Have you ever taken a medicine for depression?"
    another: Text  # "Have you taken another one?"
    item: Text  # the heading of the form of one entry
    add: Text  # "Add a medicine"
    none: Text  # how an explicitly empty list reads
    line: Callable[[Mapping[str, Any]], str]
    limit: int = 30


@dataclass(frozen=True, slots=True)
class Page:
    """One question page. With ``repeat`` its fields are those of one entry."""

    key: str
    section: str
    title: Text
    fields: tuple[Field, ...]
    why: Text = ""
    intro: Text = ""
    template: str = ""  # a fragment shown above the fields
    shown_if: Condition | None = None
    # (key, condition): while the condition holds this page comes directly after that one.
    at_once_after: tuple[str, Condition] | None = None
    repeat: Repeat | None = None
    may_skip: bool = False  # offers a box to leave questions of this page open, on purpose
    note: Text = ""  # stands below the questions: an instrument's attribution
    instrument: Instrument | None = None  # whose items the fields are, where they are asked one by one
    check: Callable[[Mapping[str, Any], Context], Mapping[str, Text]] | None = None  # field name -> error
    form: Callable[..., Any] | None = None  # a subclass of forms.AnswersForm, where a page needs more than the usual

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the questionnaire as the task list shows it."""

    key: str
    title: Text
    minutes: int
    why: Text
    seen_by: Text


@dataclass(frozen=True)
class Questionnaire:
    """The whole of it, with a version that is stored beside every set of answers."""

    version: str
    sections: tuple[Section, ...]
    pages: tuple[Page, ...]
    by_key: Mapping[str, Page] = field(init=False)

    def __post_init__(self) -> None:
        keys = {page.key: page for page in self.pages}
        if len(keys) != len(self.pages):
            raise ValueError("Two pages have one key.")
        if {page.section for page in self.pages} != {section.key for section in self.sections}:
            raise ValueError("Sections and pages do not match.")
        object.__setattr__(self, "by_key", keys)

    @cached_property
    def _slugs(self) -> dict[str, str]:
        # Addresses name a page by its place: what it asks about never stands in a URL or a log.
        return {page.key: f"{number:02d}" for number, page in enumerate(self.pages, start=1)}

    def slug(self, page: Page) -> str:
        """How an address names a page."""
        return self._slugs[page.key]

    def by_slug(self, slug: str) -> Page | None:
        """The page that an address names, or None."""
        return next((page for page in self.pages if self._slugs[page.key] == slug), None)

    def section_pages(self, key: str, pages: Sequence[Page]) -> list[Page]:
        """Those of the pages that belong to a section."""
        return [page for page in pages if page.section == key]
