"""The main job, end to end, on the really running stack, as a tired person on a phone would meet it."""

import pytest
from playwright.sync_api import Browser

from harmoniously.core.alerts.plan_models import KEYS
from tests.journeys import intake_walk
from tests.journeys.conftest import Journey
from tests.journeys.intake_walk import Answers
from tests.journeys.treatment_walk import be, letters
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
CLINICAL = ("ketamine", "dose", "depress", "therapy", "lozenge", "prescription", "suicid", "phq")


def test_a_patient_reaches_a_prescriber_and_the_first_session(journey: Journey) -> None:
    assert journey.outcome == "A prescriber can look at your case"
    assert any("/done/" in address or "/treatment/" in address for address in journey.addresses)


def test_a_clean_session_from_the_gate_to_the_release(journey: Journey) -> None:
    """Reminded of once by letter and once by text, watched eight times, measured twice; nobody was called."""
    seen = journey.session
    assert "Your session is complete" in seen["patient"]
    assert "Completed" in seen["prescriber"]
    assert [seen["prescriber"].count(word) for word in ("calm", "124/80", "130/84", "128/82")] == [8, 2, 1, 1]
    assert "Juno" not in seen["alerts"]
    assert [seen["mail"].count(word) for word in ("You planned something", ": a reminder of what you planned")] == [
        1,
        1,
    ]


def test_reminders_arrive_before_the_visit_and_the_session(journey: Journey) -> None:
    assert {
        "24 h before the visit",
        "1 h before the visit",
        "the day before",
        "an hour before",
    } <= journey.letters.keys()


def test_whoever_does_not_answer_is_reminded_by_text_and_then_on_the_worklist(journey: Journey) -> None:
    assert "we have not heard from you" in journey.letters["second reminder"]
    assert "Did not answer the check-in" in journey.worklist
    assert "Juno" in journey.worklist
    assert "Juno" not in journey.worklist_after


def test_no_message_says_anything_clinical(journey: Journey) -> None:
    for letter in journey.letters.values():
        assert not [word for word in CLINICAL if word in letter.lower()]


def test_no_page_has_an_accessibility_finding_ux_01(journey: Journey) -> None:
    assert journey.findings.axe == []
    assert len(journey.findings.pages) > 60


def test_the_console_stays_quiet_and_nothing_breaks(journey: Journey) -> None:
    assert journey.findings.console == []
    assert journey.findings.broken == []


def test_no_request_leaves_the_host_sec_17(journey: Journey) -> None:
    assert journey.findings.foreign == []


def test_the_browser_keeps_nothing(journey: Journey) -> None:
    assert journey.findings.stored == []


def test_another_patient_sees_none_of_it(journey: Journey, running_demo: RunningDemo, browser: Browser) -> None:
    findings = Findings()
    other = Walk(browser, running_demo.url, findings)
    intake_walk.sign_up(other, "lark@example.com")
    theirs = sorted(address for address in journey.addresses if _has_id(address))
    assert len(theirs) >= 15
    answers = {address: other.context.request.get(address, max_redirects=0).status for address in theirs}
    assert {address: status for address, status in answers.items() if status != 404} == {}
    for address in ("/home/", "/treatment/", "/visits/", "/messages/", "/billing/", "/intake/"):
        other.go(address)
        assert "Juno" not in other.page.content()
    assert findings.axe == []
    other.close()


def test_a_crisis_answer_stops_everything_and_reaches_a_clinician(
    journey: Journey, running_demo: RunningDemo, browser: Browser
) -> None:
    findings = Findings()
    patient, staff = Walk(browser, running_demo.url, findings), Walk(browser, running_demo.url, findings)
    answers = Answers("Sorrel Example", phq9=(3, 3, 3, 2, 2, 2, 2, 1, 2))
    intake_walk.sign_up(patient, "sorrel@example.com")
    intake_walk.begin(patient)
    intake_walk.about_you(patient, answers)
    intake_walk.feelings(patient, answers)
    intake_walk.thoughts(patient, {"wish_dead": "yes", "suicidal_thoughts": "yes"})
    intake_walk.thoughts(patient, {"method": "yes", "intent": "yes", "plan": "no"})
    _sees_help(patient)
    for address in ("/intake/questions/05/", "/intake/check/", "/evaluation/", "/visits/book/"):
        patient.go(address)
        assert "988" in patient.page.locator("main").inner_text(), address
    _clinician_acts(staff, "Sorrel")
    patient.go("/home/")
    assert "Go on with your intake" in patient.page.locator("main").inner_text()
    assert findings.axe == []
    assert findings.console == []
    patient.close()
    staff.close()


def _has_id(address: str) -> bool:
    private = not address.startswith(("/demo/", "/accounts/", "/s/"))
    return private and any(len(part) == 36 and part.count("-") == 4 for part in address.split("/"))


def _sees_help(patient: Walk) -> None:
    main = patient.page.locator("main")
    for words in ("988", "911", "741741"):
        assert words in main.inner_text()
    assert main.locator("a[href='tel:988']").count() >= 1
    patient.press("I am safe now, call me")


def _clinician_acts(staff: Walk, name: str) -> None:
    """The alert rings at once and ends in a person's acknowledgement; the hold ends in contact and safety plan (I3)."""
    be(staff, "prescriber")
    told = letters(staff, "prescriber@demo.example")
    assert "/admin/alerts/" in told
    assert name not in told
    staff.go("/admin/alerts/")
    row = staff.page.locator("tr", has_text=name).filter(has_text="High suicide risk").filter(has_text="Ringing")
    row.locator("a[href*='/admin/alerts/']").first.click()
    staff.look()
    staff.fill(note="Calling the patient now.")
    staff.press("Acknowledge")
    staff.sees("This alert is yours now")
    staff.press("Safety hold")
    plan = dict.fromkeys(KEYS, "Brother stays tonight.")
    staff.fill(contact_note="Spoke by telephone; thoughts without intent today.", **plan)
    staff.press("Record and clear the hold")
