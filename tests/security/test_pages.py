"""What every page shows and leaves behind, for a patient whose every free text tries to break out of it."""

import csv
from datetime import timedelta

import pytest

from harmoniously.core.accounts.models import EmergencyAccess
from harmoniously.core.audit.rules import Kind, kind_of
from tests.security.access_table import TABLE
from tests.security.addresses import path_of
from tests.security.crawl import counted
from tests.security.history import PAYLOADS, PEOPLE, WORDS, undone

pytestmark = pytest.mark.django_db
MARKUP = [payload for payload in PAYLOADS if "<" in payload]
"""The pieces that would act if they stood in a page as they were written."""
# Pages that show nothing of a record, and the polling of one whose opening was recorded.
SILENT = {
    "treatment:state",
    "portal:evaluation",
    "telemedicine:book",
    "intake:crisis",
    "intake:start",
    "admin:book",
    "admin:free_times",
    "admin:day_now",
    "admin:app_list",
    "admin:jsi18n",
    "admin:hours",
    "admin:hours_of",
    "admin:on_call",
    "admin:register_patient",
    *(f"admin:setup{page}" for page in ("", "_prices", "_policies", "_messages")),
    "admin:system_health",
}
PATIENTS_OWN = ("portal:home", "intake:", "treatment:", "telemedicine:", "billing:")


def test_every_page_opens(crawled):
    wrong = [(page.address.name, page.who, page.response.status_code) for page in crawled.pages]
    assert [entry for entry in wrong if entry[2] != 200] == []


def test_no_page_takes_more_than_twelve_queries(crawled):
    """Design 7: the session, the account and the trail among them, in the fullest history that the product can tell."""
    counts = [(page.address.name, page.who, page.queries) for page in crawled.pages]
    assert [row for row in counts if row[2] > 12] == []


def test_no_page_takes_more_for_whoever_opens_the_record_in_an_emergency(world, crawled):
    """SEC-03, of the pages that cost care most: the door asks more of a reader who does not care for the patient."""
    reader, closed, since = world.users["prescriber_out"], PEOPLE.index("prescriber_out"), world.life.now
    dear = [page.address for page in crawled.pages if page.who == "prescriber_in" and page.queries >= 9]
    paths = {page.name: path_of(page, world) for page in dear if TABLE[page.name]["get"][closed] != "200"}
    about = {"patient": world.patient, "clinician": reader.clinician, "kind": "called", "reason": "Nobody answers."}
    found = {}
    with undone():
        EmergencyAccess.objects.create(**about, since=since, until=since + timedelta(days=1), created_at=since)
        for name, path in paths.items():
            with counted() as queries:
                response = world.client("prescriber_out").get(path)
            if response.status_code == 200:
                found[name] = len(queries)
            if name == "admin:case":
                case = response.content.decode()
    assert found.keys() >= {"admin:case", "admin:print_case", "admin:patient", "admin:prescription_detail"}
    assert {name: cost for name, cost in found.items() if cost > 12} == {}
    assert "Last messages" in case
    assert 'href="/admin/messages/' not in case.partition("<main")[2], "conversations stay closed: no link leads there"


def test_no_payload_reaches_a_page_as_markup(crawled):
    """BUG-06"""
    pages = [page for page in crawled.pages if page.is_html]
    seen = {page.address.name for page in pages if "&lt;script&gt;" in page.body}
    assert len(seen) > 15, f"the payloads must be on the pages for this to mean anything: {sorted(seen)}"
    found = {(page.address.name, payload) for page in pages for payload in MARKUP if payload in page.body}
    assert found == set()


def test_no_cell_of_a_file_acts_in_a_spreadsheet(crawled):
    """BUG-06, SEC-06: every list as a file, by everybody who may take it along."""
    files = [page for page in crawled.pages if page.response.headers["Content-Type"].startswith("text/csv")]
    assert len({page.address.name for page in files}) > 15
    for page in files:
        [heads, *rows] = csv.reader(page.body.removeprefix("\ufeff").splitlines())
        acting = [cell for row in [heads, *rows] for cell in row if cell[:1] in tuple("=+-@\t") and cell]
        assert acting == [], page.address.name
        assert {len(row) for row in rows} <= {len(heads)}, page.address.name


