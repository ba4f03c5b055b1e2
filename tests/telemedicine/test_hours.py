"""A clinician's hours: who keeps them, what they change on the booking page, and what is booked outside them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from harmoniously.core.audit.models import AuditEvent
from telemedicine import selectors
from telemedicine.models import AvailabilityRule, DateHours, TimeOff, WorkingLimits
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.services import SlotTaken, confirm, hold, reschedule
from tests.cast import NOON, make_clinician, signed_in
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import QUARTER, another_paying, book_first

pytestmark = pytest.mark.django_db

MORNING = {"starts": "18:00", "ends": "19:00", "kinds": ["evaluation"]}


def typed(do, **values):
    return {"do": do, **{f"{do}-{name}": value for name, value in values.items()}}


def times(kind=VisitKind.EVALUATION):
    window = Span(TOMORROW - timedelta(hours=12), TOMORROW + timedelta(hours=12))
    return [offer.starts_at for offer in selectors.offers(kind=kind, state="CA", window=window, now=NOON)]


def test_hours_of_a_date_time_off_and_limits_change_what_is_offered(at_noon, working, administrator, coordinator):
    """Policy of the schedule: kept on one page, taken away again, each change in the trail."""
    page, desk = signed_in(administrator), signed_in(coordinator)
    here = f"/admin/schedule/hours/{working.pk}/"
    whole_day = times()
    extra = typed("date", day="2026-11-05", **MORNING)
    for _twice in range(2):
        assert desk.post(here, extra).status_code == 302
    assert [at for at in times() if at not in whole_day] == [TOMORROW + timedelta(hours=8), TOMORROW + 33 * QUARTER]
    desk.post(here, {"remove": f"date:{DateHours.objects.get().pk}"})
    assert times() == whole_day
    desk.post(here, typed("date", day="2026-11-05", instead="on", **MORNING))
    assert len(times()) == 2
    assert times(VisitKind.CHECK_IN) == []
    desk.post(here, {"remove": f"date:{DateHours.objects.get().pk}"})
    away = typed("time_off", first_day="2026-11-05", starts="00:00", last_day="2026-11-05", ends="15:00")
    desk.post(here, away)
    assert times()[0] == TOMORROW + timedelta(hours=5)
    desk.post(here, {"remove": f"time_off:{TimeOff.objects.get().pk}"})
    assert page.post(here, typed("limits", before="5", after="10", daily_maximum="1")).status_code == 302
    book_first(another_paying(), working)
    assert times() == []
    actions = AuditEvent.objects.filter(action__regex="^(datehours|timeoff|limits)").values_list("action", flat=True)
    assert len(actions) == 7
    # A coordinator keeps exceptions, not the week; a wrong form keeps what was typed.
    assert desk.post(here, typed("limits", before="0", after="0")).status_code == 403
    wrong = page.post(here, typed("weekly", weekday="0", starts="17:00", ends="09:00", kinds=["evaluation"]))
    assert (wrong.status_code, b'value="17:00"' in wrong.content) == (422, True)
    assert desk.post(here, {"do": "x"}).status_code == 422
    assert desk.post(here, {"remove": "weekly:x"}).status_code == 302


def test_clinicians_keep_their_own_hours_and_no_colleagues(at_noon, working):
    """I7: another's page is not there, a line of another's is not taken away."""
    own, colleague = signed_in(working.user), make_clinician("second@example.com")
    give_hours(colleague)
    theirs = AvailabilityRule.objects.filter(clinician=colleague).first()
    assert own.get(f"/admin/schedule/hours/{colleague.pk}/").status_code == 404
    own.post(f"/admin/schedule/hours/{working.pk}/", {"remove": f"weekly:{theirs.pk}"})
    assert AvailabilityRule.objects.filter(pk=theirs.pk).exists()
    assert own.get("/admin/schedule/hours/").url == f"/admin/schedule/hours/{working.pk}/"


def test_limits_bind_everybody_and_a_lost_choice_and_a_move(paying, working, coordinator):
    """I5: the clinic cannot overrule them; a choice that ran out kept nothing; a visit moves around itself."""
    WorkingLimits.objects.create(clinician=working, minutes_after=15, daily_maximum=2)
    mine = hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=paying.user, now=NOON)
    later = NOON + timedelta(minutes=11)
    other = another_paying()
    near = book_first(other, working, starts_at=TOMORROW + 3 * QUARTER, now=later)
    with pytest.raises(SlotTaken):
        confirm(appointment=mine, by=paying.user, now=later)
    with pytest.raises(SlotTaken):
        book_first(paying, working, by=coordinator, now=later)
    # Beside its own old time there is room; with another visit there the day is full for everybody else.
    assert reschedule(appointment=near, starts_at=TOMORROW + 4 * QUARTER, by=other.user, now=later).sequence == 1
    assert confirm(appointment=mine, by=paying.user, now=later).status == "booked"
    assert times() == []


def test_a_visit_in_time_off_is_named_until_somebody_moves_it(at_noon, visit, coordinator):
    """A patient must not wait for nobody."""
    desk, here = signed_in(coordinator), f"/admin/schedule/hours/{visit.clinician_id}/"
    assert "Booked, but outside the hours" not in desk.get(here).content.decode()
    TimeOff.objects.create(clinician=visit.clinician, starts_at=TOMORROW, ends_at=TOMORROW + QUARTER)
    assert f"/admin/appointments/{visit.pk}/" in desk.get(here).content.decode()


def test_a_clinicians_calendar_address_tells_times_and_nobodys_name(at_noon, visit, administrator):
    """I7, BUG-27: kept as a digest, shown once, ended by a new one and by an administrator; a DST-proof instant."""
    own, anybody = signed_in(visit.clinician.user), Client()
    here = f"/admin/schedule/hours/{visit.clinician_id}/"

    def made():
        said = own.post(here, {"do": "feed_make"}).content.decode()
        return re.search(r"http://testserver(/calendar/[\w-]{43}/visits\.ics)", said)[1]

    old, new = made(), made()
    assert anybody.get(old).status_code == 404
    assert new not in own.get(here).content.decode()
    answer = anybody.get(new)
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert (event["dtstart"].dt, str(event["summary"])) == (TOMORROW, "Appointment")
    patient = visit.patient
    for secret in (patient.legal_name, patient.preferred_name, patient.user.email, patient.mrn, "etamine"):
        assert secret not in answer.content.decode()
    assert AuditEvent.objects.filter(action="calendarfeed.read").count() == 1
    chief = signed_in(administrator)
    assert chief.post(here, {"do": "feed_make"}).status_code == 403
    assert chief.post(here, {"do": "feed_end"}).status_code == 302
    assert anybody.get(new).status_code == 404
