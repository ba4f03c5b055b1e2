"""Many people, one slot, at the same moment, each with a connection of their own (FI-07, BUG-14, BUG-15).

The control drops the constraint and shows that the very same code then books twice: what keeps appointments apart is
the database, and the test is able to see it fail.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from harmoniously.celery import app
from harmoniously.core.common import broker
from harmoniously.core.common.errors import Conflict
from telemedicine.models import Appointment, WorkingLimits
from telemedicine.models.appointment import Status
from telemedicine.services import book, booking, confirm, hold, moving, reschedule
from tests.cast import NOON
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.crowd import crowd, unguarded
from tests.threads import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 50


def booked(results):
    return [result for result in results if isinstance(result, Appointment)]


def booking_of(patient, clinician, starts_at=TOMORROW):
    return lambda: book(
        patient=patient, clinician=clinician, starts_at=starts_at, kind="evaluation", by=patient.user, now=NOON
    )


@pytest.fixture
def race(monkeypatch) -> Callable[[int], None]:
    """Make that many callers all pass the check before any of them writes: the worst moment, every time."""

    def force(size: int) -> None:
        for module in (booking, moving):
            check, together = module.require_offered, threading.Barrier(size)

            def checked(*args, _check=check, _together=together, **kwargs):
                _check(*args, **kwargs)
                _together.wait(PATIENCE)

            monkeypatch.setattr(module, "require_offered", checked)

    return force


def test_fifty_people_who_all_saw_it_free_and_one_succeeds_without_redis(working, race, monkeypatch):
    """FI-07, BUG-15: the promise lives in PostgreSQL; the broker does not answer, and nobody waits for it."""
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(broker, "_rests_until", 0.0)
    patients = crowd(CROWD)
    race(CROWD)
    results = at_once(*[booking_of(patient, working) for patient in patients])
    assert len(booked(results)) == 1
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == CROWD - 1
    assert all(offer.starts_at != TOMORROW for result in refused for offer in result.alternatives)
    assert broker._rests_until > 0.0


def test_control_without_the_constraint_they_double_book(working, race):
    patients = crowd(4)
    race(4)
    with unguarded():
        results = at_once(*[booking_of(patient, working) for patient in patients])
        assert len(booked(results)) >= 2
        assert Appointment.objects.filter(status=Status.BOOKED, starts_at=TOMORROW).count() >= 2


def test_overlapping_starts_count_as_the_same_slot(working, race):
    patients = crowd(6)
    race(6)
    starts = [TOMORROW + timedelta(minutes=15 * (number % 3)) for number in range(6)]
    results = at_once(*[booking_of(patient, working, start) for patient, start in zip(patients, starts, strict=True)])
    assert len(booked(results)) == 1


def test_the_same_click_twice_at_once_is_one_visit(working):
    patient = crowd(1)[0]
    results = at_once(*[booking_of(patient, working)] * 4)
    assert {visit.pk for visit in booked(results)} == {Appointment.objects.get(status=Status.BOOKED).pk}
    assert len(booked(results)) == 4


def test_a_second_click_that_looks_while_the_first_one_books_finds_the_visit(working, monkeypatch):
    patient = crowd(1)[0]
    look, firsts = booking.require_offered, []

    def look_late(*args, **kwargs):
        monkeypatch.setattr(booking, "require_offered", look)
        firsts.append(booking_of(patient, working)())
        look(*args, **kwargs)

    monkeypatch.setattr(booking, "require_offered", look_late)
    second = booking_of(patient, working)()
    assert [second.pk] == [visit.pk for visit in firsts]


def test_two_confirmations_of_one_hold_are_one_booking(working):
    patient = crowd(1)[0]
    chosen = hold(patient=patient, clinician=working, starts_at=TOMORROW, kind="evaluation", by=patient.user, now=NOON)

    def click():
        mine = Appointment.objects.with_people().get(pk=chosen.pk)
        return confirm(appointment=mine, by=patient.user, now=NOON)

    assert {visit.pk for visit in booked(at_once(*[click] * 4))} == {chosen.pk}


def test_many_who_move_to_one_slot_and_one_succeeds(working, race):
    patients = crowd(5)
    visits = [booking_of(p, working, TOMORROW + timedelta(hours=1 + n))() for n, p in enumerate(patients)]
    race(5)

    def moving_of(visit):
        return lambda: reschedule(appointment=visit, starts_at=TOMORROW, by=visit.patient.user, now=NOON)

    results = at_once(*[moving_of(visit) for visit in visits])
    assert len(booked(results)) == 1
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 5


def test_one_patient_at_two_places_at_once_is_booked_once(working, race):
    patient = crowd(1)[0]
    race(2)
    starts = [TOMORROW, TOMORROW + timedelta(hours=2)]
    assert len(booked(at_once(*[booking_of(patient, working, start) for start in starts]))) == 1
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 1


def test_people_who_book_at_once_keep_the_room_and_the_daily_maximum(working, race):
    """I5: times that do not overlap, each free when it was looked at; with the limits one of them is one too many."""
    patients = crowd(4)
    hour = timedelta(hours=1)
    tries = {
        "room": (WorkingLimits(minutes_after=20), timedelta(minutes=45)),
        "a day": (WorkingLimits(daily_maximum=1), hour),
    }
    for number, (what, (limits, apart)) in enumerate(tries.items()):
        limits.clinician = working
        limits.save()
        race(2)
        pair, start = patients[2 * number :][:2], TOMORROW + timedelta(days=number)
        results = at_once(*[booking_of(one, working, start + apart * n) for n, one in enumerate(pair)])
        assert len(booked(results)) == 1, what
        limits.delete()
