"""Ways around the gate, the wait and the guard-rails that a tired or a determined person would try."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from harmoniously.core.accounts.models import Licence
from harmoniously.core.alerts.models import Alert, SafetyHold
from harmoniously.core.alerts.services import acknowledge
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import CALM, FACTS, START, refused, shown
from treatment import selectors, services
from treatment.models import DoseSession, Prescription, Shipment, SitterInvitation
from treatment.rules import calendar
from treatment.services import sitters

HIGH = {**dict.fromkeys(("wish_dead", "suicidal_thoughts", "method", "intent"), True), "plan": False, "behavior": False}


def held(case):
    """The first session, held by its first reading."""
    session = case.planned()[0]
    now = session.starts_at
    case.answered(session, now)
    case.measured(session, now, (165, 80))
    session.refresh_from_db()
    assert session.status == "held"
    return session, now + timedelta(minutes=5)


# A day on hold


def test_planning_anew_does_not_undo_a_day_on_hold(case):
    session, now = held(case)
    wishes = services.PlanWishes(hour=clock.local(now + timedelta(hours=1), session.zone).time())
    services.plan_sessions(prescription=session.prescription, wishes=wishes, by=case.patient.user, now=now)
    first = DoseSession.objects.filter(status="scheduled").order_by("starts_at").first()
    assert first.local_day > session.local_day


def test_another_session_is_not_moved_into_a_day_on_hold(case):
    session, now = held(case)
    other = DoseSession.objects.filter(status="scheduled").order_by("starts_at").first()
    wanted = clock.local(now + timedelta(hours=1), session.zone)
    for earlier in (False, True):
        if earlier:  # leaving the held one out first changes nothing
            services.skip_session(session=session, reason="no_time", by=case.patient.user, now=now)
        asked = {"session": other, "day": wanted.date(), "hour": wanted.time(), "by": case.patient.user, "now": now}
        assert refused(services.move_session, **asked) == "held_day"


# Readings that were too high


def test_a_long_pause_does_not_give_more_than_two_repeats(case):
    session = case.planned()[0]
    now = session.starts_at - timedelta(hours=2)
    case.answered(session, now)
    case.measured(session, now, (145, 85), (146, 85))
    case.measured(session, now + timedelta(minutes=11), (145, 85), (146, 85), first=3)
    later = now + timedelta(minutes=11 + 75)
    case.measured(session, later, (145, 85), (146, 85))
    session.refresh_from_db()
    assert session.status == "held"
    assert Alert.objects.filter(kind="session_held").count() == 1


def test_another_hour_of_the_same_day_does_not_forget_high_readings(case):
    session = case.planned()[0]
    now = session.starts_at - timedelta(hours=2)
    case.answered(session, now)
    case.measured(session, now, (145, 85), (146, 85))
    case.measured(session, now + timedelta(minutes=11), (145, 85), (146, 85), first=3)
    hour = clock.local(session.starts_at - timedelta(hours=1), session.zone).time()
    asked = {"session": session, "day": session.local_day, "hour": hour, "by": case.patient.user}
    services.move_session(**asked, now=now + timedelta(minutes=12))
    session.refresh_from_db()
    invitation, _token = case.invited(session)
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=now)
    moment = now + timedelta(minutes=25)
    case.answered(session, moment)
    case.measured(session, moment, (145, 85), (146, 85))
    session.refresh_from_db()
    assert session.status == "held"


# What somebody says about their safety


@pytest.mark.parametrize("state", ["held", "started", "missed"])
def test_a_high_risk_counts_whatever_became_of_the_session(case, state):
    if state == "held":
        session, now = held(case)
    elif state == "started":
        session, _invitation, now = case.started()
    else:
        session = case.planned()[0]
        now = session.starts_at + timedelta(hours=5)
    asked = {"session": session, "page": "safety", "answers": HIGH, "by": case.patient.user, "now": now}
    with contextlib.suppress(RuleViolation):
        services.answer_gate(**asked)
    assert SafetyHold.objects.get(cleared_at=None).level == "high"
    assert Alert.objects.filter(kind="suicide_risk_high", status="open").count() == 1


def test_a_high_risk_counts_in_a_check_in_that_was_sent(case):
    session, _end = case.completed()
    check_in = session.check_in
    now = check_in.due_at
    for page in ("body", "head", "bladder"):
        names = services.checkins.PAGES[page]
        services.save_page(check_in=check_in, page=page, answers=dict.fromkeys(names, 0), by=case.patient.user, now=now)
    mood = {"mood": "same", "mania_signs": False, "psychosis_signs": False}
    services.save_page(check_in=check_in, page="mood", answers=mood, by=case.patient.user, now=now)
    services.save_page(check_in=check_in, page="safety", answers=CALM["safety"], by=case.patient.user, now=now)
    services.answer_check_in(check_in=check_in, by=case.patient.user, now=now)
    asked = {"check_in": check_in, "page": "safety", "answers": HIGH, "by": case.patient.user, "now": now}
    assert refused(services.save_page, **asked) == "answered"
    assert SafetyHold.objects.get(cleared_at=None).level == "high"


# The guard-rails of an order


def heavy(case):
    return case.draft(units_per_session=5, quantity_units=10, first_shipment_units=10, written_reason="Agreed.")


def test_a_second_prescriber_is_licensed_where_the_patient_is(case, other_prescriber):
    draft = heavy(case)
    other_prescriber.licences.all().delete()
    asked = {"prescription": draft, "by": other_prescriber.user, "now": START}
    assert refused(services.second_sign, **asked) == "licence_missing"
    Licence.objects.create(
        clinician=other_prescriber, state="CA", number="A2", expires_on=START.date() - timedelta(days=1)
    )
    assert refused(services.second_sign, **asked) == "licence_expired"


def test_a_product_that_changes_under_a_draft_does_not_change_the_order(case):
    draft = case.draft()
    product = draft.product
    product.strength_mg = Decimal(90)
    product.save()
    code = refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=START)
    assert code == "product_changed"
    product.strength_mg, product.swallow_or_spit = draft.strength_mg, "swallow"
    product.save()
    code = refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=START)
    assert code == "product_changed", "the label says to spit it out"


def test_an_ended_order_is_never_signed_again(case):
    order = case.signed()
    services.stop_prescription(prescription=order, reason="safety", by=case.prescriber.user, now=START)
    assert refused(services.sign_prescription, prescription=order, by=case.prescriber.user, now=START)


def test_a_session_that_never_ended_is_no_reason_to_start_over_with_the_dose(case):
    session, _invitation, now = case.started()
    services.stop_prescription(prescription=session.prescription, reason="other", by=case.prescriber.user, now=now)
    asked = {"units_per_session": 3, "quantity_units": 6, "first_shipment_units": 6, "written_reason": "Faster."}
    assert refused(case.draft, **asked, now=now, pdmp_checked_at=now) in {"step_too_large", "step_before_review"}


def test_twelve_weeks_without_a_session_need_a_new_evaluation(case):
    session, _end = case.completed()
    other = DoseSession.objects.filter(status="scheduled").order_by("starts_at").first()
    for weeks, late in ((12, False), (12, True)):
        now = session.started_at + timedelta(weeks=weeks, seconds=int(late))
        policy = services.gate.policies.load()
        facts = services.gate.gate_facts(other, now=now, policy=policy)
        codes = {item.code for item in services.gate.readiness.assess_gate(facts, policy).reasons}
        assert ("evaluation_due" in codes) is late
    assert selectors.last_taken(case.patient).pk == session.pk


def test_a_stopped_order_does_not_come_back(case):
    order = case.signed()
    services.stop_prescription(prescription=order, reason="safety", by=case.prescriber.user, now=START)
    for status in ("signed", "delivered", "draft"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Prescription.objects.filter(pk=order.pk).update(status=status)


def test_an_order_is_not_sent_after_its_last_day(case):
    order = case.signed()
    late, last = datetime(2027, 5, 3, 19, tzinfo=UTC), datetime(2027, 5, 2, 19, tzinfo=UTC)
    services.open_chart(patient=case.patient, facts=FACTS, by=case.prescriber.user, now=last - timedelta(days=7))
    assert refused(case.handed, prescription=order, now=late) == "prescription_expired"
    case.handed(order, now=last)


# Reminders and words


def test_a_session_moved_away_and_back_is_reminded_of_again(case):
    session = case.planned()[0]
    first = clock.local(session.starts_at, session.zone)
    by = case.patient.user
    for hour in (first.hour - 1, first.hour):
        services.move_session(session=session, day=first.date(), hour=time(hour), by=by, now=START)
    waiting = Notification.objects.filter(about=f"session:{session.pk}", state="pending")
    assert sorted(row.due_at for row in waiting) == [
        session.starts_at - timedelta(hours=24),
        session.starts_at - timedelta(hours=1),
    ]


@pytest.mark.parametrize(
    ("systolic", "diastolic", "words"),
    [(180, 90, "Call 911"), (150, 120, "Call 911"), (179, 110, "clinician"), (179, 119, "clinician"), (125, 82, "")],
)
def test_a_reading_during_the_session_says_what_to_do(case, client, systolic, diastolic, words):
    session, invitation, now = case.started()
    token = "t" * 43
    SitterInvitation.objects.filter(pk=invitation.pk).update(token_digest=sitters.digest_of(token))
    data = {"key": uuid4(), "pressure_0": systolic, "pressure_1": diastolic, "heart_rate": 70}
    with time_machine.travel(now + timedelta(minutes=45), tick=False):
        page = client.post(f"/s/{token}/reading/", data, follow=True)
    said = " ".join(str(message) for message in page.context["messages"])
    assert session.vitals.exclude(phase="gate").count() == 1
    assert words in said
    assert words or "clinician" not in said


# Old readings, and what a check-in says


def test_a_reading_that_has_become_old_is_no_dead_end(case, patient_client):
    session = case.planned()[0]
    now = session.starts_at - timedelta(hours=1)
    case.answered(session, now)
    case.measured(session, now, (120, 80))
    later = now + timedelta(minutes=62)
    address = f"/treatment/sessions/{session.pk}/ready/pressure/"
    with time_machine.travel(later, tick=False):
        page = patient_client.get(address)
        data = {"number": page.context["form"].initial["number"], "pressure_0": 121, "pressure_1": 79, "heart_rate": 70}
        patient_client.post(address, data)
    assert session.vitals.filter(taken_at=later).count() == 1
    code = refused(
        services.record_gate_reading,
        session=session,
        number=3,
        systolic=120,
        diastolic=80,
        heart_rate=70,
        by=case.patient.user,
        now=later,
    )
    assert code == "reading_out_of_turn"


def checked_in(case, *, reviewed_before=False, **mood):
    session, end = case.completed()
    check_in = session.check_in
    now = check_in.due_at
    if reviewed_before:
        services.review_session(session=session, by=case.prescriber.user, now=end)
    answers = {page: dict.fromkeys(names, 0) for page, names in services.checkins.PAGES.items()}
    answers |= {"mood": {"mood": "same", "mania_signs": False, "psychosis_signs": False, **mood}}
    answers |= {"safety": CALM["safety"]}
    for page, given in answers.items():
        services.save_page(check_in=check_in, page=page, answers=given, by=case.patient.user, now=now)
    services.answer_check_in(check_in=check_in, by=case.patient.user, now=now)
    return session, now


def gate_codes(case, now):
    session = DoseSession.objects.filter(status="scheduled").order_by("starts_at").first()
    return {item.code for item in services.gate.assess(session, now=now).reasons}


@pytest.mark.parametrize("sign", ["mania_signs", "psychosis_signs"])
@pytest.mark.parametrize("reviewed_before", [False, True])
def test_a_sign_of_mania_or_psychosis_stops_until_a_prescriber_has_read_it(case, sign, reviewed_before):
    session, now = checked_in(case, reviewed_before=reviewed_before, **{sign: True})
    assert "sign_to_review" in gate_codes(case, now)
    services.review_session(session=session, by=case.prescriber.user, now=now + timedelta(minutes=1))
    assert "sign_to_review" not in gate_codes(case, now + timedelta(minutes=2))


def test_blood_in_the_urine_and_a_call_for_help_stop_until_a_prescriber_has_read_them(case):
    session, end = case.completed()
    later = end + timedelta(days=1)
    bladder = {"urinary_frequency": 0, "urinary_pain": 0, "urinary_blood": 1}
    for kind, page, answers in (
        ("day", "bladder", bladder),
        ("after", "now", {"feeling": "help"}),
        ("after", "signs", {"signs": ["chest_pain"]}),
    ):
        row = session.check_ins.get(kind=kind)
        services.save_page(check_in=row, page=page, answers=answers, by=case.patient.user, now=later)
        assert "sign_to_review" in gate_codes(case, later), page
        services.review_check_in(check_in=row, by=case.prescriber.user, now=later)
        assert "sign_to_review" not in gate_codes(case, later), page
        later += timedelta(minutes=1)


def test_a_calm_check_in_stops_nothing(case):
    _session, now = checked_in(case, mood="worse")
    assert "sign_to_review" not in gate_codes(case, now)


def test_a_session_without_a_release_is_ended_by_a_prescriber_who_reached_the_patient(case, prescriber_client):
    session, _invitation, now = case.started()
    by = case.prescriber.user
    review = {"session": session, "by": by}
    assert refused(services.review_session, **review, now=session.started_at + timedelta(minutes=239)) == "not_released"
    late = session.started_at + timedelta(minutes=240)
    services.tick(now=late)
    assert refused(services.review_session, **review, now=late) == "alerts_open"
    for alert in Alert.objects.filter(status="open"):
        acknowledge(alert=alert, by=by, now=late, note="On the telephone: well and steady.")
    address = f"/admin/sessions/{session.pk}/"
    with time_machine.travel(late, tick=False):
        assert "end this session" in prescriber_client.get(address).content.decode()
        seen = shown(prescriber_client, address)
        asked = session.check_ins.get(kind="after")
        arguments = {"check_in": asked, "page": "now", "answers": {"feeling": "unwell"}, "by": case.patient.user}
        services.save_page(**arguments, now=late)
        # What came after the page was made is not read by a click on it.
        assert prescriber_client.post(f"{address}reviewed/", {"seen": seen})["Location"] == address
        session.refresh_from_db()
        asked.refresh_from_db()
        assert (session.status, asked.unread) == ("started", True)
        prescriber_client.post(f"{address}reviewed/", {"seen": shown(prescriber_client, address)})
    session.refresh_from_db()
    assert (session.status, session.completed_at, session.reviewed_at) == ("completed", late, late)
    assert session.sitter_released_at is None


def test_a_held_session_is_not_reminded_of(case):
    session = case.planned()[0]
    now = session.starts_at - timedelta(hours=6)
    case.answered(session, now)
    case.measured(session, now, (165, 80))
    waiting = Notification.objects.filter(about=f"session:{session.pk}", state="pending")
    assert not waiting.exists()
    later = session.local_day + timedelta(days=60)
    services.move_session(session=session, day=later, hour=time(18), by=case.patient.user, now=now)
    assert waiting.filter(template="session_reminder").count() == 2


@pytest.mark.parametrize(
    ("moment", "prescriber_zone", "code"),
    [
        ("2026-12-31T23:59:59-08:00", "America/Los_Angeles", ""),
        ("2027-01-01T00:00:00-08:00", "America/Los_Angeles", "telemedicine_ended"),
        ("2026-12-31T23:59:59-05:00", "America/New_York", ""),
        ("2027-01-01T00:00:00-05:00", "America/New_York", "telemedicine_ended"),
        ("2026-12-31T23:59:59-10:00", "Pacific/Honolulu", ""),
    ],
)
def test_the_flexibilities_end_with_the_prescribers_year(case, moment, prescriber_zone, code):
    now = datetime.fromisoformat(moment)
    case.prescriber.zone = prescriber_zone
    case.prescriber.save()
    Licence.objects.filter(clinician=case.prescriber).update(expires_on=now.date())
    draft = case.draft(now=now, pdmp_checked_at=now - timedelta(hours=24), written_reason="Read today: 124/80.")
    sign = {"prescription": draft, "by": case.prescriber.user, "now": now}
    if code:
        assert refused(services.sign_prescription, **sign) == code
    else:
        signed = services.sign_prescription(**sign)
        assert (signed.issued_on, signed.content["issued_on"]) == (now.date(), now.date().isoformat())


@pytest.mark.parametrize("hour", [1, 2, 18])
@pytest.mark.parametrize("day", [date(2027, 3, 12), date(2026, 10, 30)])
def test_a_move_across_the_change_of_clocks_keeps_72_real_hours(case, day, hour):
    zone, by = "America/New_York", case.patient.user
    now = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(days=2)
    first, second = case.planned()[:2]
    DoseSession.objects.exclude(pk__in=[first.pk, second.pk]).delete()
    DoseSession.objects.update(zone=zone)
    Shipment.objects.update(delivered_at=now - timedelta(days=1))
    DoseSession.objects.filter(pk=second.pk).update(starts_at=now + timedelta(days=90))
    first = services.move_session(session=first, day=day, hour=time(hour), by=by, now=now)
    assert clock.local(first.starts_at, zone).hour == hour
    waiting = Notification.objects.filter(about=f"session:{first.pk}", state="pending")
    assert {first.starts_at - row.due_at for row in waiting} == {timedelta(hours=24), timedelta(hours=1)}
    third = day + timedelta(days=3)
    move = {"session": second, "day": third, "hour": time(hour), "by": by, "now": now}
    if calendar.local_moment(third, time(hour), zone) - first.starts_at < timedelta(hours=72):
        assert refused(services.move_session, **move) == "session_too_close"
    else:
        services.move_session(**move)
