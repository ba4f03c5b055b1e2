"""The whole of a treatment by its services: from the draft to the answered check-in."""

from datetime import timedelta

import pytest

from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.alerts.sweeping import follow_up_undelivered
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import START
from treatment import services
from treatment.models import CheckIn, SessionStatus


def test_a_signed_prescription_orders_the_first_shipment(case):
    prescription = case.signed()
    assert prescription.status == "signed"
    assert prescription.shipments.get().units == 2


def test_sessions_are_planned_72_hours_apart_with_two_reminders_each(case):
    sessions = case.planned()
    gaps = [later.starts_at - earlier.starts_at for earlier, later in zip(sessions, sessions[1:], strict=False)]
    assert len(sessions) == 6
    assert min(gaps) >= timedelta(hours=72)
    about = f"session:{sessions[0].pk}"
    day, hour = Notification.objects.filter(about=about, template="session_reminder").order_by("due_at")
    assert day.not_after < hour.due_at < hour.not_after == sessions[0].starts_at, "a stop lifted late sends only one"


def test_no_plan_before_the_medicine_arrived(case):
    prescription = case.signed()
    with pytest.raises(RuleViolation) as refusal:
        services.plan_sessions(
            prescription=prescription,
            wishes=services.PlanWishes(hour=START.time()),
            by=case.patient.user,
            now=START,
        )
    assert refusal.value.code == "not_arrived"


def test_a_calm_day_is_released_and_starts(case):
    session, _invitation, _now = case.started()
    assert session.status == SessionStatus.STARTED
    due = dict(CheckIn.objects.filter(session=session).values_list("kind", "due_at"))
    assert due == {kind: session.started_at + timedelta(hours=hours) for kind, hours in (("after", 2), ("day", 24))}


def test_a_session_is_released_by_the_sitter_and_completed(case):
    session, _end = case.completed()
    assert session.status == SessionStatus.COMPLETED


def test_the_second_reminder_and_the_follow_up_come_in_time(case):
    """Three are open after a silent day: one text 24 h after the first fell due, one task after 48 h, no second one."""
    session, _end = case.completed()
    check_in, short = session.check_in, session.check_ins.get(kind="after")
    at = (short.second_reminder_at - timedelta(seconds=1), short.second_reminder_at, check_in.second_reminder_at)
    assert [services.tick(now=moment)["reminded"] for moment in at] == [0, 1, 0]
    assert Notification.objects.filter(template="check_in_second_reminder").count() == 1
    assert Notification.objects.filter(template="check_in_due", due_at=check_in.due_at).count() == 1
    # The text did not arrive: that is a task of its own, and closing it asks after nobody.
    Notification.objects.filter(template="check_in_second_reminder").update(state="failed", unknown_since=short.due_at)
    assert follow_up_undelivered(now=check_in.second_reminder_at) == 1
    services.tick(now=short.follow_up_at - timedelta(seconds=1))
    assert not FollowUp.objects.filter(kind="check_in_overdue").exists()
    services.tick(now=short.follow_up_at)
    services.tick(now=check_in.follow_up_at + timedelta(minutes=1))
    assert FollowUp.objects.filter(kind="check_in_overdue", state="open").count() == 1


def answer(check_in, *, by, now, rating=0, **pages):
    from treatment.rules.checkin import SIDE_EFFECTS
    from treatment.services.checkins import PAGES

    for page, names in PAGES.items():
        given = {name: rating for name in names if name in SIDE_EFFECTS}
        if page == "mood":
            given = {"mood": "same", "mania_signs": False, "psychosis_signs": False}
        if page == "safety":
            given = {"wish_dead": False, "suicidal_thoughts": False, "behavior": False}
        services.save_page(check_in=check_in, page=page, answers={**given, **pages.get(page, {})}, by=by, now=now)
    return services.answer_check_in(check_in=check_in, by=by, now=now)


def test_an_answered_check_in_ends_reminders_and_follow_up(case):
    case.scored(START)
    session, _end = case.completed()
    check_in = session.check_in
    services.tick(now=check_in.follow_up_at)
    row, flags = answer(check_in, by=case.patient.user, now=check_in.follow_up_at + timedelta(minutes=1))
    assert row.status == "answered"
    assert not flags.reasons
    assert not FollowUp.objects.filter(kind="check_in_overdue").exclude(state="closed").exists()
    assert not Notification.objects.filter(template__startswith="check_in", state="pending").exists()
    assert session.check_ins.get(kind="after").status == "closed"


def test_a_flag_tells_a_clinician(case):
    session, _end = case.completed()
    check_in = session.check_in
    answer(check_in, by=case.patient.user, now=check_in.due_at, body={"headache": 3})
    assert Alert.objects.filter(kind="check_in_flag").count() == 1
