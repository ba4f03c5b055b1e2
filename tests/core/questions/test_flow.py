"""The order of pages and the answers that count, on a small questionnaire; no database."""

import pytest

from harmoniously.core.questions import flow
from harmoniously.core.questions.specs import Answers, Field, Kind, Page, Questionnaire, Repeat, Section


def _page(key: str, **extra: object) -> Page:
    fields = (Field("answer", key, Kind.YES_NO),)
    return Page(key=key, section="all", title=key, **{"fields": fields, **extra})  # type: ignore[arg-type]


def _yes(key: str) -> object:
    return lambda answers: answers.get(key, {}).get("answer") is True


SMALL = Questionnaire(
    version="1",
    sections=(Section("all", "All", 1, "why", "who"),),
    pages=(
        _page("first"),
        _page("second"),
        _page("third", shown_if=_yes("first")),
        _page("fourth", shown_if=_yes("third")),
        _page("urgent", at_once_after=("first", _yes("first"))),
        _page("list", repeat=Repeat("any?", "more?", "one", "add", "none", line=str)),
    ),
)


def keys(answers: Answers) -> list[str]:
    return [page.key for page in flow.route(SMALL, answers).pages]


YES, NO = {"answer": True}, {"answer": False}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, ["first", "second", "urgent", "list"]),
        ({"first": NO}, ["first", "second", "urgent", "list"]),
        ({"first": YES}, ["first", "urgent", "second", "third", "list"]),
        ({"first": YES, "third": YES}, ["first", "urgent", "second", "third", "fourth", "list"]),
        # The answer at "third" does not count while it is hidden, so what hung on it is hidden too.
        ({"first": NO, "third": YES}, ["first", "second", "urgent", "list"]),
    ],
)
def test_pages_follow_from_the_answers(answers: Answers, expected: list[str]) -> None:
    assert keys(answers) == expected


def test_hidden_answers_do_not_count() -> None:
    used = flow.route(SMALL, {"first": NO, "third": YES, "fourth": YES}).used
    assert set(used) == {"first"}


def test_it_resumes_at_the_first_page_without_an_answer() -> None:
    page = flow.route(SMALL, {"first": NO, "urgent": NO}).open
    assert page is not None
    assert page.key == "second"


@pytest.mark.parametrize(
    ("given", "done"), [({}, False), ({"items": []}, False), ({"items": [], "complete": True}, True)]
)
def test_a_list_is_done_when_it_was_said_to_be_complete(given: dict[str, object], done: bool) -> None:
    assert flow.is_done(SMALL.by_key["list"], {"list": given}) is done


def test_no_page_is_reachable_before_the_ones_before_it() -> None:
    route = flow.route(SMALL, {"first": NO})
    assert [page.key for page in route.pages if route.reachable(page)] == ["first", "second"]


def test_a_page_left_open_on_purpose_is_done() -> None:
    page = _page("first", may_skip=True)
    assert flow.is_done(page, {"first": {"_skipped": True, "answer": None}})


def test_a_change_names_what_it_opens_and_what_it_closes() -> None:
    before = {"first": NO, "second": NO, "urgent": NO, "list": {"items": [], "complete": True}}
    opened = flow.compare(SMALL, before, {**before, "first": YES}, changed=SMALL.by_key["first"])
    assert (opened.opened, opened.closed) == (("third",), ())

    before = {**before, "first": YES, "third": NO}
    closed = flow.compare(SMALL, before, {**before, "first": NO}, changed=SMALL.by_key["first"])
    assert (closed.opened, closed.closed) == ((), ("third",))


def test_going_on_in_order_announces_nothing() -> None:
    change = flow.compare(SMALL, {}, {"first": YES}, changed=SMALL.by_key["first"])
    assert change == flow.Change((), ())


def test_addresses_name_pages_by_number() -> None:
    assert [SMALL.slug(page) for page in SMALL.pages] == ["01", "02", "03", "04", "05", "06"]
    assert SMALL.by_slug("03") is SMALL.by_key["third"]
    assert SMALL.by_slug("99") is None
