"""How the practice is set up: licences that end, states that are switched, agreements, policies, prices, messages."""

import hashlib
import shutil
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from billing.models import Charge
from billing.prices import Purpose
from harmoniously.core.accounts.licences import Standing, standing
from harmoniously.core.accounts.models import Licence, StateSwitch, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.accounts.selectors import closed_states
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.documents.models import ConsentEvent
from harmoniously.core.notifications import messages
from harmoniously.core.notifications.models import Notification
from harmoniously.portal.dashboard import panels
from harmoniously.portal.practice import licences, overview, published, states
from tests import cast
from tests.cast import NOON
from tests.security.crawl import counted
from tests.telemedicine.cases import make_visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOON.date()


@pytest.fixture
def desk(administrator):
    return cast.signed_in(administrator)


def body(client, name, query=""):
    with counted() as queries:
        response = client.get(reverse(f"admin:{name}") + query)
    assert (response.status_code, len(queries) <= 12) == (200, True), (name, query, len(queries))
    return " ".join(response.content.decode().split())


def test_a_licence_that_ends_is_told_of_three_times_and_each_time_once(prescriber, administrator):
    """The clinician and the administrator, 60, 30 and 7 days before; a renewed licence ends another day."""
    Licence.objects.exclude(state="CA").delete()
    last = date(2027, 1, 20)
    Licence.objects.update(expires_on=last)
    told = []
    for left in (61, 60, 60, 31, 30, 8, 7, 0, -1):
        at = NOON.replace(year=last.year, month=last.month, day=last.day) - left * DAY
        told.append(licences.warn(now=at))
    assert told == [0, 2, 0, 0, 2, 0, 2, 0, 0]
    Licence.objects.update(expires_on=last + DAY)
    assert licences.warn(now=NOON.replace(year=2027, month=1, day=20)) == 2
    rows = Notification.objects.order_by("created_at").all()
    assert {row.recipient_id for row in rows} == {prescriber.user_id, administrator.pk}
    assert rows[0].variables["when"] == "20 January 2027"


def test_a_licence_stands_in_every_list_as_on_the_calendar_of_its_clinician(prescriber, therapist, administrator):
    """Past midnight in New York it is still the last day in Los Angeles, where they still book and prescribe."""
    Licence.objects.all().delete()
    now, days = datetime(2026, 11, 5, 6, 30, tzinfo=UTC), (-1, 0, 7, 8, 30, 31, 60, 61)
    for clinician, zone in ((prescriber, "America/Los_Angeles"), (therapist, "America/New_York")):
        type(clinician).objects.filter(pk=clinician.pk).update(zone=zone)
        for state, left in zip(("CA", "NV", "OR", "WA", "TX", "NY", "AZ", "UT"), days, strict=True):
            ends = date(2026, 11, 4) + left * DAY
            Licence.objects.create(clinician=clinician, state=state, number="1", expires_on=ends)
    for one in Standing:
        found = set(Licence.objects.filter(licences.stands(now, one)).values_list("clinician__zone", "expires_on"))
        assert found == {
            (row.clinician.zone, row.expires_on)
            for row in Licence.objects.select_related("clinician")
            if standing(row.expires_on, clock.today(row.clinician.zone, now)) == one
        }, one
    marks = {mark.words for mark in overview.marks(now)["licences"]}
    assert marks == {"3 have expired", "12 end within 60 days"}
    # Six who have set up no second step do not stand before what is wrong now.
    for number in range(6):
        User.objects.create_user(f"fresh{number}@example.com", None, role=Role.COORDINATOR)
    [practice] = [one for one in panels(administrator, now) if one.title == "The practice"]
    assert [line.tag for line in practice.lines][:4] == [*["Expired"] * 3, "On call"]


def test_switching_a_state_is_done_once_and_written_down(administrator, desk):
    address = reverse("admin:setup_states")
    off = {"state": "CA", "is_open": "0", "reason": "The board asks us to wait."}
    assert desk.post(address, {**off, "reason": " "}).status_code == 422
    assert closed_states() == frozenset()
    for _click in range(2):
        assert desk.post(address, off).url == f"{address}?state=CA"
    assert closed_states() == {"CA"}
    assert StateSwitch.objects.count() == 1
    assert AuditEvent.objects.filter(action="state.closed", facts__state="CA").count() == 1
    page = body(desk, "setup_states", "?state=CA")
    assert "The board asks us to wait." in page
    assert "Take new patients again" in page
    states.switch_state(state="CA", is_open=True, reason="Settled.", by=administrator, now=clock.now())
    assert closed_states() == frozenset()


@pytest.mark.parametrize(("last", "uncovered"), [(0, 0), (-1, 1), (1, 0)])
def test_a_visit_ahead_is_covered_through_the_last_day_of_the_licence(patient, prescriber, desk, last, uncovered):
    """The second visit is late in the evening there, which is the next day in UTC."""
    for hour in (21, 27):
        starts_at = (clock.now() + 5 * DAY).replace(hour=0, minute=0) + timedelta(hours=hour)
        make_visit(patient, prescriber, starts_at=starts_at, status="booked")
        Licence.objects.update(expires_on=clock.today(prescriber.zone, starts_at) + last * DAY)
        [row] = [row for row in states.states(clock.now()) if row.code == "CA"]
        assert row.uncovered == uncovered
        patient.appointments.all().delete()
    assert "Robin" not in body(desk, "setup_states")


