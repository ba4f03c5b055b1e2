"""Each outcome of the screening as different people reach it: without scripts, by keyboard alone, in Spanish."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.intake.walk import READING
from tests.journeys import intake_walk
from tests.journeys.answering import Answering, QuietWalk
from tests.journeys.keyboard import KeyboardWalk
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
# Words that any page of the intake would show if a piece of it were not translated.
ENGLISH = re.compile(r"\b(the|your|you|and|with|question|please|choose|minutes|answer)\b", re.IGNORECASE)


@pytest.fixture
def person(running_demo: RunningDemo, browser: Browser) -> Iterator[Callable[..., Walk]]:
    """Somebody new, signed up and at the first question."""
    walks: list[Walk] = []

    def make(email: str, kind: type[Walk] = Walk) -> Walk:
        findings = Findings()
        helper = Walk(browser, running_demo.url, findings)
        intake_walk.sign_up(helper, email)
        walk = kind(browser, running_demo.url, findings)
        walk.context.add_cookies(helper.context.cookies())
        helper.close()
        walks.append(walk)
        return walk

    yield make
    for walk in walks:
        walk.close()


def clean(walk: Walk) -> None:
    """Nothing was wrong on any page of the way."""
    found = walk.findings
    assert (found.axe, found.console, found.broken, found.foreign, found.stored, found.focus) == (
        [],
        [],
        [],
        [],
        [],
        [],
    )


def begin(walk: Walk) -> None:
    """From the intake's front page into the first question."""
    walk.go("/intake/")
    walk.send()


def hand_in(walk: Walk) -> None:
    """Check your answers, then send them."""
    assert walk.page.url.endswith("/intake/check/"), walk.page.url
    walk.send()
    assert walk.page.url.endswith("/intake/result/"), walk.page.url


def test_not_eligible_without_scripts(person: Callable[..., Walk]) -> None:
    walk = person("heron@example.com", QuietWalk)
    begin(walk)
    Answering(walk, name="Heron Example", answers={"conditions_mind": {"codes": ["schizophrenia"]}}).run()
    hand_in(walk)
    main = walk.page.locator("main").inner_text()
    assert "not eligible" in main.lower() or "at home" in main.lower()
    assert "988" in walk.page.locator("body").inner_text()
    # Nobody is sent away without a word about what does fit.
    assert walk.page.locator("main a[href*='care']").count() >= 1
    clean(walk)


def test_needs_information_by_keyboard_alone_with_every_page_sent_empty_first(person: Callable[..., Walk]) -> None:
    walk = person("dunlin@example.com", KeyboardWalk)
    begin(walk)
    answering = Answering(
        walk,
        name="Dunlin Example",
        lists={"blood_pressure": [{**READING, "pressure_0": "150", "pressure_1": "92"}]},
        wrong_first=True,
    )
    answering.run()
    assert len(answering.told) >= 10
    assert len(answering.explained) == 5
    hand_in(walk)
    assert "blood pressure" in walk.page.locator("main").inner_text().lower()
    clean(walk)


def test_eligible_for_review_in_spanish(person: Callable[..., Walk]) -> None:
    walk = person("curlew@example.com")
    walk.go("/intake/")
    walk.page.locator("button[name='language'][value='es']").first.click()
    walk.look()
    assert walk.page.locator("html").get_attribute("lang") == "es"
    english: list[str] = []
    look = walk.look

    def look_for_english() -> None:
        look()
        text = walk.page.evaluate(
            "() => [...document.querySelectorAll('main, header, footer')].map(e => { const c = e.cloneNode(true);"
            "c.querySelectorAll('[lang=en], option, script').forEach(x => x.remove()); return c.innerText; }).join(' ')"
        )
        english.extend(
            f"{walk.page.url}: …{text[max(0, m.start() - 40) : m.end() + 40]!r}" for m in ENGLISH.finditer(text)
        )

    walk.look = look_for_english  # type: ignore[method-assign]
    begin(walk)
    Answering(walk, name="Curlew Example").run()
    hand_in(walk)
    assert english == []
    clean(walk)


def test_a_draft_begun_on_a_phone_is_finished_on_a_computer(person: Callable[..., Walk], browser: Browser) -> None:
    """UX-06"""
    phone = person("plover@example.com")
    begin(phone)
    answering = Answering(phone, name="Plover Example")
    for _ in range(6):
        answering.step()
    stopped = phone.page.url
    # UX-23: what came back from a switch is a page that Back can show again.
    for wanted in ("es", "en"):
        phone.page.locator(f"button[name='language'][value='{wanted}']").first.click()
        phone.page.locator(f"html[lang^='{wanted}']").wait_for(state="attached")
    phone.go("/intake/")
    phone.page.go_back()
    assert phone.page.url == stopped
    computer = Walk(browser, phone.url, phone.findings)
    intake_walk.sign_in(computer, "plover@example.com")
    computer.go("/intake/")
    computer.press("Go on")
    assert computer.page.url == stopped
    Answering(computer, name="Plover Example").run()
    hand_in(computer)
    phone.go("/intake/")
    phone.go(stopped)
    assert phone.page.url != stopped, "what was handed in cannot be answered again from the phone"
    computer.close()
    clean(phone)
