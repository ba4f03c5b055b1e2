"""The schedule and what coordinators and clinicians do with visits."""

from datetime import timedelta

import pytest

from harmoniously.core.audit.models import AuditEvent
from telemedicine.models import Appointment
from telemedicine.models.appointment import Status
from telemedicine.services import book
from telemedicine.week import value_of
from tests.cast import NOON, make_clinician, make_patient, signed_in
from tests.telemedicine.conftest import TOMORROW, give_hours, pay_evaluation

pytestmark = pytest.mark.django_db

SCHEDULE = "/admin/schedule/"


@pytest.fixture
def desk(at_noon, coordinator):
    return signed_in(coordinator)


def text(response):
    return " ".join(response.content.decode().split())


def another_visit(clinician, starts_at):
    other = make_patient("third@example.com", preferred_name="Max")
    pay_evaluation(other)
    return book(patient=other, clinician=clinician, starts_at=starts_at, kind="evaluation", by=other.user, now=NOON)


def test_the_grid_shows_every_visit_as_a_link(desk, visit):
    shown = text(desk.get(SCHEDULE))
    assert f'href="/admin/appointments/{visit.pk}/"' in shown
    assert "1:00 pm" in shown  # the practice's zone
    assert "Robin" in shown
    assert "10:00 am" in text(desk.get(SCHEDULE, {"zone": "America/Los_Angeles"}))


def test_the_grid_is_audited(desk, visit):
    desk.get(SCHEDULE)
    assert AuditEvent.objects.filter(action="schedule.viewed").exists()


def test_any_week_gives_a_page(desk, visit):
    for week in ("x", "2026-13-01", "0001-01-01", "9999-12-31", "2027-03-08"):
        assert desk.get(SCHEDULE, {"week": week}).status_code == 200, week


def test_a_clinician_sees_only_their_own_week(at_noon, visit, other_prescriber):
    give_hours(other_prescriber)
    client = signed_in(other_prescriber.user)
    shown = text(client.get(SCHEDULE))
    assert "Robin" not in shown
    assert other_prescriber.display_name in shown
    assert visit.clinician.display_name not in shown


def test_the_grid_costs_the_same_for_twenty_clinicians(desk, visit, django_assert_max_num_queries):
    for number in range(19):
        give_hours(make_clinician(f"c{number}@example.com", display_name=f"Dr {number}"))
    desk.get(SCHEDULE)
    with django_assert_max_num_queries(12):  # design 7
        desk.get(SCHEDULE)


# Booking for a patient


def test_a_patient_is_found_by_number_or_address_without_either_in_the_url(desk, paying):
    for words in (paying.mrn.lower(), paying.user.email.upper()):
        response = desk.post("/admin/schedule/book/", {"patient": words, "kind": "evaluation"})
        assert response.url == f"/admin/schedule/book/{paying.pk}/?kind=evaluation"
    assert AuditEvent.objects.filter(action="patient.looked_up", patient=paying.pk).count() == 2


def test_an_unknown_patient_is_said_so_and_the_form_kept(desk, paying):
    response = desk.post("/admin/schedule/book/", {"patient": "H-NOBODY", "kind": "check_in"})
    assert response.status_code == 422
    assert "Nobody is known by that" in text(response)
    assert "H-NOBODY" in text(response)


def test_a_coordinator_books_and_the_patient_is_told(desk, paying, working):
    address = f"/admin/schedule/book/{paying.pk}/"
    assert "10:00 am PST" in text(desk.get(address, {"kind": "evaluation"}))
    response = desk.post(address, {"kind": "evaluation", "slot": value_of(TOMORROW, working.pk)})
    row = Appointment.objects.get()
    assert response.url == f"/admin/appointments/{row.pk}/"
    assert (row.status, row.patient_id) == (Status.BOOKED, paying.pk)
    assert "The patient is told by e-mail" in text(desk.get(response.url))


def test_a_conflict_is_explained_with_alternatives_and_nothing_is_saved(desk, paying, working):
    another_visit(working, TOMORROW)
    address = f"/admin/schedule/book/{paying.pk}/"
    response = desk.post(address, {"kind": "evaluation", "slot": value_of(TOMORROW, working.pk)})
    assert response.status_code == 409
    assert "This time is no longer free. Nothing was booked." in text(response)
    assert "The nearest free times" in text(response)
    assert not Appointment.objects.for_patient(paying).exists()


