"""Booking: what is allowed, what is refused, and what is sent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from harmoniously.core.accounts.models import CareRelation, Licence
from harmoniously.core.alerts.holds import open_hold
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent, StatusChange
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.notifications.models import Notification
from telemedicine import selectors
from telemedicine.models import Appointment, TimeOff
from telemedicine.models.appointment import Status
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.services import SlotTaken, cancel, confirm, hold, release_expired_holds, reschedule
from tests.cast import NOON, make_clinician
from tests.telemedicine.conftest import TOMORROW, give_hours
from tests.telemedicine.visits import QUARTER, another_paying, book_first, pending

pytestmark = pytest.mark.django_db

# What is booked


def test_a_booked_visit_lasts_45_minutes_and_opens_care(paying, working):
    visit = book_first(paying, working)
    assert (visit.status, visit.ends_at - visit.starts_at) == (Status.BOOKED, timedelta(minutes=45))
    assert CareRelation.objects.filter(patient=paying, clinician=working, since=NOON, until=None).exists()


def test_every_step_is_in_the_history_and_in_the_audit_trail(paying, working):
    visit = book_first(paying, working)
    cancel(appointment=visit, by=paying.user, now=NOON)
    moves = StatusChange.objects.filter(subject=f"telemedicine.appointment:{visit.pk}")
    assert [(move.before, move.after, move.reason_code) for move in moves] == [
        ("held", "booked", ""),
        ("booked", "cancelled", "cancelled_by_patient"),
    ]
    actions = set(AuditEvent.objects.filter(patient=paying.pk).values_list("action", flat=True))
    assert {"appointment.booked", "appointment.cancelled", "carerelation.opened"} <= actions


def test_booking_twice_books_once(paying, working):
    assert book_first(paying, working).pk == book_first(paying, working).pk
    assert Appointment.objects.count() == 1
    assert Notification.objects.filter(template="appointment_confirmed").count() == 1


def test_confirmation_and_reminders_are_planned_in_elapsed_hours(paying, working):
    """UX-17: a week, a day, an hour and ten minutes before; FI-12."""
    visit = book_first(paying, working, starts_at=TOMORROW + timedelta(days=8))
    assert pending(visit) == {
        ("appointment_confirmed", "email", NOON),
        ("appointment_reminder", "email", visit.starts_at - timedelta(days=7)),
        ("appointment_reminder", "email", visit.starts_at - timedelta(hours=24)),
        ("appointment_reminder", "email", visit.starts_at - timedelta(hours=1)),
        ("appointment_starting", "email", visit.starts_at - timedelta(minutes=10)),
    }


def test_reminders_before_the_clocks_change_are_24_elapsed_hours_before(paying, working):
    monday_nine = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)  # Sunday 1 November, 09:00 PST, the day the clocks change
    visit = book_first(paying, working, starts_at=monday_nine, now=monday_nine - timedelta(days=3))
    assert (("appointment_reminder", "email", datetime(2026, 10, 31, 17, 0, tzinfo=UTC))) in pending(visit)


def test_texts_are_sent_only_with_consent(paying, working):
    paying.sms_consent_at = NOON
    paying.save(update_fields=["sms_consent_at"])
    visit = book_first(paying, working, starts_at=TOMORROW + timedelta(days=1))
    assert {channel for _template, channel, _due in pending(visit)} == {"email", "sms"}


def test_a_visit_at_short_notice_has_no_reminder_in_the_past(paying, working):
    visit = book_first(paying, working, starts_at=NOON + timedelta(hours=2))
    assert {(template, due) for template, _channel, due in pending(visit)} == {
        ("appointment_confirmed", NOON),
        ("appointment_reminder", NOON + timedelta(hours=1)),
        ("appointment_starting", NOON + timedelta(hours=1, minutes=50)),
    }


# What is refused


@pytest.mark.parametrize("minutes", [1, -1, 20])
def test_a_start_off_the_grid_is_refused_with_the_nearest_times(paying, working, minutes):
    with pytest.raises(SlotTaken) as refused:
        book_first(paying, working, starts_at=TOMORROW + timedelta(minutes=minutes))
    assert TOMORROW in [offer.starts_at for offer in refused.value.alternatives]


def test_lead_time_is_two_hours_for_patients_and_none_for_coordinators(paying, working, coordinator):
    soon = NOON + timedelta(hours=1)
    with pytest.raises(SlotTaken):
        book_first(paying, working, starts_at=soon)
    assert book_first(paying, working, starts_at=soon, by=coordinator).status == Status.BOOKED


def test_nobody_books_the_past(paying, working, coordinator):
    with pytest.raises(SlotTaken):
        book_first(paying, working, starts_at=NOON - QUARTER, by=coordinator)


def test_a_first_visit_needs_its_fee(patient, working):
    with pytest.raises(RuleViolation) as refused:
        book_first(patient, working)
    assert refused.value.code == "unpaid"


def test_a_second_first_visit_is_refused(paying, working):
    book_first(paying, working)
    with pytest.raises(RuleViolation) as refused:
        book_first(paying, working, starts_at=TOMORROW + timedelta(days=1))
    assert refused.value.code == "already_booked"


def test_a_clinician_without_a_licence_there_is_refused(paying, working):
    Licence.objects.update(state="NV")
    with pytest.raises(RuleViolation) as refused:
        book_first(paying, working)
    assert refused.value.code == "not_licensed"


@pytest.mark.parametrize(("expires", "offered"), [(date(2026, 11, 5), True), (date(2026, 11, 4), False)])
def test_a_licence_counts_through_its_last_day(paying, working, expires, offered):
    Licence.objects.update(expires_on=expires)
    if offered:
        assert book_first(paying, working).status == Status.BOOKED
    else:
        with pytest.raises(RuleViolation):
            book_first(paying, working)


def test_time_off_is_not_offered(paying, working):
    TimeOff.objects.create(clinician=working, starts_at=TOMORROW, ends_at=TOMORROW + timedelta(hours=1))
    with pytest.raises(SlotTaken):
        book_first(paying, working)


def test_a_high_hold_refuses_with_crisis_help_but_a_coordinator_may_move(paying, working, coordinator):
    visit = book_first(paying, working)
    open_hold(patient=paying, level="high", about="test", by=SYSTEM, now=NOON)
    with pytest.raises(RuleViolation) as refused:
        book_first(paying, working, starts_at=TOMORROW + timedelta(days=2), kind="check_in")
    assert refused.value.code == "safety_hold"
    assert "988" in refused.value.message
    with pytest.raises(RuleViolation) as told:
        book_first(paying, working, starts_at=TOMORROW + timedelta(days=2), kind="check_in", by=coordinator)
    assert told.value.code == "safety_hold"
    assert "answers" not in told.value.message
    later = TOMORROW + timedelta(hours=1)
    with pytest.raises(RuleViolation):
        reschedule(appointment=visit, starts_at=later, by=paying.user, now=NOON)
    assert reschedule(appointment=visit, starts_at=later, by=coordinator, now=NOON).starts_at == later


def test_a_moderate_hold_does_not_keep_people_from_a_visit(paying, working):
    open_hold(patient=paying, level="moderate", about="test", by=SYSTEM, now=NOON)
    assert book_first(paying, working).status == Status.BOOKED


def test_strangers_may_not_arrange_a_visit(paying, working, other_patient, administrator, other_prescriber):
    for stranger in (other_patient.user, administrator, other_prescriber.user):
        with pytest.raises(PermissionDenied):
            book_first(paying, working, by=stranger)


# Two at one time


def test_overlaps_of_one_clinician_are_refused(paying, working):
    book_first(another_paying(), working)
    for offset in (-30, -15, 0, 15, 30):
        with pytest.raises(Conflict):
            book_first(paying, working, starts_at=TOMORROW + timedelta(minutes=offset))
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("offset", [-45, 45])
def test_neighbours_are_fine(paying, working, offset):
    book_first(another_paying(), working)
    assert book_first(paying, working, starts_at=TOMORROW + timedelta(minutes=offset)).status == Status.BOOKED


def test_one_patient_cannot_be_with_two_clinicians_at_once(paying, working):
    second = make_clinician("second@example.com", display_name="Dr Sky Second")
    give_hours(second)
    book_first(paying, working)
    with pytest.raises(Conflict) as refused:
        book_first(paying, second, kind="check_in")
    assert refused.value.code == "patient_busy"


@pytest.mark.parametrize("column", ["clinician", "patient"])
def test_the_database_itself_refuses_overlaps_whoever_writes(paying, working, column):
    visit = book_first(paying, working)
    twin = {"patient": another_paying(), "clinician": make_clinician("x@example.com"), column: getattr(visit, column)}
    with pytest.raises(IntegrityError, match=f"telemedicine_appointment_{column}_free"), transaction.atomic():
        Appointment.objects.create(
            **twin, kind="evaluation", status="booked", starts_at=visit.starts_at + QUARTER, ends_at=visit.ends_at
        )


def test_the_database_refuses_a_visit_that_ends_before_it_starts(paying, working):
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(
            patient=paying, clinician=working, kind="evaluation", status="booked", starts_at=TOMORROW, ends_at=TOMORROW
        )


def test_a_cancelled_visit_gives_its_time_back(paying, working):
    cancel(appointment=book_first(another_paying(), working), by=SYSTEM, now=NOON)
    assert book_first(paying, working).status == Status.BOOKED


# Holds


def held(patient, clinician, starts_at=TOMORROW, now=NOON):
    return hold(patient=patient, clinician=clinician, starts_at=starts_at, kind="evaluation", by=patient.user, now=now)


def test_a_hold_keeps_the_time_from_others(paying, working):
    held(paying, working)
    with pytest.raises(SlotTaken):
        book_first(another_paying(), working)


def test_a_hold_that_ran_out_is_taken_by_the_next(paying, working):
    first = held(paying, working)
    later = NOON + timedelta(minutes=10)
    assert book_first(another_paying(), working, now=later).status == Status.BOOKED
    first.refresh_from_db()
    assert first.status == Status.CANCELLED


def test_a_hold_that_ran_out_can_still_be_confirmed_when_nobody_took_it(paying, working):
    first = held(paying, working)
    assert confirm(appointment=first, by=paying.user, now=NOON + timedelta(minutes=30)).status == Status.BOOKED


def test_a_released_hold_is_booked_anew_when_the_time_is_still_free(paying, working):
    first = held(paying, working)
    later = NOON + timedelta(minutes=11)
    assert release_expired_holds(now=later) == 1
    first.refresh_from_db()
    booked = confirm(appointment=first, by=paying.user, now=later)
    assert (booked.status, booked.starts_at) == (Status.BOOKED, TOMORROW)


def test_confirming_what_somebody_else_took_is_a_conflict_with_alternatives(paying, working):
    first = held(paying, working)
    later = NOON + timedelta(minutes=11)
    book_first(another_paying(), working, now=later)
    first.refresh_from_db()
    with pytest.raises(SlotTaken) as refused:
        confirm(appointment=first, by=paying.user, now=later)
    assert len(refused.value.alternatives) == 3


def test_choosing_another_time_lets_the_first_go(paying, working):
    held(paying, working)
    held(paying, working, starts_at=TOMORROW + QUARTER)
    assert Appointment.objects.filter(status=Status.HELD).count() == 1


def test_the_same_choice_twice_is_one_hold(paying, working):
    assert held(paying, working).pk == held(paying, working).pk


def test_holds_still_running_are_not_released(paying, working):
    held(paying, working)
    assert release_expired_holds(now=NOON + timedelta(minutes=9)) == 0


# Offers


def week(now=NOON):
    return Span(now, now + timedelta(days=7))


def test_offers_of_a_week_cost_at_most_five_queries_for_twenty_clinicians(
    paying, working, django_assert_max_num_queries
):
    for number in range(19):
        give_hours(make_clinician(f"c{number}@example.com", display_name=f"Dr {number}"))
    with django_assert_max_num_queries(5):
        found = selectors.offers(kind=VisitKind.EVALUATION, state="CA", window=week(), now=NOON)
        assert len({str(offer.clinician) for offer in found}) == 20


def test_only_prescribers_give_first_visits(paying, therapist):
    give_hours(therapist)
    assert selectors.offers(kind=VisitKind.EVALUATION, state="CA", window=week(), now=NOON) == []
    assert selectors.offers(kind=VisitKind.INTEGRATION, state="CA", window=week(), now=NOON) != []


def test_people_who_may_not_sign_in_are_not_offered(paying, working):
    working.user.is_active = False
    working.user.save(update_fields=["is_active"])
    assert selectors.offers(kind=VisitKind.EVALUATION, state="CA", window=week(), now=NOON) == []


def test_what_is_offered_can_be_booked(paying, working):
    for offer in selectors.offers(kind=VisitKind.EVALUATION, state="CA", window=week(), now=NOON)[:5]:
        visit = book_first(paying, offer.clinician, starts_at=offer.starts_at)
        cancel(appointment=visit, by=paying.user, now=NOON)


def test_a_zone_change_leaves_the_instant_and_the_reminders(paying, working):
    visit = book_first(paying, working, starts_at=TOMORROW + timedelta(days=1))
    before = pending(visit)
    paying.zone = "America/New_York"
    paying.save(update_fields=["zone"])
    visit.refresh_from_db()
    assert (visit.starts_at, pending(visit)) == (TOMORROW + timedelta(days=1), before)


def test_the_promise_needs_no_extension(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname = 'btree_gist'")
        assert cursor.fetchall() == []
