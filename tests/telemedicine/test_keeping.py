"""A time kept for a caller: nobody else gets it, its holder alone disposes of it, and it is never kept for long."""

import re
from datetime import timedelta

import pytest

from harmoniously.core.accounts.roles import Role
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.services import SlotTaken, book, confirm, hold, keeping, release_expired_holds
from telemedicine.week import value_of
from tests.cast import NOON, make_user, signed_in
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.visits import another_paying, book_first

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def colleague(db):
    return make_user("colleague@example.com", Role.COORDINATOR, full_name="Drew Colleague")


@pytest.fixture
def held(paying, working, coordinator):
    return hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=coordinator, now=NOON)


def test_nobody_else_gets_a_time_that_is_held(held, working, coordinator):
    assert (held.status, held.held_by, held.held_until) == (Status.HELD, coordinator, NOON + 10 * MINUTE)
    other = another_paying()
    with pytest.raises(SlotTaken):
        book_first(other, working, now=NOON + 10 * MINUTE - SECOND)
    assert book_first(other, working, now=NOON + 10 * MINUTE).status == Status.BOOKED
    held.refresh_from_db()
    assert held.status == Status.CANCELLED


def test_it_is_kept_longer_once(held, coordinator, colleague):
    with pytest.raises(RuleViolation) as refused:
        keeping.extend(appointment=held, by=colleague, now=NOON + MINUTE)
    assert refused.value.code == "not_yours" and coordinator.display_name in refused.value.message
    keeping.extend(appointment=held, by=coordinator, now=NOON + 9 * MINUTE)
    assert held.held_until == NOON + 19 * MINUTE
    keeping.extend(appointment=held, by=coordinator, now=NOON + 18 * MINUTE)
    held.refresh_from_db()
    assert held.held_until == NOON + 19 * MINUTE
    assert (release_expired_holds(now=NOON + 19 * MINUTE - SECOND), release_expired_holds(now=NOON + 19 * MINUTE)) == (
        0,
        1,
    )


def test_what_ran_out_is_held_anew_and_not_said_to_be_held(held, paying, working, coordinator):
    """Before the sweep came by: the old choice keeps the time for nobody."""
    later = NOON + 11 * MINUTE
    again = hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=coordinator, now=later)
    assert (again.held_until, again.held_by) == (later + 10 * MINUTE, coordinator)
    held.refresh_from_db()
    assert held.status == Status.CANCELLED


def test_what_ran_out_is_not_kept_longer(held, coordinator):
    with pytest.raises(Conflict):
        keeping.extend(appointment=held, by=coordinator, now=NOON + 10 * MINUTE)
    held.refresh_from_db()
    assert held.held_until == NOON + 10 * MINUTE


def test_it_is_let_go_by_its_holder_and_once(held, coordinator, colleague, working):
    with pytest.raises(RuleViolation):
        keeping.release(appointment=held, by=colleague, now=NOON)
    for _twice in range(2):
        keeping.release(appointment=held, by=coordinator, now=NOON)
    assert held.status == Status.CANCELLED
    assert book_first(another_paying(), working).status == Status.BOOKED


def test_what_is_booked_is_not_let_go_by_a_stale_page(held, coordinator):
    stale = Appointment.objects.get(pk=held.pk)
    for _twice in range(2):
        booked = confirm(appointment=held, by=coordinator, now=NOON + MINUTE)
    assert (booked.status, Notification.objects.filter(template="appointment_confirmed").count()) == (Status.BOOKED, 1)
    with pytest.raises(Conflict):
        keeping.release(appointment=stale, by=coordinator, now=NOON + MINUTE)
    held.refresh_from_db()
    assert held.status == Status.BOOKED


def test_what_a_patient_chose_online_is_not_the_clinics_to_let_go(paying, working, coordinator):
    chosen = hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=paying.user, now=NOON)
    assert chosen.held_by is None
    with pytest.raises(RuleViolation):
        keeping.release(appointment=chosen, by=coordinator, now=NOON)
    assert book(
        patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=paying.user, now=NOON
    ).pk == chosen.pk  # fmt: skip


def test_a_caller_is_held_a_time_then_it_is_booked(at_noon, paying, working, coordinator, colleague):
    """UX-15: the page says until when, by whom, and what to do; a colleague reads it, and cannot press."""
    desk, address = signed_in(coordinator), f"/admin/schedule/book/{paying.pk}/"
    asked = {"kind": "evaluation", "slot": value_of(TOMORROW, working.pk), "do": "hold"}
    for _twice in range(2):
        url = desk.post(address, asked).url
    row = Appointment.objects.get()
    page = desk.get(url).content.decode()
    assert (row.status, row.held_by) == (Status.HELD, coordinator) and 'data-seconds="600"' in page
    assert not Notification.objects.exists()
    seen = signed_in(colleague).get(url).content.decode()
    assert coordinator.display_name in seen and f"{url}hold/" not in seen
    for verb in ("book", "extend", "release"):
        assert signed_in(colleague).post(f"{url}hold/", {"do": verb}).status_code == 422
    row.refresh_from_db()
    assert (row.status, row.held_by) == (Status.HELD, coordinator)
    assert desk.post(f"{url}hold/", {"do": "nonsense"}).status_code == 422
    assert desk.post(f"{url}cancel/", {"reason": "other"}).status_code == 409
    for _twice in range(2):
        assert desk.post(f"{url}hold/", {"do": "book"}).status_code == 302
    row.refresh_from_db()
    assert row.status == Status.BOOKED
    assert desk.post(f"{url}hold/", {"do": "release"}).status_code == 409


def test_a_hold_that_ran_out_under_the_caller_says_so_and_how_to_go_on(at_noon, held, coordinator):
    """Before and after the round that lets it go; nobody reads that it is held, or that a visit was cancelled."""
    desk, address = signed_in(coordinator), f"/admin/appointments/{held.pk}/"
    assert "Not held any more" not in desk.get(address).content.decode()
    at_noon.shift(10 * MINUTE)
    for _round in range(2):
        page = desk.get(address).content.decode()
        assert "Not held any more, and not booked" in page and "Let go" in page
        assert not any(words in page for words in ("Book it and tell", ">Held<", ">Cancelled<"))
        [way] = re.findall(r'href="(/admin/schedule/book/[^"]+)"', page)
        assert "Take this time" in desk.get(way.replace("&amp;", "&")).content.decode()
        release_expired_holds(now=NOON + 10 * MINUTE)
