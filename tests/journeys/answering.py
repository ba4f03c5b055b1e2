"""Answering the whole intake from a table, with a mouse, without scripts or with a keyboard alone, in any language.

A page is known by its number, never by its words, and its fields by their names: the same answers serve every language.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator

from tests.intake.walk import ANSWERS, LISTS, key_of
from tests.journeys.walk import SEND, Findings, Walk, option

# The element itself, its label beside it or the row around it: one of them has a ring.
SHOWS_FOCUS = """() => {
    const at = document.activeElement;
    const near = [at, at.nextElementSibling, at.parentElement].filter(Boolean).map((e) => getComputedStyle(e));
    return near.some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none');
}"""
AGREEMENTS = "/intake/agreements/"
RIGHT = (2, 1, 3, 2, 1)  # the right choices of the five questions about the texts
PAGES, TABS, ARROWS = 90, 120, 70


class QuietWalk(Walk):
    """A browser that runs no script: what works here works for everybody."""

    def __init__(self, browser: Browser, url: str, findings: Findings, **context: Any) -> None:
        super().__init__(browser, url, findings, java_script_enabled=False, **context)

    def look(self) -> None:
        """Axe is a script; the same pages are held to it by the other walks."""
        self.page.wait_for_load_state()
        path = urlsplit(self.page.url).path
        self.visited.add(path)
        self.findings.pages.add(path)


class KeyboardWalk(Walk):
    """Somebody without a pointer: Tab, arrows, Space and Enter; what has the focus must show it (UX-01)."""

    def reach(self, selector: str) -> None:
        """Tab until an element has the focus."""
        for _ in range(TABS):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                self._see_focus()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: Tab does not reach {selector}")

    def _see_focus(self) -> None:
        if not self.page.evaluate(SHOWS_FOCUS):
            element = self.page.evaluate("document.activeElement.outerHTML")
            self.findings.focus.append(f"{self.page.url}: {element[:120]}")

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.reach(f"main [name='{name}']")
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(value)
            # A list that has opened below the field closes, and nothing of it is chosen.
            if self.page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true":
                self.page.keyboard.press("Escape")

    def choose(self, name: str, value: str) -> None:
        box = f"{option(name, value)}[type='checkbox']"
        if self.page.locator(box).count():
            self.reach(box)
            if not self.page.locator(box).is_checked():
                self.page.keyboard.press("Space")
            return
        self.reach(f"main input[name='{name}']")
        self.page.keyboard.press("Space")
        self._arrow_to(value)

    def pick(self, name: str, value: str) -> None:
        self.reach(f"main select[name='{name}']")
        self.page.keyboard.press("Home")
        self._arrow_to(value)

    def _arrow_to(self, value: str) -> None:
        for _ in range(ARROWS):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: the arrows do not reach {value!r}")

    def follow(self, selector: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Enter")
        self.look()

    def send(self) -> None:
        self.reach(SEND)
        self.page.keyboard.press("Enter")
        self.look()


class Answering:
    """Goes through the questions where the site leads; ``answers`` and ``lists`` replace the usual ones by page."""

    def __init__(
        self,
        walk: Walk,
        *,
        name: str,
        lists: dict[str, list[dict[str, Any]]] | None = None,
        answers: dict[str, dict[str, Any]] | None = None,
        wrong_first: bool = False,
    ) -> None:
        self.walk = walk
        self.answers = {**ANSWERS, **(answers or {})}
        self.answers["about_you"] = {**self.answers["about_you"], "legal_name": name}
        self.name = name
        self.lists = {key: list(entries) for key, entries in {**LISTS, **(lists or {})}.items()}
        self.wrong_first = wrong_first
        self.told: list[str] = []
        self.explained: list[str] = []

    def run(self) -> None:
        """Answer until the questions end, the agreements included."""
        for _ in range(PAGES):
            if not self.step():
                return
        raise AssertionError(f"The questions do not end: {self.walk.page.url}")

    def step(self) -> bool:
        """Answer the page that is open; False when it asks nothing."""
        key = key_of(self._path())
        if key is not None:
            self._answer(key)
        elif self._path().startswith(AGREEMENTS):
            self._agree(self._path().removeprefix(AGREEMENTS).strip("/"))
        else:
            return False
        return True

    def _agree(self, page: str) -> None:
        """The overview, a text, one of the questions about them, or the signature."""
        if not page:
            self.walk.follow("main a.button")
            return
        if self.wrong_first:
            self._send_empty()
        if page.startswith("questions/"):
            right = RIGHT[int(page.removeprefix("questions/")) - 1]
            if self.wrong_first:
                self._be_wrong(1 if right != 1 else 2)
            self.walk.choose("choice", str(right))
        elif page == "sign":
            self.walk.fill(signature=self.name)
        else:
            self.walk.choose("agree", "on")
        self.walk.send()
        assert self.walk.page.locator(".error-summary").count() == 0, (page, self._main())

    def _be_wrong(self, choice: int) -> None:
        """A wrong answer is explained, and asked again."""
        before = self._path()
        self.walk.choose("choice", str(choice))
        self.walk.send()
        assert self._path() == before
        self.explained.append(before)

    def _path(self) -> str:
        return urlsplit(self.walk.page.url).path

    def _answer(self, key: str) -> None:
        path = self._path()
        if self.wrong_first:
            self._send_empty()
        if key not in self.lists:
            self._give(self.answers[key])
        elif len(path.strip("/").split("/")) > 3:
            self._enter(key)
        else:
            self.walk.choose("more", "yes" if self.lists[key] else "no")
        self.walk.send()
        assert self.walk.page.locator(".error-summary").count() == 0, (key, self._main())

    def _enter(self, key: str) -> None:
        """One entry of a list; a medicine is named first and described on the page after."""
        entry = self.lists[key].pop(0)
        if "medicine" in entry:
            self._give({"medicine": entry["medicine"]})
            if self._form().locator("[name='dose'], [name='frequency']").count() == 0:
                self.walk.send()
        self._give({name: value for name, value in entry.items() if name != "medicine"})

    def _give(self, answers: dict[str, Any]) -> None:
        for name, given in answers.items():
            for value in given if isinstance(given, list) else [given]:
                self._one(name, str(value))

    def _one(self, name: str, value: str) -> None:
        fields = self._form().locator(f"[name='{name}']:not([type='hidden'])")
        if fields.count() == 0:
            return  # not asked of this person
        if fields.first.evaluate("e => e.tagName") == "SELECT":
            self.walk.pick(name, value)
        elif fields.first.get_attribute("type") in {"radio", "checkbox"}:
            self.walk.choose(name, value)
        else:
            self.walk.fill(**{name: value})

    def _send_empty(self) -> None:
        """Nothing filled in: either that is allowed, or the page says what is missing, first and at the top (UX-07)."""
        before = self._path()
        self.walk.send()
        if self._path() != before:
            self.walk.page.go_back()
            return
        if self.walk.page.locator(".error-summary").count():
            self.told.append(before)
            assert self.walk.page.title().startswith(("Error:", "Error: ")), self.walk.page.title()
            focused = self.walk.page.evaluate("Boolean(document.activeElement.closest('.error-summary'))")
            assert focused, f"{before}: the summary of what is missing has not the focus"

    def _form(self) -> Locator:
        return self.walk.page.locator("main form").last

    def _main(self) -> str:
        return json.dumps(self.walk.page.locator("main").inner_text())[:800]
