"""Every page, for everybody who may open it, wide and light, then narrow and dark: axe finds nothing (UX-01).

The addresses come from the URL resolver. Who opens them says tests/security/access_table.py, with which rows of the
seeded practice tests/journeys/every_page.py. A new address needs a row in the one, and a choice in the other when the
rows of the patient in treatment do not open it. What an address shows only at rarer moments, such as what was typed
wrong, a conflict or a note before its signature, is made and told by tests/journeys/rarer_pages.py.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from tests.browser import chromium
from tests.journeys.conftest import Journey
from tests.journeys.walk import AXE, WCAG
from tests.running_demo import RunningDemo
from tests.security.access_table import TABLE

pytestmark = pytest.mark.journey
SCRIPT = "from tests.journeys import every_page, rarer_pages; every_page.tell(); rarer_pages.tell()"
HANDS = 2  # processors
# Files, and what only programs read.
NO_PAGES = """
/livez /readyz admin:autocomplete admin:call_state admin:case_document admin:day_now admin:discharge_letter admin:jsi18n
admin:message_file admin:paper admin:practice_export admin:prescription_pdf admin:referral_letter
admin:signed_note_pdf admin:signed_paper
admin:transfer_letter admin:adverse_event_report admin:identity_photo intake:document intake:paper
mfa_download_recovery_codes
mfa_login_webauthn telemedicine:calendar telemedicine:call_state telemedicine:feed telemedicine:guest_state
telemedicine:message_file telemedicine:note_pdf telemedicine:referral_letter treatment:ended_letter
treatment:journal_file treatment:permission treatment:prescription_pdf treatment:sitter_state treatment:state
treatment:transfer_letter treatment:worker nonprod:be
""".split()  # noqa: SIM905
# What only a story leads to: the main journey comes by.
ON_THE_WAY = """
billing:leave intake:agreement_question intake:agreement_sign intake:check treatment:done
""".split()  # noqa: SIM905
# What leads on whatever stands behind it, and what is refused to everybody: 403 and 404 are looked at once, below.
LEADS_ON = """
/admin/accounts/carerelation/<key>/ /admin/accounts/clinician/<key>/ /admin/accounts/oncall/<key>/
/admin/accounts/user/<key>/ /admin/intake/facility/<key>/ /admin/treatment/pharmacy/<key>/
/admin/treatment/product/<key>/ account_confirm_login_code admin:accounts_carerelation_history
admin:accounts_clinician_history admin:accounts_oncall_history admin:accounts_user_history admin:intake_facility_history
admin:login admin:logout admin:password_change admin:password_change_done admin:treatment_pharmacy_history
admin:treatment_product_history admin:next_line admin:previous_line treatment:gate treatment:ready
""".split()  # noqa: SIM905
REFUSED = """
/admin/(?P<url>.*)$ admin:accounts_carerelation_add admin:accounts_carerelation_delete admin:accounts_clinician_delete
admin:accounts_user_delete admin:intake_facility_delete admin:treatment_pharmacy_delete admin:treatment_product_delete
admin:view_on_site
""".split()  # noqa: SIM905
# Where a table is only looked at, Django's own ways to change it refuse everybody; and its file is no page.
NO_PAGES += [name for name in TABLE if name.endswith("_csv")]
_NEVER = {name.rpartition("_")[0] for name, row in TABLE.items() if name.endswith("_add") and "200" not in row["get"]}
_STOCK = ("add", "change", "delete", "history")
REFUSED += [
    name
    for table in sorted(_NEVER - {"admin:accounts_carerelation"})
    for name in (f"{table}_{what}" for what in _STOCK)
    if name in TABLE
]
# Colours that glide would be measured on their way.
STILL = """const still = new CSSStyleSheet();
still.replaceSync("*, *::before, *::after { transition: none !important }");
document.adoptedStyleSheets = [still];"""
# Links and buttons whose middle belongs to another one: whoever presses it presses that.
MISTAKEN = """() => [...document.querySelectorAll("main a, main button")].flatMap((one) => {
  const [at] = one.getClientRects();
  if (!at || !one.checkVisibility() || !one.textContent.trim()) return [];
  const hit = document.elementFromPoint((at.left + at.right) / 2, (at.top + at.bottom) / 2)?.closest("a, button");
  return hit && hit !== one ? [`${one.textContent.trim()} presses ${hit.textContent.trim()}`] : [];
})"""
RUN = f"""async () => {{
  const mistaken = {MISTAKEN};
  const asked = {{ runOnly: {json.dumps(WCAG)}, resultTypes: ["violations"], preload: false }};
  const found = await axe.run(document, asked);
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const told = found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.target.join(" "))]);
  return JSON.stringify([over, told, mistaken()]);
}}"""
# A form that is sent as a browser sends it, from a page that has the token of this session.
SEND = """([path, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: path });
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...fields })) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""
WITH_A_FORM = "/crisis/"
HTML = "text/html; charset=utf-8"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# The other two, on demand: they show no element and no colour that these do not, and take as long again.
OTHERS = ((WIDE, "dark"), (NARROW, "light")) if "AXE_IN_EVERY_LOOK" in os.environ else ()


