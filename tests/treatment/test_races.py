"""Two hands on one button, and a step that dies half way: one thing happens, or nothing."""

from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from harmoniously.core.alerts.models import Alert
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from tests import cast
from tests.threads import PATIENCE, at_once, lingering
from tests.treatment.conftest import FACTS, START, Case
from treatment import services
from treatment.models import CheckIn, Discharge, DischargeReason, DoseSession, Leftover, RefillRequest, Shipment
from treatment.services import discharging, plans, sessions

ENDING = discharging.Ending(DischargeReason.SAFETY, "Not well.", Leftover.RETURN, "Dr Elm.")


def case_in_care(prescriber=None, email="patient@example.com"):
    patient, prescriber = cast.make_patient(email), prescriber or cast.make_clinician()
    cast.take_into_care(patient, prescriber, START)
    services.open_chart(patient=patient, facts=FACTS, by=prescriber.user, now=START)
    return Case(patient, prescriber)


def all_at_once(act, count=6):
    """The codes of the refusals."""
    return [found.code for found in at_once(*[act] * count) if isinstance(found, RuleViolation)]


@pytest.mark.django_db(transaction=True)
def test_six_hands_start_one_session_once():
    case = case_in_care()
    session, _invitation, now = case.ready()
    all_at_once(lambda: services.start_session(session=session, by=case.patient.user, now=now))
    assert StatusChange.objects.filter(after="started").count() == 1
    assert sorted(CheckIn.objects.values_list("kind", flat=True)) == ["after", "day", "scores"]


@pytest.mark.django_db(transaction=True)
def test_six_hands_sign_and_ship_once():
    case = case_in_care()
    draft = case.draft()
    by = case.prescriber.user
    all_at_once(lambda: services.sign_prescription(prescription=draft, by=by, now=START))
    assert Shipment.objects.count() == 1
    failures = all_at_once(lambda: services.order_shipment(prescription=draft, units=2, by=by, now=START))
    assert sum(Shipment.objects.values_list("units", flat=True)) == 6
    assert failures == ["shipment_over_prescribed"] * 4
    # Two clicks on the end of the treatment: one letter, and the second click shows it.
    assert all_at_once(lambda: discharging.discharge(patient=case.patient, ending=ENDING, by=by, now=START), 2) == []
    assert Discharge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_call_for_help_is_kept_while_a_prescriber_ends_the_treatment(monkeypatch):
    """I3, I4: both want the session and the trail; in two orders one of them would be rolled back."""
    prescriber = cast.make_clinician()
    by = prescriber.user
    ends = {
        "stopped": lambda order: services.stop_prescription(prescription=order, reason="safety", by=by, now=START),
        "ended": lambda order: discharging.discharge(patient=order.patient, ending=ENDING, by=by, now=START),
    }
    for name, end in ends.items():
        case, holding = case_in_care(prescriber, f"{name}@example.com"), Event()
        session = case.planned()[0]
        patient, order = case.patient, session.prescription
        # Without a request that waits the trail is written after the sessions are locked.
        RefillRequest.objects.create(
            patient=patient, prescription=order, requested_at=START, requested_by=patient.user, created_at=START
        )

        def help_me(session=session, user=patient.user, holding=holding):
            assert holding.wait(PATIENCE)
            services.get_help(session=session, by=user, key=uuid4(), now=START)

        with monkeypatch.context() as patch:
            patch.setattr(plans, "end_plan", lingering(plans.end_plan, holding))
            at_once(lambda end=end, order=order: end(order), help_me)
        assert Alert.objects.filter(patient=patient, kind="help_pressed").count() == 1, name
        assert RefillRequest.objects.get(patient=patient).overtaken_by == name
        session.refresh_from_db()
        assert session.status == "cancelled", name


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_remind_once():
    case = case_in_care()
    session, _end = case.completed()
    moment = session.check_in.follow_up_at
    all_at_once(lambda: services.tick(now=moment), count=4)
    assert Notification.objects.filter(template="check_in_second_reminder").count() == 1


@pytest.mark.django_db
def test_a_start_that_dies_half_way_leaves_nothing(case, monkeypatch):
    session, _invitation, now = case.ready()

    def dies(**_given):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(sessions.check_in_opening, "open_check_ins", dies)
        with pytest.raises(ConnectionError):
            services.start_session(session=session, by=case.patient.user, now=now)
    session = DoseSession.objects.get(pk=session.pk)
    assert (session.status, session.started_at) == ("released", None)
    services.start_session(session=session, by=case.patient.user, now=now + timedelta(minutes=1))
    assert sorted(CheckIn.objects.values_list("kind", flat=True)) == ["after", "day", "scores"]


@pytest.mark.django_db
def test_a_hold_that_cannot_tell_the_clinician_is_no_hold(case, monkeypatch):
    session = case.planned()[0]
    case.answered(session, session.starts_at)

    def dies(**_given):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("treatment.services.gate.alerts.raise_alert", dies)
        with pytest.raises(ConnectionError):
            case.measured(session, session.starts_at, (185, 90))
    session.refresh_from_db()
    assert (session.status, session.vitals.count()) == ("scheduled", 0)


@pytest.mark.django_db
def test_check_ins_and_sessions_are_locked_before_the_trail_as_by_a_patient_who_answers(case):
    """I3: else a prescriber's click and an answer of high risk wait for each other, and the answer is rolled back."""
    session, end = case.completed()
    order, sessions_of = session.prescription, "treatment_dosesession"
    row, by = session.check_in, case.prescriber.user
    body = dict.fromkeys(services.checkins.PAGES["body"], 3)

    def locks_first(act, table="treatment_checkin", **arguments):
        with CaptureQueriesContext(connection) as queries:
            act(**arguments, now=row.due_at)
        found = [query["sql"] for query in queries]
        lock = next(at for at, sql in enumerate(found) if f'FOR UPDATE OF "{table}"' in sql)
        trail = next(at for at, sql in enumerate(found) if sql.startswith('INSERT INTO "audit_auditevent"'))
        late = [sql for sql in found[trail:] if "FOR UPDATE" in sql and f'FROM "{table}"' in sql]
        return lock < trail, len(late)

    patient = case.patient.user
    assert locks_first(services.save_page, check_in=row, page="body", answers=body, by=patient) == (True, 0)
    assert locks_first(services.review_session, session=session, by=by)[0]
    RefillRequest.objects.create(patient=case.patient, prescription=order, requested_at=end, requested_by=patient)
    pause = {"prescription": order, "reason": "safety", "note": "Call.", "by": by}
    assert locks_first(services.pause_prescription, sessions_of, **pause)[0]
    assert locks_first(discharging.discharge, patient=case.patient, ending=ENDING, by=by) == (True, 0)
