"""Who is offered where the patient will be: the own clinician first, nobody without a licence there on that day."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts.models import Licence
from harmoniously.core.common.errors import RuleViolation
from telemedicine import choosing, selectors
from telemedicine.models import Appointment, TimeOff
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import VisitKind
from telemedicine.selectors import Ignoring
from telemedicine.services import book, confirm, hold, reschedule
from telemedicine.services.series import book_series
from telemedicine.services.waiting import ask
from telemedicine.week import value_of
from tests.cast import NOON, make_clinician, signed_in, take_into_care
from tests.telemedicine.conftest import TOMORROW, give_hours

pytestmark = pytest.mark.django_db
BOOK = "/visits/book/"
DAY = timedelta(days=1)


@pytest.fixture
def seen(at_noon, patient, working):
    """In the care of Dr Sample, who saw them a week ago; Dr Birch may see them too, in Nevada as well."""
    at = NOON - 7 * DAY
    Appointment.objects.create(
        patient=patient, clinician=working, kind="evaluation", status=Status.COMPLETED, starts_at=at,
        ends_at=at + timedelta(minutes=45), state="CA", created_at=at,
    )  # fmt: skip
    take_into_care(patient, working, at)
    birch = make_clinician("birch@example.com", states=("CA", "NV"), display_name="Dr Ash Birch")
    give_hours(birch)
    return patient, working, birch


def text(response):
    return " ".join(response.content.decode().split())


def test_one_list_has_the_own_clinician_first_and_the_others_by_name(seen):
    """Own times first and marked; a week, or a state, without them says so and offers the others."""
    patient, own, birch = seen
    reader = signed_in(patient.user)
    Appointment.objects.filter(clinician=birch).delete()
    reader.get(BOOK)
    with CaptureQueriesContext(connection) as asked:
        page = text(reader.get(BOOK, {"kind": "check_in"}))
    assert len(asked) <= 12  # design 7
    first_day = page[page.index("Wednesday 4 November") : page.index("Thursday 5 November")]
    # Both are free at the same hours, so each time is offered once: with the own clinician.
    assert "Dr Jordan Sample, MD <span" in first_day and "(your clinician)" in first_day and "Birch" not in first_day
    TimeOff.objects.create(clinician=own, starts_at=NOON, ends_at=TOMORROW + timedelta(hours=3))
    day = text(reader.get(BOOK, {"kind": "check_in"}))
    day = day[day.index("<summary><span>Thursday 5 November") :]
    assert day.index("(your clinician)") < day.index("Dr Ash Birch") < day.index("10:00 am PST")
    TimeOff.objects.create(clinician=own, starts_at=NOON, ends_at=NOON + 9 * DAY)
    page = text(reader.get(BOOK, {"kind": "check_in"}))
    assert "Dr Jordan Sample, MD has no free time in this week." in page and "Dr Ash Birch" in page
    assert "is on Friday 13 November" in page and "week=2026-11-13" in page
    page = text(reader.get(BOOK, {"kind": "check_in", "state": "NV"}))
    assert "Dr Jordan Sample, MD has no licence for Nevada." in page and "Dr Ash Birch" in page
    page = text(reader.get(BOOK, {"kind": "check_in", "state": "TX"}))
    assert "Nobody of us can see you there yet" in page and 'name="slot"' not in page
    assert "Texas (nobody of us yet)" in page and "Nevada (nobody" not in page
    # Nobody is put on a list for what cannot come; what they entered stays.
    for state, who, why in (
        ("TX", "", "None of us has a licence"),
        ("NV", own.pk, "Dr Jordan Sample, MD has no licence"),
    ):
        refused = reader.post("/visits/waiting/check_in/", {"part": "morning", "state": state, "clinician": who})
        assert refused.status_code == 422 and f"{why} in that state" in text(refused)
        assert f'<option value="{state}" selected>' in text(refused)
    # A time that no calendar holds is no time.
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-05T18:00:00+23:59"):
        refused = reader.post(BOOK, {"kind": "check_in", "state": "CA", "slot": f"{moment}~{birch.pk}"})
        assert refused.status_code in {409, 422}
    for number in range(18):
        give_hours(make_clinician(f"c{number}@example.com", display_name=f"Dr {number}"), weekdays=[2])
    wish = choosing.Asked(VisitKind.CHECK_IN, "CA", patient.zone, date(2026, 11, 9))
    with CaptureQueriesContext(connection) as asked:
        week, _own = choosing.times_of_week(wish, selectors.clinicians_of(patient, NOON), Ignoring(patient), NOON)
    assert week.days and len(asked) == 4


def test_the_state_is_kept_with_the_visit_and_decides_who_can_be_booked(seen, coordinator):
    """Policy 10: said when booking, kept by a move, a series and the door, and binding for staff as well."""
    patient, own, birch = seen
    reader, desk, there = signed_in(patient.user), signed_in(coordinator), TOMORROW + DAY
    pressed = {"slot": value_of(there, own.pk), "kind": "check_in", "state": "NV"}
    assert reader.post(BOOK, pressed).status_code == 422  # no licence there
    held = reader.post(BOOK, {**pressed, "slot": value_of(there, birch.pk)})
    visit = Appointment.objects.get(status=Status.HELD)
    assert visit.state == "NV" and "Nevada" in text(reader.get(held.url))
    reader.post(held.url)
    assert "Nevada" in text(reader.get(f"/visits/{visit.pk}/booked/"))
    page = text(reader.get(f"/visits/{visit.pk}/move/"))
    assert 'value="NV" selected' in page and value_of(there, own.pk) not in page
    slot = {"slot": value_of(there + timedelta(hours=1), birch.pk)}
    assert "Nevada" in text(reader.get(f"/visits/{visit.pk}/move/confirm/", slot))
    reader.post(f"/visits/{visit.pk}/move/confirm/", slot)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.state) == (there + timedelta(hours=1), "NV")
    # Home again, at the same time: only the state changes.
    reader.post(f"/visits/{visit.pk}/move/confirm/", {**slot, "state": "CA"})
    visit.refresh_from_db()
    assert (visit.state, visit.sequence) == ("CA", 2)
    waits_on_for_another_state(visit, there)
    desk.post(f"/admin/appointments/{visit.pk}/move/", {**slot, "state": "NV"})
    assert "Nevada" in text(desk.get(f"/admin/appointments/{visit.pk}/"))
    here = f"/admin/schedule/book/{patient.pk}/"
    wanted = {"kind": "check_in", "state": "NV", "slot": value_of(there + 3 * DAY, own.pk)}
    refused = desk.post(here, wanted)
    assert refused.status_code == 422 and "has no licence then in the state" in text(refused)
    Licence.objects.filter(clinician=birch, state="NV").update(expires_on=(there + 7 * DAY).date())
    series = {"patient": patient, "clinician": birch, "kind": "check_in", "count": 2, "by": coordinator, "now": NOON}
    with pytest.raises(RuleViolation) as expired:
        book_series(**series, starts_at=there + DAY, weeks=1, state="NV")
    assert (expired.value.code, Appointment.objects.booked().count()) == ("not_licensed", 1)
    book_series(**series, starts_at=there - DAY + timedelta(hours=3), weeks=1, state="NV")
    assert set(Appointment.objects.booked().values_list("state", flat=True)) == {"NV"}
    one = {"patient": patient, "clinician": birch, "kind": "check_in", "by": patient.user, "now": NOON, "state": "NV"}
    choice = hold(**one, starts_at=there + 2 * DAY)
    Licence.objects.filter(clinician=birch, state="NV").update(expires_on=there.date())
    with pytest.raises(RuleViolation) as expired:
        confirm(appointment=choice, by=patient.user, now=NOON)
    assert expired.value.code == "not_licensed"


def waits_on_for_another_state(visit, there):
    """An earlier time here is none there; an earlier one there is."""
    asked = {"patient": visit.patient, "kind": "check_in", "by": visit.patient.user, "now": NOON, "state": "NV"}
    wish = ask(**asked, clinician=None, weekdays=(), starts=time(6), ends=time(22))
    for minutes, state, status in ((30, "CA", "waiting"), (0, "NV", "ended")):
        moved = {"starts_at": there + timedelta(minutes=minutes), "state": state}
        reschedule(appointment=visit, **moved, by=visit.patient.user, now=NOON)
        wish.refresh_from_db()
        assert wish.status == status, state


def test_the_door_asks_where_they_are_with_the_state_they_named(seen, at_noon):
    """VID-03: preset to be confirmed; the street at home is no street in another state."""
    patient, _own, birch = seen
    visit = book(
        patient=patient, clinician=birch, starts_at=TOMORROW, kind="check_in", by=patient.user, now=NOON, state="NV"
    )
    at_noon.move_to(TOMORROW - timedelta(minutes=5))
    page = text(signed_in(patient.user).get(f"/visits/{visit.pk}/join/"))
    assert 'value="NV" selected' in page and "1 Test Way" not in page
    assert 'value="NV" selected' not in text(signed_in(birch.user).get(f"/admin/visits/{visit.pk}/"))