def test_the_way_to_the_set_up_names_what_needs_somebody(patient, prescriber, administrator, desk):
    make_visit(patient, prescriber, starts_at=clock.now() + 5 * DAY, status="booked")
    today = clock.today(prescriber.zone, clock.now())
    for left, words in ((-1, "1 has expired"), (0, "1 ends within 60 days"), (60, "1 ends within 60 days"), (61, "")):
        Licence.objects.update(expires_on=today + left * DAY)
        page = body(desk, "setup")
        assert words in page
        assert ("within 60 days" in page) is (0 <= left <= 60)
        assert ("1 visit without a licence" in page) is (left < 4)


def test_who_has_to_sign_anew_is_counted_and_listed(patient, other_patient, desk):
    earlier = published.texts.load("privacy", "2026.1").sha256
    own = {"patient": patient, "kind": "privacy"}
    paper = patient.signed_documents.get(kind="consent.privacy")
    paper.pk = paper.id = uuid.uuid4()
    paper.save(force_insert=True)
    signed = {"act": "signed", "sequence": 2, "version": "2026.1", "text_sha256": earlier, "document": paper}
    ConsentEvent.objects.create(**own, **signed, at=NOON, zone=patient.zone)
    rows = {(row.text.kind, row.text.version): row.signed for row in published.agreements(TODAY)}
    assert (rows["privacy", "2026.1"], rows["privacy", "2026.2"], rows["payment", "2026.2"]) == (1, 1, 2)
    page = body(desk, "setup_agreements", "?kind=privacy&version=2026.2")
    assert patient.mrn in page
    assert other_patient.mrn not in page
    assert patient.mrn not in body(desk, "setup_agreements", "?kind=payment&version=2026.2")
    assert desk.get(reverse("admin:setup_agreements") + "?kind=privacy&version=1").status_code == 404


def test_two_versions_of_a_policy_are_compared_value_by_value(tmp_path, desk):
    for name, text in (("1", 'a = 1\n[b]\nc = ["x"]\nd = "old"'), ("2", 'a = 1\n[b]\nc = ["x", "y"]\ne = 2.5')):
        (tmp_path / f"{name}.toml").write_text(text)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    (tmp_path / "SHA256SUMS").write_text("\n".join(f"{value}  {name}" for name, value in sums.items()))
    found = [(row.key, row.old, row.new) for row in published.differences(tmp_path, "1", "2")]
    assert found == [("b.c", "x", "x, y"), ("b.d", "old", ""), ("b.e", "", "2.5")]
    assert "They say the same." in body(desk, "setup_policies", "?policy=intake&old=2026.1&new=2026.1")
    for query in ("?policy=intake&old=2026.1&new=..%2Fx", "?policy=x&old=1&new=1", "?policy=alerts&old=&new=2026.1"):
        assert desk.get(reverse("admin:setup_policies") + query).status_code == 404


def test_the_page_of_messages_finds_a_clinical_word_now(desk, monkeypatch):
    assert "Not fit to be sent" not in body(desk, "setup_messages")
    worse = replace(messages.TEMPLATES["receipt"], sms="%(clinic)s: your ketamine %(link)s")
    monkeypatch.setattr(messages, "TEMPLATES", {**messages.TEMPLATES, "receipt": worse})
    page = body(desk, "setup_messages")
    assert "Not fit to be sent" in page
    assert "<li>Receipt (English): ketamine</li>" in page
    assert "Su consulta está reservada" in page and page.count("Staff alert") == 1


def test_the_price_in_force_stands_in_the_agreement_in_force(desk):
    """I6, SEC-21: the price that is charged is the one that is read, agreed to and shown."""
    page = body(desk, "setup_prices")
    assert all(str(Charge.Reason(purpose).label) in page for purpose in Purpose)
    assert "$149.00" in page and "How to change a price" in page
    assert "Stands in the agreement in force" in page


def test_a_version_that_is_planned_is_no_earlier_one_and_its_price_is_seen_before_its_day(tmp_path, monkeypatch, desk):
    shutil.copytree(published.texts.ROOT, tmp_path / "texts")
    coming = tmp_path / "texts" / "2031.1"
    coming.mkdir()
    (coming / "version.toml").write_text("effective = 2031-03-04")
    words = published.texts.load("payment", "2026.2").text
    monkeypatch.setattr(published.texts, "ROOT", tmp_path / "texts")
    for price, ending in (("$149.00", False), ("$199.00", True)):
        (coming / "payment.md").write_text(words.replace("$149.00", price))
        published.texts._read.cache_clear()
        page = body(desk, "setup_prices")
        assert "from 4 March 2031 " in page and "Planned" in page and "Stands in the agreement in force" in page
        assert ("From 4 March 2031 on, what is charged would not be what is signed" in page) is ending
    assert "Planned" in body(desk, "setup_agreements", "?kind=payment&version=2031.1")
    assert body(desk, "setup_agreements").count("Planned") == 1
