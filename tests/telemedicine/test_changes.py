"""Taking back a booking, a move or a cancellation: within ten seconds, as a whole, and only while nobody was told."""

from datetime import timedelta

import pytest

from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.follow_ups import open_follow_up
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification, State
from telemedicine import practice
from telemedicine.models import Appointment, VisitChange
from telemedicine.models.appointment import Status
from telemedicine.selectors import visits_of
from telemedicine.services import SlotTaken, cancel, changes, hold, keeping, reschedule
from telemedicine.services.series import book_series
from telemedicine.week import value_of
from tests.cast import NOON, make_clinician, make_user, signed_in
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import another_paying, book_first, pending
from treatment.models import Chart, DueVisit

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
THERE = TOMORROW + DAY


@pytest.fixture
def visit(paying, working):
    """Booked two days ahead; the patient has been told of it."""
    row = book_first(paying, working, starts_at=THERE)
    Notification.objects.filter(template="appointment_confirmed").update(state=State.SENT, sent_at=NOON)
    return row


def stands(visit):
    """What of a visit must be as it was."""
    row = Appointment.objects.get(pk=visit.pk)
    return row.status, row.starts_at, row.ends_at, row.clinician_id, row.sequence, pending(row)


def cancelled(visit, by, **more):
    return cancel(appointment=visit, by=by, now=NOON, reason_code="other", can_undo=True, **more)


def moved(visit, by, starts_at=THERE + HOUR, **more):
    return reschedule(appointment=visit, starts_at=starts_at, by=by, now=NOON, can_undo=True, **more)


def test_a_cancellation_is_taken_back_within_ten_seconds_and_nobody_was_told(visit, coordinator):
    before = stands(visit)
    cancelled(visit, coordinator)
    [told] = Notification.objects.filter(template="appointment_cancelled")
    assert (told.state, told.due_at) == (State.PENDING, NOON + 10 * SECOND)
    for _twice in range(2):
        changes.undo(appointment=visit, by=coordinator, now=NOON + 9 * SECOND)
    assert stands(visit) == before
    told.refresh_from_db()
    assert (told.state, told.reason) == (State.CANCELLED, "taken_back")
    # And it can be cancelled for good afterwards, and is told.
    cancel(appointment=visit, by=coordinator, now=NOON + 20 * SECOND)
    assert {template for template, _channel, _due in pending(visit)} == {"appointment_cancelled"}


@pytest.mark.parametrize("seconds", [10, 11])
def test_after_ten_seconds_it_is_not_taken_back(visit, coordinator, seconds):
    cancelled(visit, coordinator)
    after = stands(visit)
    with pytest.raises(RuleViolation) as refused:
        changes.undo(appointment=visit, by=coordinator, now=NOON + seconds * SECOND)
    assert (refused.value.code, stands(visit)) == ("too_late", after)


def test_what_has_left_is_not_taken_back_whatever_the_clock_says(visit, coordinator):
    """A dispatcher that only prepares the message has sent nothing; one that calls the provider has."""
    cancelled(visit, coordinator)
    told = Notification.objects.filter(template="appointment_cancelled")
    told.update(state=State.CALLING, claim=visit.pk, lease_until=NOON)
    after = stands(visit)
    with pytest.raises(RuleViolation) as refused:
        changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    assert (refused.value.code, stands(visit)) == ("told", after)
    told.update(state=State.CLAIMED)
    changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    assert not told.filter(state=State.CLAIMED).exists() and stands(visit)[0] == Status.BOOKED


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.FAILED, "The e-mail did not arrive. Call the patient."),
        (State.EXPIRED, "It was too late for an e-mail. Call the patient."),
        (State.UNKNOWN, "Nobody knows whether the e-mail arrived. Call the patient."),
        (State.SENT, "Sent on"),
    ],
)
def test_nobody_is_said_to_be_told_whose_mail_was_lost(at_noon, visit, coordinator, state, words):
    cancelled(visit, coordinator)
    mail, desk = Notification.objects.filter(template="appointment_cancelled"), signed_in(coordinator)
    page = f"/admin/appointments/{visit.pk}/"
    assert "The e-mail goes out on" in desk.get(page).content.decode()
    mail.update(state=state, sent_at=NOON)
    assert words in " ".join(desk.get(page).content.decode().split())
    undone = desk.post(f"{page}undo/").status_code
    lost = state in (State.FAILED, State.EXPIRED)
    assert (undone, stands(visit)[0]) == ((302, Status.BOOKED) if lost else (422, Status.CANCELLED))
    assert mail.get().state == (State.CANCELLED if lost else state)
    # Back again, or not: what is said is about the visit as it stands.
    assert (words in " ".join(desk.get(page).content.decode().split())) is not lost


