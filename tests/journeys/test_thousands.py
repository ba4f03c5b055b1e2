"""A practice of two thousand patients and twenty clinicians: what its pages cost, and a morning at its desks."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.keyboard import KeyboardWalk
from tests.journeys.walk import Findings
from tests.running_demo import RunningDemo, demo

pytestmark = pytest.mark.journey
SCRIPT = "from tests.journeys import thousands; thousands.tell()"
MOST = 12
SECONDS = 300
DESK = {"width": 1440, "height": 900}
PATIENCE = 30_000  # ms
Row = tuple[str, str, int, int, int, int]


class AtADesk(KeyboardWalk):
    """Somebody of the practice, without a pointer; test_every_page holds the same pages to axe."""

    def look(self) -> None:
        self.arrive()

    def keys(self, letters: str) -> None:
        """Press single keys, one after the other."""
        for letter in letters:
            self.page.keyboard.press(letter)

    def enter(self) -> None:
        """Open or send what has the focus."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.arrive()

    def to(self, path: str) -> None:
        """Go on by the menu beside every page."""
        self.reach(f".rail__nav a[href='{path}']")
        self.enter()

    def shows(self, words: str) -> None:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible(timeout=PATIENCE)


@pytest.fixture(scope="module")
def practice() -> Iterator[RunningDemo]:
    """A demo of its own: the lists of the others' stay as short as they are."""
    with demo() as running:
        yield running


@pytest.fixture(scope="module")
def told(practice: RunningDemo) -> list[Row]:
    """Of every staff page: who opens it, its name, and status and queries before and after the practice grew."""
    lines = practice.manage("shell", "-v", "0", "-c", SCRIPT, seconds=SECONDS).splitlines()
    return [tuple(row) for row in json.loads(lines[-1])]


@pytest.fixture
def desk(practice: RunningDemo, told: list[Row], browser: Browser) -> Iterator[Callable[[str], AtADesk]]:
    """Who sits down at a desk of the practice, once it has grown."""
    assert told
    findings, opened = Findings(), []

    def sit_down(persona: str) -> AtADesk:
        walk = AtADesk(browser, practice.url, findings)
        opened.append(walk)
        walk.page.set_viewport_size(DESK)
        walk.page.goto("/demo/")
        walk.reach(f"form[action='/demo/be/{persona}/'] button")
        walk.enter()
        return walk

    yield sit_down
    for walk in opened:
        walk.close()
    assert findings == Findings(pages=findings.pages)


def test_a_page_takes_as_many_queries_with_thousands_of_patients(told: list[Row]) -> None:
    """Design 7: twelve at most, the session, the account and the trail among them, whatever the size."""
    opened = [row for row in told if row[2] == row[4] == 200]
    assert len(opened) > 100
    assert [row for row in opened if max(row[3], row[5]) > MOST] == []


def test_a_coordinators_morning_by_the_keys_alone(desk: Callable[[str], AtADesk]) -> None:
    """UX-18: the worklist, a call, a visit held and booked, somebody on the telephone, and who comes today."""
    casey = desk("coordinator")
    _takes_two_lines_and_gives_them_back(casey)
    _calls_and_holds_a_time(casey)
    _finds_who_calls(casey)
    casey.to("/admin/schedule/")
    casey.reach(casey.page.get_by_role("link", name="Day board"))
    casey.enter()
    casey.shows("Day board")


def _takes_two_lines_and_gives_them_back(casey: AtADesk) -> None:
    casey.to("/admin/worklist/")
    casey.keys("jxjxw")
    casey.page.keyboard.press("Tab")
    casey.page.keyboard.type("Casey")
    casey.page.keyboard.press("Tab")
    casey.enter()
    casey.shows("Given to Casey Brook: 2.")
    casey.keys("z")
    casey.enter()
    casey.shows("Taken back: 2.")


def _calls_and_holds_a_time(casey: AtADesk) -> None:
    """Whose visit is overdue: reached, a time held while they look for their diary, then booked."""
    casey.pick("kind", "visit_overdue")
    casey.press("Show")
    casey.keys("j")
    casey.enter()
    casey.keys("c")
    casey.choose("tried-how", "call")
    casey.choose("tried-reached", "yes")
    casey.fill(**{"tried-words": "Reached. Looks for the diary."})
    casey.press("Note it")
    casey.shows("Reached. Looks for the diary.")
    casey.press("Find a time")
    casey.choose("do", "hold")
    casey.reach("main details.day-times button[name=slot]")
    casey.enter()
    casey.shows("The time is held. Nothing is booked, and the patient is told nothing.")
    casey.press("Book it and tell the patient")
    casey.shows("Booked")


def _finds_who_calls(casey: AtADesk) -> None:
    """A name that two people have: the date of birth tells them apart."""
    casey.to("/admin/patients/")
    casey.fill(typed="jesmond BAY")
    casey.press("Search")
    casey.shows("Some of them have the same name")
    rows = casey.page.locator("main tbody tr")
    born = rows.last.locator("td").first.inner_text()
    casey.reach(rows.last.locator("th a"))
    casey.enter()
    casey.shows(born)


def test_a_prescribers_morning_by_the_keys_alone(desk: Callable[[str], AtADesk]) -> None:
    """Today, the queue, what a check-in tells, a question that is taken back, and on to the next line."""
    rivers = desk("prescriber")
    rivers.shows("Today")
    _reads_what_stops_a_treatment(rivers)
    _asks_and_takes_it_back(rivers)
    before = rivers.page.url
    with rivers.page.expect_navigation():
        rivers.keys("j")
    assert rivers.arrive().startswith("/admin/")
    assert rivers.page.url != before
    rivers.shows("Next in the queue")


def _reads_what_stops_a_treatment(rivers: AtADesk) -> None:
    rivers.to("/admin/queue/")
    rivers.reach(rivers.page.get_by_role("link", name="Flagged check-in"))
    rivers.enter()
    rivers.keys("jc")
    rivers.enter()
    rivers.shows("It is in your hands.")
    rivers.enter()
    rivers.press("I have read this")
    rivers.shows("Marked as read.")


def _asks_and_takes_it_back(rivers: AtADesk) -> None:
    """The question is shown as the patient will read it; within ten seconds nothing has left."""
    rivers.to("/admin/queue/")
    rivers.reach(rivers.page.get_by_role("link", name="Application"))
    rivers.enter()
    lines = rivers.page.locator("[data-keys-row]").all_inner_texts()
    rivers.keys("j" * (1 + next(place for place, line in enumerate(lines) if "Claim" in line)) + "c")
    rivers.enter()
    rivers.shows("It is in your hands.")
    rivers.enter()
    rivers.keys("q")
    rivers.reach("details[data-key=q] textarea[name=words]")
    rivers.page.keyboard.type("Which dose did you take, and for how long?")
    rivers.press("Look at the question")
    rivers.shows("The patient reads")
    rivers.press("Send the question")
    rivers.press("Undo")
    rivers.shows("Undone: nothing was sent")
