"""Chromium for the journeys and the screenshots: the machine's own, else Playwright's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox to have; the others keep Chromium from talking to anybody but us.
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    program = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
