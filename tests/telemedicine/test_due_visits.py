"""Visits that the treatment asks for (policy 8): opened, offered, booked, overdue and held by themselves, unpaid."""

from datetime import timedelta

import pytest

from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.common import clock
from harmoniously.core.notifications.models import Notification
from telemedicine import may_book, selectors
from telemedicine.models import Appointment
from telemedicine.refills import renewal
from telemedicine.refills.selectors import renewals
from telemedicine.rules.slots import Span, VisitKind
from telemedicine.services import booking, due, visits
from telemedicine.staff_conflicts import planned_days
from telemedicine.staff_due import due_lines
from tests import cast
from tests.telemedicine.conftest import give_hours
from tests.treatment.conftest import FACTS, START, Case, refused
from treatment import said
from treatment import services as treatment
from treatment.models import Chart, DoseSession, DueVisit
from treatment.selecting.refills import next_supply
from treatment.services.todays import medicines_now

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def case(patient, prescriber):
    """Two sessions' worth of treatment behind a first visit; nothing was paid here, and nothing is asked."""
    give_hours(prescriber)
    cast.take_into_care(patient, prescriber, START)
    treatment.open_chart(patient=patient, facts=FACTS, by=prescriber.user, now=START)
    Appointment.objects.create(
        patient=patient, clinician=prescriber, kind="evaluation", status="completed", starts_at=START - 2 * DAY,
        ends_at=START - DAY,
    )  # fmt: skip
    return Case(patient, prescriber)


def take(session: DoseSession):
    """The session, completed two hours after its time."""
    at = session.starts_at
    DoseSession.objects.filter(pk=session.pk).update(
        status="completed", gate_passed_at=at, gate_valid_until=at + SECOND, started_at=at, sitter_released_at=at,
        completed_at=at + DAY / 12,
    )  # fmt: skip
    return at + DAY / 12


def book(case, kind, now):
    window = Span(now, now + 6 * DAY)
    free = selectors.offers(kind=VisitKind(kind), state="CA", window=window, now=now)
    return booking.book(
        patient=case.patient, clinician=case.prescriber, starts_at=free[0].starts_at, kind=kind, by=case.patient.user,
        now=now,
    )  # fmt: skip


def hold(visit):
    """The visit takes place."""
    where = {"state": "CA", "street": "1 Test Way", "city": "Testville", "zip": "90001", "phone": "+15550100123"}
    there = visits.state_location(appointment=visit, location=where, by=visit.patient.user, now=visit.starts_at)
    begun = visits.start(appointment=there, by=visit.clinician.user, now=visit.starts_at)
    visits.complete(appointment=begun, by=visit.clinician.user, now=visit.ends_at)
    return visit.ends_at


def waiting():
    return list(FollowUp.objects.exclude(state="closed").values_list("kind", flat=True))


def asked(case, now):
    return {item.code for item in next_supply(case.patient, now).refill.missing}


@pytest.mark.django_db
def test_the_check_in_after_session_2_opens_itself_is_booked_overdue_and_held(case):
    """Policy 8, I4, I9."""
    first, second = case.planned()[:2]
    week = Span(START, START + 7 * DAY)
    coming = [clock.day_words(session.starts_at, session.zone) for session in (first, second)]
    assert planned_days(case.patient, week)[:2] == coming
    now = take(first)
    assert planned_days(case.patient, week)[0] == coming[1]  # what is over is not planned
    assert due.sweep(now=now) == 0
    now = take(second)
    for _again in range(2):
        assert due.sweep(now=now) == 1
    row = DueVisit.objects.get()
    assert (row.kind, row.after_session, row.due_since, row.status) == ("check_in", 2, now, "offered")
    told = Notification.objects.filter(dedupe_key__startswith="due_visit:")
    assert (told.count(), waiting()) == (1, ["visit_needed"])
    assert may_book.kinds_open_to(case.patient)[0] == "check_in"
    visit = book(case, "check_in", now)
    row.refresh_from_db()
    assert (row.status, row.appointment, waiting()) == ("booked", visit.pk, [])
    assert [(line.words, line.visit) for line in due_lines(now)] == [("Booked", visit)]
    assert [line.words for line in due_lines(now + 7 * DAY)] == ["Booked, late"]
    booking.cancel(appointment=visit, by=case.patient.user, now=now)
    row.refresh_from_db()
    assert (row.status, waiting()) == ("offered", ["visit_needed"])
    just_before, overdue = now + 7 * DAY - SECOND, now + 7 * DAY
    due.sweep(now=just_before)
    assert waiting() == ["visit_needed"] and "refill_visit" not in asked(case, just_before)
    assert [(line.words, line.visit) for line in due_lines(just_before)] == [("Offered", None)]
    for _again in range(2):
        due.sweep(now=overdue)
    assert (waiting(), told.count()) == (["visit_overdue"], 2)
    assert [line.words for line in due_lines(overdue)] == ["Overdue"]
    assert "refill_visit" in asked(case, overdue)
    visit = book(case, "check_in", overdue)
    row.refresh_from_db()
    assert (row.status, waiting()) == ("booked", [])
    assert "refill_visit" in asked(case, overdue)  # booked is not held
    end = hold(visit)
    row.refresh_from_db()
    assert (row.status, due.sweep(now=end), DueVisit.objects.count()) == ("done", 0, 1)
    assert "refill_visit" not in asked(case, end)


