"""The case by single keys: they open and go, they never decide, and they can be switched off (UX-18, WCAG 2.1.4)."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
CASE = re.compile(r"/admin/cases/[0-9a-f-]+/$")
FOCUS = "document.activeElement"


def test_a_case_is_read_claimed_and_left_by_keys(running_demo: RunningDemo, browser: Browser) -> None:
    findings = Findings()
    walk = Walk(browser, running_demo.url, findings)
    page = walk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/demo/")
    page.locator("form[action$='/demo/be/prescriber/'] button").click()
    page.goto("/admin/queue/")
    page.locator("[data-keys-row] a[href*='/admin/cases/']").first.click()
    expect(page).to_have_url(CASE)
    first = page.url
    walk.look()

    page.keyboard.press("c")
    assert page.evaluate(f"{FOCUS}.innerText") == "Claim this case"
    assert page.url == first, "a key goes to the button and does not press it"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Give the case back")).to_be_visible()
    for key, words in (("a", "Approve"), ("d", "Decline or refer"), ("q", "Ask the patient")):
        page.evaluate(f"{FOCUS}.blur()")
        page.keyboard.press(key)
        assert page.evaluate(f"{FOCUS}.closest('details').querySelector('summary').innerText") == words
    page.locator("details[data-key=q] textarea[name=words]").focus()
    page.keyboard.type("jka?")
    assert page.evaluate(f"{FOCUS}.value") == "jka?", "who types writes letters"
    assert page.url == first

    page.evaluate(f"{FOCUS}.blur()")
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    expect(page.get_by_text("Next in the queue")).to_be_visible()
    page.keyboard.press("k")
    expect(page).to_have_url(first)

    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.evaluate(f"{FOCUS}.blur()")
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert page.url == first, "the keys are off"
    page.get_by_label("Use these keys").check()
    page.get_by_text("Give the case back").click()
    walk.close()
    assert (findings.axe, findings.console, findings.foreign, findings.broken) == ([], [], [], [])
