"""The two-minute check in Chromium: question by question with scripts, one page without (UX-03, UX-04, UX-07)."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.walk import PHONE, Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
STEPS = (
    ("conditions_heart", "pressure"),
    ("conditions_brain", "conditions_body"),
    ("conditions_mind",),
    ("pregnancy",),
    ("use",),
)


def begin(walk: Walk) -> None:
    """Age and state by keyboard, what brings them; the question about thoughts is open."""
    walk.go("/")
    walk.press("Find out if it may suit you")
    walk.press("Continue")
    assert walk.page.evaluate("document.activeElement.validationMessage") == "Enter your age in years."
    walk.fill(age="44")
    walk.pick("state", "CA")
    walk.page.locator("[name=age]").press("Enter")
    walk.choose("indications", "depression")
    walk.press("Continue")


def test_the_check_goes_question_by_question_and_keeps_nothing(running_demo: RunningDemo, browser: Browser) -> None:
    findings = Findings()
    walk = Walk(browser, running_demo.url, findings)
    begin(walk)
    walk.choose("thoughts", "none")
    walk.press("Continue")
    walk.page.go_back()
    walk.sees("Question 3 of 8")
    assert walk.page.locator("[name=thoughts][value=none]").is_checked()
    walk.press("Continue")
    for names in STEPS:
        for name in names:
            walk.choose(name, "seizures" if name == "conditions_brain" else "none")
        walk.press("See the answer" if "use" in names else "Continue")
    assert walk.heading() == "Treatment at home would not be safe for you now"
    walk.sees("An esketamine program")
    walk.press("Change an answer")
    assert walk.page.locator("[name=conditions_brain][value=seizures]").is_checked()
    walk.choose("conditions_brain", "none")
    walk.press("See the answer")
    assert walk.page.locator(".error-summary").count() == 1
    walk.page.locator("[name=conditions_brain][value=seizures]").uncheck(force=True)
    walk.press("See the answer")
    assert walk.heading() == "Treatment at home may suit you"
    assert walk.page.url.endswith("/check/")
    assert {cookie["name"] for cookie in walk.context.cookies()} == {"csrftoken"}
    assert findings == Findings(pages=findings.pages)
    walk.close()


def test_somebody_in_danger_meets_help_at_that_question(running_demo: RunningDemo, browser: Browser) -> None:
    findings = Findings()
    walk = Walk(browser, running_demo.url, findings)
    begin(walk)
    walk.choose("thoughts", "acting")
    walk.press("Continue")
    assert walk.heading() == "You matter. Please talk with someone now."
    assert findings == Findings(pages=findings.pages)
    walk.close()


def test_the_check_works_without_scripts(running_demo: RunningDemo, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, base_url=running_demo.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/check/")
    page.get_by_role("button", name="See the answer").click()
    assert page.title().startswith("Error: ")
    page.locator("[name=age]").fill("44")
    page.locator("[name=state]").select_option("CA")
    page.locator("[name=indications][value=depression]").check(force=True)
    for name in ("thoughts", *(name for step in STEPS for name in step)):
        page.locator(f"[name={name}][value=none]").check(force=True)
    page.get_by_role("button", name="See the answer").click()
    assert page.locator("h1").inner_text() == "Treatment at home may suit you"
    context.close()
