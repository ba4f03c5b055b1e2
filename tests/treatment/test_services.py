"""What must hold whatever is clicked, when, and how often: I1, I2, immutability, second clicks, reminders, ticks."""

from datetime import date, time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from harmoniously.core.alerts.models import Alert, SafetyHold
from harmoniously.core.alerts.services import open_hold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents.pdf import render
from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import CALM, START
from treatment import selectors, services
from treatment.models import CheckIn, DoseSession, Prescription, Product, Shipment, Vital
from treatment.services.prescriptions import pdf_data


def refused(act, **arguments):
    with pytest.raises(RuleViolation) as refusal:
        act(**arguments)
    return refusal.value.code


# The order


def test_a_dose_over_the_ceiling_waits_for_a_second_prescriber(case, other_prescriber):
    product = case.order().product
    product.strength_mg = Decimal(230)
    product.save(update_fields=["strength_mg"])
    draft = case.draft(product=product, units_per_session=2, first_shipment_units=4, written_reason="Known response.")
    sign = {"prescription": draft, "by": case.prescriber.user, "now": START}
    assert refused(services.sign_prescription, **sign) == "second_prescriber_needed"
    own = {"prescription": draft, "by": case.prescriber.user, "now": START}
    assert refused(services.second_sign, **own) == "same_prescriber"
    services.second_sign(prescription=draft, by=other_prescriber.user, now=START)
    assert services.sign_prescription(**sign).status == "signed"


def test_changing_a_draft_takes_the_second_signature_back(case, other_prescriber):
    draft = case.draft()
    services.second_sign(prescription=draft, by=other_prescriber.user, now=START)
    again = case.draft(quantity_units=4)
    assert (again.pk, again.second_prescriber_id, again.second_signed_at) == (draft.pk, None, None)


def test_a_start_above_the_range_asks_for_a_written_reason(case):
    assert (
        refused(case.draft, units_per_session=2, quantity_units=8, first_shipment_units=4) == "written_reason_missing"
    )
    reason = "Earlier response at this dose in a clinic."
    assert case.draft(units_per_session=2, quantity_units=8, first_shipment_units=4, written_reason=reason).pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pdmp_state": "", "pdmp_checked_at": None, "pdmp_result": ""}, "pdmp_missing"),
        ({"visit_state": "NY", "pdmp_state": "NY"}, "licence_missing"),
        ({"pdmp_checked_at": START - timedelta(hours=25)}, "pdmp_too_old"),
    ],
)
def test_signing_checks_the_law_again(case, changes, code):
    draft = case.draft(**changes)
    assert refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=START) == code


def test_the_flexibilities_end_with_2026(case):
    late = START.replace(year=2027, month=1, day=2)
    case.prescriber.licences.update(expires_on=date(2030, 1, 1))
    draft = case.draft(now=late, pdmp_checked_at=late)
    assert (
        refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=late)
        == "telemedicine_ended"
    )
    seen = case.draft(now=late, pdmp_checked_at=late, in_person_visit_on=date(2026, 12, 1))
    assert services.sign_prescription(prescription=seen, by=case.prescriber.user, now=late).status == "signed"


def test_an_incomplete_address_or_a_hold_stops_the_signature(case):
    draft = case.draft()
    sign = {"prescription": draft, "by": case.prescriber.user, "now": START}
    open_hold(patient=case.patient, level="moderate", about="test", by=case.patient.user, now=START)
    assert refused(services.sign_prescription, **sign) == "safety_hold"
    SafetyHold.objects.all().delete()
    case.patient.address = {"street": "1 Test Way"}
    case.patient.save(update_fields=["address"])
    assert refused(services.sign_prescription, **sign) == "content_missing"


def test_signing_twice_signs_once(case):
    prescription = case.signed()
    services.sign_prescription(prescription=prescription, by=case.prescriber.user, now=START)
    assert Shipment.objects.count() == 1
    assert AuditEvent.objects.filter(action="prescription.signed").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"quantity_units": 12},
        {"strength_mg": 50},
        {"directions": "x"},
        {"status": "draft"},
        {"refills": 5},
        {"signed_at": None},
    ],
)
def test_a_signed_prescription_is_immutable_in_the_database(case, change):
    prescription = case.signed()
    for name, value in change.items():
        setattr(prescription, name, value)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        prescription.save(update_fields=list(change))
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Prescription.objects.filter(pk=prescription.pk)._raw_delete("default")


