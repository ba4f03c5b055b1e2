"""What must hold before a session: the readings and answers of the day, and no start without them (I1)."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.services import open_hold
from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import CALM, START, refused
from treatment import selectors, services
from treatment.models import CheckIn, DoseSession, Prescription, Shipment, Vital
from treatment.rules.reasons import Weight

# Readings and answers


def test_the_gate_opens_on_the_local_day(case):
    session = case.planned()[0]
    early = selectors.gate_opens_at(session) - timedelta(seconds=1)
    given = {"session": session, "page": "food", "answers": CALM["food"], "by": case.patient.user}
    assert refused(services.answer_gate, **given, now=early) == "too_early"
    late = session.starts_at + timedelta(hours=4, seconds=1)
    assert refused(services.answer_gate, **given, now=late) == "too_late"


def test_a_reading_posted_twice_is_one_reading(case, django_assert_max_num_queries):
    session = case.planned()[0]
    now = session.starts_at
    # Each answer and reading decides anew on everything, the consents and the prescriber's licence there included.
    with django_assert_max_num_queries(20):
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
    services.skip_session(session=case_next(case, session), reason="no_time", by=case.patient.user, now=now)
    services.move_session(
        session=session, day=session.local_day + timedelta(days=1), hour=time(18, 0), by=case.patient.user, now=now
    )
    session.refresh_from_db()
    assert (session.status, session.gate_answers, session.gate_attempt) == ("scheduled", {}, 2)


def test_an_answer_that_holds_does_so_at_once_whatever_is_still_open(case):
    """I1, policy 9: whoever goes back and leaves after it has still told the clinician, by two channels."""
    session = case.planned()[0]
    asked = {"session": session, "page": "today", "by": case.patient.user, "now": session.starts_at}
    services.answer_gate(**asked, answers={**CALM["today"], "new_medicine": True})
    session.refresh_from_db()
    assert session.status == "held"
    told = Notification.objects.filter(about=f"alert:{Alert.objects.get(kind='session_held').pk}")
    assert sorted(told.values_list("channel", flat=True)) == ["email", "sms"]
    services.answer_gate(**asked, answers=CALM["today"])
    session.refresh_from_db()
    assert session.status == "held"


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


# The start


def test_starting_twice_starts_once(case):
    session, _invitation, now = case.started()
    services.start_session(session=session, by=case.patient.user, now=now + timedelta(minutes=5))
    session.refresh_from_db()
    assert session.started_at == now
    assert sorted(CheckIn.objects.values_list("kind", flat=True)) == ["after", "day", "scores"]


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
    # Policy section 9, a missed sitter release: the gate says so with the reading kept, and a clinician is told.
    _row, gate = case.measured(other, other.starts_at, (120, 80))
    other.refresh_from_db()
    assert [item.code for item in gate.reasons if item.weight is Weight.REFUSE] == ["unreleased_session"]
    assert (other.status, other.vitals.count()) == ("held", 1)
    assert Alert.objects.filter(kind="session_held", about=f"session:{other.pk}").count() == 1