def test_unpaid_is_refused_for_coordinators_too(desk, patient, working):
    address = f"/admin/schedule/book/{patient.pk}/"
    response = desk.post(address, {"kind": "evaluation", "slot": value_of(TOMORROW, working.pk)})
    assert response.status_code == 422
    assert "once its fee is paid" in text(response)


def test_a_coordinator_moves_a_visit(desk, visit):
    address = f"/admin/appointments/{visit.pk}/move/"
    assert desk.get(address).status_code == 200
    there = TOMORROW + timedelta(hours=1)
    response = desk.post(address, {"slot": value_of(there, visit.clinician_id)})
    assert response.url == f"/admin/appointments/{visit.pk}/"
    visit.refresh_from_db()
    assert visit.starts_at == there


def test_moving_onto_another_visit_is_refused_with_an_explanation(desk, visit, working):
    other = another_visit(working, TOMORROW + timedelta(hours=2))
    address = f"/admin/appointments/{visit.pk}/move/"
    response = desk.post(address, {"slot": value_of(other.starts_at, working.pk)})
    assert response.status_code == 409
    visit.refresh_from_db()
    assert visit.starts_at == TOMORROW


def test_a_coordinator_cancels_with_a_reason(desk, visit):
    address = f"/admin/appointments/{visit.pk}/cancel/"
    assert desk.post(address).status_code == 422
    assert desk.post(address, {"reason": "asked_by_patient"}).status_code == 302
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_a_coordinator_marks_a_visit_as_missed(at_noon, coordinator, visit):
    at_noon.move_to(TOMORROW + timedelta(minutes=20))
    assert signed_in(coordinator).post(f"/admin/appointments/{visit.pk}/missed/").status_code == 302
    visit.refresh_from_db()
    assert visit.status == Status.NO_SHOW


def test_patients_get_nothing_of_the_staff_pages(at_noon, visit, patient):
    client = signed_in(patient.user)
    for url in (SCHEDULE, "/admin/schedule/book/", f"/admin/appointments/{visit.pk}/", f"/admin/visits/{visit.pk}/"):
        response = client.get(url)
        assert response.status_code in {302, 403, 404}
        assert visit.clinician.display_name not in response.content.decode()


# The clinician's side


PLACE = {"do": "place", "street": "1 Test Way", "city": "Testville", "state": "CA", "zip": "", "phone": "4155550132"}


@pytest.fixture
def doctor(at_noon, visit):
    at_noon.move_to(TOMORROW)
    return signed_in(visit.clinician.user)


def test_the_clinician_sees_the_number_begins_and_ends(doctor, visit):
    url = f"/admin/visits/{visit.pk}/"
    shown = text(doctor.get(url))
    assert visit.patient.phone in shown
    assert "Begin the visit" not in shown
    assert doctor.post(url, PLACE).status_code == 302
    assert "Begin the visit" in text(doctor.get(url))
    doctor.post(url, {"do": "start"})
    assert "The visit is going on" in text(doctor.get(url))
    doctor.post(url, {"do": "complete"})
    visit.refresh_from_db()
    assert visit.status == Status.COMPLETED


def test_the_clinician_cannot_begin_where_there_is_no_licence(doctor, visit):
    url = f"/admin/visits/{visit.pk}/"
    doctor.post(url, {**PLACE, "state": "NV"})
    response = doctor.post(url, {"do": "start"})
    assert response.status_code == 422
    assert "You have no licence where the patient is" in text(response)


def test_a_wrong_button_is_refused_with_words(doctor, visit):
    for do in ("", "nonsense", "start"):
        assert doctor.post(f"/admin/visits/{visit.pk}/", {"do": do}).status_code == 422, do


def test_coordinators_see_no_place_and_no_number(at_noon, visit, coordinator):
    assert signed_in(coordinator).get(f"/admin/visits/{visit.pk}/").status_code == 403
    shown = text(signed_in(coordinator).get(f"/admin/appointments/{visit.pk}/"))
    assert visit.patient.phone not in shown


def test_a_colleague_who_also_cares_for_the_patient_cannot_hold_the_visit(doctor, visit, other_prescriber):
    from tests.cast import take_into_care

    take_into_care(visit.patient, other_prescriber)
    assert signed_in(other_prescriber.user).get(f"/admin/visits/{visit.pk}/").status_code == 404