def test_a_new_prescription_replaces_the_old_one_and_its_sessions(case):
    case.planned()
    second = case.signed(quantity_units=4)
    assert second.replaces.status == "replaced" or Prescription.objects.get(pk=second.replaces_id).status == "replaced"
    assert not DoseSession.objects.exclude(status="cancelled").exists()
    assert not Notification.objects.filter(template="session_reminder", state="pending").exists()


def test_a_stop_ends_sessions_reminders_and_links_at_once(case):
    sessions = case.planned()
    invitation, _token = case.invited(sessions[0])
    services.stop_prescription(
        prescription=Prescription.objects.get(), reason="side_effects", by=case.prescriber.user, now=START
    )
    invitation.refresh_from_db()
    assert {row.status for row in DoseSession.objects.all()} == {"cancelled"}
    assert invitation.revoked_at
    assert not Notification.objects.filter(
        template__in=["session_reminder", "sitter_invitation"], state="pending"
    ).exists()


# Supply


def test_shipments_never_exceed_what_was_prescribed(case):
    prescription = case.signed()
    by = case.prescriber.user
    assert (
        refused(services.order_shipment, prescription=prescription, units=5, by=by, now=START)
        == "shipment_over_prescribed"
    )
    services.order_shipment(prescription=prescription, units=4, by=by, now=START)
    assert (
        refused(services.order_shipment, prescription=prescription, units=1, by=by, now=START)
        == "shipment_over_prescribed"
    )
    with pytest.raises(IntegrityError, match="more units shipped"), transaction.atomic():
        Shipment.objects.create(patient=case.patient, prescription=prescription, number=9, units=1, ordered_at=START)


def test_no_shipment_under_a_safety_hold(case):
    prescription = case.signed()
    open_hold(patient=case.patient, level="incomplete", about="test", by=case.patient.user, now=START)
    code = refused(services.order_shipment, prescription=prescription, units=1, by=case.prescriber.user, now=START)
    assert code == "safety_hold"


def test_confirming_the_delivery_twice_is_one_delivery(case):
    case.signed()
    shipment = selectors.waiting_shipment(case.patient)
    services.confirm_delivery(shipment=shipment, by=case.patient.user, now=START)
    services.confirm_delivery(shipment=shipment, by=case.patient.user, now=START + timedelta(days=1))
    shipment.refresh_from_db()
    assert shipment.delivered_at == START


# Plan and reminders


def test_moving_takes_the_reminders_along_and_ends_the_link(case):
    session = case.planned()[0]
    invitation, _token = case.invited(session)
    day = session.local_day - timedelta(days=1)
    services.move_session(session=session, day=day, hour=time(19, 0), by=case.patient.user, now=START)
    session.refresh_from_db()
    invitation.refresh_from_db()
    pending = Notification.objects.filter(about=f"session:{session.pk}", state="pending")
    assert {row.due_at for row in pending} == {
        session.starts_at - timedelta(hours=24),
        session.starts_at - timedelta(hours=1),
    }
    assert invitation.revoked_at


def test_a_move_too_close_is_refused(case):
    sessions = case.planned()
    day = sessions[1].local_day - timedelta(days=2)
    move = {"session": sessions[0], "day": day, "hour": time(20, 0), "by": case.patient.user, "now": START}
    assert refused(services.move_session, **move) == "session_too_close"


def test_a_skipped_session_reminds_nobody(case):
    session = case.planned()[0]
    services.skip_session(session=session, by=case.patient.user, now=START)
    services.skip_session(session=session, by=case.patient.user, now=START)
    assert not Notification.objects.filter(about=f"session:{session.pk}", state="pending").exists()


def test_a_session_that_was_not_begun_is_missed_after_four_hours(case):
    session = case.planned()[0]
    services.tick(now=session.starts_at + timedelta(hours=4))
    session.refresh_from_db()
    assert session.status == "scheduled"
    services.tick(now=session.starts_at + timedelta(hours=4, seconds=1))
    session.refresh_from_db()
    assert session.status == "missed"


# The gate and I1


def test_the_gate_opens_on_the_local_day(case):
    session = case.planned()[0]
    early = selectors.gate_opens_at(session) - timedelta(seconds=1)
    given = {"session": session, "page": "food", "answers": CALM["food"], "by": case.patient.user}
    assert refused(services.answer_gate, **given, now=early) == "too_early"
    late = session.starts_at + timedelta(hours=4, seconds=1)
    assert refused(services.answer_gate, **given, now=late) == "too_late"