def test_no_text_of_a_person_is_run_as_a_template(crawled):
    assert not [
        page.address.name for page in crawled.pages if page.is_html and "Qzname" in page.body and "14{" in page.body
    ]
    assert any("{{ 7|add:7 }}" in page.body for page in crawled.pages)


def test_documents_are_built_from_data_not_from_markup(crawled):
    kinds = {page.address.name for page in crawled.pages if page.response.headers["Content-Type"] == "application/pdf"}
    assert kinds >= {"treatment:prescription_pdf", "admin:prescription_pdf", "intake:document"}
    pdfs = [page.response.content for page in crawled.pages if page.address.name in kinds]
    assert all(pdf.startswith(b"%PDF-") and len(pdf) > 2000 for pdf in pdfs)


def test_above_every_box_of_a_patient_stands_that_nobody_watches_it(crawled):
    """Policy 4: with 988 and 911, directly before the box, on whatever page it is."""
    boxes = set()
    for page in crawled.pages:
        parts = page.body.split("<textarea") if page.is_html and not page.address.name.startswith("admin:") else []
        for before in parts[:-1]:
            said = before.rpartition("</textarea>")[2].rpartition("data-not-watched")
            assert all(number in said[2] for number in ("tel:988", "tel:911")), page.address.name
            boxes.add(page.address.name)
    assert boxes >= {"telemedicine:message_new", "telemedicine:message_thread", "treatment:tell", "intake:amend"}


def test_a_calendar_file_has_no_line_that_a_patient_wrote(crawled):
    """BUG-32"""
    [calendar] = [page for page in crawled.pages if page.address.name == "telemedicine:calendar"]
    lines = calendar.body.split("\r\n")
    assert "BEGIN:VCALENDAR" in lines
    assert not any("evil" in line for line in lines)


def test_no_get_changes_a_row(crawled):
    """ASVS 3.5.3"""
    before, after = crawled.before, crawled.after
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def test_no_page_writes_about_the_patient_into_the_log(crawled):
    """SEC-16"""
    assert [line for line in crawled.lines if "Qz" in line or "<script" in line] == []


def test_what_only_opens_a_page_counts_as_nothing_done(crawled):
    """Something done explains an opening in an access review; whoever opens a second page has done nothing."""
    assert {name for name in crawled.actions if kind_of(name) is Kind.CHANGE} == set()


def test_every_reading_of_a_record_is_in_the_trail(crawled):
    """SEC-06"""
    quiet = {
        page.address.name
        for page in crawled.pages
        if not page.events
        and page.address.name.startswith((*PATIENTS_OWN, "admin:"))
        and page.who != "anonymous"
        and not page.address.name.endswith(("_add", ":sitter_state"))
    }
    assert quiet - SILENT == set()


def test_the_trail_still_verifies_after_all_that(crawled):
    assert crawled.events > 200
    assert crawled.problems == []


def test_no_address_on_a_page_says_who_or_what(crawled):
    """ASVS 14.2.1: no word of the patient in an address."""
    told = {
        (page.address.name, word)
        for page in crawled.pages
        if page.is_html
        for part in page.body.split('href="')[1:] + page.body.split('action="')[1:]
        for word in WORDS
        if word in part.partition('"')[0]
    }
    assert told == set()


def test_every_page_with_a_form_lets_the_browser_say_where_it_comes_from(crawled):
    """The header alone (no-referrer) would make browsers post "Origin: null", which the CSRF check refuses."""
    without = {
        page.address.name
        for page in crawled.pages
        if page.is_html
        and 'method="post"' in page.body
        and '<meta name="referrer" content="same-origin">' not in page.body
    }
    assert without == set()


def test_pages_are_not_kept_by_the_browser(crawled):
    kept = {
        page.address.name for page in crawled.pages if "no-store" not in page.response.headers.get("Cache-Control", "")
    }
    assert kept <= {"admin:jsi18n"}
