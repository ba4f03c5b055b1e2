"""Every page, for everybody who may open it, wide and light, then narrow and dark: axe finds nothing (UX-01).

The addresses come from the URL resolver. Who opens them says tests/security/access_table.py, with which rows of the
seeded practice tests/journeys/every_page.py. A new address needs a row in the one, and a choice in the other when the
rows of the patient in treatment do not open it.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser import chromium
from tests.journeys.conftest import Journey
from tests.journeys.walk import AXE, WCAG
from tests.running_demo import RunningDemo
from tests.security.access_table import TABLE

pytestmark = pytest.mark.journey
SCRIPT = "from tests.journeys import every_page; every_page.tell()"
HANDS = 2  # processors
# Files, and what only programs read.
NO_PAGES = """
/livez /readyz admin:jsi18n admin:paper admin:message_file admin:case_document admin:signed_paper
admin:prescription_pdf admin:referral_letter admin:signed_note_pdf admin:transfer_letter admin:adverse_event_report
intake:document intake:paper telemedicine:calendar telemedicine:feed telemedicine:message_file
telemedicine:note_pdf telemedicine:referral_letter treatment:journal_file treatment:permission
treatment:prescription_pdf treatment:sitter_state treatment:state treatment:transfer_letter treatment:worker
nonprod:be
""".split()  # noqa: SIM905
# What a rarer moment shows: the main journey comes by, the visit by video by the last one.
ON_THE_WAY = """
billing:leave intake:agreement_question intake:agreement_sign intake:check telemedicine:confirm telemedicine:join
treatment:done treatment:gate_outcome treatment:gate_reading treatment:live
""".split()  # noqa: SIM905
BY_VIDEO = {"telemedicine:call"}
# What leads on, or is closed to everybody: no page of its own. A note's last look needs a note that is whole, a code's
# page a sign-in that is half done; both are opened by the tests of their own (test_notes, test_sign_in_pages).
LEADS_ON = """
/admin/(?P<url>.*)$ /admin/accounts/carerelation/<key>/ /admin/accounts/clinician/<key>/ /admin/accounts/oncall/<key>/
/admin/accounts/user/<key>/ /admin/intake/facility/<key>/ /admin/treatment/pharmacy/<key>/
/admin/treatment/product/<key>/ account_confirm_login_code admin:accounts_carerelation_add
admin:accounts_carerelation_delete admin:accounts_carerelation_history
admin:accounts_clinician_history admin:accounts_oncall_history admin:accounts_user_history
admin:intake_facility_history admin:treatment_pharmacy_history admin:treatment_product_history
admin:accounts_clinician_delete admin:accounts_oncall_delete
admin:accounts_user_delete admin:autocomplete admin:call admin:call_state admin:check_amendment admin:check_note
admin:discharge_letter admin:intake_facility_delete admin:login admin:logout admin:password_change
admin:password_change_done admin:treatment_pharmacy_delete admin:treatment_product_delete admin:view_on_site
mfa_authenticate mfa_download_recovery_codes mfa_edit_webauthn mfa_login_webauthn mfa_reauthenticate_webauthn
mfa_remove_webauthn mfa_view_recovery_codes telemedicine:call_state telemedicine:confirm_move
telemedicine:guest_state treatment:check_in
treatment:ended_letter treatment:gate treatment:reading treatment:ready
""".split()  # noqa: SIM905
# Colours that glide would be measured on their way.
STILL = """const still = new CSSStyleSheet();
still.replaceSync("*, *::before, *::after { transition: none !important }");
document.adoptedStyleSheets = [still];"""
RUN = f"""async () => {{
  const asked = {{ runOnly: {json.dumps(WCAG)}, resultTypes: ["violations"], preload: false }};
  const found = await axe.run(document, asked);
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const told = found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.target.join(" "))]);
  return JSON.stringify([over, told]);
}}"""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Told = list[str]  # name, who, session, path


def look(pages: list[Told], url: str) -> list[str]:
    """What is wrong with these pages, in a browser of their own; narrow and dark only as the first of their readers."""
    wrong: list[str] = []
    first = {row[0]: row for row in reversed(pages)}
    with chromium() as browser:
        tabs: dict[str, Page] = {}
        for name, who, session, path in pages:
            page = tabs.get(session) or tabs.setdefault(session, _tab(browser, url, session))
            try:
                answer = page.goto(path)
            except Error as refused:  # a file, or an answer without a page
                wrong.append(f"{name} as {who}: {refused}")
                continue
            status = answer.status if answer else 0
            if (status, urlsplit(page.url).path) != (200, path):
                wrong.append(f"{name} as {who} does not open: {status} {page.url}")
                continue
            looks = ((WIDE, "light"), (NARROW, "dark"))
            for size, scheme in looks if first[name] == [name, who, session, path] else looks[:1]:
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                over, found = json.loads(page.evaluate(RUN))
                wrong += [f"{name} as {who}, {scheme}: {rule} {where}" for rule, where in found]
                wrong += [f"{name} as {who}: scrolls sideways by {over} px at {size['width']} px"] * (over > 0)
    return wrong


def _tab(browser: Browser, url: str, session: str) -> Page:
    context: BrowserContext = browser.new_context(base_url=url, reduced_motion="reduce")
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    context.add_init_script(AXE)
    context.add_init_script(STILL)
    return context.new_page()


@pytest.fixture(scope="module")
def pages(running_demo: RunningDemo) -> list[Told]:
    """Everything that opens, by whom it is opened: one tab for all that somebody sees."""
    told = json.loads(running_demo.manage("shell", "-v", "0", "-c", SCRIPT).strip().splitlines()[-1])
    return sorted((row for row in told if row[0] not in NO_PAGES), key=lambda row: row[2])


def test_no_page_is_left_out(pages: list[Told]) -> None:
    """A new address is opened here by itself when the access table lets somebody in; else it is named above."""
    posted_to = {name for name, row in TABLE.items() if "405" in row["get"] and "200" not in row["get"]}
    named = {*NO_PAGES, *ON_THE_WAY, *BY_VIDEO, *LEADS_ON}
    assert {row[0] for row in pages} & named == set()
    assert {row[0] for row in pages} | named | posted_to == set(TABLE)


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