def test_a_reading_posted_twice_is_one_reading(case):
    session = case.planned()[0]
    now = session.starts_at
    case.measured(session, now, (120, 80))
    case.measured(session, now, (120, 80))
    assert Vital.objects.count() == 1


def test_high_readings_wait_repeat_twice_and_then_hold_and_tell(case):
    session = case.planned()[0]
    now = session.starts_at
    case.answered(session, now)
    for turn in range(3):
        moment = now + timedelta(minutes=11 * turn)
        _row, gate = case.measured(session, moment, (145, 85), (146, 85), first=2 * turn + 1)
    session.refresh_from_db()
    assert session.status == "held"
    assert [item["code"] for item in session.gate_reasons if item["weight"] == "refuse"] == ["bp_still_high"]
    assert Alert.objects.filter(kind="session_held").count() == 1


def test_a_repeat_before_ten_minutes_is_refused(case):
    session = case.planned()[0]
    now = session.starts_at
    case.answered(session, now)
    case.measured(session, now, (145, 85), (146, 85))
    again = {
        "session": session,
        "number": 3,
        "systolic": 120,
        "diastolic": 80,
        "heart_rate": 70,
        "by": case.patient.user,
    }
    last = now + timedelta(seconds=2)
    assert (
        refused(services.record_gate_reading, **again, now=last + timedelta(minutes=9, seconds=59)) == "bp_repeat_early"
    )
    services.record_gate_reading(**again, now=last + timedelta(minutes=10))
    assert Vital.objects.count() == 3


@pytest.mark.parametrize(
    ("reading", "kinds"),
    [((160, 80), {"session_held", "blood_pressure"}), ((185, 80), {"session_held", "blood_pressure"})],
)
def test_an_urgent_reading_rings(case, reading, kinds):
    session = case.planned()[0]
    case.answered(session, session.starts_at)
    case.measured(session, session.starts_at, reading)
    assert set(Alert.objects.values_list("kind", flat=True)) == kinds


def test_a_held_session_goes_to_another_day_only_and_begins_the_gate_anew(case):
    session = case.planned()[0]
    now = session.starts_at
    case.answered(session, now, without=("today",))
    services.answer_gate(
        session=session,
        page="today",
        answers={**CALM["today"], "alcohol_or_cannabis": True},
        by=case.patient.user,
        now=now,
    )
    session.refresh_from_db()
    assert session.status == "held"
    same = {"day": session.local_day, "hour": time(22, 0), "by": case.patient.user, "now": now}
    assert refused(services.move_session, session=session, **same) == "held_day"
    services.skip_session(session=case_next(case, session), by=case.patient.user, now=now)
    services.move_session(
        session=session, day=session.local_day + timedelta(days=1), hour=time(18, 0), by=case.patient.user, now=now
    )
    session.refresh_from_db()
    assert (session.status, session.gate_answers, session.gate_attempt) == ("scheduled", {}, 2)


def case_next(case, session):
    return DoseSession.objects.filter(patient=case.patient, starts_at__gt=session.starts_at).first()


def test_answers_of_the_morning_are_asked_again_in_the_evening(case):
    from treatment.services.gate import open_page

    session = case.planned()[0]
    now = session.starts_at
    case.answered(session, now - timedelta(hours=3))
    session.refresh_from_db()
    assert open_page(session, now=now) is None
    assert open_page(session, now=now + timedelta(seconds=1)) == "sitter"


def test_old_readings_do_not_release_and_answering_again_does_not_stretch_the_hour(case):
    session, _invitation, _now = case.ready()
    measured = session.vitals.last().taken_at
    assert session.gate_valid_until == measured + timedelta(minutes=60)
    late = {"session": session, "page": "rest", "answers": CALM["rest"], "by": case.patient.user}
    services.answer_gate(**late, now=measured + timedelta(minutes=59))
    session.refresh_from_db()
    assert session.gate_valid_until == measured + timedelta(minutes=60)
    _row, gate = services.answer_gate(**late, now=measured + timedelta(minutes=61))
    session.refresh_from_db()
    assert session.status == "scheduled"
    assert "bp_missing" in {item.code for item in gate.reasons}


