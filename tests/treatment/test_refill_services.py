"""A refill from the patient's click to the prescriber's word: one rule, one request, one answer (policy 10, I2)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep
from uuid import uuid4, uuid5

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.alerts.services import open_hold
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import record
from harmoniously.core.notifications.models import Notification
from harmoniously.core.questions.models import Assessment
from tests import cast
from tests.treatment.conftest import START, refused
from tests.treatment.test_races import all_at_once, case_in_care
from treatment import services
from treatment.models import Chart, CheckIn, DueVisit, EntryKind, LedgerEntry, RefillRequest, Shipment
from treatment.selecting.refills import next_supply
from treatment.services import refills
from treatment.services.refills import Looked
from treatment.services.supply import Said

HOUR = timedelta(hours=1)


def answered(case, now):
    """The day after: the check-in and both questionnaires are in."""
    CheckIn.objects.filter(patient=case.patient).update(status="answered", answered_at=now)
    for instrument, items in (("phq9", 9), ("gad7", 7)):
        Assessment.objects.create(
            patient=case.patient,
            instrument=instrument,
            answers=[1] * items,
            context="check_in",
            total=items,
            taken_at=now,
        )


def low(case, session):
    """Two sessions' supply, one of them taken, everything answered: time to ask."""
    invitation, _token = case.invited(session)
    begun = case.begun(session, invitation)
    end = begun.started_at + timedelta(minutes=121)
    services.record_vital(
        session=begun, systolic=121, diastolic=79, heart_rate=70, by=case.patient.user, now=end, key=uuid4()
    )
    services.sitter_release(invitation=invitation, oriented=True, walking=True, now=end)
    now = end + timedelta(hours=30)
    answered(case, now)
    return now + HOUR


def looked(now):
    return Looked("CA", now, "no_concern")


def approve(case, now, request, *, clinician=None, units=2, **changes):
    given = {"looked": looked(now), **changes}
    return refills.approve_refill(
        patient=case.patient, request=request, clinician=clinician or case.prescriber, units=units, now=now, **given
    )


def locked_first(queries):
    """The table of the first row lock."""
    sql = next(row["sql"] for row in queries.captured_queries if "FOR UPDATE" in row["sql"])
    return sql.split(' FROM "')[1].split('"')[0]


@pytest.mark.django_db
def test_a_refill_is_asked_for_once_and_ordered_once(case):
    """I2, I9, policy 10: what is missing is said first, and a second click does nothing."""
    session = case.planned()[0]
    ask = {"patient": case.patient, "by": case.patient.user}
    early = next_supply(case.patient, START + HOUR).refill
    assert (early.status, early.day) == ("not_yet", session.local_day)
    assert refused(refills.request_refill, **ask, now=START + HOUR) == "refill_not_due"
    # Asked too early: the ledger keeps it once a day, whatever else was written with whatever token.
    for hour, entries in ((2, 1), (3, 1), (26, 2)):
        at = START + hour * HOUR
        token = uuid5(session.prescription_id, f"early:{at.date()}")
        counted = Said(EntryKind.COUNT, 2)
        services.write_entry(
            prescription=session.prescription, said=counted, form_token=token, by=case.patient.user, now=at
        )
        assert refused(refills.request_refill, **ask, now=at) == "refill_not_due"
        assert LedgerEntry.objects.filter(kind="asked", days_left__gt=0).count() == entries, hour
    now = low(case, session)
    CheckIn.objects.update(status="open", answered_at=None)
    found = next_supply(case.patient, now).refill
    assert (found.status, [item.code for item in found.missing]) == ("missing", ["refill_check_in"])
    assert refused(refills.request_refill, **ask, now=now) == "refill_check_in"
    CheckIn.objects.update(status="answered", answered_at=now)
    request = refills.request_refill(**ask, now=now)
    assert refills.request_refill(**ask, now=now + HOUR).pk == request.pk
    now += HOUR
    assert refused(approve, case=case, now=now, request=request, looked=Looked("", None, "")) == "pdmp_missing"
    late = Looked("CA", now - timedelta(hours=25), "no_concern")
    assert refused(approve, case=case, now=now, request=request, looked=late) == "pdmp_too_old"
    assert refused(approve, case=case, now=now, request=request, units=5) == "shipment_over_prescribed"
    elsewhere = cast.make_clinician("new-york@example.com", states=("NY",))
    assert refused(approve, case=case, now=now, request=request, clinician=elsewhere) == "licence_missing"
    done = approve(case, now, request, units=2)
    assert approve(case, now, request, units=2).shipment_id == done.shipment_id
    colleague = cast.make_clinician("colleague@example.com")
    assert refused(approve, case=case, now=now, request=request, clinician=colleague) == "raced"
    assert refused(refills.withdraw_refill, request=request, by=case.patient.user, now=now) == "answered"
    assert list(Shipment.objects.order_by("number").values_list("units", flat=True)) == [2, 2]
    assert (done.pdmp_state, done.facts["units"], done.policy_version) == ("CA", 2, "2026.1")
    assert next_supply(case.patient, now).refill.status == "on_the_way"
    assert Notification.objects.filter(dedupe_key=f"refill:{request.pk}:approved").count() == 1


