"""The supply ledger in the database: it balances, a form counts once, what is missing stops sessions (I2, policy 9)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from harmoniously.core.alerts.models import Alert
from harmoniously.core.common.errors import Conflict
from tests import cast
from tests.treatment.conftest import START, refused
from treatment import selectors, services
from treatment.models import EntryKind, LedgerEntry, SupplyFlag
from treatment.selecting.refills import next_supply
from treatment.services.gate import assess
from treatment.services.supply import Said


def written(case, kind, units, *, token=None, by=None, note=""):
    prescription = selectors.standing_prescription(case.patient)
    return services.write_entry(
        prescription=prescription,
        said=Said(EntryKind(kind), units, note),
        form_token=token or uuid4(),
        by=by or case.patient.user,
        now=START + timedelta(hours=1),
    )


def test_the_ledger_follows_every_unit_and_balances(case, other_patient):
    session = case.planned()[0]
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.total.shipped, ledger.total.at_home, ledger.total.left_to_ship, ledger.clean) == (2, 2, 4, True)
    token = uuid4()
    for _click in range(2):
        written(case, "destroyed", 1, token=token, note="I took 20 pills")
    assert Alert.objects.filter(kind="crisis_words").count() == 1  # I3
    assert LedgerEntry.objects.count() == 1
    # Back, changed, sent again: not lost with a thank-you, and not added either (I9).
    for kind, units, note in (("destroyed", 2, ""), ("lost", 1, ""), ("destroyed", 1, "Two of them.")):
        with pytest.raises(Conflict):
            written(case, kind, units, token=token, note=note)
    typed = {"prescription": session.prescription_id, "kind": "count", "units": 1, "form_token": token}
    page = cast.signed_in(case.patient.user).post(reverse("treatment:medicine"), typed)
    assert (page.status_code, page.context["form"]["units"].value()) == (409, "1")
    assert page.context["form"]["form_token"].value() != str(token)
    desk = reverse("admin:supply_ledger", args=[case.patient.pk])
    page = cast.signed_in(case.prescriber.user).post(desk, typed)
    assert (page.status_code, page.context["form"]["units"].value()) == (409, "1")
    assert page.context["form"]["form_token"].value() != str(token)
    assert LedgerEntry.objects.count() == 1
    refusal = {"prescription": session.prescription, "form_token": uuid4(), "by": case.patient.user, "now": START}
    assert refused(services.write_entry, said=Said(EntryKind.LOST, 2), **refusal) == "more_than_at_home"
    with pytest.raises(PermissionDenied):
        written(case, "lost", 1, by=other_patient.user)
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.total.destroyed, ledger.total.at_home, ledger.balances) == (1, 1, True)
    # Who empties the box makes room for more: a prescriber reads it first (policy 9); what a prescriber writes, none.
    assert [flag.code for flag in ledger.open_flags] == ["units_given_up"]
    assert next_supply(case.patient, START + timedelta(hours=1)).refill.missing[0].code == "refill_ledger"
    written(case, "returned", 1, by=case.prescriber.user)
    assert SupplyFlag.objects.count() == 1
    # What left the home is not there for the gate, nor to be planned with.
    assert selectors.supply_of(session.prescription).sessions_at_home == 0
    for change in ("UPDATE treatment_ledgerentry SET units = 0", "DELETE FROM treatment_ledgerentry"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), _cursor() as cursor:
            cursor.execute(change)


def _cursor():
    from django.db import connection

    return connection.cursor()


def test_a_missing_unit_stops_sessions_until_a_prescriber_has_read_it(case, therapist):
    session = case.planned()[0]
    written(case, "count", 2)
    assert selectors.ledger_of(case.patient).clean
    written(case, "count", 1)
    ledger = selectors.ledger_of(case.patient)
    assert (ledger.total.unaccounted, ledger.total.at_home, ledger.balances, ledger.clean) == (1, 1, True, False)
    assert "supply_to_review" in [item.code for item in assess(session, now=START).reasons]
    assert Alert.objects.filter(kind="supply", patient=case.patient).count() == 1
    flag = SupplyFlag.objects.get()
    act = {"flag": flag, "now": START + timedelta(hours=2)}
    assert refused(services.read_flag, note=" ", by=case.prescriber.user, **act) == "note_missing"
    with pytest.raises(PermissionDenied):
        services.read_flag(note="Seen.", by=therapist.user, **act)
    services.read_flag(note="One broke in the box; shown on camera.", by=case.prescriber.user, **act)
    services.read_flag(note="Again.", by=case.prescriber.user, **act)
    assert "supply_to_review" not in [item.code for item in assess(session, now=START).reasons]
    assert selectors.ledger_of(case.patient).flags[0].read_note == "One broke in the box; shown on camera."


def test_the_second_early_request_is_flagged_once(case):
    prescription = case.planned()[0].prescription
    # Twice a week: two lozenges last 7 days, which is not early; three of them 10.
    ask = {"prescription": prescription, "by": case.patient.user, "now": START + timedelta(hours=1)}
    assert services.more_asked(form_token=uuid4(), **ask).days_left == 7
    services.order_shipment(prescription=prescription, units=1, by=case.prescriber.user, now=START)
    case.arrived()
    token = uuid4()
    services.more_asked(form_token=token, **ask)
    assert not SupplyFlag.objects.exists()
    services.more_asked(form_token=token, **ask)
    assert not SupplyFlag.objects.exists()
    services.more_asked(form_token=uuid4(), **ask)
    assert SupplyFlag.objects.get().code == "early_refill_pattern"
    assert not selectors.ledger_of(case.patient).clean