def test_a_visit_whose_time_has_come_is_cancelled_without_a_promise(at_noon, visit, coordinator):
    at_noon.move_to(THERE)
    desk, page = signed_in(coordinator), f"/admin/appointments/{visit.pk}/"
    assert "no e-mail goes out" in desk.get(page).content.decode()
    assert desk.post(f"{page}cancel/", {"seen": "0", "reason": "other"}).status_code == 302
    shown = desk.get(page).content.decode()
    assert "The patient is told" not in shown and "You can take this back" not in shown


def test_a_time_that_somebody_took_meanwhile_stays_theirs(visit, coordinator, working):
    cancelled(visit, coordinator)
    other = book_first(another_paying(), working, starts_at=THERE)
    after = stands(visit)
    with pytest.raises(SlotTaken) as refused:
        changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    assert refused.value.alternatives and stands(visit) == after
    assert stands(other)[0] == Status.BOOKED


def test_who_booked_another_first_visit_meanwhile_gets_no_second_one(visit, coordinator, paying, working):
    cancelled(visit, coordinator)
    other = book_first(paying, working, starts_at=THERE + DAY)
    with pytest.raises(RuleViolation) as refused:
        changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    assert (refused.value.code, stands(visit)[0]) == ("already_booked", Status.CANCELLED)
    assert stands(other)[0] == Status.BOOKED


def test_a_move_to_its_own_time_is_not_said_to_be_told(at_noon, visit, coordinator, working):
    """The page offers the time of the visit itself; the second of two clicks on another one is still answered well."""
    desk, address = signed_in(coordinator), f"/admin/appointments/{visit.pk}/move/"
    same = desk.post(address, {"slot": value_of(THERE, working.pk), "seen": "0"})
    assert same.status_code == 422 and "nobody is told" in same.content.decode()
    for _twice in range(2):
        assert desk.post(address, {"slot": value_of(THERE + HOUR, working.pk), "seen": "0"}).status_code == 302
    assert stands(visit)[1] == THERE + HOUR


def test_only_who_did_it_takes_it_back(visit, coordinator):
    colleague = make_user("colleague@example.com", Role.COORDINATOR, full_name="Drew Colleague")
    with pytest.raises(RuleViolation):
        changes.undo(appointment=visit, by=coordinator, now=NOON)
    moved(visit, coordinator)
    with pytest.raises(RuleViolation) as refused:
        changes.undo(appointment=visit, by=colleague, now=NOON + SECOND)
    assert refused.value.code == "not_yours"


def test_a_move_is_taken_back_with_the_care_that_it_began(visit, coordinator):
    second = make_clinician("second@example.com", display_name="Dr Sky Second")
    give_hours(second)
    before = stands(visit)
    moved(visit, coordinator, clinician=second)
    changes.undo(appointment=visit, by=coordinator, now=NOON + 9 * SECOND)
    assert stands(visit) == before
    assert not CareRelation.objects.filter(clinician=second, until=None).exists()
    # Moved there once more, everything is planned anew.
    reschedule(appointment=visit, starts_at=THERE + HOUR, clinician=second, by=coordinator, now=NOON + 20 * SECOND)
    due = {due for template, _channel, due in pending(visit) if template == "appointment_reminder"}
    assert due == {THERE - 23 * HOUR, THERE} and CareRelation.objects.filter(clinician=second, until=None).exists()


def test_what_was_changed_since_is_not_undone_over_it(visit, coordinator):
    moved(visit, coordinator)
    Appointment.objects.filter(pk=visit.pk).update(sequence=2, starts_at=THERE + 2 * HOUR, ends_at=THERE + 3 * HOUR)
    after = stands(visit)
    with pytest.raises(Conflict):
        changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    assert stands(visit) == after


