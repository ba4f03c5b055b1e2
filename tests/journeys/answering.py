"""Answering the whole intake from a table, with a mouse, without scripts or with a keyboard alone, in any language.

A page is known by its number, never by its words, and its fields by their names: the same answers serve every language.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator

from tests.intake.walk import ANSWERS, LISTS, key_of
from tests.journeys.walk import Findings, Walk

AGREEMENTS = "/intake/agreements/"
RIGHT = (2, 1, 3, 2, 1)  # the right choices of the five questions about the texts
PAGES = 90


class QuietWalk(Walk):
    """A browser that runs no script: what works here works for everybody."""

    def __init__(self, browser: Browser, url: str, findings: Findings, **context: Any) -> None:
        super().__init__(browser, url, findings, java_script_enabled=False, **context)

    def look(self) -> None:
        """Axe is a script; the same pages are held to it by the other walks."""
        self.arrive()


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
