"""Looking for something in the trail, and whether it is whole."""

import csv
from datetime import timedelta

import pytest
from django.db import connection

from harmoniously.core.audit import checking, verification
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent, ChainCheck
from harmoniously.core.audit.rules import Kind
from harmoniously.core.audit.services import record
from harmoniously.portal.access_reviews.forms import BeginForm
from harmoniously.portal.staff_pages import audit_selectors
from harmoniously.portal.staff_pages.audit_forms import SearchForm
from harmoniously.portal.staff_pages.audit_selectors import Search
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db
TRAIL = "/admin/audit/"


def tamper(sql, *params):
    """What somebody with the database's own password could do: switch the trigger off first."""
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditevent disable trigger audit_auditevent_append_only")
        cursor.execute(sql, params)
        cursor.execute("alter table audit_auditevent enable trigger audit_auditevent_append_only")


@pytest.fixture
def events(patient, other_patient, prescriber):
    """One of each kind, a minute apart; the last one about the practice."""
    told = (
        (patient.user, "patient.viewed", patient, {}),
        (other_patient.user, "patient.refused", patient, {}),
        (prescriber.user, "patient.viewed", patient, {"break_glass": "1"}),
        (prescriber.user, "emergencyaccess.opened", other_patient, {}),
        (SYSTEM, "practice.tick", None, {}),
    )
    return [
        record(actor=who, action=action, now=NOON + number * timedelta(minutes=1), subject=about, **facts)
        for number, (who, action, about, facts) in enumerate(told)
    ]


def test_each_thing_that_is_looked_for_finds_its_events(events, patient, other_patient, prescriber):
    own, refused, emergency, opened, practice = events
    minute = timedelta(minutes=1)
    for search, expected in (
        (Search(record=patient.mrn.lower()), [emergency, refused, own]),
        (Search(person="Prescriber@example.com"), [opened, emergency]),
        (Search(person="nobody@example.com"), []),
        (Search(kind=Kind.REFUSED), [refused]),
        (Search(kind=Kind.EMERGENCY), [opened, emergency]),
        (Search(action="practice."), [practice]),
        (Search(action="PATIENT", kind=Kind.READ), [emergency, own]),
        (Search(since=NOON + minute, until=NOON + 3 * minute), [emergency, refused]),
        (Search(row=str(patient.pk)), [emergency, refused, own]),
        (Search(request="nothing"), []),
        (Search(ip="192.0.2.1"), []),
    ):
        assert list(audit_selectors.events(search).filter(pk__gte=own.pk)) == expected, search


def test_pages_go_on_by_the_event_and_not_by_a_number_of_rows(events, administrator):
    first, older = audit_selectors.page_of(Search(), before=None, size=2)
    then, oldest = audit_selectors.page_of(Search(), before=older, size=2)
    # What comes meanwhile moves nothing.
    record(actor=SYSTEM, action="practice.tick", now=NOON)
    assert audit_selectors.page_of(Search(), before=older, size=2) == (then, oldest)
    assert [entry.event.pk for entry in first + then] == [event.pk for event in events[::-1][:4]]
    assert audit_selectors.page_of(Search(record="H-NOTHING"), before=None, size=2) == ([], None)


def test_what_is_looked_for_stands_neither_in_an_address_nor_in_the_trail(events, patient, administrator):
    client = cast.signed_in(administrator)
    page = client.post(TRAIL, {"record": patient.mrn, "kind": "refused"})
    body = page.content.decode()
    assert body.count("<td>patient.refused") == 0  # each cell says what it is on a phone
    assert "patient.refused" in body
    assert "practice.tick" not in body
    assert f'href="/admin/patients/{patient.pk}/"' in body
    assert f"={patient.mrn}" not in body
    told = AuditEvent.objects.filter(action="audit_trail.viewed").latest("id")
    assert told.facts == {"searched": ["record", "kind"]}
    assert client.post(TRAIL, {"since": "2026-11-05", "until": "2026-11-04"}).status_code == 422
    assert "example.com" in client.get(f"{TRAIL}?subject={patient.pk}").content.decode()