@dataclass(frozen=True)
class Told:
    """One page to look at: the name of its address, with what is rare about it after a comma."""

    name: str
    session: str
    path: str
    who: str = ""
    status: int = 200
    # The fields of a form that is sent there; a page that no address shows on demand.
    sent: dict[str, str] | None = None
    body: str = ""
    light: bool = True
    dark: bool = True

    @property
    def address(self) -> str:
        """The name of its address alone."""
        return self.name.partition(",")[0]

    def __str__(self) -> str:
        return f"{self.name} as {self.who}" if self.who else self.name


def look(pages: list[Told], url: str) -> list[str]:
    """What is wrong with these pages, in a browser of their own."""
    wrong: list[str] = []
    with chromium() as browser:
        page, session = _tab(browser, url), ""
        for told in pages:
            if told.session != session:
                session = told.session
                page.goto("about:blank")  # what still asks for news there would find itself refused, and go elsewhere
                _be(page.context, session, url)
            try:
                answer = _open(page, told)
            except Error as refused:  # a file, or an answer without a page
                wrong.append(f"{told}: {refused}")
                continue
            status = answer.status if answer else 0
            if (status, urlsplit(page.url).path) != (told.status, urlsplit(told.path).path):
                wrong.append(f"{told} does not open: {status} {page.url}")
                continue
            looks = [(WIDE, "light")] * told.light + [(NARROW, "dark")] * told.dark + [*OTHERS] * told.dark
            for size, scheme in looks:
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                over, found, mistaken = json.loads(page.evaluate(RUN))
                wrong += [f"{told}, {scheme}: {words}" for words in mistaken]
                wrong += [f"{told}, {scheme}: {rule} {where}" for rule, where in found]
                wrong += [f"{told}: scrolls sideways by {over} px at {size['width']} px"] * (over > 0)
    return wrong


def _open(page: Page, told: Told) -> Response | None:
    if told.body:
        page.route(f"**{told.path}", lambda route: route.fulfill(status=told.status, body=told.body, content_type=HTML))
    if told.sent is None:
        return page.goto(told.path)
    page.goto(WITH_A_FORM)
    with page.expect_navigation() as answer:
        page.evaluate(SEND, [told.path, told.sent])
    return answer.value


def _tab(browser: Browser, url: str) -> Page:
    """One for everybody: what all pages load is loaded once."""
    context: BrowserContext = browser.new_context(base_url=url, reduced_motion="reduce")
    context.add_init_script(AXE)
    context.add_init_script(STILL)
    return context.new_page()


def _be(context: BrowserContext, session: str, url: str) -> None:
    context.clear_cookies()
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])


@pytest.fixture(scope="module")
def pages(running_demo: RunningDemo) -> list[Told]:
    """Everything that opens, by whom it is opened: one person's pages after the other's.

    Narrow and dark only for the first of those who see a page.
    """
    told = running_demo.manage("shell", "-v", "0", "-c", SCRIPT).strip().splitlines()[-2:]
    every, rarer = ([Told(**row) for row in json.loads(line)] for line in told)
    opened = [row for row in every + rarer if row.address not in NO_PAGES]
    # First those of the second factor: after five minutes they ask once more who it is.
    opened.sort(key=lambda row: (not row.name.startswith("mfa_"), row.session))
    first = {row.name: row for row in reversed(opened)}
    return [replace(row, dark=first[row.name] == row) for row in opened]


def test_no_page_is_left_out(pages: list[Told]) -> None:
    """A new address is opened here by itself when the access table lets somebody in; else it is named above."""
    posted_to = {name for name, row in TABLE.items() if "405" in row["get"] and "200" not in row["get"]}
    named = {*NO_PAGES, *ON_THE_WAY, *LEADS_ON, *REFUSED}
    opened = {row.address for row in pages if row.address in TABLE}
    assert opened & named == set()
    assert opened | named | posted_to == set(TABLE)


def test_axe_finds_nothing_on_any_page(pages: list[Told], running_demo: RunningDemo) -> None:
    with ThreadPoolExecutor(HANDS) as pool:
        found = pool.map(look, [pages[hand::HANDS] for hand in range(HANDS)], [running_demo.url] * HANDS)
        assert [line for lines in found for line in lines] == []


def test_the_main_journey_comes_by_the_rest(journey: Journey) -> None:
    assert set(ON_THE_WAY) - {_name(path) for path in journey.findings.pages} == set()


def _name(path: str) -> str:
    with suppress(Resolver404):
        return resolve(path).view_name
    return ""
