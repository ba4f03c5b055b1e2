"""Everything about a visit by the keys alone: the focus is seen, moves in order and is never lost (UX-01, UX-13)."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, expect

from tests.journeys.keyboard import KeyboardWalk
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.journey
SCRIPT = "from tests.journeys import keyboard_people; keyboard_people.make()"
SOON = 30_000  # ms
DESK = {"width": 1280, "height": 900}


class Person(KeyboardWalk):
    """Without axe: test_every_page holds the same pages to it."""

    def look(self) -> None:
        self.arrive()


@dataclass
class World:
    demo: RunningDemo
    browser: Browser
    findings: Findings
    keys: dict[str, str]

    def walk(self, name: str, kind: type[Walk] = Person) -> Person:
        walk = Person(self.browser, self.demo.url, self.findings, permissions=["camera", "microphone"])
        walk.context.add_cookies([{"name": "sessionid", "value": self.keys[name], "url": self.demo.url}])
        return walk


@pytest.fixture(scope="module")
def world(running_demo: RunningDemo, browser: Browser) -> Iterator[World]:
    made = running_demo.manage("shell", "-v", "0", "-c", SCRIPT)
    found = World(running_demo, browser, Findings(), json.loads(made.strip().splitlines()[-1]))
    yield found
    assert found.findings == Findings(pages=found.findings.pages)


def shows(walk: Walk, words: str) -> None:
    expect(walk.page.locator("main").get_by_text(words).first).to_be_visible(timeout=SOON)


def takes_a_time(walk: Person, press: str) -> None:
    """Fold the first day away and open the second one, take its first time, and say yes."""
    days = walk.page.locator("main details.day-times")
    for number in (0, 1):
        walk.reach(days.nth(number).locator("summary"))
        walk.page.keyboard.press("Space")
    day = days.nth(1)
    with walk.page.expect_navigation():
        walk.reach(day.locator("button[name=slot]").first)
        walk.page.keyboard.press("Enter")
    walk.press(press)


def test_a_visit_is_booked_and_moved(world: World) -> None:
    bea = world.walk("bea")
    bea.go("/visits/book/")
    takes_a_time(bea, "Book this visit")
    shows(bea, "Your visit is booked")
    bea.follow("main a[href$='/move/'], main a[href^='/visits/']:not([href$='.ics'])")
    if not bea.page.url.endswith("/move/"):
        bea.follow("main a[href$='/move/']")
    takes_a_time(bea, "Move the visit")
    shows(bea, "Your visit is booked")
    bea.close()


def checks_the_devices(vito: Person) -> None:
    vito.go("/visits/devices/")
    vito.push("Begin the check")
    shows(vito, "If you see yourself, the camera works.")
    vito.push("Play a sound", "Space")
    vito.keeps_the_focus()


def waits(vito: Person, path: str) -> None:
    vito.go(path)
    vito.press("Get ready for the visit")
    for name, value in (("safe", "yes"), ("private", "yes"), ("way", "video")):
        vito.choose(name, value)
    vito.pick("state", "CA")
    vito.press("I am ready")
    shows(vito, "You are in the waiting room")


def admits(doctor: Person, path: str) -> None:
    doctor.page.set_viewport_size(DESK)
    doctor.go(f"/admin{path}")
    doctor.press("Admit the patient")
    shows(doctor, "Allergies")


def uses_every_button(vito: Person, doctor: Person) -> None:
    shows(vito, "Connected with")
    for off, on in (("Mute", "Unmute"), ("Camera off", "Camera on")):
        vito.push(off, "Space")
        expect(vito.page.locator(":focus")).to_have_text(on)
        vito.page.keyboard.press("Space")
        expect(vito.page.locator(":focus")).to_have_text(off)
    vito.open("Send a link or a few words")
    vito.reach("#words")
    vito.page.keyboard.type("Good morning")
    vito.page.keyboard.press("Enter")
    shows(doctor, "Good morning")
    vito.reach(vito.page.get_by_role("button", name="Mute"), backwards=True)
    vito.reach("#words")
    vito.page.keyboard.type("Can you hear me?")
    vito.page.keyboard.press("Enter")
    shows(doctor, "Can you hear me?")


def invites(doctor: Person) -> None:
    """In a new window, which closes again."""
    with doctor.context.expect_page() as opened:
        doctor.push("Invite somebody")
    call, doctor.page = doctor.page, opened.value
    doctor.fill(name="Ana")
    doctor.choose("relation", "interpreter")
    doctor.press("Invite this person")
    doctor.page.close()
    doctor.page = call


def agrees_and_takes_it_back(vito: Person) -> None:
    """What the page puts there by itself leaves the person where they are, and takes nobody's place away."""
    expect(vito.page.get_by_role("button", name="Yes, Ana may join")).to_be_visible(timeout=SOON)
    expect(vito.page.locator("#words")).to_be_focused()
    vito.push("Yes, Ana may join")
    no_more = vito.page.get_by_role("button", name="Ana may no longer join")
    expect(no_more).to_be_visible(timeout=SOON)
    vito.keeps_the_focus()
    vito.page.keyboard.press("Tab")
    expect(no_more).to_be_focused()
    vito.page.keyboard.press("Enter")
    expect(no_more).to_have_count(0, timeout=SOON)
    vito.keeps_the_focus()