def test_the_file_has_what_was_looked_for_and_leaves_an_event(events, patient, administrator):
    answer = cast.signed_in(administrator).post(f"{TRAIL}export/", {"record": patient.mrn})
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert [row[3] for row in rows[1:]] == ["patient.viewed", "patient.refused", "patient.viewed"]
    assert AuditEvent.objects.filter(action="audit_trail.exported").latest("id").facts["rows"] == 3


def test_a_file_of_too_many_events_is_refused_before_anything_is_read(events, administrator, monkeypatch):
    monkeypatch.setattr("harmoniously.portal.staff_pages.audit_views.MOST_ROWS", 2)
    answer = cast.signed_in(administrator).post(f"{TRAIL}export/", {})
    assert answer.status_code == 422
    assert not AuditEvent.objects.filter(action="audit_trail.exported").exists()


def test_a_check_of_some_finds_what_was_changed_and_says_where(events, patient, administrator):
    client = cast.signed_in(administrator)
    assert b"as they were written" in client.post(f"{TRAIL}check/", {"scope": "newest"}).content
    tamper("update audit_auditevent set ip = '192.0.2.9' where id = %s", events[1].pk)
    for asked in ({"scope": "newest"}, {"scope": "record", "record": patient.mrn}):
        body = client.post(f"{TRAIL}check/", asked).content.decode()
        assert f"Event {events[1].pk} of chain {patient.mrn}: its columns do not say what its text says." in body
    assert b"as they were written" in client.post(f"{TRAIL}check/", {"scope": "practice"}).content
    assert client.post(f"{TRAIL}check/", {"scope": "record", "record": "H-NOTHING"}).status_code == 422
    facts = AuditEvent.objects.filter(action="audit_trail.checked").order_by("id").values_list("facts", flat=True)
    assert [(fact["scope"], fact["wrong"]) for fact in facts] == [
        ("newest", 0),
        ("newest", 1),
        ("record", 1),
        ("practice", 0),
    ]


@pytest.mark.parametrize("which", [0, 2, 4])
def test_the_newest_events_show_what_is_missing_among_and_behind_them(events, which):
    assert verification.newest(4)[0] == []
    tamper("delete from audit_auditevent where id = %s", events[which].pk)
    # The first one lies before the newest four; the next of its chain shows that it is gone.
    assert verification.newest(4)[0] != []


def test_everything_is_checked_piece_by_piece_while_the_trail_goes_on(events, patient, administrator, monkeypatch):
    monkeypatch.setattr(verification, "AT_ONCE", 2)
    asked = checking.ask_for_all(by=administrator, now=NOON)
    assert checking.ask_for_all(by=administrator, now=NOON) == asked
    rounds = 0
    while ChainCheck.objects.filter(status="running").exists():
        checking.go_on(now=NOON, seconds=0)
        if rounds < 3:
            record(actor=SYSTEM, action="practice.tick", now=NOON, patient=patient)
        rounds += 1
    asked.refresh_from_db()
    assert rounds > 3
    assert (asked.status, asked.wrong) == ("whole", 0)
    tamper("delete from audit_auditevent where id = %s", events[1].pk)
    asked = checking.ask_for_all(by=administrator, now=NOON)
    while checking.go_on(now=NOON, seconds=0):
        pass
    asked.refresh_from_db()
    assert (asked.status, asked.wrong > 0) == ("broken", True)
    assert b"Keep the database" in cast.signed_in(administrator).get(f"{TRAIL}check/").content


def test_the_last_day_that_there_is_has_no_day_after():
    form, review = SearchForm({"until": "9999-12-31"}), BeginForm({"since": "9999-12-01", "until": "9999-12-31"})
    assert form.is_valid()
    assert form.search.until is None
    assert not review.is_valid()
