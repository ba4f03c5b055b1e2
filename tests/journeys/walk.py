"""One person in Chromium: goes, fills, presses; every page on the way is held to axe, the console and our own host."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, Response, expect

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000  # ms
SEND = "main form button[type='submit']:not([name])"
LOOKS, SETTLING = 40, 50  # times, ms
# What differs between two pages that are the same to axe: the keys of rows and of forms.
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<=name=\"csrfmiddlewaretoken\" value=\")\w+")
# Pages in which axe found nothing in this run: who comes by again need not be told so again.
_sound: set[str] = set()


def option(name: str, value: str) -> str:
    """Where to find one radio button or box."""
    return f"main input[name='{name}']" + (f"[value='{value}']" if value != "on" else "")


@dataclass
class Findings:
    """What was wrong anywhere on the way."""

    axe: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    focus: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)


class Walk:
    """A browser of one person."""

    def __init__(self, browser: Browser, url: str, findings: Findings, **context: Any) -> None:
        self.url = url
        self.findings = findings
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE, base_url=url, reduced_motion="reduce", **context
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.visited: set[str] = set()
        self._host = urlsplit(url).netloc
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: findings.console.append(f"{self.page.url}: {error}"))
        self.context.on("request", lambda request: self._request(request.url))
        self.context.on("response", self._response)

    def _console(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            text = getattr(message, "text", "")
            # The browser reports the status of a page that is meant to be a 404 or a 422 as an error of its own.
            if not text.startswith("Failed to load resource: the server responded with a status of 4"):
                self.findings.console.append(f"{self.page.url}: {text}")

    def _request(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.findings.foreign.append(address)

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.findings.broken.append(f"{response.status} {response.url}")

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)
        self.look()

    def look(self) -> None:
        """Hold the page to account; one that goes on by itself meanwhile is looked at where it leads."""
        for turn in range(LOOKS):
            try:
                self._examine()
                return
            except Error as error:
                if "Execution context was destroyed" not in str(error) or turn + 1 == LOOKS:
                    raise
                self.page.wait_for_timeout(SETTLING)

    def arrive(self) -> str:
        """The page is there: its path, remembered as come by."""
        self.page.wait_for_load_state()
        path = urlsplit(self.page.url).path
        self.visited.add(path)
        self.findings.pages.add(path)
        return path

    def _examine(self) -> None:
        """Axe finds nothing, the browser keeps nothing of the page."""
        path = self.arrive()
        # What is scrolled half under the crisis bar would count as too small to touch.
        self.page.evaluate("window.scrollTo(0, 0)")
        stored = self.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
        if stored != "[{},{}]":
            self.findings.stored.append(f"{path}: {stored}")
        markup = KEYS.sub("", self.page.content())
        if markup in _sound:
            return
        result = json.loads(
            self.page.evaluate(
                f"async () => {{ {AXE}; const r = await axe.run(document, {{runOnly: {json.dumps(WCAG)}}});"
                "return JSON.stringify(r.violations.map(v => [v.id, v.help, v.nodes.map(n => n.target.join(' '))])) }"
            )
        )
        self.findings.axe += [f"{path}: {rule} {text} {where[:3]}" for rule, text, where in result]
        if not result:
            _sound.add(markup)

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press the first button or link with the name and look at where it leads."""
        button = self.page.get_by_role("button", name=name, exact=exact)
        link = self.page.get_by_role("link", name=name, exact=exact)
        button.or_(link).first.click()
        self.look()

    def fill(self, **fields: str) -> None:
        """Type into fields by their names in the form."""
        for name, value in fields.items():
            field = self.page.locator(f"[name='{name}']").first
            field.fill(value)
            if field.get_attribute("aria-expanded") == "true":
                field.press("Escape")  # the list below closes, nothing of it is chosen

    def choose(self, name: str, value: str) -> None:
        """Tick a radio button or a box; a box that stands alone has the value "on" and need not say so."""
        self.page.locator(option(name, value)).check(force=True)

    def pick(self, name: str, value: str) -> None:
        """Choose from a list."""
        self.page.locator(f"select[name='{name}']").select_option(value)

    def send(self) -> None:
        """Press what sends the page's form, whatever it is called, and look at where it leads."""
        self.page.locator(SEND).last.click()
        self.look()

    def follow(self, selector: str) -> None:
        """Take the first link that fits."""
        self.page.locator(selector).first.click()
        self.look()

    def sees(self, text: str) -> None:
        """The page says so."""
        expect(self.page.locator("main")).to_contain_text(text)

    def heading(self) -> str:
        """The page's first heading."""
        return self.page.locator("h1").first.inner_text()

    def close(self) -> None:
        """The person leaves."""
        self.context.close()
