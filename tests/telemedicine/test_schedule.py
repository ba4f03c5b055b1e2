"""The week and the day as coordinators see them: what stands where, who waits now, and why a time cannot be had."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts import sessions
from harmoniously.core.accounts.lookup import index
from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Appointment, Room, TimeOff, WorkingLimits
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.selectors import NOTHING_IGNORED, calendars_of, offers, states_served
from telemedicine.services import cancel, changes, due, hold, keeping, reschedule
from telemedicine.services.series import book_series
from telemedicine.services.taking import Wanted
from telemedicine.services.visits import no_show
from telemedicine.staff_conflicts import explain
from telemedicine.staff_due import due_lines
from telemedicine.staff_grid import Filters, people_to_see, rows_of, seeing_patients
from telemedicine.staff_misfits import misfits_of
from telemedicine.week import midnight, monday_of, value_of
from tests.cast import NOON, make_clinician, make_patient, signed_in
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import another_paying, book_first
from treatment.models import Chart, DueVisit

pytestmark = pytest.mark.django_db
SCHEDULE, DAY = "/admin/schedule/", "/admin/schedule/day/"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ZONE = "America/Los_Angeles"


@pytest.fixture
def desk(at_noon, coordinator):
    return signed_in(coordinator)


def text(response):
    return " ".join(response.content.decode().split())


def week_rows(now=NOON, **filters):
    return rows_of(seeing_patients(), monday_of(now.date()), ZONE, now, Filters(**filters))


def cells(now=NOON, **filters):
    """The visits and the free stretches of each clinician's week, by day."""
    return {
        str(row.clinician): {
            f"{cell.day:%a}": ([(str(line.standing), line.visit.patient_id) for line in cell.visits], cell.free)
            for cell in row.cells
        }
        for row in week_rows(now, **filters)
    }


def test_the_week_shows_what_stands_and_what_is_free(visit, working, coordinator):
    """Held times and visits cut what is free; cancelled visits are shown on demand; what ran out is nowhere."""
    other = another_paying()
    hold(patient=other, clinician=working, starts_at=TOMORROW + HOUR, kind="evaluation", by=coordinator, now=NOON)
    own = str(working)
    assert cells()[own]["Thu"] == (
        [("booked", visit.patient_id), ("held", other.pk)],
        ["9:00 am–10:00 am", "11:45 am–5:00 pm"],
    )
    assert cells()[own]["Tue"] == ([], [])  # yesterday
    later = cells(NOON + 10 * MINUTE)[own]["Thu"]
    assert later == ([("booked", visit.patient_id)], ["9:00 am–10:00 am", "10:45 am–5:00 pm"])
    cancel(appointment=visit, by=coordinator, now=NOON + 10 * MINUTE)
    assert cells(NOON + 10 * MINUTE)[own]["Thu"] == ([], ["9:00 am–5:00 pm"])
    assert cells(NOON + 10 * MINUTE, cancelled=True)[own]["Thu"][0] == [("cancelled", visit.patient_id)]


def test_visits_of_whoever_has_no_hours_any_more_stay_in_sight(visit, working):
    """They would take place with nobody there: hours that were ended, or an account that was closed."""
    working.availability_rules.all().delete()
    assert cells()[str(working)]["Thu"] == ([("booked", visit.patient_id)], [])
    give_hours(working)
    type(working.user).objects.filter(pk=working.user_id).update(is_active=False)
    assert cells()[str(working)]["Thu"] == ([("booked", visit.patient_id)], [])
    assert [wrong.words for wrong in misfits_of(week_rows())] == ["outside of the clinician's hours"]


@pytest.mark.parametrize(("role", "kinds"), [(Role.THERAPIST, ["integration"]), (Role.COORDINATOR, [])])
def test_whoever_took_up_another_role_holds_no_visits_of_the_old_one(visit, working, role, kinds):
    """Their hours and licences are still there: nothing is offered of them, and what is booked has to be moved."""
    User.objects.filter(pk=working.user_id).update(role=role)
    assert [one.words for one in misfits_of(week_rows())] == ["outside of the clinician's hours"]
    day = {"state": "CA", "window": Span(TOMORROW, TOMORROW + 5 * HOUR), "now": NOON}
    assert [kind.value for kind in VisitKind if offers(kind=kind, **day)] == kinds
    assert [kind.value for kind in VisitKind if states_served(kind, NOON)] == kinds
    assert bool(cells()[str(working)]["Fri"][1]) is bool(kinds)
    assert bool(people_to_see(VisitKind.INTEGRATION, None, NOON).everybody) is bool(kinds)


