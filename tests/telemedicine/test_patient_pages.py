"""A patient's pages for visits: choosing, confirming, moving, cancelling, and what a stranger sees of them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from harmoniously.core.alerts.holds import open_hold
from harmoniously.core.alerts.models import Alert, AlertKind, FollowUp, FollowUpKind
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.reviews import services as reviews
from telemedicine.services import book, cancel, hold
from telemedicine.week import value_of
from tests.cast import NOON, make_patient, signed_in
from tests.telemedicine.cases import make_decision, make_visit
from tests.telemedicine.conftest import TOMORROW, pay_evaluation

pytestmark = pytest.mark.django_db

BOOK = "/visits/book/"


@pytest.fixture
def client(at_noon, patient):
    return signed_in(patient.user)


@pytest.fixture
def stranger(at_noon, other_patient):
    return signed_in(other_patient.user)


def page(name, visit):
    return reverse(f"telemedicine:{name}", args=[visit.pk])


def press(client, clinician, starts_at=TOMORROW, **more):
    return client.post(BOOK, {"slot": value_of(starts_at, clinician.pk), "kind": "evaluation", **more})


def text(response):
    return " ".join(response.content.decode().split())


# Choosing


def test_times_are_grouped_by_day_with_the_zone_in_words(client, paying, working):
    shown = text(client.get(BOOK))
    assert "Pacific (PST)" in shown
    assert "Thursday 5 November" in shown
    assert "10:00 am PST" in shown


def test_another_zone_shows_the_same_instant_and_the_clinicians_clock(client, paying, working):
    shown = text(client.get(BOOK, {"zone": "America/New_York"}))
    assert "1:00 pm EST" in shown
    assert "10:00 am PST for them" in shown
    assert value_of(TOMORROW, working.pk) in shown


def test_in_the_week_the_clocks_change_both_abbreviations_are_named(at_noon, paying, working):
    at_noon.move_to(NOON - timedelta(days=7))
    shown = text(signed_in(paying.user).get(BOOK, {"week": "2026-10-28"}))
    assert "Pacific (PDT, PST)" in shown
    assert "9:00 am PDT" in shown
    assert "9:00 am PST" in shown


def test_any_week_in_the_address_gives_a_page(client, paying, working):
    for week in ("", "not-a-date", "1999-01-01", "9999-12-31", "2026-11-09"):
        assert client.get(BOOK, {"week": week}).status_code == 200, week


def test_an_empty_week_says_so(client, paying, prescriber):
    assert "No free time in this week" in text(client.get(BOOK))


def test_pressing_a_time_holds_it_and_leads_to_the_confirm_page(client, paying, working):
    response = press(client, working)
    held = Appointment.objects.get()
    assert held.status == Status.HELD
    assert response.url == page("confirm", held)
    assert "We keep this time for you until 9:10 am" in text(client.get(response.url))


def test_confirming_books_and_a_second_click_leads_to_the_same_page(client, paying, working):
    press(client, working)
    held = Appointment.objects.get()
    first, second = client.post(page("confirm", held)), client.post(page("confirm", held))
    assert first.url == second.url == page("booked", held)
    shown = text(client.get(first.url))
    assert "Your visit is booked" in shown
    assert "Thursday 5 November, 10:00 am Pacific (PST)" in shown
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_time_that_has_gone_answers_409_keeps_the_form_and_offers_the_nearest(client, paying, working):
    other = make_patient("third@example.com")
    pay_evaluation(other)
    book(patient=other, clinician=working, starts_at=TOMORROW, kind="evaluation", by=other.user, now=NOON)
    response = press(client, working, zone="America/Chicago", week="2026-11-02")
    assert response.status_code == 409
    shown = text(response)
    assert "This time is no longer free. Nothing was booked." in shown
    assert "The nearest free times" in shown
    assert "12:45 pm CST" in shown
    assert '<input type="hidden" name="zone" value="America/Chicago">' in shown


def test_a_hold_lost_to_somebody_else_answers_409_with_the_nearest(client, at_noon, paying, working):
    press(client, working)
    held = Appointment.objects.get()
    later = NOON + timedelta(minutes=11)
    other = make_patient("third@example.com")
    pay_evaluation(other)
    book(patient=other, clinician=working, starts_at=TOMORROW, kind="evaluation", by=other.user, now=later)
    at_noon.move_to(later)
    response = client.post(page("confirm", held))
    assert response.status_code == 409
    assert "The nearest free times" in text(response)


def test_a_time_that_we_did_not_write_is_refused(client, paying, working):
    """Nor one without a zone."""
    at = "2026-11-05T18:00:00"
    for slot in ("", "nonsense", f"{at}Z~nobody", f"{at}~", "~", f"{at}~{working.pk}"):
        assert client.post(BOOK, {"slot": slot, "kind": "evaluation"}).status_code == 422, slot
    assert Appointment.objects.count() == 0


def test_a_patient_cannot_choose_a_kind_that_is_not_open(client, paying, working):
    press(client, working, kind="integration")
    assert Appointment.objects.get().kind == "evaluation"


def test_nobody_else_is_booked_by_a_forged_field(client, paying, working, other_patient):
    press(client, working, patient=str(other_patient.pk), status="booked", id=str(other_patient.pk))
    held = Appointment.objects.get()
    assert (held.patient_id, held.status) == (paying.pk, "held")


def test_what_comes_before_a_first_visit_is_explained(client, patient, working):
    assert "A first visit comes after the questions" in text(client.get(BOOK))
    make_decision(patient)
    assert "can be booked once its fee is paid" in text(client.get(BOOK))


@pytest.mark.parametrize("seen", [False, True], ids=["before the visit", "after the visit"])
def test_who_was_declined_is_shown_the_decision_and_no_fee_and_no_times(client, paying, working, coordinator, seen):
    """Also after a visit, when follow-ups would be free of charge; the clinic may still see them."""
    case, kind = make_decision(paying), "check_in" if seen else "evaluation"
    if seen:
        make_visit(paying, working)
    reviews.claim(decision=case, by=working.user, now=NOON)
    words = {"reason": "Blood pressure is not controlled.", "words": "Your heart comes first."}
    reviews.decline(decision=case, **words, by=working.user, now=NOON)
    for address in (BOOK, reverse("telemedicine:visits")):
        shown = text(client.get(address)).partition("<main")[2].partition("</main")[0]
        assert reverse("telemedicine:decision") in shown
        assert "Choose a time" not in shown
        assert "fee" not in shown
    assert reverse("telemedicine:decision") in text(press(client, working, kind=kind))
    wanted = {"patient": paying, "clinician": working, "starts_at": TOMORROW, "kind": kind}
    with pytest.raises(RuleViolation, match="has decided"):
        book(**wanted, by=paying.user, now=NOON)
    assert not Appointment.objects.filter(status__in=("held", "booked")).exists()
    if seen:
        assert book(**wanted, by=coordinator, now=NOON).status == "booked"


def test_a_high_risk_gets_help_instead_of_times(client, paying, working):
    open_hold(patient=paying, level="high", about="test", by=SYSTEM, now=NOON)
    shown = text(client.get(BOOK))
    assert "tel:988" in shown
    assert 'name="slot"' not in shown


def test_a_week_page_asks_few_questions(client, paying, working, django_assert_max_num_queries):
    client.get(BOOK)
    with django_assert_max_num_queries(12):  # design 7
        client.get(BOOK)


# Moving and cancelling


def test_moving_takes_two_pages_and_keeps_the_visit(client, visit):
    assert client.get(page("move", visit)).status_code == 200
    there = TOMORROW + timedelta(minutes=15)
    slot = value_of(there, visit.clinician_id)
    shown = text(client.get(page("confirm_move", visit), {"slot": slot}))
    assert "10:15 am Pacific (PST)" in shown
    assert client.post(page("confirm_move", visit), {"slot": slot}).url == page("booked", visit)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (there, 1)


def test_moving_to_a_taken_time_answers_409_and_says_it_is_still_booked(client, visit, working):
    other = make_patient("third@example.com")
    pay_evaluation(other)
    there = TOMORROW + timedelta(hours=2)
    book(patient=other, clinician=working, starts_at=there, kind="evaluation", by=other.user, now=NOON)
    response = client.post(page("confirm_move", visit), {"slot": value_of(there, working.pk)})
    assert response.status_code == 409
    assert "Your visit is still booked as before" in text(response)


def test_cancelling_takes_one_page_and_says_so(client, visit):
    assert client.get(page("cancel", visit)).status_code == 200
    response = client.post(page("cancel", visit))
    assert response.url == page("visit", visit)
    assert "This visit is cancelled" in text(client.get(response.url))
    assert client.post(page("cancel", visit)).status_code == 302


def test_the_list_shows_what_is_ahead_and_what_was(client, visit, paying):
    assert "Thursday 5 November, 10:00 am Pacific (PST)" in text(client.get("/visits/"))
    cancel(appointment=visit, by=paying.user, now=NOON)
    assert "Earlier and cancelled" in text(client.get("/visits/"))


def test_a_patient_who_moves_house_sees_other_words_for_the_same_instant(client, visit, paying):
    paying.zone = "America/New_York"
    paying.save(update_fields=["zone"])
    shown = text(client.get(page("visit", visit)))
    assert "1:00 pm Eastern (EST)" in shown
    assert "For your clinician: Thursday 5 November, 10:00 am Pacific (PST)" in shown


# Strangers


def test_a_refused_look_is_in_the_audit_trail(stranger, visit):
    stranger.get(page("calendar", visit))
    assert AuditEvent.objects.filter(action="appointment.refused", patient=visit.patient_id).exists()


# The calendar file


def event_of(response):
    calendar = Calendar.from_ical(response.content)
    return calendar, next(iter(calendar.walk("VEVENT")))


def test_the_calendar_file_is_neutral_and_in_utc(client, visit):
    response = client.get(page("calendar", visit))
    calendar, event = event_of(response)
    assert response["Content-Type"].startswith("text/calendar")
    assert (calendar["method"], event["summary"]) == ("REQUEST", "Appointment with Harmoniously")
    assert b"DTSTART:20261105T180000Z" in response.content
    assert b"DTEND:20261105T184500Z" in response.content
    for word in (b"ketamine", b"evaluation", b"First visit", visit.clinician.display_name.encode(), b"Robin"):
        assert word not in response.content


def test_a_move_raises_the_sequence_and_keeps_the_uid(client, visit):
    _calendar, before = event_of(client.get(page("calendar", visit)))
    slot = value_of(TOMORROW + timedelta(minutes=15), visit.clinician_id)
    client.post(page("confirm_move", visit), {"slot": slot})
    _calendar, after = event_of(client.get(page("calendar", visit)))
    assert (before["uid"], before["sequence"], after["sequence"]) == (after["uid"], 0, 1)


def test_a_cancelled_visit_is_taken_out_of_the_calendar(client, visit):
    client.post(page("cancel", visit))
    calendar, event = event_of(client.get(page("calendar", visit)))
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)


def test_a_hold_has_no_calendar_file(client, paying, working):
    held = hold(patient=paying, clinician=working, starts_at=TOMORROW, kind="evaluation", by=paying.user, now=NOON)
    assert client.get(page("calendar", held)).status_code == 404


# The door to the visit


PLACE = {
    "street": "1 Test Way", "city": "Testville", "state": "CA", "zip": "90001", "phone": "415 555 0132",
    "private": "yes", "safe": "yes", "way": "phone",
}  # fmt: skip


@pytest.fixture
def soon(at_noon, patient):
    """Ten minutes before the visit."""
    at_noon.move_to(TOMORROW - timedelta(minutes=10))
    return signed_in(patient.user)


def test_the_door_is_closed_until_15_minutes_before(at_noon, client, visit):
    assert client.get(page("join", visit)).status_code == 302
    assert "Come back to this page from Thursday 5 November, 9:45 am Pacific (PST)" in text(
        client.get(page("visit", visit))
    )


def test_saying_where_one_is_leads_to_the_call(visit, soon):
    assert soon.post(page("join", visit), PLACE).url == page("visit", visit)
    shown = text(soon.get(page("visit", visit)))
    assert "will call you at +14155550132, at 10:00 am" in shown
    visit.refresh_from_db()
    assert (visit.location["state"], visit.location_licensed) == ("CA", True)


def test_a_state_without_a_licence_stops_the_visit_with_help(visit, soon):
    soon.post(page("join", visit), {**PLACE, "state": "NV"})
    visit.refresh_from_db()
    assert visit.location_licensed is False
    shown = text(soon.get(page("visit", visit)))
    assert "The visit cannot take place where you are" in shown
    assert page("move", visit) in shown
    assert FollowUp.objects.filter(kind=FollowUpKind.VISIT_NEEDED, patient=visit.patient).exists()


def test_not_alone_is_a_kind_error_that_keeps_what_was_typed(visit, soon):
    response = soon.post(page("join", visit), {**PLACE, "private": "no", "street": "9 Kept Road"})
    assert response.status_code == 422
    assert "Find a place where nobody can listen" in text(response)
    assert "9 Kept Road" in text(response)


@pytest.mark.parametrize("answers", [PLACE, {}])
def test_not_safe_raises_an_alert_at_once_however_little_else_is_filled_in(visit, soon, answers):
    response = soon.post(page("join", visit), {**answers, "safe": "no"})
    assert response.url == reverse("portal:crisis")
    assert Alert.objects.filter(kind=AlertKind.HELP_PRESSED, patient=visit.patient).count() == 1


def test_an_hour_after_the_start_the_door_is_closed_again(at_noon, visit, patient):
    at_noon.move_to(TOMORROW + timedelta(minutes=60))
    late = signed_in(patient.user)
    assert late.get(page("join", visit)).status_code == 302
    assert "The time of this visit is over" in text(late.get(page("visit", visit)))


def test_a_visit_that_is_going_on_offers_no_change(visit, soon):
    soon.post(page("join", visit), PLACE)
    Appointment.objects.filter(pk=visit.pk).update(started_at=TOMORROW - timedelta(minutes=5))
    shown = text(soon.get(page("visit", visit)))
    assert "Your visit is going on" in shown
    assert page("move", visit) not in shown
    assert page("cancel", visit) not in shown
