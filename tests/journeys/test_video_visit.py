"""A video visit of two browsers on the running stack: admitted, cut off, loaded anew, refused (VID-02 to VID-09)."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from csp.utils import build_policy
from playwright.sync_api import Browser, Page, expect

from telemedicine.video.twilio_video import TwilioVideo
from tests.journeys.walk import Findings, Walk
from tests.running_demo import RunningDemo, descendants

pytestmark = pytest.mark.journey
SCRIPT = "from tests.journeys import video_people; video_people."
LOSS_SECONDS = 20
BACK_WITHIN = 30_000  # ms
# What its connections really carry is asked of the browser itself: a page keeps them to itself.
KEEP_CONNECTIONS = """() => {
  const Plain = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
}"""
# True once every other person of the call is connected, their picture moves, and sound arrives from them.
HOLDS = """async (others) => {
  const tiles = [...document.querySelectorAll(".call[data-state=connected] [data-theirs]")];
  const heard = async () => {
    const counts = [];
    for (const one of window.connections.filter((one) => one.connectionState === "connected"))
      for (const report of (await one.getStats()).values())
        if (report.type === "inbound-rtp" && report.kind === "audio") counts.push(report.packetsReceived);
    return counts;
  };
  const before = [tiles.map((one) => one.currentTime), await heard()];
  await new Promise((go) => setTimeout(go, 400));
  const after = await heard();
  return tiles.length === others && document.querySelectorAll(".call").length === others
    && tiles.every((one, at) => one.videoWidth > 0 && one.currentTime > before[0][at])
    && after.length === others && after.every((count, at) => count > before[1][at]);
}"""
# VID-06, boundaries: what each look at a connection says of it, of stats made up here.
WEAK = """async () => {
  const { isWeak } = await import("/static/js/call/peer.js");
  const lost = (fractionLost) => ({ type: "remote-inbound-rtp", fractionLost });
  const fits = (bits, nominated = true) => ({ type: "candidate-pair", nominated, availableOutgoingBitrate: bits });
  const looks = [[], [lost(0.12)], [lost(0.121)], [fits(120_000)], [fits(119_999)], [fits(1, false)]];
  return [...looks, [fits(undefined), lost(0)], [lost(0), lost(0.5)]].map(isWeak);
}"""
# What a failed wait is told by.
CARRIED = """async () => {
  const told = [];
  for (const one of window.connections)
    for (const it of (await one.getStats()).values())
      if (it.type.endsWith("bound-rtp"))
        told.push([one.connectionState, it.type, it.kind, it.packetsReceived ?? it.packetsSent, it.totalAudioEnergy]);
  return JSON.stringify(told);
}"""
# What an invited person's browser may send and no page of ours does; the answers of the server.
SAY_ELSEWHERE = """async (link) => {
  const { csrf } = await (await fetch(`${link}state/`)).json();
  const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json" };
  const names = { from: "e".repeat(32), to: "d".repeat(32) };
  const told = [];
  for (const at of ["patient", "clinician"])
    for (const what of [{ kind: "welcome" }, { kind: "description", description: { type: "offer", sdp: "x" } }]) {
      const body = JSON.stringify({ ...names, ...what, at });
      told.push((await fetch(`${link}send/`, { method: "POST", headers, body })).status);
    }
  return told;
}"""


@dataclass
class Visit:
    """The people of this journey, each in a browser, and the two visits."""

    demo: RunningDemo
    keys: dict[str, str]
    browser: Browser
    findings: Findings

    def walk(self, name: str) -> Walk:
        walk = Walk(self.browser, self.demo.url, self.findings, permissions=["camera", "microphone"])
        walk.context.add_init_script(f"({KEEP_CONNECTIONS})()")
        if name:
            self.sign_in(walk, name)
        return walk

    def sign_in(self, walk: Walk, name: str) -> None:
        walk.context.add_cookies([{"name": "sessionid", "value": self.keys[name], "url": self.demo.url}])


@pytest.fixture(scope="module")
def visit(running_demo: RunningDemo, browser: Browser) -> Iterator[Visit]:
    made = running_demo.manage("shell", "-v", "0", "-c", f"{SCRIPT}make()")
    found = Visit(running_demo, json.loads(made.strip().splitlines()[-1]), browser, Findings())
    yield found
    assert found.findings == Findings(pages=found.findings.pages)


def shows(walk: Walk, words: str) -> None:
    """The page says so to the eye; what may become true stands hidden in it from the beginning."""
    expect(walk.page.locator("main").get_by_text(words).first).to_be_visible(timeout=BACK_WITHIN)


def see_each_other(*pages: Page) -> None:
    """Each of them sees and hears each of the others."""
    until = time.monotonic() + BACK_WITHIN / 1000
    # Asked again and again from here: the browser's own waiting takes the promise of an answer for a yes.
    for page in pages:
        while not page.evaluate(HOLDS, len(pages) - 1):
            assert time.monotonic() < until, page.evaluate(CARRIED)


@contextmanager
def network_gone() -> Iterator[None]:
    """Neither requests nor the packets of the call leave this browser or reach it: what carries them stands."""
    carriers = [pid for pid, line in descendants(os.getpid()) if "network.mojom.NetworkService" in line]
    assert carriers
    try:
        for pid in carriers:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in carriers:
            os.kill(pid, signal.SIGCONT)


def wait_for_the_doctor(patient: Walk) -> None:
    """VID-03: where they are, whether they can talk, and that they agree to be seen; then nobody sees them yet."""
    patient.press("Get ready for the visit")
    for name, value in (("safe", "yes"), ("private", "yes"), ("way", "video")):
        patient.choose(name, value)
    patient.pick("state", "CA")
    patient.press("I am ready")
    shows(patient, "You are in the waiting room")
    expect(patient.page.get_by_role("button", name="Call me by phone")).to_be_visible()
    expect(patient.page.locator(".call[data-state]")).to_have_count(0)


def are_refused(visit: Visit, path: str) -> None:
    """VID-09: neither another patient nor a colleague who treats this one gets in, nor hears what is said."""
    for name, staff in (("wim", ""), ("colleague", "/admin")):
        stranger = visit.walk(name)
        for address in ("call/", "call/state/"):
            assert stranger.context.request.get(f"{staff}{path}{address}").status == 404
        stranger.close()


def check_devices(patient: Walk) -> None:
    """VID-06: before the visit, at any time."""
    patient.go("/visits/devices/")
    patient.page.get_by_role("button", name="Begin the check").click()
    for words in ("If you see yourself, the camera works.", "Your connection is good enough for video."):
        shows(patient, words)
    patient.look()


def write_and_hide(doctor: Walk, patient: Walk) -> None:
    """A link is one, markup is not; whoever turns the camera off is heard."""
    doctor.page.get_by_text("Send a link or a few words").click()
    doctor.page.get_by_label("Your words").fill("Read https://example.com/a?b=1 <b>today</b>")
    doctor.page.get_by_role("button", name="Send").click()
    link = patient.page.get_by_role("link", name="https://example.com/a?b=1")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    shows(patient, "<b>today</b>")
    patient.page.get_by_role("button", name="Camera off").click()
    shows(doctor, "Vera: sound only")
    patient.page.get_by_role("button", name="Camera on").click()


def a_third_person_joins_while_the_patient_agrees(visit: Visit, patient: Walk, doctor: Walk, path: str) -> None:
    """VID-02: invited by the clinician, agreed to by the patient in the call, admitted, and out at once."""
    calls = (patient.page, doctor.page)
    doctor.page = doctor.context.new_page()
    doctor.go(f"/admin{path}guest/")
    doctor.fill(name="Ana Example")
    doctor.choose("relation", "interpreter")
    doctor.press("Invite this person")
    link = doctor.page.locator("main a[href*='/g/']").inner_text()
    doctor.page.close()
    doctor.page = calls[1]
    third = visit.walk("")
    third.go(link)
    shows(third, "We wait until the patient agrees")
    shows(patient, "May Ana Example join this visit?")
    patient.look()
    patient.page.get_by_role("button", name="Yes, Ana Example may join").click()
    shows(third, "You are in the waiting room")
    third.look()
    doctor.page.get_by_role("button", name="Admit Ana Example").click(timeout=BACK_WITHIN)
    see_each_other(*calls, third.page)
    for walk in (patient, doctor, third):
        walk.look()
    third.page.reload()
    see_each_other(*calls, third.page)
    # Whoever was invited ends nothing: "it goes on elsewhere" is for the two to say, and nonsense stops no page.
    assert set(third.page.evaluate(SAY_ELSEWHERE, urlsplit(link).path)) == {204}
    patient.page.wait_for_timeout(2000)
    see_each_other(*calls, third.page)
    # Taken back in a page that was signed out: out of both pages at once, and for good with the next sign-in.
    patient.context.clear_cookies()
    shows(patient, "You were signed out")
    patient.look()
    patient.page.get_by_role("button", name="Ana Example may no longer join").click()
    for page in calls:
        expect(page.locator(".call[data-seat=guest]")).to_have_count(0)
    visit.sign_in(patient, "vera")
    shows(third, "This link has ended")
    see_each_other(*calls)
    third.close()


def is_signed_out_meanwhile(visit: Visit, doctor: Walk) -> None:
    """VID-04: the session ends and the room stays; who signs in again elsewhere goes on here and may end the visit."""
    doctor.context.clear_cookies()
    shows(doctor, "You were signed out")
    visit.sign_in(doctor, "doctor")
    expect(doctor.page.get_by_text("You were signed out")).to_be_hidden()


def opens_it_twice(visit: Visit, patient: Walk, path: str) -> None:
    """The newer page takes the call over; the older one says so and does not fight for it."""
    older = patient.page
    patient.page = patient.context.new_page()
    patient.page.goto(f"{path}call/")
    expect(older.get_by_text("goes on in another window of yours")).to_be_visible(timeout=BACK_WITHIN)
    older.close()


def are_told(visit: Visit) -> None:
    """The trail names every step and every refusal (I7)."""
    shown = visit.demo.manage("shell", "-v", "0", "-c", f"{SCRIPT}trail('vera@example.com')")
    told = [tuple(event) for event in json.loads(shown.strip().splitlines()[-1])]
    order = ["video.agreed", "video.admitted", "video.joined", "video.telephone_asked", "appointment.completed"]
    actions = [action for _role, action in told]
    assert sorted(order, key=actions.index) == order
    assert told.count(("patient", "video.joined")) >= 3
    assert ("prescriber", "video.joined") in told
    assert actions.count("room.refused") == 4


def test_a_visit_by_video_from_the_waiting_room_to_its_end(visit: Visit) -> None:
    path = f"/visits/{visit.keys['vera-visit']}/"
    patient, doctor = visit.walk("vera"), visit.walk("doctor")
    doctor.page.set_viewport_size({"width": 1280, "height": 900})
    check_devices(patient)
    patient.go(path)
    wait_for_the_doctor(patient)
    doctor.go(f"/admin{path}")
    doctor.press("Admit the patient")
    shows(doctor, "Allergies")
    see_each_other(patient.page, doctor.page)
    for walk in (patient, doctor):
        walk.look()
    are_refused(visit, path)
    write_and_hide(doctor, patient)
    a_third_person_joins_while_the_patient_agrees(visit, patient, doctor, path)
    patient.page.reload()
    see_each_other(patient.page, doctor.page)
    with network_gone():
        patient.page.wait_for_timeout(LOSS_SECONDS * 1000)
        for walk in (patient, doctor):
            shows(walk, "broke. It is being made again")
    see_each_other(patient.page, doctor.page)
    opens_it_twice(visit, patient, path)
    see_each_other(patient.page, doctor.page)

    patient.page.get_by_role("button", name="Call me by phone").click()
    patient.look()
    shows(patient, "is calling +15550100123")
    shows(doctor, "The patient asks to be called by telephone")
    is_signed_out_meanwhile(visit, doctor)
    patient.press("Go back to the video")
    see_each_other(patient.page, doctor.page)
    doctor.press("The visit is over")
    expect(patient.page).to_have_url(re.compile(f"{path}$"), timeout=BACK_WITHIN)
    shows(patient, "This visit took place")
    assert patient.context.request.get(f"{path}call/state/").status == 409
    are_told(visit)
    for walk in (patient, doctor):
        walk.close()


def test_ten_minutes_after_its_time_nobody_gets_in(visit: Visit) -> None:
    """VID-02, VID-09: the window ends 60 minutes after the start."""
    path = f"/visits/{visit.keys['wim-visit']}/"
    patient = visit.walk("wim")
    visit.demo.move_clock("+2h")
    patient.go(path)
    wait_for_the_doctor(patient)
    visit.demo.move_clock("+70m")
    expect(patient.page).to_have_url(re.compile(f"{path}$"), timeout=BACK_WITHIN)
    shows(patient, "The time of this visit is over")
    patient.page.goto(f"{path}call/")
    assert patient.page.url.endswith(path)
    assert patient.context.request.get(f"{path}call/state/").status == 409
    patient.close()


def test_vid_08_twilios_file_loads_under_the_policy_of_its_page_and_vid_06_what_a_weak_line_is(visit: Visit) -> None:
    """No visit is held through it here: that needs its network."""
    policy = build_policy(update=TwilioVideo.policy)
    script = f"/static/{TwilioVideo.script}"
    walk = visit.walk("doctor")
    page = f'<!doctype html><html lang="en"><title>Try</title><script src="{script}"></script></html>'
    headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
    walk.page.route("**/try/", lambda route: route.fulfill(body=page, headers=headers))
    walk.page.goto("/try/")
    assert walk.page.evaluate("[Twilio.Video.version, Twilio.Video.isSupported]") == ["2.35.0", True]
    ours = "import('/static/js/call/twilio.js').then((module) => typeof module.connect)"
    assert walk.page.evaluate(ours) == "function"
    assert walk.page.evaluate(WEAK) == [False, False, True, False, True, False, False, True]
    walk.close()