@pytest.mark.django_db
def test_an_overdue_visit_that_is_due_again_is_on_the_worklist_again(case):
    """Not needed for a while, as while the treatment stands still; the follow-up of the first time is closed."""
    late = [take(session) for session in case.planned()[:2]][1] + 7 * DAY
    due.sweep(now=late, everybody=True)
    DueVisit.objects.update(status="ended")
    FollowUp.objects.update(state="closed", closed_at=late)
    due.sweep(now=late + SECOND, everybody=True)
    assert (DueVisit.objects.get().status, waiting()) == ("overdue", ["visit_overdue"])


@pytest.mark.django_db
def test_after_twelve_weeks_a_prescriber_sees_the_patient_and_approves_anew(case, monkeypatch):
    """I1, policy 8: 84 days are not yet over, the next second is; the visit alone does not open the gate."""
    session = case.planned()[0]
    done = take(session)
    last = session.starts_at
    assert due.sweep(now=last + 84 * DAY, everybody=True) == 0
    now = last + 84 * DAY + SECOND
    assert due.sweep(now=now) == 1
    row = DueVisit.objects.get()
    assert (row.kind, row.status, waiting()) == ("evaluation", "overdue", ["visit_overdue"])
    send = {"prescription": session.prescription, "units": 2, "by": case.prescriber.user}
    assert refused(treatment.order_shipment, **send, now=now) == "evaluation_due"
    renew = {"patient": case.patient, "clinician": case.prescriber, "reason": "Seen, stable, wants to go on."}
    assert refused(renewal.renew, **renew, now=now) == "visit_missing"
    end = hold(book(case, "evaluation", now))  # nothing was paid, and nothing is asked
    assert DueVisit.objects.get().status == "done"
    assert due.sweep(now=end) == 0
    assert refused(treatment.order_shipment, **send, now=end) == "evaluation_due"
    assert [row.patient for row in renewals(case.prescriber.user, end)] == [case.patient]
    newer = [lambda _patient: said.CaseSaid(end - DAY, {"medicines": [{"name": "ritonavir"}]})]
    monkeypatch.setattr(said, "_TELLERS", newer)
    for _again in range(2):
        renewal.renew(**renew, now=end)
    assert Chart.objects.get().approved_at == end
    # Answers that nobody decided on are not among the facts that stand, and go on counting.
    assert medicines_now(Chart.objects.get(), newer[0](case.patient)) == ("ritonavir",)
    assert (list(renewals(case.prescriber.user, end)), due.sweep(now=end), done < end) == ([], 0, True)
    treatment.order_shipment(**send, now=end)


@pytest.mark.django_db
def test_a_visit_that_began_before_it_was_due_does_not_meet_it(case):
    """Policy 8, I4: closed late it changes nothing, and what was closed without a visit is opened again."""
    first, second = case.planned()[:2]
    take(first)
    began = second.starts_at - DAY / 8
    visit = Appointment.objects.create(
        patient=case.patient, clinician=case.prescriber, kind="check_in", status="booked", starts_at=began,
        ends_at=began + DAY / 24,
    )  # fmt: skip
    where = {"state": "CA", "street": "1 Test Way", "city": "Testville", "zip": "90001", "phone": "+15550100123"}
    visit = visits.state_location(appointment=visit, location=where, by=case.patient.user, now=began)
    visit = visits.start(appointment=visit, by=case.prescriber.user, now=began)
    now = take(second)
    assert due.sweep(now=now) == 1
    visits.complete(appointment=visit, by=case.prescriber.user, now=now)
    row = DueVisit.objects.get()
    assert (row.status, due.sweep(now=now), waiting()) == ("offered", 1, ["visit_needed"])
    for status, done_at in (("done", now), ("ended", None)):
        DueVisit.objects.update(status=status, done_at=done_at)
        FollowUp.objects.update(state="closed", closed_at=now)
        assert due.sweep(now=now + DAY, everybody=True) == 1
        row = DueVisit.objects.get()
        assert (row.status, row.done_at, waiting()) == ("offered", None, ["visit_needed"]), status
        now += DAY
