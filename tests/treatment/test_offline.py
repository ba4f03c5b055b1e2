"""The sitter's page without a network: what is noted waits in the page, and arrives once, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import chromium
from treatment.models import DoseSession, SitterCheck, Vital, VitalPhase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
UNSENT = "[data-unsent]"


@dataclass
class Watch:
    """The sitter's browser during a session."""

    context: BrowserContext
    page: Page
    session: DoseSession

    def note(self, responds: str = "yes") -> None:
        self.page.check(f"input[name=responds][value={responds}]")
        self.page.check("input[name=breathing_normal][value=yes]")
        self.page.get_by_role("button", name="Save this check").click()

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
        page.goto(live_server.url + reverse("treatment:sitter", args=[token]))
        yield Watch(context, page, session)
        context.close()


def test_with_a_network_a_check_is_saved_and_said_to_be(watch) -> None:
    watch.note()
    expect(watch.page.get_by_text("Noted. Thank you.")).to_be_visible()
    expect(watch.page.get_by_role("heading", name="Check 2")).to_be_visible()
    assert watch.checks() == [(1, True)]


def test_checks_noted_without_a_network_arrive_once_and_in_order(watch) -> None:
    watch.context.set_offline(True)
    watch.note()
    expect(watch.page.locator(UNSENT)).to_be_visible()
    expect(watch.page.locator(UNSENT)).to_contain_text("call 911")
    watch.note("no")
    assert watch.checks() == []
    watch.context.set_offline(False)
    expect(watch.page.get_by_role("heading", name="Check 3")).to_be_visible(timeout=15_000)
    assert watch.checks() == [(1, True), (2, False)]
    expect(watch.page.locator(UNSENT)).to_be_hidden()


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
    expect(watch.page.get_by_role("heading", name="Check 2")).to_be_visible(timeout=15_000)
    assert lost == [302]
    assert watch.checks() == [(1, True)]


def test_what_is_incomplete_comes_back_to_be_mended(watch) -> None:
    watch.page.check("input[name=responds][value=yes]")
    watch.page.get_by_role("button", name="Save this check").click()
    expect(watch.page.get_by_role("alert").or_(watch.page.locator(".error-summary")).first).to_be_visible()
    expect(watch.page.locator("input[name=responds][value=yes]")).to_be_checked()
    assert watch.checks() == []


def test_a_call_for_help_without_a_network_goes_when_it_is_back(watch) -> None:
    watch.context.set_offline(True)
    watch.page.get_by_role("button", name="Have a clinician call").click()
    expect(watch.page.locator(UNSENT)).to_be_visible()
    watch.context.set_offline(False)
    expect(watch.page.get_by_text("We have called the clinician on duty")).to_be_visible(timeout=15_000)


def test_the_patients_reading_waits_too(case, live_server, watch) -> None:
    from tests import cast

    cookie = cast.signed_in(case.patient.user).cookies["sessionid"].value
    watch.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = watch.page
    page.goto(live_server.url + reverse("treatment:reading", args=[watch.session.pk]))
    page.fill("[name=pressure_0]", "121")
    page.fill("[name=pressure_1]", "79")
    page.fill("[name=heart_rate]", "70")
    watch.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(UNSENT)).to_be_visible()
    watch.context.set_offline(False)
    page.wait_for_url("**/now/", timeout=15_000)
    kept = Vital.objects.exclude(phase=VitalPhase.GATE).values_list("systolic", "diastolic")
    assert list(kept) == [(121, 79)]
