"""Moving and cancelling a visit: what is kept, what is sent anew, and who wins."""

from datetime import timedelta

import pytest

from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from telemedicine.models import Appointment
from telemedicine.services import SlotTaken, cancel, reschedule
from tests.cast import NOON, make_clinician
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import QUARTER, another_paying, book_first, pending

pytestmark = pytest.mark.django_db

# Moving


def test_moving_into_the_own_old_time_works(paying, working):
    visit = book_first(paying, working)
    moved = reschedule(appointment=visit, starts_at=TOMORROW + QUARTER, by=paying.user, now=NOON)
    moved.refresh_from_db()
    assert (moved.starts_at, moved.sequence, moved.pk) == (TOMORROW + QUARTER, 1, visit.pk)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=45)


def test_moving_replans_every_message_in_the_same_transaction(paying, working):
    visit = book_first(paying, working, starts_at=TOMORROW + timedelta(days=1))
    there = TOMORROW + timedelta(days=2)
    reschedule(appointment=visit, starts_at=there, by=paying.user, now=NOON)
    due = {due for template, _channel, due in pending(visit) if template == "appointment_reminder"}
    assert due == {there - timedelta(hours=24), there - timedelta(hours=1)}


def test_moved_away_and_back_is_reminded_of_again(paying, working):
    start = TOMORROW + timedelta(days=1)
    visit = book_first(paying, working, starts_at=start)
    reschedule(appointment=visit, starts_at=start + QUARTER, by=paying.user, now=NOON)
    reschedule(appointment=visit, starts_at=start, by=paying.user, now=NOON)
    due = {due for template, _channel, due in pending(visit) if template == "appointment_reminder"}
    assert due == {start - timedelta(hours=24), start - timedelta(hours=1)}


def test_a_refused_move_leaves_everything_as_it_was(paying, working):
    other = book_first(another_paying(), working, starts_at=TOMORROW + timedelta(hours=2))
    visit = book_first(paying, working)
    before = pending(visit)
    with pytest.raises(SlotTaken):
        reschedule(appointment=visit, starts_at=other.starts_at, by=paying.user, now=NOON)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence, pending(visit)) == (TOMORROW, 0, before)


def test_two_people_who_move_the_same_visit_do_not_overwrite_each_other(paying, working, coordinator):
    visit = book_first(paying, working)
    stale = Appointment.objects.with_people().get(pk=visit.pk)
    reschedule(appointment=visit, starts_at=TOMORROW + timedelta(hours=1), by=coordinator, now=NOON)
    with pytest.raises(Conflict) as refused:
        reschedule(appointment=stale, starts_at=TOMORROW + timedelta(hours=2), by=coordinator, now=NOON)
    assert refused.value.code == "raced"


def test_moving_to_the_same_time_twice_moves_once(paying, working):
    visit = book_first(paying, working)
    for _twice in range(2):
        reschedule(appointment=visit, starts_at=TOMORROW + QUARTER, by=paying.user, now=NOON)
    assert visit.sequence == 1


def test_moving_to_a_colleague_brings_the_patient_into_their_care(paying, working, coordinator):
    second = make_clinician("second@example.com", display_name="Dr Sky Second")
    give_hours(second)
    visit = book_first(paying, working)
    reschedule(appointment=visit, starts_at=TOMORROW, clinician=second, by=coordinator, now=NOON)
    assert CareRelation.objects.filter(patient=paying, clinician=second, until=None).exists()


# Cancelling


def test_cancelling_withdraws_reminders_and_says_so(paying, working):
    visit = book_first(paying, working)
    cancel(appointment=visit, by=paying.user, now=NOON)
    assert {template for template, _channel, _due in pending(visit)} == {"appointment_cancelled"}
    assert visit.sequence == 1


def test_cancelling_twice_changes_nothing_more(paying, working):
    visit = book_first(paying, working)
    cancel(appointment=visit, by=paying.user, now=NOON)
    cancel(appointment=visit, by=paying.user, now=NOON)
    assert (visit.sequence, Notification.objects.filter(template="appointment_cancelled").count()) == (1, 1)


def test_a_patient_cannot_cancel_a_visit_that_has_begun(paying, working):
    visit = book_first(paying, working)
    with pytest.raises(RuleViolation):
        cancel(appointment=visit, by=paying.user, now=visit.starts_at)
