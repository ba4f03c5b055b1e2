"""The day of a session on the running stack: held, released, cut off from the server, not watched, begun twice."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.intake_walk import sign_in
from tests.journeys.treatment_walk import be
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
NAMES = {"answered": ["ben", "cleo"], "ready": ["finn"], "begun": ["dora", "eli"]}
WITHIN_SECONDS = 60
SOON = 30_000  # ms
SERVICE_WORKER = "navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))"
# The server is away on purpose in one of them; then the browser says so in the console.
AWAY = "net::ERR_"
People = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def people(running_demo: RunningDemo) -> People:
    """Everybody of these journeys, made at once."""
    code = f"from tests.journeys.session_people import make; make({NAMES!r})"
    return json.loads(running_demo.manage("shell", "-v", "0", "-c", code).strip().splitlines()[-1])


@pytest.fixture
def walks(running_demo: RunningDemo, browser: Browser) -> Iterator[Callable[[], Walk]]:
    """Browsers of their own; in the end nothing was wrong on any page (UX-01, SEC-17, ASVS 14.3)."""
    findings = Findings()
    opened: list[Walk] = []

    def open_one(email: str = "") -> Walk:
        walk = Walk(browser, running_demo.url, findings)
        opened.append(walk)
        if email:
            sign_in(walk, f"{email}@example.com")
        return walk

    yield open_one
    for walk in opened:
        walk.close()
    findings.console = [line for line in findings.console if AWAY not in line]
    assert findings == Findings(pages=findings.pages)


def measure(walk: Walk, *readings: tuple[int, int]) -> None:
    for upper, lower in readings:
        walk.fill(pressure_0=str(upper), pressure_1=str(lower), heart_rate="72")
        walk.press("Continue", exact=True)


def alert_of(staff: Walk, name: str, kind: str) -> str:
    """The address of the open alert, once it is there."""
    for _turn in range(WITHIN_SECONDS):
        staff.page.goto("/admin/alerts/")
        row = staff.page.locator("tr", has_text=name).filter(has_text=kind)
        if row.count():
            return row.first.locator("a[href*='/admin/alerts/']").first.get_attribute("href") or ""
        time.sleep(0.5)
    raise AssertionError(f"No alert {kind!r} about {name}")


def told_by_two_channels(staff: Walk, address: str) -> None:
    """The mailbox holds an e-mail and a text that lead to the alert; other alerts may ring on in between."""
    for _turn in range(WITHIN_SECONDS):
        pages = [staff.context.request.get(f"/demo/mailbox/?page={number}").text() for number in (1, 2, 3)]
        letters = {letter for page in pages for letter in re.split(r"<article|<li class", page) if address in letter}
        if len(letters) >= 2:
            return
        time.sleep(0.5)
    raise AssertionError(f"{address} was told of {len(letters)} times")


@contextmanager
def server_away(demo: RunningDemo) -> Iterator[None]:
    """Every web process killed, and nobody to start them again until the end."""
    os.kill(demo.process.pid, signal.SIGSTOP)
    try:
        for pid in demo.pids("gunicorn"):
            os.kill(pid, signal.SIGKILL)
        yield
    finally:
        os.kill(demo.process.pid, signal.SIGCONT)


def note_check(walk: Walk) -> None:
    for name in ("responds", "breathing_normal"):
        walk.choose(name, "yes")
    walk.page.get_by_role("button", name="Save this check").click()


def test_ten_minutes_without_a_server_and_a_reload_lose_nothing(people: People, walks, running_demo) -> None:
    """I9: what was tapped by both meanwhile arrives once, at its own minute."""
    dora, sitter, staff = walks("dora"), walks(), walks()
    for walk, address in (
        (dora, f"/treatment/sessions/{people['dora']['session']}/now/"),
        (sitter, people["dora"]["sitter"]),
    ):
        walk.context.clock.install()
        walk.go(address)
        walk.page.wait_for_function(SERVICE_WORKER)
    note_check(sitter)
    expect(sitter.page.locator("[data-said]")).to_have_text("Saved.")
    with server_away(running_demo):
        dora.page.get_by_role("button", name="Uneasy").click()
        note_check(sitter)
        # Counted, which it is once the phone has kept it: a phone that dies sooner kept nothing.
        expect(sitter.page.get_by_role("heading", name="Check 3")).to_be_visible()
        for walk in (dora, sitter):
            walk.context.clock.fast_forward("10:00")
        running_demo.move_clock("+10m")
        for walk in (dora, sitter):
            walk.page.reload()
            expect(walk.page.locator("[data-offline]")).to_be_visible(timeout=SOON)
        expect(dora.page.locator("h1")).to_have_text(re.compile("Spit it out now|Settle in"))
        dora.page.get_by_role("button", name="Sick").click()
        dora.page.get_by_role("link", name="Get help").last.click()
        expect(dora.page.get_by_role("link", name="Call Alex")).to_have_attribute("href", "tel:+12135550124")
        dora.page.get_by_role("button", name="Have a clinician call me now").click()
        expect(dora.page.locator("[data-called]").last).to_contain_text("has not heard you yet", timeout=SOON)
        dora.page.get_by_role("button", name="Close").click()
        expect(dora.page.locator("[data-called]").first).to_be_visible()
        note_check(sitter)
        expect(sitter.page.get_by_role("heading", name="Check 4")).to_be_visible()
    for walk in (dora, sitter):
        expect(walk.page.locator("[data-offline]")).to_be_hidden(timeout=SOON)
        expect(walk.page.locator("[data-said]")).to_have_text("Saved.", timeout=SOON)
        walk.look()
    be(staff, "prescriber")
    staff.go(f"/admin/sessions/{people['dora']['session']}/")
    words = staff.page.locator("main").inner_text()
    assert [words.count(word) for word in ("Uneasy", "Sick", "Asked for help", "calm")] == [1, 1, 1, 3]
    # Each at its own minute, before the outage and in it; the prescriber sees that the first came late.
    minutes = {text: int(minute) for minute, text in re.findall(r"Minute (\d+)[^\n]*\n(Uneasy|Sick)", words)}
    assert minutes["Uneasy"] + 9 <= minutes["Sick"]
    assert re.search(r"Minute \d+ arrived [^\n]+\nUneasy", words)
    told_by_two_channels(staff, alert_of(staff, "Dora", "Asked for help now"))


def test_two_devices_that_press_start_begin_one_session(people: People, walks, running_demo) -> None:
    first, second = walks("finn"), walks("finn")
    start = f"/treatment/sessions/{people['finn']['session']}"
    for walk in (first, second):
        walk.go(f"{start}/ready/outcome/")
        assert walk.heading() == "You are ready to begin"
    stale = second.context.new_page()
    stale.goto(f"{start}/ready/outcome/")
    for walk in (first, second):  # both are on their way before either has an answer
        walk.page.evaluate("setTimeout(() => document.querySelector(\"form[action$='/begin/']\").requestSubmit())")
    for walk in (first, second):
        walk.page.wait_for_url("**/now/")
        walk.look()
    stale.get_by_role("button", name="Begin now").click()
    stale.wait_for_url("**/now/")
    states = [walk.context.request.get(f"{start}/now/state/").json() for walk in (first, second)]
    assert abs(states[0]["elapsed"] - states[1]["elapsed"]) <= 2
    begun = "CheckIn.objects.filter(patient__user__email='finn@example.com', kind='day').count()"
    code = f"from treatment.models import CheckIn; print({begun})"
    assert running_demo.manage("shell", "-v", "0", "-c", code).strip().endswith("1")


def test_141_over_89_waits_and_passes_on_the_second_round(people: People, walks, running_demo: RunningDemo) -> None:
    ben = walks("ben")
    ben.go(f"/treatment/sessions/{people['ben']['session']}/ready/")
    measure(ben, (141, 89), (138, 88))
    assert ben.heading() == "Rest, then measure again"
    ben.sees("Measure again in ")
    ben.go(f"/treatment/sessions/{people['ben']['session']}/ready/pressure/")
    assert ben.heading() == "Rest, then measure again"
    running_demo.move_clock("+11m")
    ben.page.reload()
    ben.press("Measure again")
    measure(ben, (140, 90), (139, 88))
    assert ben.heading() == "You are ready to begin"


def test_a_hold_stays_whatever_is_tried_and_tells_by_two_channels(people: People, walks, running_demo) -> None:
    cleo, staff = walks("cleo"), walks()
    start = f"/treatment/sessions/{people['cleo']['session']}"
    cleo.go(f"{start}/ready/")
    for turn in range(3):
        if turn:
            running_demo.move_clock("+11m")
            cleo.go(f"{start}/ready/pressure/")
        measure(cleo, (141, 89), (142, 89))
    assert cleo.heading() == "No dose today"
    cleo.sees("Your clinician has been told")
    be(staff, "prescriber")
    told_by_two_channels(staff, alert_of(staff, "Cleo", "Session held"))
    for way in ("ready/", "ready/pressure/", "ready/outcome/", "ready/today/", "now/", ""):
        cleo.page.goto(f"{start}/{way}")
        assert cleo.heading() in {"No dose today", "Session 1"}, way
    token = cleo.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    for way in ("begin/", "ready/outcome/"):
        cleo.context.request.post(f"{start}/{way}", form={"csrfmiddlewaretoken": token})
    cleo.page.goto(f"{start}/now/")
    cleo.sees("This session is on hold")


def test_a_sitter_who_never_answers_is_told_of_by_two_channels_within_a_minute(
    people: People, walks, running_demo
) -> None:
    staff = walks()
    be(staff, "prescriber")
    running_demo.move_clock("+21m")
    began = time.monotonic()
    told_by_two_channels(staff, alert_of(staff, "Eli", "Sitter check missed"))
    assert time.monotonic() - began < WITHIN_SECONDS
