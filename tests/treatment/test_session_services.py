"""What must hold during a session and after it: checks, rings, the release, the check-in."""

from datetime import timedelta
from uuid import uuid4

import pytest

from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.alerts.services import acknowledge
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.rounds import RowsFailed
from harmoniously.core.notifications.models import Notification
from telemedicine.services import due
from tests.cast import make_patient
from tests.treatment.conftest import START, refused
from treatment import policy, selectors, services
from treatment.models import Chart, CheckIn, DoseSession, DueVisit
from treatment.selecting.picture import picture_of
from treatment.selecting.refills import next_supply
from treatment.selecting.stops import stops_of
from treatment.selecting.titration import titration_facts
from treatment.services import check_in_chasing, check_in_opening, orders, reminders, ticks


def test_a_missed_check_rings_once_for_each_gap(case):
    session, invitation, now = case.started()
    services.tick(now=now + timedelta(minutes=20))
    assert not Alert.objects.exists()
    for minute in (21, 22, 23):
        services.tick(now=now + timedelta(minutes=minute))
    assert Alert.objects.filter(kind="sitter_check_missed").count() == 1
    services.sitter_check(
        invitation=invitation, responds=True, breathing_normal=True, key=uuid4(), now=now + timedelta(minutes=24)
    )
    services.tick(now=now + timedelta(minutes=45))
    missed = Alert.objects.filter(kind="sitter_check_missed").order_by("opened_at")
    assert missed.count() == 2
    # The sitter stays silent: the ring that nobody took goes on as one. Taken, the next missed check rings anew, once.
    assert missed[1].newest_at is None
    services.tick(now=now + timedelta(minutes=60))
    assert missed.count() == 2
    # I3: a contact under another alert, from before that check was missed, settles nothing.
    assert missed[0].newest_at is None
    assert missed[1].opened_at < missed[1].newest_at <= now + timedelta(minutes=60)
    acknowledge(alert=missed[1], by=case.prescriber.user, now=now + timedelta(minutes=65), note="Both are well.")
    for minute, count in ((66, 2), (74, 2), (74.5, 3), (80, 3)):
        services.tick(now=now + timedelta(minutes=minute))
        assert missed.count() == count, minute


def test_one_session_that_cannot_be_watched_and_a_broken_sweep_hide_no_other(case, monkeypatch):
    """Invariant I9: a tick looks at everybody, whatever became of the row or the sweep before, and however many run."""
    session, _invitation, now = case.started()
    others = DoseSession.objects.exclude(pk=session.pk).order_by("starts_at")[:2]
    broken = DoseSession.objects.filter(pk=session.pk)
    facts = selectors.session_facts

    def fails_for_the_first(row):
        return facts(row if row.pk != session.pk else broken.filter(started_at=None).get())

    patients = [make_patient(f"patient-{row.number}@example.com") for row in others]
    for row, patient in zip(others, patients, strict=True):
        DoseSession.objects.filter(pk=row.pk).update(
            patient=patient, status="started", started_at=now, gate_passed_at=now
        )
    for sweep in (check_in_opening, check_in_chasing):
        monkeypatch.setattr(sweep, "BATCH", 1)

    def dies(**_given):
        raise ConnectionError

    monkeypatch.setattr(ticks.selectors, "session_facts", fails_for_the_first)
    monkeypatch.setattr(ticks, "miss_sessions", dies)
    monkeypatch.setattr(ticks, "look_at_rhythm", dies)
    check_in = session.check_ins.get(kind="day")
    with pytest.raises(RowsFailed, match="DoesNotExist .*; ConnectionError .*; ConnectionError") as failed:
        services.tick(now=max(check_in.follow_up_at, now + timedelta(hours=4)))
    assert "matching query" not in str(failed.value), "words of an error may tell of a patient"
    assert set(Alert.objects.values_list("kind", "patient")) >= {
        (kind, patient.pk) for kind in ("sitter_check_missed", "no_release") for patient in patients
    }
    assert FollowUp.objects.filter(patient=case.patient, kind="check_in_overdue").exists()


