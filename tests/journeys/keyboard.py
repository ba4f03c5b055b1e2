"""Somebody without a pointer, in Chromium: Tab, arrows, Space and Enter, and nothing else (UX-01)."""

from playwright.sync_api import Locator, expect

from tests.journeys.walk import SEND, Walk, option

TABS, ARROWS = 120, 70
# What has the focus shows it by a ring of its own, of its label beside it or of the row around it; and the ring is in
# sight: within the window, and not below what stays there while the page moves.
SHOWS_FOCUS = """() => {
    const at = document.activeElement;
    const near = [at, at.nextElementSibling, at.parentElement].filter(Boolean);
    const ringed = near.find((one) => getComputedStyle(one).outlineStyle !== "none");
    if (!ringed) return "no ring";
    const { left, right, top, bottom } = ringed.getBoundingClientRect();
    if (bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth) return "out of the window";
    const spots = [[(left + right) / 2, (top + bottom) / 2], [left + 3, top + 3], [right - 3, bottom - 3]];
    const seen = spots.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean);
    return seen.some((one) => ringed.contains(one) || one.contains(ringed)) ? "" : "covered";
}"""
NOWHERE = "document.activeElement === document.body"
AT = f"(all) => {NOWHERE} ? 'nowhere' : all.includes(document.activeElement) ? 'here' : 'elsewhere'"


class KeyboardWalk(Walk):
    """The same person without a pointer."""

    def reach(self, target: str | Locator, *, backwards: bool = False) -> None:
        """Tab until it has the focus; over the top of the page by the link that is there for it."""
        locator = self.page.locator(target) if isinstance(target, str) else target
        expect(locator.first).to_be_attached()
        for _ in range(TABS):
            at = locator.evaluate_all(AT)
            if at == "here":
                self._see_focus()
                return
            if at == "elsewhere" or backwards or not self._skip(locator):
                self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        raise AssertionError(f"{self.page.url}: Tab does not reach {target}")

    def _skip(self, wanted: Locator) -> bool:
        """One Tab; and past the bars of every page, where what is wanted stands below them. Whether it was pressed."""
        if not wanted.evaluate_all("(all) => all.some((one) => one.closest('main'))"):
            return False
        self.page.keyboard.press("Tab")
        if self.page.evaluate("document.activeElement.matches('.skip-link')"):
            self._see_focus()
            self.page.keyboard.press("Enter")
        return True

    def _see_focus(self) -> None:
        wrong = self.page.evaluate(SHOWS_FOCUS)
        if wrong:
            element = self.page.evaluate("document.activeElement.outerHTML")
            self.findings.focus.append(f"{self.page.url}: {wrong}: {element[:120]}")

    def keeps_the_focus(self) -> None:
        """Whatever the page did by itself, the person is still somewhere in it."""
        if self.page.evaluate(NOWHERE):
            self.findings.focus.append(f"{self.page.url}: the focus is lost")

    def push(self, name: str, key: str = "Enter") -> None:
        """Go to a button or a link of the page's main part and press it; the page may stay."""
        main = self.page.locator("main")
        found = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name))
        self.reach(found.locator("visible=true").first)
        self.page.keyboard.press(key)

    def press(self, name: str, *, exact: bool = False) -> None:
        with self.page.expect_navigation():
            self.push(name)
        self.look()

    def open(self, words: str) -> None:
        """Open what is folded away."""
        self.reach(self.page.locator("main summary", has_text=words).first)
        self.page.keyboard.press("Enter")

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