def test_time_off_until_midnight_is_not_the_day_after(working):
    day = TOMORROW.date()
    TimeOff.objects.create(clinician=working, starts_at=midnight(day, ZONE), ends_at=midnight(day + 24 * HOUR, ZONE))
    assert [cell.day for cell in week_rows()[0].cells if cell.away] == [day]


def test_the_week_is_narrowed_to_a_clinician_a_kind_or_a_licence(visit, working, therapist):
    birch = make_clinician("birch@example.com", states=("NV",), display_name="Dr Ash Birch")
    give_hours(birch)
    give_hours(therapist)
    everybody = set(cells())
    assert everybody == {str(working), str(birch), str(therapist)}
    assert set(cells(clinician=birch.pk)) == {str(birch)}
    assert set(cells(state="NV")) == {str(birch)}
    birch.licences.create(state="CA", number="CA-1", expires_on=NOON.date())
    assert [cells(state=state)[str(birch)]["Thu"][1] != [] for state in ("NV", "CA")] == [True, False]
    assert set(cells(kind=VisitKind.CHECK_IN)) == {str(working), str(birch)}
    assert cells(kind=VisitKind.CHECK_IN)[str(working)]["Thu"] == ([], ["9:00 am–10:00 am", "10:45 am–5:00 pm"])


def test_a_visit_that_cannot_take_place_any_more_is_said(desk, visit, working):
    """UX-18: time off entered over it, hours that changed, a licence that ends before it."""
    assert "cannot take place" not in text(desk.get(SCHEDULE))
    away = TimeOff.objects.create(clinician=working, starts_at=TOMORROW, ends_at=TOMORROW + MINUTE)
    shown = text(desk.get(SCHEDULE))
    assert "1 visit cannot take place as it is booked" in shown and "the clinician is away" in shown
    Patient.objects.update(state="")
    Appointment.objects.update(state="")
    assert [one.words for one in misfits_of(week_rows())] == ["the clinician is away"]
    away.delete()
    assert misfits_of(week_rows()) == []
    Patient.objects.update(state="CA")
    for day, words in ((TOMORROW.date(), None), (NOON.date(), "no licence there then")):
        working.licences.update(expires_on=day)
        assert [one.words for one in misfits_of(week_rows())] == ([f"the clinician has {words}"] if words else [])
    working.licences.update(expires_on=TOMORROW.date())
    working.availability_rules.filter(weekday=3).update(starts="12:00")
    assert [one.words for one in misfits_of(week_rows())] == ["outside of the clinician's hours"]


def test_all_visits_that_cannot_take_place_are_listed_whatever_the_week(
    desk, visit, working, other_prescriber, monkeypatch, django_assert_max_num_queries
):
    """UX-18: the week says how many are its own and leads to the rest, page by page."""
    monkeypatch.setattr("telemedicine.staff_misfits.PAGE_SIZE", 10)
    address, far = f"{SCHEDULE}misfits/", TOMORROW + timedelta(weeks=20)
    assert "Every visit ahead can take place" in text(desk.get(address))
    times = [TOMORROW + number * HOUR for number in range(1, 12)] + [far]
    Appointment.objects.bulk_create(
        Appointment(
            patient=visit.patient,
            clinician=working,
            kind="check_in",
            status="booked",
            starts_at=at,
            ends_at=at + MINUTE,
        )
        for at in times
    )
    working.availability_rules.all().delete()
    working.licences.update(expires_on=far.date() - timedelta(days=1))
    week = text(desk.get(SCHEDULE))
    assert "12 visits cannot take place" in week and "first 10 of 12 in this week" in week and address in week
    desk.get(address)
    with django_assert_max_num_queries(12):
        first = desk.get(address)
    assert "13 visits ahead" in text(first) and f"/admin/appointments/{visit.pk}/move/" in text(first)
    last = desk.get(address, {"page": 2}).context["lines"]
    assert [line.visit.starts_at for line in last] == times[-3:]
    assert [line.words for line in last][1:] == [
        "outside of the clinician's hours", "the clinician has no licence there then",
    ]  # fmt: skip
    give_hours(other_prescriber)
    assert signed_in(other_prescriber.user).get(address).context["lines"] == []


