"""Which page comes when, from the answers alone: pure, so that a resumed device and a test see the same order.

A page or field that is not shown is not used: ``Route.used`` leaves its answers out, and everything that scores or
decides reads only that. A condition sees the used answers of earlier pages, so hiding a page hides what hung on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harmoniously.core.questions.specs import PARTIAL, SKIPPED, Answers, Field, Kind, Page, Questionnaire, Text


class State(StrEnum):
    """How far a page or a section is."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Route:
    """The pages that these answers lead through, in order, and the answers that count."""

    pages: tuple[Page, ...]
    used: Mapping[str, Mapping[str, Any]]

    @property
    def open(self) -> Page | None:
        """The first page that still needs an answer: where a person resumes."""
        return next((page for page in self.pages if not is_done(page, self.used)), None)

    def before(self, page: Page) -> Page | None:
        """The page that Back leads to."""
        place = self._place(page)
        return self.pages[place - 1] if place else None

    def after(self, page: Page) -> Page | None:
        """The page that follows, or None when check-your-answers does."""
        place = self._place(page)
        return self.pages[place + 1] if place + 1 < len(self.pages) else None

    def reachable(self, page: Page) -> bool:
        """A page may be opened when it is shown and everything before it was answered (no step is skipped)."""
        if page not in self.pages:
            return False
        return all(is_done(earlier, self.used) for earlier in self.pages[: self._place(page)])

    def _place(self, page: Page) -> int:
        return self.pages.index(page)


def _used_fields(page: Page, given: Mapping[str, Any], used: Answers) -> dict[str, Any]:
    if page.repeat is not None:
        return dict(given)
    names = {field.name for field in shown_fields(page, used)} | {confirmation(field) for field in page.fields}
    return {name: value for name, value in given.items() if name in names or name.startswith("_")}


def confirmation(field: Field) -> str:
    """The name under which it is kept that an unusual value was confirmed."""
    return f"{field.name}_confirmed"


def shown_fields(page: Page, used: Answers) -> tuple[Field, ...]:
    """The fields of a page that these answers ask for."""
    return tuple(field for field in page.fields if field.shown_if is None or field.shown_if(used))


def _ordered(questionnaire: Questionnaire, answers: Answers) -> list[Page]:
    pages = list(questionnaire.pages)
    for page in questionnaire.pages:
        if page.at_once_after is None:
            continue
        anchor, condition = page.at_once_after
        if condition(answers):
            pages.remove(page)
            pages.insert(pages.index(questionnaire.by_key[anchor]) + 1, page)
    return pages


def route(questionnaire: Questionnaire, answers: Answers) -> Route:
    """Walk the questionnaire with these answers."""
    used: dict[str, Mapping[str, Any]] = {}
    shown: list[Page] = []
    for page in _ordered(questionnaire, answers):
        if page.shown_if is not None and not page.shown_if(used):
            continue
        shown.append(page)
        given = answers.get(page.key)
        if given is not None:
            used[page.key] = _used_fields(page, given, used)
    return Route(tuple(shown), used)


def _is_missing(field: Field, value: Any) -> bool:
    if value is None or value == "":
        return True
    if field.kind is Kind.INSTRUMENT:
        return None in value
    return field.kind is Kind.AGREE and value is not True


def missing_fields(page: Page, used: Answers) -> list[Field]:
    """The required questions of a plain page that have no answer yet."""
    given = used.get(page.key, {})
    return [field for field in shown_fields(page, used) if field.required and _is_missing(field, given.get(field.name))]


def is_done(page: Page, used: Answers) -> bool:
    """Whether a page needs nothing more. A list is: once they said that it is complete, and each entry is."""
    given = used.get(page.key)
    if given is None:
        return False
    if page.repeat is not None:
        return given.get("complete") is True and not unfinished(page, used)
    if given.get(PARTIAL) is True or _never_asked(page, used):
        return False
    return given.get(SKIPPED) is True or not missing_fields(page, used)


def is_unfinished(page: Page, entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a list was begun and then left: in the middle of it, or before what everybody answers."""
    asked = [spec for spec in page.fields if spec.required and spec.kind is Kind.CHOICE]
    return entry.get(PARTIAL) is True or any(entry.get(spec.name) is None for spec in asked)


def unfinished(page: Page, used: Answers) -> list[Mapping[str, Any]]:
    """The entries of a list page that are not finished; none for a plain page."""
    if page.repeat is None:
        return []
    return [entry for entry in used.get(page.key, {}).get("items", []) if is_unfinished(page, entry)]


def _never_asked(page: Page, used: Answers) -> bool:
    # What another answer opened later was not on the page when it was answered, also where it may be left empty.
    given = used.get(page.key, {})
    return any(field.shown_if is not None and field.name not in given for field in shown_fields(page, used))


def page_state(page: Page, used: Answers) -> State:
    """How far one page is."""
    if is_done(page, used):
        return State.DONE
    return State.IN_PROGRESS if used.get(page.key) else State.NOT_STARTED


def section_state(pages: Sequence[Page], used: Answers) -> State:
    """How far a section is, from its pages that are shown."""
    states = {page_state(page, used) for page in pages}
    if states == {State.DONE}:
        return State.DONE
    return State.NOT_STARTED if states == {State.NOT_STARTED} else State.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class Change:
    """What changing an answer did to the others: to answer now, no longer used, and used again as answered before."""

    opened: tuple[Text, ...] = ()
    closed: tuple[Text, ...] = ()
    restored: tuple[Text, ...] = ()


def compare(questionnaire: Questionnaire, before: Answers, after: Answers, *, changed: Page) -> Change:
    """Which earlier answers a change affects; pages nobody had reached before do not count as opened."""
    old, new = route(questionnaire, before), route(questionnaire, after)
    others = [page for page in questionnaire.pages if page is not changed and before.get(page.key)]
    opened = tuple(
        page.title
        for page in new.pages
        if page is not changed and not is_done(page, new.used) and _was_passed(page, old, questionnaire)
    )
    closed = [title for page in others for title in _gone(page, old, new)]
    restored = [
        title for page in others if page in new.pages and is_done(page, new.used) for title in _gone(page, new, old)
    ]
    return Change(opened, tuple(closed), tuple(restored))


def _gone(page: Page, here: Route, there: Route) -> list[Text]:
    """What of a page is used here and not there: all of it, or the questions that have an answer."""
    if page not in here.pages:
        return []
    if page not in there.pages:
        return [page.title]
    if page.repeat is not None:
        return []
    given, still = here.used.get(page.key, {}), {field.name for field in shown_fields(page, there.used)}
    left = [field for field in shown_fields(page, here.used) if field.name not in still]
    return [field.short or field.label for field in left if given.get(field.name) is not None]


def _was_passed(page: Page, old: Route, questionnaire: Questionnaire) -> bool:
    # Passed: the person was already beyond its place, so they would not meet it again by going on.
    if page in old.pages:
        return is_done(page, old.used)
    reached = old.open
    if reached is None:
        return True
    return questionnaire.pages.index(page) < questionnaire.pages.index(reached)
