"""The session pages without a network: what is tapped is kept sealed on the device, and arrives once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests import cast
from tests.browser import chromium
from treatment.models import DoseSession, SessionEvent, SitterCheck

# Everything that another program could read in the browser's files, as one text.
READABLE = """async () => {
  const open = indexedDB.open("session");
  await new Promise((done) => (open.onsuccess = done));
  const all = open.result.transaction("sealed").objectStore("sealed");
  const [places, rows] = await Promise.all([all.getAllKeys(), all.getAll()].map(
    (asked) => new Promise((done) => (asked.onsuccess = () => done(asked.result)))));
  const bytes = rows.map(({ data }) => new TextDecoder("latin1").decode(data));
  const files = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const file of await cache.keys()) files.push(file.url, await (await cache.match(file)).text());
  }
  open.result.close();
  return JSON.stringify([places, bytes, files.filter((text) => !text.includes("function"))]);
}"""
NOTHING_LEFT = """async () => {
  const databases = (await indexedDB.databases()).length;
  const workers = (await navigator.serviceWorker.getRegistrations()).length;
  return !databases && !workers && !(await caches.keys()).length;
}"""
STORAGE_LOST = """() => {
  const open = IDBDatabase.prototype.transaction;
  let lost;
  IDBDatabase.prototype.transaction = function (...asked) {
    if ((lost ||= this) === this) throw new DOMException("The connection was lost", "InvalidStateError");
    return open.apply(this, asked);
  };
}"""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
OFFLINE = "[data-offline]"
SOON = 20_000  # ms


@dataclass
class Watch:
    """The sitter's browser during a session."""

    context: BrowserContext
    page: Page
    session: DoseSession
    address: str

    def note(self, responds: str = "yes") -> None:
        self.page.check(f"input[name=responds][value={responds}]")
        self.page.check("input[name=breathing_normal][value=yes]")
        self.page.get_by_role("button", name="Save this check").click()

    def says(self, text: str) -> None:
        expect(self.page.locator("[data-said]")).to_have_text(text, timeout=SOON)

    def checks(self) -> list[tuple[int, bool]]:
        return list(SitterCheck.objects.order_by("number").values_list("number", "responds"))