@pytest.mark.django_db
def test_what_ends_the_treatment_ends_the_request_and_a_new_prescription_answers_it(case):
    """I2, I4: nothing is ordered after a stop; each end has its own status."""
    now = low(case, case.planned()[0])
    doctor, ask = case.prescriber.user, {"patient": case.patient, "by": case.patient.user}
    request = refills.request_refill(**ask, now=now)
    refills.withdraw_refill(request=request, by=case.patient.user, now=now)
    assert refused(approve, case=case, now=now, request=request) == "raced"
    request = refills.request_refill(**ask, now=now + HOUR)
    with CaptureQueriesContext(connection) as asked:
        refills.mark_asked(request=request, by=doctor, now=now + HOUR)
    assert locked_first(asked) == "treatment_chart"  # as every stop, so that neither waits for the other
    refills.decline_refill(
        request=request, clinician=case.prescriber, reason="", words_to_patient="Let us talk first.", now=now + HOUR
    )
    assert next_supply(case.patient, now + HOUR).refill.status == "open"
    request = refills.request_refill(**ask, now=now + 2 * HOUR)
    services.review_session(session=case.patient.dose_sessions.get(status="completed"), by=doctor, now=now + 2 * HOUR)
    case.signed(now=now + 2 * HOUR, pdmp_checked_at=now)
    request.refresh_from_db()
    assert (request.status, request.shipment.number, request.shipment.prescription.status) == ("approved", 1, "signed")
    parcel = request.shipment
    case.handed(parcel.prescription, now=now + 2 * HOUR)
    services.confirm_delivery(shipment=parcel, by=case.patient.user, now=now + 3 * HOUR)
    RefillRequest.objects.create(
        patient=case.patient, prescription=parcel.prescription, requested_at=now, requested_by=case.patient.user,
        policy_version="2026.1",
    )  # fmt: skip
    services.stop_prescription(prescription=parcel.prescription, reason="safety", by=doctor, now=now + 4 * HOUR)
    stopped = RefillRequest.objects.get(status="overtaken")
    assert stopped.overtaken_by == "stopped"
    assert refused(approve, case=case, now=now + 5 * HOUR, request=stopped) == "raced"
    assert refused(approve, case=case, now=now + 5 * HOUR, request=None) == "refill_not_due"
    assert next_supply(case.patient, now).refill.status == "ended"


@pytest.mark.django_db
def test_nothing_is_granted_under_a_hold_an_overdue_visit_or_after_the_last_day(case):
    """I1, I2, policy 4, 8, 10: a request that waits is not an order."""
    session = case.planned()[0]
    now = low(case, session)
    request = refills.request_refill(patient=case.patient, by=case.patient.user, now=now)
    chart = session.prescription.chart
    due = DueVisit.objects.create(
        patient=case.patient, chart=chart, kind="check_in", after_session=2, due_since=now - timedelta(days=7),
        overdue_at=now, status="offered", policy_version="2026.1",
    )  # fmt: skip
    assert refused(approve, case=case, now=now, request=request) == "refill_visit"
    just_before = next_supply(case.patient, now - timedelta(seconds=1)).refill
    assert "refill_visit" not in {item.code for item in just_before.missing}
    due.delete()
    too_late = case.patient.dose_sessions.get(status="completed").started_at + timedelta(weeks=12, seconds=1)
    assert "refill_evaluation" in {item.code for item in next_supply(case.patient, too_late).refill.missing}
    units = {"prescription": session.prescription, "units": 2, "by": case.prescriber.user}
    assert refused(services.order_shipment, **units, now=too_late) == "evaluation_due"
    check = services.prescriptions.check_prescription(case.draft(now=now, pdmp_checked_at=now), now=too_late)
    assert "evaluation_due" in {item.code for item in check.law}
    # Its last day is 2 May 2027, on the calendar of the patient and of the prescriber.
    Chart.objects.update(approved_at=datetime(2027, 4, 1, tzinfo=UTC))
    for day, new in ((2, ()), (3, ("refill_expired",))):
        at = datetime(2027, 5, day, 19, tzinfo=UTC)
        assert tuple(item.code for item in next_supply(case.patient, at).refill.needs_new) == new
    Clinician.objects.update(zone="Pacific/Honolulu")  # still the day before there; the later day counts
    after_midnight = datetime(2027, 5, 3, 8, tzinfo=UTC)
    assert next_supply(case.patient, after_midnight).refill.needs_new
    open_hold(patient=case.patient, level="moderate", about="test", by=SYSTEM, now=now)
    assert refused(approve, case=case, now=now, request=request) == "refill_safety_hold"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_and_two_prescribers_make_one_request_and_one_shipment():
    """I2, I9; and a stop never waits for whoever has the request while they wait for its line in the trail."""
    case = case_in_care()
    now = low(case, case.planned()[0])
    all_at_once(lambda: refills.request_refill(patient=case.patient, by=case.patient.user, now=now), count=4)
    request = RefillRequest.objects.get()
    people = iter([case.prescriber, cast.make_clinician("colleague@example.com")] * 2)
    failures = all_at_once(lambda: approve(case, now, request, clinician=next(people)), count=4)
    assert Shipment.objects.count() == 2
    assert failures == ["raced", "raced"]
    order = Shipment.objects.order_by("number")[0].prescription
    waiting = RefillRequest.objects.create(
        patient=case.patient, prescription=order, requested_at=now, requested_by=case.patient.user,
        policy_version="2026.1",
    )  # fmt: skip
    stop = {"prescription": order, "reason": "safety", "by": case.prescriber.user, "now": now}
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            RefillRequest.objects.select_for_update().get(pk=waiting.pk)
            stopped = other.submit(in_a_thread, lambda: services.stop_prescription(**stop))
            until_somebody_waits()
            record(actor=SYSTEM, action="refill.looked_at", now=now, subject=waiting)
        stopped.result(timeout=20)
    waiting.refresh_from_db()
    assert waiting.overtaken_by == "stopped"


def in_a_thread(act):
    try:
        return act()
    finally:
        connection.close()


def until_somebody_waits():
    """Until another connection of this database waits for a lock."""
    for _try in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE NOT granted AND datname = current_database()"
            )
            if cursor.fetchone():
                return
        sleep(0.01)
    raise AssertionError("nobody waits for the row that is held")
