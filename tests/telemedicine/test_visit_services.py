"""The visit itself: who may begin it, where, and how it ends."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from harmoniously.core.accounts.models import Licence
from harmoniously.core.alerts.models import FollowUp, FollowUpKind
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification, State
from telemedicine.models import Room
from telemedicine.models.appointment import Status
from telemedicine.services import cancel, reschedule, visits
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import book_first

pytestmark = pytest.mark.django_db

HOME = {"state": "CA", "street": "1 Test Way", "city": "Testville", "zip": "90001", "phone": "+14155550132"}


@pytest.fixture
def located(visit):
    return visits.state_location(appointment=visit, location=HOME, by=visit.patient.user, now=TOMORROW)


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refused:
        call(*args, **kwargs)
    return refused.value.code


def test_a_visit_begins_only_when_the_place_is_known(visit):
    assert code_of(visits.start, appointment=visit, by=visit.clinician.user, now=TOMORROW) == "no_location"


def test_a_visit_goes_from_begun_to_completed(located):
    doctor = located.clinician.user
    visits.start(appointment=located, by=doctor, now=TOMORROW)
    visits.start(appointment=located, by=doctor, now=TOMORROW)
    visits.complete(appointment=located, by=doctor, now=TOMORROW + timedelta(minutes=40))
    located.refresh_from_db()
    assert (located.status, located.started_at) == (Status.COMPLETED, TOMORROW)


def test_a_visit_never_begins_where_the_clinician_has_no_licence(visit):
    elsewhere = {**HOME, "state": "NV"}
    visits.state_location(appointment=visit, location=elsewhere, by=visit.patient.user, now=TOMORROW)
    assert code_of(visits.start, appointment=visit, by=visit.clinician.user, now=TOMORROW) == "not_licensed"
    assert FollowUp.objects.filter(kind=FollowUpKind.VISIT_NEEDED).count() == 1


def test_a_licence_that_ran_out_after_the_patient_answered_stops_it_too(located):
    Licence.objects.update(expires_on=TOMORROW.date() - timedelta(days=1))
    assert code_of(visits.start, appointment=located, by=located.clinician.user, now=TOMORROW) == "not_licensed"


def test_only_the_clinician_of_the_visit_holds_it(located, other_prescriber, coordinator):
    for stranger in (other_prescriber.user, coordinator, located.patient.user):
        with pytest.raises(PermissionDenied):
            visits.start(appointment=located, by=stranger, now=TOMORROW)


def test_the_door_opens_15_minutes_before_and_closes_60_after(visit):
    for minutes, refused in ((-16, "too_early"), (-15, ""), (0, ""), (59, ""), (60, "too_late")):
        moment = TOMORROW + timedelta(minutes=minutes)
        call = {"appointment": visit, "location": HOME, "by": visit.patient.user, "now": moment}
        if refused:
            assert code_of(visits.state_location, **call) == refused, minutes
        else:
            assert visits.state_location(**call).location_licensed is True, minutes


def test_a_missed_visit_asks_a_coordinator_to_call(visit):
    late = TOMORROW + timedelta(minutes=15)
    visits.no_show(appointment=visit, by=visit.clinician.user, now=late)
    visits.no_show(appointment=visit, by=visit.clinician.user, now=late)
    assert visit.status == Status.NO_SHOW
    visits._ask_for_new_visit(visit, by=visit.patient.user, now=late)  # nor could it have been held where they were
    asked = FollowUp.objects.filter(patient=visit.patient).exclude(state="closed")
    assert set(asked.values_list("kind", flat=True)) == {FollowUpKind.VISIT_MISSED, FollowUpKind.VISIT_NEEDED}
    # Nobody calls about it once they have a new time of the same kind.
    book_first(visit.patient, visit.clinician, starts_at=TOMORROW + timedelta(days=1), now=late)
    assert not asked.exists()


def test_whoever_sits_in_the_waiting_room_did_not_miss_it(visit, coordinator):
    """The clinician is late, not the patient; and from missed no way leads back."""
    Room.objects.create(appointment=visit, sequence=0, consented_at=TOMORROW, patient_seen_at=TOMORROW)
    for who in (coordinator, visit.clinician.user):
        assert code_of(visits.no_show, appointment=visit, by=who, now=TOMORROW + timedelta(seconds=30)) == "there"
    later = visits.no_show(appointment=visit, by=coordinator, now=TOMORROW + timedelta(seconds=31))
    assert later.status == Status.NO_SHOW


def test_nothing_is_missed_before_it_starts(visit):
    moment = TOMORROW - timedelta(minutes=1)
    assert code_of(visits.no_show, appointment=visit, by=visit.clinician.user, now=moment) == "too_early"


def test_a_begun_visit_is_not_moved_cancelled_or_missed(located, coordinator):
    visits.start(appointment=located, by=located.clinician.user, now=TOMORROW)
    later = TOMORROW + timedelta(hours=1)
    assert code_of(cancel, appointment=located, by=coordinator, now=TOMORROW) == "begun"
    assert code_of(reschedule, appointment=located, starts_at=later, by=coordinator, now=TOMORROW) == "begun"
    assert code_of(visits.no_show, appointment=located, by=located.clinician.user, now=later) == "begun"


def test_a_page_from_before_the_visit_began_does_not_cancel_it_or_mark_it_missed(located):
    before, missed = (type(located).objects.get(pk=located.pk) for _page in range(2))
    early = TOMORROW - timedelta(minutes=10)
    visits.start(appointment=located, by=located.clinician.user, now=early)
    assert code_of(cancel, appointment=before, by=before.patient.user, now=early) == "begun"
    assert code_of(visits.no_show, appointment=missed, by=located.clinician.user, now=TOMORROW) == "begun"


def test_completing_what_never_began_is_refused(visit):
    assert code_of(visits.complete, appointment=visit, by=visit.clinician.user, now=TOMORROW) == "not_started"


def test_a_moved_visit_asks_for_the_place_again(visit, coordinator):
    early = TOMORROW - timedelta(minutes=10)
    visits.state_location(appointment=visit, location=HOME, by=visit.patient.user, now=early)
    reschedule(appointment=visit, starts_at=TOMORROW + timedelta(hours=2), by=coordinator, now=early)
    visit.refresh_from_db()
    assert (visit.location, visit.location_at, visit.location_licensed) == (None, None, None)


def test_where_the_patient_is_stands_encrypted_in_the_database(located):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT location FROM telemedicine_appointment WHERE id = %s", [located.pk])
        stored = cursor.fetchone()[0]
    assert "Testville" not in stored


def test_reminders_stop_when_the_visit_begins(located):
    visits.start(appointment=located, by=located.clinician.user, now=TOMORROW)
    left = Notification.objects.filter(about=located.about, template="appointment_reminder", state=State.PENDING)
    assert not left.exists()


def test_hours_can_be_given_twice_without_offering_twice(visit, working):
    give_hours(working)
    from telemedicine import selectors
    from telemedicine.rules.slots import Span, VisitKind

    window = Span(TOMORROW, TOMORROW + timedelta(hours=6))
    found = selectors.offers(kind=VisitKind.CHECK_IN, state="CA", window=window, now=TOMORROW)
    assert len({offer.starts_at for offer in found}) == len(found)