def test_the_page_keeps_what_was_asked_for_on_the_way_to_another_week(desk, visit):
    shown = text(desk.get(SCHEDULE, {"kind": "evaluation", "zone": ZONE, "week": "2026-11-04"}))
    assert "10:00 am" in shown and "kind=evaluation&amp;zone=America%2FLos_Angeles&amp;week=2026-11-09" in shown
    for wrong in ({"kind": "x"}, {"clinician": "x"}, {"state": "XX"}, {"zone": "Mars"}, {"week": "0001-01-01"}):
        assert desk.get(SCHEDULE, wrong).status_code == desk.get(DAY, wrong).status_code == 200


def test_the_day_board_says_who_waits_now_and_since_when(at_noon, visit, coordinator):
    at_noon.move_to(TOMORROW - 4 * MINUTE)
    came = TOMORROW - 5 * MINUTE
    Appointment.objects.filter(pk=visit.pk).update(location_at=came, location_licensed=True)
    room = Room.objects.create(appointment=visit, sequence=0, consented_at=came, patient_seen_at=came + MINUTE)
    desk = signed_in(coordinator)
    page = text(desk.get(DAY))
    assert "In the waiting room" in page and "since 12:55 pm" in page and "Waiting: 1. Late: 0." in page
    at_noon.move_to(TOMORROW)
    assert "Left the waiting room" in text(desk.get(DAY))
    Room.objects.filter(pk=room.pk).update(phone_asked_at=TOMORROW)
    assert "Waits for the telephone" in text(desk.get(DAY))
    Appointment.objects.filter(pk=visit.pk).update(started_at=TOMORROW)
    at_noon.move_to(visit.ends_at + HOUR)
    assert "Going on: 1." in text(signed_in(coordinator).get(DAY))


def test_the_board_renews_itself_without_keeping_anybody_signed_in(at_noon, desk, visit, other_prescriber):
    """BUG-05: and what it asks by itself is not a further reading; a clinician's board is their own."""
    seen = desk.session[sessions.LAST_SEEN]
    read = AuditEvent.objects.count()
    at_noon.shift(5 * MINUTE)
    told = desk.get(f"{DAY}now/", {"day": "2026-11-05"})
    assert "Robin" in json.loads(told.content)["board"]
    assert (desk.session[sessions.LAST_SEEN], AuditEvent.objects.count()) == (seen, read)
    give_hours(other_prescriber)
    told = signed_in(other_prescriber.user).get(f"{DAY}now/", {"day": "2026-11-05"})
    assert "Robin" not in told.content.decode()