@pytest.fixture(scope="module", autouse=True)
def _no_connection_is_left(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A thread of the server whose browser is gone may hold its connection; the database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def watch(case, live_server, monkeypatch, settings) -> Iterator[Watch]:
    # Playwright runs an event loop in this thread; the queries of the test are not inside it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    session = case.planned()[0]
    invitation, token = case.invited(session)
    session = case.begun(session, invitation)
    with time_machine.travel(session.started_at, tick=True), chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        address = live_server.url + reverse("treatment:sitter", args=[token])
        page.goto(address)
        yield Watch(context, page, session, address)
        context.close()


def test_with_a_network_a_check_is_saved_and_said_to_be(watch) -> None:
    watch.note()
    watch.says("Saved.")
    expect(watch.page.get_by_role("heading", name="Check 2")).to_be_visible()
    watch.page.reload()
    assert watch.checks() == [(1, True)]
    # What is not complete is not sent, and says so.
    watch.page.check("input[name=responds][value=yes]")
    watch.page.get_by_role("button", name="Save this check").click()
    expect(watch.page.get_by_text("Please fill in everything")).to_be_visible()
    expect(watch.page.locator("input[name=responds][value=yes]")).to_be_checked()


def test_a_check_whose_answer_was_lost_counts_once(watch) -> None:
    lost = []

    def lose(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort()

    watch.page.route("**/check/", lose)
    watch.note()
    watch.page.wait_for_function("indexedDB.databases().then((all) => all.length)")
    watch.says("Saved.")
    assert lost == [200]
    assert watch.checks() == [(1, True)]


def test_a_dead_phone_without_a_network_goes_on_and_loses_nothing(watch) -> None:
    """Noted offline, the page thrown away and opened again offline: the clock runs, everything arrives once (I9)."""
    watch.page.wait_for_function("navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))")
    watch.context.set_offline(True)
    watch.note()
    watch.note("no")
    expect(watch.page.locator("[data-urgent]")).to_contain_text("Call 911 now")
    watch.page.get_by_role("button", name="Have a clinician call").click()
    expect(watch.page.locator("[data-called]")).to_contain_text("the clinic has not heard you yet")
    watch.page.close()
    watch.page = watch.context.new_page()
    watch.page.goto(watch.address)
    expect(watch.page.get_by_role("heading", name="You are with Robin")).to_be_visible()
    expect(watch.page.get_by_role("heading", name="Check 3")).to_be_visible()
    expect(watch.page.locator(OFFLINE)).to_contain_text("call 911")
    expect(watch.page.locator("main")).to_contain_text("1 Test Way")
    assert watch.checks() == []
    # What the browser holds says nothing: neither the rows nor the files that it kept.
    kept = watch.page.evaluate(READABLE)
    assert "told/" in kept
    for word in ("Robin", '\\"kind', "Test Way", watch.address.rsplit("/", 2)[1]):
        assert word not in kept
    watch.context.set_offline(False)
    expect(watch.page.locator("[data-called]")).to_contain_text("We have called the clinician", timeout=SOON)
    expect(watch.page.locator(OFFLINE)).to_be_hidden(timeout=SOON)
    assert watch.checks() == [(1, True), (2, False)]
    assert SessionEvent.objects.filter(kind="help").count() == 1


def test_a_release_without_a_network_goes_by_the_same_limits(watch) -> None:
    """Policy section 9: nobody leaves on a word of the page that the server would take back."""
    page, missing = watch.page, watch.page.locator("form[data-tells=release] [data-incomplete]")

    def end(walking: str = "yes") -> None:
        page.check("input[name=oriented][value=yes]")
        page.check(f"input[name=walking][value={walking}]")
        page.get_by_role("button", name="End the session").click()

    def measure(upper: int) -> None:
        for name, value in (("pressure_0", upper), ("pressure_1", 80), ("heart_rate", 70)):
            page.fill(f"form[data-tells=reading] input[name={name}]", str(value))
        page.locator("form[data-tells=reading]").evaluate("form => form.requestSubmit()")

    with time_machine.travel(watch.session.started_at + timedelta(minutes=121), tick=True):
        page.reload()
        watch.context.set_offline(True)
        end("no")
        expect(missing).to_have_text("Stay: the session has not ended. They need to walk steadily without help.")
        end()
        expect(missing).to_contain_text("A blood pressure reading is needed now")
        for upper in (143, 101):
            measure(upper)
            end()
            expect(missing).to_contain_text(f"Stay: the session has not ended. The upper number is {upper} and was 122")
            page.wait_for_timeout(1100)  # readings are told apart by the second
        measure(142)
        end()
        expect(missing).to_be_hidden()
        watch.says("The session ends as soon as the connection is back.")
        # What was kept says so too once it is taken, and the phone's storage was lost meanwhile: nobody is left alone.
        page.evaluate(STORAGE_LOST)
        watch.context.set_offline(False)
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SOON)
    watch.session.refresh_from_db()
    assert (watch.session.status, watch.session.vitals.filter(phase="after").count()) == ("completed", 3)


def test_what_the_server_says_is_shown_though_the_phones_storage_was_lost(watch) -> None:
    """I9, SEC-17: a call for help in answer to a finding reaches the eyes in the room."""
    watch.page.evaluate(STORAGE_LOST)
    watch.page.set_viewport_size({"width": 390, "height": 500})  # the button stands a screen below the words
    watch.note("no")
    urgent = watch.page.locator("[data-urgent]")
    expect(urgent).to_contain_text("We have called the clinician", timeout=SOON)
    expect(urgent).to_be_in_viewport()
    assert watch.checks() == [(1, False)]


def test_the_patients_taps_wait_too_and_go_with_the_end_of_the_session(case, live_server, watch) -> None:
    cookie = cast.signed_in(case.patient.user).cookies["sessionid"].value
    watch.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = watch.page
    page.goto(live_server.url + reverse("treatment:live", args=[watch.session.pk]))
    page.wait_for_function("navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))")
    watch.context.set_offline(True)
    # A second tap of the same finger is the same word, whatever moved on the page meanwhile (I9).
    page.get_by_role("button", name="Sick").dblclick()
    watch.says("Kept on this phone. It goes by itself when the connection is back.")
    page.reload()
    expect(page.get_by_role("heading", name="Hold it in your mouth")).to_be_visible()
    page.get_by_role("link", name="Get help").last.click()
    expect(page.get_by_role("link", name="Call Sam Example")).to_have_attribute("href", "tel:+12135550124")
    page.get_by_role("button", name="Close").click()
    watch.context.set_offline(False)
    watch.says("Saved.")
    assert SessionEvent.objects.get().content == {"note": "sick"}
    # The end, seen after a new sign-in: what was kept goes with the new token, then nothing stays in the browser (I9).
    watch.context.set_offline(True)
    page.get_by_role("button", name="Uneasy").click()
    watch.says("Kept on this phone. It goes by itself when the connection is back.")
    page.close()
    watch.context.clear_cookies(name="csrftoken")
    watch.context.set_offline(False)
    end = watch.session.started_at + timedelta(minutes=130)
    DoseSession.objects.filter(pk=watch.session.pk).update(status="completed", sitter_released_at=end, completed_at=end)
    page = watch.context.new_page()
    with page.expect_response(lambda reply: reply.url.endswith("/note/") and reply.ok, timeout=SOON):
        page.goto(live_server.url + reverse("treatment:done", args=[watch.session.pk]))
    page.wait_for_function(NOTHING_LEFT, timeout=SOON)
    assert {event.content["note"] for event in SessionEvent.objects.all()} == {"sick", "uneasy"}
