"""The script that keeps what is being written, in Chromium: no words are lost without asking (I9)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

SITE = "http://keep.test"
SCRIPT = (Path(__file__).resolve().parents[2] / "static" / "js" / "keep.js").read_text(encoding="utf-8")
FORM = """<!doctype html><title>Note</title><form method="post" {state} data-keep="/keep/" data-elsewhere="Elsewhere."
data-kept="Saved." data-offline="Not saved."><input name="turn" value="0"><textarea name="words"></textarea>
<p data-state></p><p data-beside></p><button>Save</button></form><script src="/keep.js" type="module"></script>"""


class Note:
    """One opened page, with what was sent of it and what the server answers."""

    def __init__(self, page: Page) -> None:
        self.page, self.answer = page, 200
        self.sent: list[int] = []
        page.route(f"{SITE}/**", self._serve)

    def _serve(self, route: Route) -> None:
        asked = route.request
        if asked.url.endswith("/keep/"):
            self.sent.append(len(asked.post_data_buffer or b""))
            route.fulfill(status=self.answer, json={"said": "Saved.", "whole": True, "beside": "Not raised."})
        elif asked.url.endswith("keep.js"):
            route.fulfill(content_type="text/javascript", body=SCRIPT)
        else:
            state = "data-unsaved data-conflict" if asked.url.endswith("/conflict/") else ""
            route.fulfill(content_type="text/html", body=FORM.format(state=state))

    def open(self, path: str = "/note/") -> None:
        self.page.goto(SITE + path)

    def write(self, words: str) -> None:
        self.page.click("textarea")
        self.page.keyboard.insert_text(words)

    def hide(self) -> None:
        """The tab goes to the background."""
        self.page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def asks_before_it_leaves(self) -> bool:
        """Whether following a link asks first; the page stays."""
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        self.page.once("dialog", stay)
        self.page.evaluate("setTimeout(() => { location.href = '/away/'; })")
        self.page.wait_for_timeout(300)
        if not asked:
            self.page.remove_listener("dialog", stay)
        return asked == ["beforeunload"]


@pytest.fixture
def note(browser: Browser) -> Iterator[Note]:
    page = browser.new_page()
    yield Note(page)
    # An answer that is still being given would wait for a page that is gone, and closing for the answer.
    page.unroute_all(behavior="wait")
    page.close(run_before_unload=False)


def test_what_another_tab_refused_is_not_left_without_asking(note: Note) -> None:
    note.answer = 409
    note.open()
    note.write("words")
    note.page.get_by_text("Elsewhere.").wait_for()
    note.write(" and more")
    assert note.asks_before_it_leaves()
    assert len(note.sent) == 1, "nothing is sent again: only a press shows both"


def test_what_is_too_long_for_a_beacon_is_sent_all_the_same(note: Note) -> None:
    note.open()
    note.write("x" * 100_000)
    note.hide()
    note.page.get_by_text("Not raised.").wait_for(timeout=2500)  # before the pause of three seconds is over
    assert note.sent[0] > 100_000
    assert not note.asks_before_it_leaves()


def test_while_two_versions_stand_against_each_other_only_a_press_writes(note: Note) -> None:
    note.open("/conflict/")
    note.write("mine")
    note.hide()
    note.page.wait_for_timeout(3500)
    assert note.sent == []
    assert note.asks_before_it_leaves()
    with note.page.expect_navigation() as pressed:
        note.page.click("button")
    assert pressed.value.request.method == "POST"
