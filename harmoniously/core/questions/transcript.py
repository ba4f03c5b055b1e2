"""What a person was shown and what they answered: every page, every question in its full wording, word for word.

Check-your-answers (``reading``) is short, for the person who just answered. A transcript is for whoever reads it later:
a clinician, or the person themself years after. It is plain data, so that it can be kept under the signature and read
again when the questionnaire has long been worded otherwise (its shape: ``said``).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from harmoniously.core.questions import flow, reading, wording
from harmoniously.core.questions.said import Entry, Question, Shown, Transcript
from harmoniously.core.questions.specs import SKIPPED, Answers, Field, Kind, Page, Questionnaire


def transcript(questionnaire: Questionnaire, answers: Answers, *, only: Collection[str] | None = None) -> Transcript:
    """What these answers were asked by, in the language that is active now; of `only` these pages, when it is given."""
    route = flow.route(questionnaire, answers)
    sections = {section.key: str(section.title) for section in questionnaire.sections}
    wanted = [page for page in questionnaire.pages if only is None or page.key in only]
    pages = [_page(page, sections[page.section], route.used, used=True) for page in route.pages if page in wanted]
    closed = [page for page in wanted if page not in route.pages and answers.get(page.key)]
    pages += [_page(page, sections[page.section], answers, used=False) for page in closed]
    return Transcript(get_language() or "", questionnaire.version, tuple(pages))


def _page(page: Page, section: str, answers: Answers, *, used: bool) -> Shown:
    given = answers.get(page.key, {})
    entries = _list(page, answers, given) if page.repeat else (Entry("", "", _questions(page, answers, given)),)
    name = next((spec.instrument.name for spec in page.fields if spec.instrument), str(page.title))
    left_open = given.get(SKIPPED) is True
    return Shown(page.key, section, str(page.title), name, entries, left_open=left_open, used=used)


def _list(page: Page, answers: Answers, given: Mapping[str, Any]) -> tuple[Entry, ...]:
    repeat = page.repeat
    items = given.get("items", [])
    if repeat is None or not items:
        said = given.get("complete") is True and repeat is not None
        answer = str(repeat.none) if repeat is not None and said else _("Not answered")
        return (Entry("", "", (Question("none", str(repeat.first) if repeat else "", (answer,), said),)),)
    return tuple(
        Entry(str(item.get("id", number)), repeat.line(item), _questions(page, answers, item))
        for number, item in enumerate(items, start=1)
    )


def _questions(page: Page, answers: Answers, given: Mapping[str, Any]) -> tuple[Question, ...]:
    found: list[Question] = []
    for spec in flow.shown_fields(page, answers):
        value = given.get(spec.name)
        found += _items(spec, value) if spec.instrument is not None else [_one(spec, value)]
    return tuple(found)


def _one(spec: Field, value: Any) -> Question:
    others: tuple[str, ...] = ()
    if spec.kind is Kind.CHOICES and value is not None:
        others = tuple(str(option.label) for option in spec.options if option.code not in value)
    answered = value is not None and value != ""
    return Question(spec.name, str(spec.label), reading.read(spec, value), answered, others, optional=not spec.required)


def _items(spec: Field, value: Sequence[int | None] | None) -> list[Question]:
    """An instrument is as many questions as it has items, each with the number that it scores."""
    if spec.instrument is None:
        return []
    instrument = wording.shown(spec.instrument)
    found = []
    for number, item in enumerate(instrument.items):
        given = value[number] if value is not None and number < len(value) else None
        label = next((str(one.label) for one in item.options or instrument.options if one.value == given), str(given))
        answer = _("Not answered") if given is None else label
        found.append(
            Question(f"{spec.name}.{number}", str(item.text), (answer,), given is not None, points=given),
        )
    return found
