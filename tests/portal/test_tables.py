"""The tables of the staff site: whose rows they list, what a file of one holds, and that nobody changes a row there."""

import csv
import io

import pytest
from django.test import RequestFactory
from django.urls import reverse

from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.audit.models import AuditEvent
from harmoniously.portal import admin_bases
from harmoniously.portal.staff import site
from tests import cast
from tests.cast import NOON
from treatment.models import Pharmacy

pytestmark = pytest.mark.django_db
CLINICAL = ("intake", "treatment", "telemedicine", "alerts", "notifications", "billing")
# What administrators keep of them; nothing there is anybody's record.
KEPT = {"Facility", "Product", "Pharmacy"}


@pytest.fixture
def rows(patient, other_patient, prescriber):
    """An alert of a patient in the prescriber's care, and one of somebody else's."""
    cast.take_into_care(patient, prescriber)
    for whose, number in ((patient, 11), (other_patient, 12)):
        Alert.objects.create(
            patient=whose, kind="session_held", about="x", dedupe_key=str(number), opened_at=NOON.replace(month=number)
        )
    return patient, other_patient


def file_of(client, table, query=""):
    response = client.get(reverse(f"admin:{table}_csv") + query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_file_holds_the_list_of_those_in_care_and_the_trail_says_how_many(rows, prescriber_client):
    """SEC-06, I7"""
    [heads, *found] = file_of(prescriber_client, "alerts_alert")
    assert heads == ["patient", "kind", "status", "opened at", "acknowledged at", "resolved at"]
    assert found == [[rows[0].mrn, "Session held at the readiness check", "Open", "2026-11-04 17:00:00", "", ""]]
    event = AuditEvent.objects.get(action="alert.exported")
    assert (event.facts["count"], event.facts["narrowed"]) == (1, [])
    body = prescriber_client.get(reverse("admin:alerts_alert_changelist")).content.decode()
    assert rows[0].mrn in body
    assert rows[1].mrn not in body


def test_a_file_is_as_narrow_as_the_list(rows, coordinator, administrator):
    for whose, day in zip(rows, (4, 5), strict=True):
        due = {"due_at": NOON.replace(day=day), "opened_at": NOON, "owner": coordinator}
        FollowUp.objects.create(patient=whose, kind="call_back", about="x", dedupe_key=str(day), note="Qznote", **due)
    client = cast.signed_in(administrator)
    for query, expected in (
        ("", [rows[1].mrn, rows[0].mrn]),
        ("?due_at__year=2026&due_at__month=11&due_at__day=4", [rows[0].mrn]),
        ("?due_at__year=2025", []),
        (f"?q={rows[1].mrn[:6]}", [rows[1].mrn]),
        ("?kind__exact=letter", []),
    ):
        [heads, *found] = file_of(client, "alerts_followup", query)
        assert [row[0] for row in found] == expected, query
        assert not any("Qznote" in cell for row in [heads, *found] for cell in row)
    assert AuditEvent.objects.filter(action="followup.exported").first().facts["narrowed"] == ["kind__exact"]


def test_what_somebody_typed_into_a_list_is_no_formula_in_its_file(administrator):
    Pharmacy.objects.create(name="=HYPERLINK(1)", address="@SUM(1)", phone="+15550100199")
    [_heads, row] = file_of(cast.signed_in(administrator), "treatment_pharmacy")
    assert row[:2] == ["'=HYPERLINK(1)", "'+15550100199"]


def test_a_list_that_is_too_long_for_a_file_is_refused_and_not_written_down_as_read(
    rows, prescriber_client, monkeypatch
):
    monkeypatch.setattr(admin_bases, "MOST_ROWS", 0)
    response = prescriber_client.get(reverse("admin:alerts_alert_csv") + "?status__exact=open")
    assert (response.status_code, response.url) == (302, "/admin/alerts/alert/?status__exact=open")
    assert not AuditEvent.objects.filter(action="alert.exported").exists()


def test_nobody_learns_of_a_column_that_the_list_does_not_offer(rows, prescriber_client):
    for query in ("dedupe_key=11", "patient__state=CA", "opened_at__hour=17", "patient__user__email__startswith=p"):
        for name in ("changelist", "csv"):
            response = prescriber_client.get(reverse(f"admin:alerts_alert_{name}") + f"?{query}")
            assert response.status_code == 400, query
    for query in (
        "opened_at__month=11",
        "opened_at__year=9999",
        "opened_at__year=x",
        "opened_at__year=2026&opened_at__month=13",
        "opened_at__year=99999999999999999999",
        "status__exact=%00",
    ):
        response = prescriber_client.get(reverse("admin:alerts_alert_changelist") + f"?{query}")
        assert (response.status_code, response.url) == (302, "/admin/alerts/alert/?e=1"), query


def test_administrators_do_not_learn_a_password_by_narrowing_the_list_of_people(administrator):
    listed = reverse("admin:accounts_user_changelist")
    assert cast.signed_in(administrator).get(f"{listed}?password__startswith=a").status_code == 400


def test_no_role_adds_changes_or_deletes_a_row_of_a_record(patient):
    looked_up = [
        (model, kept)
        for model, kept in site._registry.items()
        if model._meta.app_label in CLINICAL and model.__name__ not in KEPT
    ]
    assert len(looked_up) > 10
    request = RequestFactory().get("/")
    for role in Role:
        request.user = patient.user
        request.user.role, request.user.is_staff = role.value, role != Role.PATIENT
        for model, kept in looked_up:
            may = (
                kept.has_add_permission(request),
                kept.has_change_permission(request),
                kept.has_delete_permission(request),
            )
            assert may == (False, False, False), (model, role)
            assert kept.actions is None
            stock = [
                pattern.callback
                for pattern in kept.get_urls()
                if pattern.name.rpartition("_")[2] not in ("changelist", "csv")
            ]
            assert stock
            assert all(view.open_to == frozenset() for view in stock), model
