"""Two hands on one button, and a step that dies half way: one thing happens, or nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from harmoniously.core.audit.models import StatusChange
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from tests import cast
from tests.threads import at_once
from tests.treatment.conftest import FACTS, START, Case
from treatment import services
from treatment.models import CheckIn, Discharge, DischargeReason, DoseSession, Leftover, Shipment
from treatment.services import discharging, sessions

ENDING = discharging.Ending(DischargeReason.SAFETY, "Not well.", Leftover.RETURN, "Dr Elm.")


def case_in_care():
    patient, prescriber = cast.make_patient(), cast.make_clinician()
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
def test_check_ins_are_locked_before_the_trail_as_by_a_patient_who_answers(case):
    """I3: else a prescriber's click and an answer of high risk wait for each other, and the answer is rolled back."""
    session, end = case.completed()
    row, by = session.check_in, case.prescriber.user
    body = dict.fromkeys(services.checkins.PAGES["body"], 3)

    def locks_first(act, **arguments):
        with CaptureQueriesContext(connection) as queries:
            act(**arguments, now=row.due_at)
        found = [query["sql"] for query in queries]
        lock = next(at for at, sql in enumerate(found) if 'FOR UPDATE OF "treatment_checkin"' in sql)
        trail = next(at for at, sql in enumerate(found) if sql.startswith('INSERT INTO "audit_auditevent"'))
        late = [sql for sql in found[trail:] if "FOR UPDATE" in sql and 'FROM "treatment_checkin"' in sql]
        return lock < trail, len(late)

    patient = case.patient.user
    assert locks_first(services.save_page, check_in=row, page="body", answers=body, by=patient) == (True, 0)
    assert locks_first(services.review_session, session=session, by=by)[0]
    assert locks_first(discharging.discharge, patient=case.patient, ending=ENDING, by=by) == (True, 0)