def test_a_visit_that_lasts_longer_is_not_overdue_and_one_that_nobody_closed_says_so(visit, coordinator):
    """The list of what is due never asks to book what is going on."""
    patient, end = visit.patient, visit.ends_at
    Chart.objects.create(patient=patient, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
    row = DueVisit.objects.create(
        patient=patient, chart=Chart.objects.get(), kind="evaluation", after_session=0, due_since=NOON,
        overdue_at=TOMORROW, status="booked", appointment=visit.pk, policy_version="2026.1",
    )  # fmt: skip
    late = end + MINUTE
    assert due._booked_for(row, late) == visit
    assert due._booked_for(row, TOMORROW + HOUR) is None  # its door is shut, and nobody began
    Appointment.objects.filter(pk=visit.pk).update(location_at=NOON, location_licensed=True, started_at=TOMORROW)
    assert due._booked_for(row, TOMORROW + HOUR) == visit
    assert [(line.words, line.ended) for line in due_lines(late)] == [("Going on", False)]
    assert [line.ended for line in due_lines(late + 3 * HOUR)] == [True]
    DueVisit.objects.update(status="overdue", appointment=None)
    [line] = due_lines(late + 3 * HOUR)
    assert (line.words, line.visit, line.ended) == ("Overdue", visit, True)


def test_no_visit_that_is_due_is_left_out_of_the_list(desk, monkeypatch):
    """What does not fit on one page stands on the next."""
    monkeypatch.setattr("telemedicine.staff_views.schedule.PAGE_SIZE", 1)
    for number, patient in enumerate([make_patient("one@example.com"), make_patient("two@example.com")]):
        chart = Chart.objects.create(patient=patient, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
        DueVisit.objects.create(
            patient=patient, chart=chart, kind="check_in", after_session=2, due_since=NOON + number * MINUTE,
            overdue_at=TOMORROW, policy_version="2026.1",
        )  # fmt: skip
    pages = [desk.get(f"/admin/schedule/due/?page={page}") for page in (1, 2)]
    assert [page.context["lines"][0].row.patient.user.email for page in pages] == ["one@example.com", "two@example.com"]
    assert 'rel="next"' in text(pages[0])


def reasons(wanted):
    moment = {"windows": [wanted.moment], "clinicians": [wanted.clinician.pk]}
    read = calendars_of(kind=wanted.kind, state=wanted.state, now=NOON, **moment)
    [said] = explain([wanted], read, NOTHING_IGNORED, NOON)
    return said


def test_why_a_time_cannot_be_had_is_said_by_its_rule(visit, working, coordinator):
    """Whose it is and since when, for the clinic; each rule in words."""
    other = another_paying()

    def why(at, **more):
        what = {"kind": VisitKind.EVALUATION, "state": "CA", "clinician": working, **more}
        return reasons(Wanted(patient=other, starts_at=at, **what))

    [said] = why(TOMORROW)
    assert "sees Robin then, 10:00 am–10:45 am. Booked since Wednesday 4 November, 9:00 am" in said
    assert why(TOMORROW + HOUR) == []
    for at, state, words in (
        (TOMORROW + 7 * HOUR, "CA", "no hours for this kind"),
        (TOMORROW + HOUR + 5 * MINUTE, "CA", "quarter hours"),
        (TOMORROW + HOUR, "NV", "no licence"),
        (NOON - HOUR, "CA", "has passed"),
    ):
        assert any(words in one for one in why(at, state=state)), words
    TimeOff.objects.create(clinician=working, starts_at=TOMORROW + 2 * HOUR, ends_at=TOMORROW + 3 * HOUR)
    assert "is away from" in why(TOMORROW + 2 * HOUR)[0]
    limits = WorkingLimits.objects.create(clinician=working, minutes_after=20)
    working.refresh_from_db()
    assert "keeps 20 minutes" in why(TOMORROW + HOUR)[0]
    WorkingLimits.objects.filter(pk=limits.pk).update(minutes_after=0, daily_maximum=1)
    assert "sees 1 patients a day at most" in why(TOMORROW + HOUR)[0]
    held = hold(patient=other, clinician=working, starts_at=NOON + HOUR, kind="evaluation", by=coordinator, now=NOON)
    third = Wanted(visit.patient, working, held.starts_at, VisitKind.EVALUATION, "CA")
    assert any(coordinator.display_name in one for one in reasons(third))
    birch = make_clinician("birch@example.com", display_name="Dr Ash Birch")
    give_hours(birch)
    elsewhere = Wanted(visit.patient, birch, TOMORROW, VisitKind.EVALUATION, "CA")
    assert "another visit then" in reasons(elsewhere)[0]


def test_a_caller_is_found_a_time_before_they_are_known(desk, paying, working):
    """By state, kind, part of the day and clinician; the choice goes along, and names nobody."""
    found = text(desk.get("/admin/schedule/free/", {"state": "CA", "kind": "evaluation", "part": "afternoon"}))
    assert "12:00 pm PST" in found and "11:45 am PST" not in found and "3:00 pm EST" in found
    assert "No free time" in text(desk.get("/admin/schedule/free/", {"state": "NV"}))
    chosen = {"kind": "evaluation", "state": "CA", "slot": value_of(TOMORROW, working.pk)}
    page = desk.get("/admin/schedule/book/", chosen)
    assert "Thursday 5 November, 1:00 pm" in text(page)
    url = desk.post("/admin/schedule/book/", {**chosen, "patient": paying.mrn}).url
    assert "Take this time" in text(desk.get(url)) and paying.mrn not in url
    refused = desk.post(url.partition("?")[0], {**chosen, "kind": "check_in", "do": "hold", "count": "2", "weeks": "1"})
    assert refused.status_code == 422 and not Appointment.objects.exists()


def test_a_caller_is_found_by_name_too_and_told_apart(desk, paying, working):
    """Nobody is booked for by a name alone: the page asks which of them it is."""
    index.keep_all([paying, another_paying()])
    address = "/admin/schedule/book/"
    found = desk.post(address, {"patient": paying.legal_name, "kind": "evaluation"})
    assert f"{address}{paying.pk}/?kind=evaluation" in text(found) and "4 March 1985" in text(found)
    event = AuditEvent.objects.get(action="patients.searched")
    assert event.facts["shown"] == [str(paying.pk)] and "Robin" not in str(event.facts)


def test_a_conflict_is_explained_to_the_clinic_and_not_to_a_patient(desk, paying, working):
    other = another_paying()
    taken = book_first(other, working)
    form = {"kind": "evaluation", "slot": value_of(TOMORROW, working.pk)}
    refused = desk.post(f"/admin/schedule/book/{paying.pk}/", form)
    assert refused.status_code == 409 and f"sees {other.display_name} then" in text(refused)
    browser, by = signed_in(paying.user), {"by": paying.user, "now": NOON}
    browser.get("/visits/book/")

    def attempt():
        with pytest.raises(RuleViolation):
            hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", **by)

    cost, _none = asked_in(attempt)
    total, own = asked_in(lambda: browser.post("/visits/book/", form))
    assert own.status_code == 409 and total - cost <= 12  # the page, beside what the refused act asks
    assert other.display_name not in own.content.decode() and own.context["nearest"]
    assert Appointment.objects.get().pk == taken.pk and taken.status == Status.BOOKED


def asked_in(act):
    with CaptureQueriesContext(connection) as asked:
        done = act()
    return len(asked), done


def test_a_refusal_is_shown_with_few_queries(desk, visit, working, coordinator):
    """Design 7: the page that says why costs what every page may cost, beside what the refused act itself asked."""
    other, by = another_paying(), {"by": coordinator, "now": NOON}
    theirs = book_first(other, working, starts_at=TOMORROW + HOUR)
    held = hold(patient=other, clinician=working, starts_at=TOMORROW + 4 * HOUR, kind="integration", **by)
    visit.refresh_from_db()
    what = {"patient": visit.patient, "clinician": working, "starts_at": theirs.starts_at, "kind": "check_in", **by}
    slot, own, book_it = (
        value_of(theirs.starts_at, working.pk),
        f"/admin/appointments/{visit.pk}/",
        "/admin/schedule/book/",
    )
    form = {"slot": slot, "kind": "check_in", "clinician": str(working.pk), "week": "2026-11-04"}
    refused = (
        (f"{own}move/", {**form, "seen": "0"}, reschedule, {"appointment": visit, "starts_at": theirs.starts_at, **by}),
        (f"{book_it}{visit.patient_id}/", form, book_series, {**what, "count": 1, "weeks": 1}),
        (f"{book_it}{visit.patient_id}/", {**form, "do": "hold"}, hold, what),
        (f"{own}cancel/", {"seen": "7", "reason": "other"}, cancel, {"appointment": visit, "seen": 7, **by}),
        (f"{own}missed/", {}, no_show, {"appointment": visit, **by}),
        (f"{own}undo/", {}, changes.undo, {"appointment": visit, **by}),
        (f"/admin/appointments/{held.pk}/hold/", {"do": "release"}, keeping.release, {"appointment": held, **by}),
    )
    held.held_by = None
    held.save()
    desk.get(own)  # once, for what is read once
    for address, posted, verb, act in refused:

        def attempt(verb=verb, act=act):
            with pytest.raises(RuleViolation):
                verb(**act)

        cost, _none = asked_in(attempt)
        total, answer = asked_in(lambda address=address, posted=posted: desk.post(address, posted))
        assert answer.status_code in (409, 422) and 0 < total - cost <= 12, (address, posted, total, cost)