def test_a_held_session_that_nobody_moved_is_over_a_day_later(case):
    session = case.planned()[0]
    case.answered(session, session.starts_at)
    case.measured(session, session.starts_at, (185, 90))
    services.tick(now=session.starts_at + timedelta(hours=24))
    session.refresh_from_db()
    assert session.status == "held"
    services.tick(now=session.starts_at + timedelta(hours=24, seconds=1))
    session.refresh_from_db()
    assert session.status == "missed"


def test_starting_twice_starts_once(case):
    session, _invitation, now = case.started()
    services.start_session(session=session, by=case.patient.user, now=now + timedelta(minutes=5))
    session.refresh_from_db()
    assert session.started_at == now
    assert CheckIn.objects.count() == 1


def start(case, session, now):
    return refused(services.start_session, session=session, by=case.patient.user, now=now)


def test_no_start_without_the_gate(case):
    session = case.planned()[0]
    assert start(case, session, session.starts_at) == "gate_not_passed"


def test_no_start_when_the_gate_has_run_out(case):
    session, _invitation, _now = case.ready()
    assert start(case, session, session.gate_valid_until + timedelta(seconds=1)) == "gate_expired"
    session.refresh_from_db()
    assert (session.status, session.gate_answers) == ("scheduled", {})


def test_a_start_in_the_last_second_of_the_gate(case):
    session, _invitation, _now = case.ready()
    assert (
        services.start_session(session=session, by=case.patient.user, now=session.gate_valid_until).status == "started"
    )


def test_no_start_after_the_sitter_declined(case):
    session, invitation, now = case.ready()
    services.sitter_decline(invitation=invitation, now=now)
    assert start(case, session, now) == "gate_waits"
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_no_start_under_a_safety_hold_and_the_session_is_held(case):
    session, _invitation, now = case.ready()
    open_hold(patient=case.patient, level="high", about="test", by=case.patient.user, now=now)
    assert start(case, session, now) == "held"
    session.refresh_from_db()
    assert session.status == "held"
    assert Alert.objects.filter(kind="session_held").exists()


def test_no_start_when_the_prescription_was_stopped(case):
    session, _invitation, now = case.ready()
    services.stop_prescription(
        prescription=Prescription.objects.get(), reason="safety", by=case.prescriber.user, now=now
    )
    assert start(case, session, now) == "gate_not_passed"


def test_no_release_without_supply(case):
    sessions = case.planned()
    Shipment.objects.update(status="lost", delivered_at=None)
    session = sessions[0]
    invitation, _token = case.invited(session)
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=START)
    case.answered(session, session.starts_at)
    session.refresh_from_db()
    assert session.status == "held"
    assert "no_supply" in [item["code"] for item in session.gate_reasons]


def test_no_second_dose_within_72_hours(case):
    session, end = case.completed()
    second = case_next(case, session)
    invitation, _token = case.invited(second)
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=end)
    DoseSession.objects.filter(pk=session.pk).update(started_at=second.starts_at - timedelta(hours=71, minutes=59))
    case.answered(second, second.starts_at)
    _row, gate = case.measured(second, second.starts_at, (120, 80), (120, 80))
    assert [item.code for item in gate.reasons] == ["interval_too_short"]
    _row, gate = services.finish_gate(session=second, by=case.patient.user, now=second.starts_at + timedelta(minutes=2))
    assert gate.verdict == "released"


def test_more_than_prescribed_is_never_taken_whatever_the_code_does(case):
    session, _invitation, _now = case.started()
    session.units = 7
    with pytest.raises(IntegrityError, match="more units taken"), transaction.atomic():
        session.save(update_fields=["units"])


def test_two_sessions_never_run_at_once(case):
    session, _invitation, _now = case.started()
    other = case_next(case, session)
    with pytest.raises(IntegrityError), transaction.atomic():
        DoseSession.objects.filter(pk=other.pk).update(
            status="released", gate_passed_at=START, gate_valid_until=START + timedelta(hours=1)
        )


# During and after


def test_a_missed_check_rings_once_for_each_gap(case):
    session, invitation, now = case.started()
    services.tick(now=now + timedelta(minutes=20))
    assert not Alert.objects.exists()
    for minute in (21, 22, 23):
        services.tick(now=now + timedelta(minutes=minute))
    assert Alert.objects.filter(kind="sitter_check_missed").count() == 1
    services.sitter_check(
        invitation=invitation, responds=True, breathing_normal=True, number=1, now=now + timedelta(minutes=24)
    )
    services.tick(now=now + timedelta(minutes=45))
    assert Alert.objects.filter(kind="sitter_check_missed").count() == 2


