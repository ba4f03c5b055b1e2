"""The demo's visit that is about to begin: at any hour, on the first start and on the next ones (VID-02)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from harmoniously.core.accounts.roles import Role
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.nonprod.seeding.practice import open_practice
from harmoniously.nonprod.seeding.soon import have_visit_soon
from telemedicine.models import Appointment
from telemedicine.rules.visits import Door, door_of
from tests.cast import make_patient

pytestmark = pytest.mark.django_db
HOURS = [(19, 2), (10, 31), (7, 47)]  # UTC: at work, at night, just before midnight in the west


def test_whoever_starts_the_demo_can_join_a_visit_at_once() -> None:
    start = datetime(2026, 11, 21, tzinfo=UTC)
    assert have_visit_soon(start) is None  # before anybody lives there
    open_practice(start - timedelta(days=9))
    visitor = BY_KEY["visitor"]
    assert visitor.role == Role.PATIENT
    make_patient(visitor.email, state="NY")
    for days, (hour, minute) in enumerate(HOURS):
        now = start + timedelta(days=days, hours=hour, minutes=minute, seconds=7)
        visit = have_visit_soon(now)
        assert visit is not None and visit.starts_at > now, now
        assert door_of(starts_at=visit.starts_at, started_at=None, now=now) == Door.OPEN, now
        assert have_visit_soon(now + timedelta(minutes=20)).starts_at == visit.starts_at
        assert Appointment.objects.booked().count() == 1
    Appointment.objects.update(location_at=now, location_licensed=True, started_at=now)
    again = have_visit_soon(now + timedelta(days=1))
    assert again.pk != visit.pk and Appointment.objects.get(pk=visit.pk).status == "completed"
    # What somebody books in the demo for later stays, and does not keep it from starting again.
    later = now + timedelta(days=9)
    visit.pk, visit.kind, visit.status, visit.started_at = uuid4(), "integration", "booked", None
    visit.starts_at, visit.ends_at = later, later + timedelta(minutes=50)
    visit.save(force_insert=True)
    soon = have_visit_soon(now + timedelta(days=2))
    assert soon.pk == again.pk and Appointment.objects.get(pk=visit.pk).starts_at == later
