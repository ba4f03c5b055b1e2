"""One running practice, one browser, and the main journey walked once for every test that looks at it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.journeys import intake_walk, treatment_walk
from tests.journeys.intake_walk import Answers
from tests.journeys.treatment_walk import Cast
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

# Playwright's loop lives in the thread of the tests; nothing of ours is asynchronous, and Django need not mind.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
JUNO = "juno@example.com"
PHONE = "+15550100123"
MEDIA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)


@dataclass
class Journey:
    """What the main journey saw and left behind."""

    findings: Findings
    addresses: set[str]
    letters: dict[str, str] = field(default_factory=dict)
    session: dict[str, str] = field(default_factory=dict)
    worklist: str = ""
    worklist_after: str = ""
    outcome: str = ""


# What is looked at before the clock of its demo is moved, by the process that walks the main journey.
FIRST, MAIN = "test_every_page", "main journey"
# What uses the tests' own database, or opens a browser of its own, which a process cannot that has one open already.
OWN = ("test_offline", "test_crowd")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the files, each with a demo of its own; whoever needs the main journey stays with it."""
    with_it = {item.path for item in items if "journey" in getattr(item, "fixturenames", ())}
    for item in items:
        together = MAIN if item.path in with_it else "own" if item.path.stem in OWN else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))
    items.sort(key=lambda item: (item.path.stem not in OWN, item.path.stem != FIRST, item.path not in with_it))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Invented cameras for the visits; without them the flags change nothing.
    with chromium(*MEDIA) as opened:
        yield opened


@pytest.fixture(scope="session")
def journey(running_demo: RunningDemo, browser: Browser) -> Journey:
    """From the sign-up to the coordinator's worklist, in Chromium at 390 px, with the demo clock moved on the way."""
    findings = Findings()
    people = [Walk(browser, running_demo.url, findings) for _ in range(3)]
    cast = Cast(*people, demo_clock=running_demo.move_clock)
    journey = Journey(findings, cast.patient.visited)
    answers = Answers("Juno Example")
    patient = cast.patient

    intake_walk.sign_up(patient, JUNO)
    intake_walk.begin(patient)
    intake_walk.about_you(patient, answers)
    _resume_elsewhere(browser, running_demo.url, findings)
    intake_walk.feelings(patient, answers)
    intake_walk.treatments(patient)
    intake_walk.health(patient, (cast.now() - timedelta(days=1)).date())
    intake_walk.sitter_and_consent(patient, answers)
    patient.press("Hand in", exact=True)
    journey.outcome = patient.heading()

    treatment_walk.pay(patient)
    _visit(cast, journey)
    treatment_walk.decide_and_prescribe(cast)
    cast.move_clock("+2d")
    _first_session(cast, journey)
    _day_after(cast, journey)
    for walk in people:
        walk.close()
    return journey


def _resume_elsewhere(browser: Browser, url: str, findings: Findings) -> None:
    """Another device goes on where this one stopped."""
    other = Walk(browser, url, findings)
    intake_walk.sign_in(other, JUNO)
    other.press("Go on")
    other.press("Go on")
    intake_walk.on(other, "What would you like help with?")
    other.close()


def _visit(cast: Cast, journey: Journey) -> None:
    starts = treatment_walk.book(cast.patient)
    cast.move_to(starts - timedelta(hours=24))
    journey.letters["24 h before the visit"] = treatment_walk.arrives(cast, JUNO, "reminder")
    cast.move_to(starts - timedelta(minutes=59))
    journey.letters["1 h before the visit"] = treatment_walk.arrives(cast, PHONE, "Harmoniously")
    cast.move_to(starts - timedelta(minutes=10))
    treatment_walk.visit(cast)


def _first_session(cast: Cast, journey: Journey) -> None:
    starts = treatment_walk.receive_and_plan(cast)
    cast.move_to(starts - timedelta(hours=24))
    journey.letters["the day before"] = treatment_walk.arrives(cast, JUNO, "planned")
    cast.move_to(starts - timedelta(minutes=59))
    journey.letters["an hour before"] = treatment_walk.arrives(cast, PHONE, "planned")
    link = treatment_walk.invite_sitter(cast)
    treatment_walk.readiness(cast)
    treatment_walk.session(cast, link)
    _look_back(cast, journey)


def _look_back(cast: Cast, journey: Journey) -> None:
    """What patient and prescriber see of the session that is over, and what rang because of it."""
    cast.patient.go("/treatment/")
    cast.patient.press("Session 1:")
    key = cast.patient.page.url.split("/sessions/")[1].split("/")[0]
    journey.session["patient"] = cast.patient.page.locator("main").inner_text()
    treatment_walk.be(cast.staff, "prescriber")
    for name, address in (("prescriber", f"/admin/sessions/{key}/"), ("alerts", "/admin/alerts/")):
        cast.staff.go(address)
        journey.session[name] = cast.staff.page.locator("main").inner_text()
    journey.session["mail"] = treatment_walk.letters(cast.sitter, JUNO) + treatment_walk.letters(cast.sitter, PHONE)


def _day_after(cast: Cast, journey: Journey) -> None:
    cast.move_clock("+22h")
    journey.letters["check-in"] = treatment_walk.arrives(cast, JUNO, "check-in")
    cast.move_clock("+24h")
    journey.letters["second reminder"] = treatment_walk.arrives(cast, PHONE, "check-in")
    cast.move_clock("+24h")
    journey.worklist = treatment_walk.worklist(cast, "Juno", there=True)
    treatment_walk.check_in(cast)
    journey.worklist_after = treatment_walk.worklist(cast, "Juno", there=False)
