"""A series of visits: all of them at the same time of the day, or none (BUG-14)."""

from datetime import UTC, datetime, timedelta

import pytest

from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification
from telemedicine.models import Appointment, TimeOff
from telemedicine.models.appointment import Status
from telemedicine.week import value_of
from tests.cast import NOON, signed_in
from treatment.models import Chart, DueVisit

pytestmark = pytest.mark.django_db

# Tuesday 20 October 2026, 09:00 in Los Angeles; the clocks go back on 1 November.
FORTNIGHT = timedelta(weeks=2)
BEFORE, FIRST = NOON - timedelta(days=20), datetime(2026, 10, 20, 16, 0, tzinfo=UTC)


def test_a_coordinator_books_three_check_ins_or_none(at_noon, patient, working, coordinator):
    """FI-12: 09:00 stays 09:00; the one that is not free is named, and nothing of the others stays."""
    at_noon.move_to(BEFORE)
    chart = Chart.objects.create(patient=patient, facts={}, confirmed_at=BEFORE, opened_at=BEFORE, approved_at=BEFORE)
    waiting = DueVisit.objects.create(
        patient=patient, chart=chart, kind="check_in", after_session=2, due_since=BEFORE, overdue_at=BEFORE,
        status="offered", policy_version="2026.1",
    )  # fmt: skip
    desk, here = signed_in(coordinator), f"/admin/schedule/book/{patient.pk}/"
    asked = {"kind": "check_in", "slot": value_of(FIRST, working.pk), "count": "3", "weeks": "2"}
    second = FIRST + timedelta(weeks=2, hours=1)
    away = TimeOff.objects.create(clinician=working, starts_at=second, ends_at=second + timedelta(minutes=5))
    third = TimeOff.objects.create(clinician=working, starts_at=second + FORTNIGHT, ends_at=away.ends_at + FORTNIGHT)
    both = " ".join(desk.post(here, asked).content.decode().split())
    assert "2 of the 3 times cannot be had. Nothing was booked." in both
    for day in ("Tuesday 3 November", "Tuesday 17 November"):
        assert f"{day}, 9:00 am Pacific (PST): {working} is away from {day}, 9:00 am" in both
    assert "Tuesday 20 October, 9:00 am Pacific (PDT):" not in both
    third.delete()
    refused = desk.post(here, asked)
    said = " ".join(refused.content.decode().split())
    assert refused.status_code == 409
    assert "Tuesday 3 November, 9:00 am Pacific (PST) is not free. Nothing was booked." in said
    assert '<option value="3" selected>' in said and "times from which the whole series is free" in said
    nearest = [choice.starts_at for choice in refused.context["nearest"]]
    assert nearest == [FIRST + timedelta(minutes=minutes) for minutes in (15, 30, 45)]
    assert (Appointment.objects.count(), Notification.objects.count()) == (0, 0)
    for wrong in ({**asked, "count": "13"}, {**asked, "weeks": "0"}, {**asked, "kind": "evaluation"}):
        assert desk.post(here, wrong).status_code == 422
    away.delete()
    for _twice in range(2):
        assert desk.post(here, asked).status_code == 302
    booked = Appointment.objects.filter(status=Status.BOOKED).order_by("starts_at")
    walls = [clock.local(visit.starts_at, patient.zone) for visit in booked]
    assert [f"{wall:%d %b %H:%M %Z}" for wall in walls] == ["20 Oct 09:00 PDT", "03 Nov 09:00 PST", "17 Nov 09:00 PST"]
    told = desk.get(f"/admin/appointments/{booked[0].pk}/").content.decode()
    assert "3 visits are booked: Tuesday 20 October, Tuesday 3 November, Tuesday 17 November." in told
    waiting.refresh_from_db()
    assert (waiting.status, waiting.appointment) == ("booked", booked[0].pk)
