"""What must hold of the planned sessions and of their reminders."""

from datetime import time, timedelta

from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import START, refused
from treatment import services


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
    services.skip_session(session=session, reason="no_time", by=case.patient.user, now=START)
    services.skip_session(session=session, reason="no_time", by=case.patient.user, now=START)
    assert not Notification.objects.filter(about=f"session:{session.pk}", state="pending").exists()


def test_a_session_that_was_not_begun_is_missed_after_four_hours(case):
    session = case.planned()[0]
    services.tick(now=session.starts_at + timedelta(hours=4))
    session.refresh_from_db()
    assert session.status == "scheduled"
    services.tick(now=session.starts_at + timedelta(hours=4, seconds=1))
    session.refresh_from_db()
    assert session.status == "missed"