def test_no_release_by_240_minutes_rings(case):
    _session, _invitation, now = case.started()
    services.tick(now=now + timedelta(minutes=239))
    assert not Alert.objects.filter(kind="no_release").exists()
    services.tick(now=now + timedelta(minutes=240))
    services.tick(now=now + timedelta(minutes=241))
    assert Alert.objects.filter(kind="no_release").count() == 1


def test_a_finding_of_the_sitter_calls_the_clinic(case):
    _session, invitation, now = case.started()
    services.sitter_check(
        invitation=invitation, responds=False, breathing_normal=True, number=1, now=now + timedelta(minutes=15)
    )
    assert Alert.objects.filter(kind="help_pressed").count() == 1


def test_a_reading_during_the_session_that_rises_rings(case):
    session, _invitation, now = case.started()
    reading = {"session": session, "diastolic": 80, "heart_rate": 70, "by": case.patient.user}
    services.record_vital(**reading, systolic=161, number=1, now=now + timedelta(minutes=41))
    assert not Alert.objects.exists()
    services.record_vital(**reading, systolic=162, number=2, now=now + timedelta(minutes=50))
    assert Alert.objects.filter(kind="blood_pressure").count() == 1


def test_a_release_before_its_time_is_refused_and_twice_is_once(case):
    session, end = case.completed()
    invitation = selectors.live_invitation(session)
    services.sitter_release(invitation=invitation, oriented=True, walking=True, now=end + timedelta(minutes=9))
    session.refresh_from_db()
    assert session.completed_at == end


def test_nothing_is_completed_without_the_sitter(case):
    session, _invitation, now = case.started()
    arguments = {"session": session, "by": case.patient.user, "now": now + timedelta(hours=3)}
    assert refused(services.complete_session, **arguments) == "not_released"


def test_a_higher_dose_only_after_a_reviewed_session(case):
    session, end = case.completed()
    changes = {"product": next(row for row in services.install_formulary(now=START) if row.name == "Lozenge 150 mg")}
    assert refused(case.draft, now=end, **changes) == "step_before_review"
    services.review_session(session=session, by=case.prescriber.user, now=end)
    assert case.draft(now=end, **changes).mg_per_session == 150


def test_a_check_in_page_before_its_time_and_after_it_was_sent(case):
    session, _end = case.completed()
    page = {"check_in": session.check_in, "page": "mood", "answers": {}, "by": case.patient.user}
    assert refused(services.save_page, **page, now=session.check_in.due_at - timedelta(seconds=1)) == "too_early"
    assert (
        refused(services.answer_check_in, check_in=session.check_in, by=case.patient.user, now=session.check_in.due_at)
        == "page_missing"
    )


def test_a_text_for_the_second_reminder_needs_consent(case):
    case.patient.sms_consent_at = START
    case.patient.save(update_fields=["sms_consent_at"])
    session, _end = case.completed()
    services.tick(now=session.check_in.second_reminder_at)
    assert Notification.objects.get(template="check_in_second_reminder").channel == "sms"


def test_a_clinical_row_has_no_value_in_the_audit_trail(case):
    case.completed()
    text = str(list(AuditEvent.objects.values_list("facts", flat=True)))
    for word in ("Sam Example", "1 Test Way", "Hold one lozenge", "120"):
        assert word not in text


def test_a_prescriber_without_the_permission_cannot_sign(case, therapist):
    from django.core.exceptions import PermissionDenied

    draft = case.draft()
    with pytest.raises(PermissionDenied):
        services.sign_prescription(prescription=draft, by=therapist.user, now=START)


@pytest.mark.django_db
def test_the_formulary_is_installed_once_and_the_nasal_spray_is_off():
    call_command("install_formulary", stdout=StringIO())
    call_command("install_formulary", stdout=StringIO())
    assert Product.objects.count() == 12
    assert not Product.objects.get(form="nasal_spray").enabled
    assert not selectors.products().filter(form="nasal_spray").exists()


def test_what_is_printed_is_text_and_never_markup(case):
    row = case.signed(directions="#panic(1) *bold* $x$ <script>alert(1)</script>")
    assert render("prescription", pdf_data(row)).startswith(b"%PDF")