def asks_for_the_telephone_and_leaves(vito: Person) -> None:
    vito.press("Call me by phone")
    shows(vito, "has been told to call you")
    vito.press("Go back to the video")
    vito.press("Leave")


def writes_the_note(doctor: Person) -> None:
    """In a new window, kept by itself while it is written; then the visit is over."""
    with doctor.context.expect_page() as opened:
        doctor.push("Write the note in a new window")
    call, doctor.page = doctor.page, opened.value
    doctor.fill(history="Better since spring.")
    for name in ("mental_suicidal", "mental_homicidal"):
        doctor.pick(name, "denied")
    doctor.pick("risk_level", "low")
    doctor.fill(risk="Asked directly, denied.", assessment="Depression.", plan="Go on.")
    doctor.press("Save the draft")
    shows(doctor, "Only you can read it until you sign")
    call.close()


def signs_it(doctor: Person, path: str, secret: str) -> None:
    """The second factor is asked for on the way, and the signature goes on behind it."""
    doctor.go(f"/admin{path}")
    doctor.press("The visit is over")
    doctor.press("The note")
    doctor.press("Check and sign")
    doctor.press("Sign the note")
    doctor.fill(code=format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    doctor.press("Confirm")
    shows(doctor, "It cannot be changed")


def test_a_visit_is_held_and_its_note_signed(world: World) -> None:
    path = f"/visits/{world.keys['visit']}/"
    vito, doctor = world.walk("vito"), world.walk("doctor")
    checks_the_devices(vito)
    waits(vito, path)
    admits(doctor, path)
    uses_every_button(vito, doctor)
    invites(doctor)
    agrees_and_takes_it_back(vito)
    asks_for_the_telephone_and_leaves(vito)
    writes_the_note(doctor)
    signs_it(doctor, path, world.keys["secret"])
    for walk in (vito, doctor):
        walk.close()


def test_the_desk_books_what_is_due_and_answers(world: World) -> None:
    desk = world.walk("coordinator")
    desk.page.set_viewport_size(DESK)
    desk.go("/admin/schedule/due/")
    desk.press("Book it")
    day = desk.page.locator("main details.day-times").first
    with desk.page.expect_navigation():
        desk.reach(day.locator("button[name=slot]").first)
        desk.page.keyboard.press("Enter")
    shows(desk, "Booked")
    desk.go("/admin/messages/")
    desk.follow("main tbody a")
    desk.fill(body="We look into it today.")
    desk.press("Send", exact=True)
    shows(desk, "We look into it today.")
    desk.close()


def test_the_duty_is_taken_and_the_list_changed(world: World) -> None:
    """By whom it concerns; afterwards it stands as before."""
    for name in ("doctor", "prescriber"):
        person = world.walk(name)
        person.page.set_viewport_size(DESK)
        person.go("/admin/on-call/")
        person.press("I take over now")
        shows(person, "You hold the duty")
        person.close()
    keeper = world.walk("administrator")
    keeper.page.set_viewport_size(DESK)
    keeper.go("/admin/on-call/")
    keeper.reach("main select[name='clinician']")
    keeper.page.keyboard.type("Dr Kit")
    keeper.choose("weekdays", "6")
    keeper.fill(starts="0800PM", ends="0800AM")
    keeper.press("Add to the rota")
    shows(keeper, "Dr Kit Placeholder")
    keeper.press("Remove Sunday")
    keeper.press("Change the list")
    keeper.follow("main tbody tr:last-child a")
    keeper.fill(position="97")
    keeper.press("Save", exact=True)
    shows(keeper, "97")
    keeper.close()