def test_a_patient_whose_row_breaks_keeps_no_other_from_their_turn(case, other_patient, monkeypatch):
    """I4: reminders, tasks, questionnaires and due visits of everybody else go on; what is logged tells of nobody."""
    services.open_chart(patient=other_patient, facts={}, by=case.prescriber.user, now=START)
    for patient in (case.patient, other_patient):
        CheckIn.objects.create(
            patient=patient, kind="scores", day=START.date(), due_at=START, policy_version="2026.1",
            second_reminder_at=START + timedelta(hours=1), follow_up_at=START + timedelta(hours=2),
        )  # fmt: skip
    later = START + timedelta(days=2)

    def breaks(act):
        def broken(**given):
            whose = given.get("patient") or given["chart"].patient
            if whose == case.patient:
                raise ValueError("Robin Example hears voices")
            return act(**given)

        return broken

    monkeypatch.setattr(check_in_opening, "open_due", breaks(check_in_opening.open_due))
    monkeypatch.setattr(check_in_chasing, "_text", lambda patient, row, now: breaks(lambda **_: None)(patient=patient))
    monkeypatch.setattr(check_in_chasing.alerts, "open_follow_up", breaks(check_in_chasing.alerts.open_follow_up))
    with pytest.raises(RowsFailed) as failed:
        services.tick(now=later)
    assert str(failed.value).count("ValueError") == 3
    assert "voices" not in str(failed.value)
    done = CheckIn.objects.get(patient=other_patient)
    assert (done.second_reminder_done_at, done.follow_up_opened_at) == (later, later)
    looked_at = Chart.objects.filter(rhythm_next_at__isnull=False)
    assert [chart.patient for chart in looked_at] == [other_patient]
    monkeypatch.setattr(due.treatment, "bring_up_to_date", breaks(due.treatment.bring_up_to_date))
    with pytest.raises(RowsFailed):
        due.sweep(now=START + timedelta(weeks=13), everybody=True)
    assert [row.patient for row in DueVisit.objects.all()] == [other_patient]


def test_no_release_by_240_minutes_rings_and_stops_what_would_be_sent(case):
    """Policy 9, a missed sitter release: no parcel, order, refill or reminder before a prescriber has ended it."""
    session, _invitation, now = case.started()
    by = case.prescriber.user
    ship = {"prescription": session.prescription, "units": 1, "by": by}
    services.order_shipment(now=now, **ship)
    planned = [str(row.pk) for row in selectors.sessions_of(case.patient) if row.status == "scheduled"]

    def stopped(minutes):
        later = now + timedelta(minutes=minutes)
        services.tick(now=later)
        picture = picture_of(case.patient, later)
        law = orders.law_reasons(
            picture, order=case.order(), prescriber=case.prescriber, first=False, policy=policy.load()
        )
        found = {
            "unreleased_session" in stops_of(case.patient, now=later),
            "unreleased_session" in titration_facts(picture, session.prescription).stops,
            "unreleased_session" in {item.code for item in law},
            next_supply(case.patient, later).facts.unreleased,
            set(reminders.held_sessions(planned, later)) == set(planned) != set(),
            FollowUp.objects.filter(kind="parcel").count() == 1,
            Alert.objects.filter(kind="no_release").count() == 1,
        }
        [there] = found
        return there

    assert [stopped(minutes) for minutes in (239, 240, 241)] == [False, True, True]
    later = now + timedelta(minutes=242)
    assert refused(services.order_shipment, now=later, **ship) == "unreleased_session"
    for alert in Alert.objects.filter(about=f"session:{session.pk}"):
        acknowledge(alert=alert, by=by, now=later, note="Called. Both are well.")
    services.review_session(session=session, by=by, now=later)
    assert stops_of(case.patient, now=later) == frozenset()


def test_a_finding_of_the_sitter_calls_the_clinic(case):
    _session, invitation, now = case.started()
    services.sitter_check(
        invitation=invitation, responds=False, breathing_normal=True, key=uuid4(), now=now + timedelta(minutes=15)
    )
    assert Alert.objects.filter(kind="help_pressed").count() == 1


def test_a_reading_during_the_session_that_rises_rings(case):
    session, _invitation, now = case.started()
    reading = {"session": session, "diastolic": 80, "heart_rate": 70, "by": case.patient.user}
    services.record_vital(**reading, systolic=161, key=uuid4(), now=now + timedelta(minutes=41))
    assert not Alert.objects.exists()
    services.record_vital(**reading, systolic=162, key=uuid4(), now=now + timedelta(minutes=50))
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