def test_the_visit_that_is_due_is_booked_again(visit, coordinator, paying):
    chart = Chart.objects.create(patient=paying, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
    due = DueVisit.objects.create(
        patient=paying, chart=chart, kind="evaluation", after_session=0, due_since=NOON, overdue_at=NOON + DAY,
        status="booked", appointment=visit.pk, policy_version="2026.1",
    )  # fmt: skip
    cancelled(visit, coordinator)
    due.refresh_from_db()
    assert (due.status, due.appointment) == ("offered", None)
    changes.undo(appointment=visit, by=coordinator, now=NOON + SECOND)
    due.refresh_from_db()
    assert (due.status, due.appointment) == ("booked", visit.pk)


def test_a_booking_is_taken_back_as_if_it_had_never_been(at_noon, visit, coordinator, working):
    """The wrong person: no message, no visit of theirs, no care; whom to call, and what is due, stand as before."""
    patient = another_paying()
    chart = Chart.objects.create(patient=patient, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
    due = DueVisit.objects.create(
        patient=patient, chart=chart, kind="check_in", after_session=2, due_since=NOON, overdue_at=NOON + DAY,
        policy_version="2026.1",
    )  # fmt: skip
    call = open_follow_up(
        kind="visit_needed", patient=patient, about=f"due_visit:{due.pk}", dedupe_key="x", due_at=NOON - DAY,
        by=coordinator, now=NOON,
    )  # fmt: skip
    desk, address = signed_in(coordinator), f"/admin/schedule/book/{patient.pk}/"
    form = {"kind": "check_in", "slot": value_of(THERE + HOUR, working.pk), "count": "2", "weeks": "1"}
    page = desk.post(address, form).url
    shown = desk.get(page).content.decode()
    assert 'data-seconds="10"' in shown and "takes back all 2 visits" in shown and "booked this visit on" in shown
    call.refresh_from_db()
    assert not call.is_open
    assert {row.due_at for row in Notification.objects.filter(template="appointment_confirmed", state="pending")} == {
        NOON + 10 * SECOND
    }
    at_noon.shift(9 * SECOND)
    for _twice in range(2):
        assert desk.post(f"{page}undo/").status_code == 302
    assert "That was taken back." in desk.get(page).content.decode()
    booked = Appointment.objects.filter(patient=patient)
    assert {row.status for row in booked} == {Status.CANCELLED} and not visits_of(patient).exists()
    assert not any(pending(row) for row in booked)
    assert [row[2:] for row in practice.visits(None, THERE + 30 * DAY) if row[1] == "check_in"] == [(0, 0, 0, 0)]
    assert not CareRelation.objects.filter(patient=patient, until=None).exists()
    due.refresh_from_db()
    call.refresh_from_db()
    assert (due.status, due.appointment, call.is_open, call.due_at) == ("due", None, True, NOON - DAY)
    # The same is booked anew for whoever it was for.
    assert desk.post(address, form).status_code == 302 and visits_of(patient).count() == 2


def test_what_became_overdue_while_it_was_booked_is_still_to_be_told_of(paying, working, coordinator):
    """The sweep opens the call and tells the patient; as overdue already it would pass it by."""
    chart = Chart.objects.create(patient=paying, facts={}, confirmed_at=NOON, opened_at=NOON, approved_at=NOON)
    row = DueVisit.objects.create(
        patient=paying, chart=chart, kind="check_in", after_session=2, due_since=NOON - DAY,
        overdue_at=NOON + 5 * SECOND, policy_version="2026.1",
    )  # fmt: skip
    what = {"patient": paying, "clinician": working, "kind": "check_in", "by": coordinator}
    [made] = book_series(**what, starts_at=THERE, count=1, weeks=1, now=NOON)
    changes.undo(appointment=made, by=coordinator, now=NOON + 6 * SECOND)
    row.refresh_from_db()
    assert row.status == "due"


@pytest.mark.parametrize("far", [True, False])
def test_a_booking_that_was_told_or_changed_stays(visit, coordinator, working, far):
    other = another_paying()
    made = book_series(
        patient=other, clinician=working, starts_at=THERE + HOUR, kind="check_in", count=2, weeks=1,
        by=coordinator, now=NOON,
    )  # fmt: skip
    first, second = made
    if far:
        told = Notification.objects.filter(about=second.about, template="appointment_confirmed")
        told.update(state=State.SENT, sent_at=NOON)
    else:
        reschedule(appointment=second, starts_at=second.starts_at + HOUR, by=other.user, now=NOON)
    with pytest.raises(RuleViolation) as refused:
        changes.undo(appointment=first, by=coordinator, now=NOON + SECOND)
    assert refused.value.code == ("told" if far else "raced")
    assert {stands(row)[0] for row in made} == {Status.BOOKED} and pending(first)


@pytest.mark.parametrize("pressed", ["confirm", "choose"])
def test_a_booking_that_the_patient_found_while_booking_it_themselves_stays(
    at_noon, paying, working, coordinator, pressed
):
    """They pressed, and read that it is booked: nothing would tell them that it is not."""
    what = {"patient": paying, "clinician": working, "starts_at": THERE, "kind": "evaluation"}
    held = hold(**what, by=paying.user, now=NOON)
    [made] = book_series(**what, count=1, weeks=1, by=coordinator, now=NOON + SECOND)
    if pressed == "confirm":
        assert signed_in(paying.user).post(f"/visits/{held.pk}/confirm/").url == f"/visits/{held.pk}/booked/"
    else:
        assert hold(**what, by=paying.user, now=NOON + SECOND) == made == held
    with pytest.raises(RuleViolation, match="nothing here"):
        changes.undo(appointment=made, by=coordinator, now=NOON + 3 * SECOND)
    assert stands(held)[0] == Status.BOOKED


@pytest.mark.parametrize(("before", "tells_at"), [(DAY + 5 * SECOND, 10), (70 * SECOND, 0), (71 * SECOND, 10)])
def test_no_reminder_goes_before_the_news_and_no_news_too_late_to_go(paying, working, coordinator, before, tells_at):
    """A reminder within the ten seconds would tell them first; so near to it the news might not leave in time."""
    what = {"patient": paying, "clinician": working, "kind": "evaluation", "by": coordinator}
    book_series(**what, starts_at=THERE, count=1, weeks=1, now=THERE - before)
    news = Notification.objects.get(template="appointment_confirmed")
    assert news.due_at == THERE - before + tells_at * SECOND
    assert not Notification.objects.exclude(pk=news.pk).filter(due_at__lte=news.due_at).exists()


def test_what_was_held_is_held_again_and_care_stays_where_another_visit_is_booked(paying, working, coordinator):
    what = {"patient": paying, "clinician": working, "kind": "evaluation", "by": coordinator}
    held = hold(**what, starts_at=THERE, now=NOON)
    before = stands(held), Appointment.objects.get().held_until
    keeping.book(appointment=held, by=coordinator, now=NOON + 60 * SECOND)
    what["kind"] = "check_in"
    book_series(**what, starts_at=THERE + 3 * HOUR, count=1, weeks=1, now=NOON + 62 * SECOND)
    changes.undo(appointment=held, by=coordinator, now=NOON + 64 * SECOND)
    assert (stands(held), Appointment.objects.get(pk=held.pk).held_until) == before
    assert CareRelation.objects.filter(patient=paying, clinician=working, until=None).exists()


def test_whoever_cannot_take_it_back_is_told_at_once(visit, paying):
    """The patient's own cancellation, and what a decision cancels."""
    cancel(appointment=visit, by=paying.user, now=NOON)
    [told] = Notification.objects.filter(template="appointment_cancelled")
    assert told.due_at == NOON and VisitChange.objects.get().undo_until is None


def test_the_second_of_two_who_change_a_visit_reads_what_the_first_did(at_noon, visit, coordinator):
    """UX-18: each has read the visit as it was booked."""
    first, second = signed_in(coordinator), signed_in(make_user("colleague@example.com", Role.COORDINATOR))
    url, there = f"/admin/appointments/{visit.pk}/", THERE + HOUR
    asked = {"seen": "0", "slot": f"{there:%Y-%m-%dT%H:%M:%SZ}~{visit.clinician_id}"}
    assert "opened this visit" not in first.get(url).content.decode()
    assert coordinator.display_name in second.get(url).content.decode()
    for _twice in range(2):
        assert first.post(f"{url}move/", asked).status_code == 302
    late = second.post(f"{url}cancel/", {"seen": "0", "reason": "other"})
    said = " ".join(late.content.decode().split())
    assert late.status_code == 409 and f"{coordinator.display_name} moved this visit" in said
    elsewhere = {**asked, "slot": f"{there + HOUR:%Y-%m-%dT%H:%M:%SZ}~{visit.clinician_id}"}
    assert second.post(f"{url}move/", elsewhere).status_code == 409
    assert stands(visit)[:2] == (Status.BOOKED, there)
    assert second.post(f"{url}undo/").status_code == 422
    assert first.post(f"{url}undo/").status_code == 302
    assert stands(visit)[1] == THERE
