"""The practice in figures: what is counted, what is not told, and that nobody is named."""

import csv
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from billing.models import Charge, Refund
from harmoniously.core.alerts.models import Alert
from harmoniously.core.audit.models import AuditEvent, StatusChange
from harmoniously.core.audit.services import label_of
from harmoniously.core.common import clock
from harmoniously.core.questions.models import Assessment
from harmoniously.portal.figures import keeping, rules, tables
from harmoniously.portal.figures.stages import Stage, by_stage
from harmoniously.portal.figures.words import Hidden
from telemedicine.models import Review
from telemedicine.practice import waits
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_decision, make_visit
from treatment import policy
from treatment.models import AdverseEvent, Chart, CheckIn, DoseSession, Plan, Prescription, Product
from treatment.rules.outcomes import Change, Score, course
from treatment.selecting.practice import responses

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
POLICY = policy.load()


@pytest.fixture
def product():
    return Product.objects.create(name="Lozenge 100 mg, test", form="lozenge", strength_mg=100)


def person(number):
    return cast.make_patient(f"p{number}@example.com", agreed=False)


def chart_of(patient, opened_at=NOON, **more):
    moments = {"opened_at": opened_at, "confirmed_at": opened_at, "approved_at": opened_at}
    return Chart.objects.create(patient=patient, **moments, **more)


def dose(chart, clinician, product, at, *, units=1, number=1):
    """A session that was taken, and what it needs to stand in the database."""
    patient = chart.patient
    order = Prescription.objects.filter(chart=chart).first() or Prescription.objects.create(
        patient=patient,
        chart=chart,
        prescriber=clinician,
        status="cancelled",
        product=product,
        strength_mg=100,
        units_per_session=1,
        quantity_units=9,
        first_shipment_units=1,
        frequency="weekly",
        days_supply=9,
        directions="-",
        visit_state="CA",
        policy_version="2026.1",
    )
    plan = Plan.objects.filter(prescription=order).first() or Plan.objects.create(
        patient=patient, prescription=order, status="ended", zone="UTC", hour="18:00", frequency="weekly"
    )
    return DoseSession.objects.create(
        patient=patient,
        plan=plan,
        prescription=order,
        number=number,
        status="completed",
        zone="UTC",
        local_day=at.date(),
        starts_at=at,
        started_at=at,
        completed_at=at + timedelta(hours=3),
        sitter_released_at=at + timedelta(hours=2),
        gate_passed_at=at - timedelta(minutes=5),
        gate_valid_until=at + timedelta(minutes=55),
        units=units,
        strength_mg=100,
    )


def scored(patient, *scores):
    Assessment.objects.bulk_create(
        Assessment(patient=patient, instrument="phq9", context="check_in", answers={}, total=total, taken_at=at)
        for at, total in scores
    )


def test_responses_are_those_of_the_rule(prescriber, product):
    """Policy 3 at its limits: the database compares as rules/outcomes.py does."""
    pairs = [(20, 10), (20, 11), (21, 11), (20, 5), (20, 4), (6, 4), (0, 0), (0, 5), (10, 15), (10, 14), (9, 4)]
    changes = []
    for number, (before, now) in enumerate(pairs):
        patient = person(number)
        dose(chart_of(patient), prescriber, product, NOON + DAY)
        scored(patient, (NOON, before), (NOON + 8 * DAY, now))
        found = [Score(NOON, Decimal(before)), Score(NOON + 8 * DAY, Decimal(now))]
        changes.append(course("phq9", found, NOON + DAY, POLICY).change)
    [line] = responses(NOON, NOON + 30 * DAY, POLICY, rules.DOSE_STEPS)
    assert (line.form, line.step, line.courses) == ("lozenge", 1, len(pairs))
    assert line.responded == sum(change in {Change.RESPONSE, Change.REMISSION} for change in changes)
    assert line.remitted == changes.count(Change.REMISSION)
    assert line.worse == changes.count(Change.WORSE)


def test_each_course_is_compared_with_its_own_beginning(prescriber, product):
    again, late, never = (person(number) for number in range(3))
    ended = chart_of(
        again, NOON - 200 * DAY, status="discharged", closed_at=NOON - 50 * DAY, closed_reason="goal_reached"
    )
    dose(ended, prescriber, product, NOON - 199 * DAY)
    # Compared with the 24 of the first course, 12 would be a response; with the 20 of the second it is none.
    scored(again, (NOON - 200 * DAY, 24), (NOON + 2 * DAY, 20), (NOON + 9 * DAY, 12))
    dose(chart_of(again), prescriber, product, NOON + DAY, units=2)
    dose(again.charts.get(closed_at=None), prescriber, product, NOON + 8 * DAY, units=4, number=2)
    # No score before the first dose: the first one after it counts. One score alone is compared with nothing.
    dose(chart_of(late), prescriber, product, NOON)
    scored(late, (NOON + DAY, 18), (NOON + 9 * DAY, 8))
    dose(chart_of(never), prescriber, product, NOON)
    scored(never, (NOON + DAY, 18))
    found = {
        line.step: (line.courses, line.responded)
        for line in responses(NOON, NOON + 30 * DAY, POLICY, (100, 200, 300, 400))
    }
    assert found == {4: (1, 0), 1: (1, 1)}
    for exact, told in ((True, True), (False, False)):
        [outcomes] = [
            row
            for row in tables.figures(tables.read(NOON, NOON + 30 * DAY, POLICY), POLICY, exact=exact)
            if row.key == "outcomes"
        ]
        assert [Hidden() not in row for row in outcomes.rows[:2]] == [told, told], (
            "the dose of one person is told nobody"
        )
        assert len(outcomes.rows) == 2 + told, "nor the sum of so few"
    assert list(responses(NOON + 10 * DAY, NOON + 30 * DAY, POLICY, rules.DOSE_STEPS)) == []


def test_everybody_stands_in_exactly_one_stage(prescriber, product):
    people = [person(number) for number in range(7)]
    make_decision(people[1])
    waits_for = {"status": "in_person", "clinician": prescriber, "claimed_at": NOON}
    Review.objects.create(patient=people[6], decision=make_decision(people[6]), **waits_for)
    dose(chart_of(people[2]), prescriber, product, NOON)
    chart_of(people[3])
    chart_of(people[4], status="discharged", closed_at=NOON + DAY, closed_reason="goal_reached")
    make_decision(people[5], outcome="not_eligible")
    found = by_stage(timezone.now() + 3650 * DAY)
    assert {stage: number for stage, number in found.items() if number} == {
        Stage.SIGNED_UP: 1,
        Stage.SUBMITTED: 1,
        Stage.IN_REVIEW: 1,
        Stage.INDUCTION: 1,
        Stage.APPROVED: 1,
        Stage.ENDED: 1,
        Stage.NOT_TREATED: 1,
    }


def test_what_still_waits_counts_with_the_time_that_has_passed(patient, other_patient, prescriber):
    first, _second = make_decision(patient, at=NOON), make_decision(other_patient, at=NOON + DAY)
    moments = {"claimed_at": NOON + DAY, "decided_at": NOON + 2 * DAY}
    patient.reviews.create(decision=first, clinician=prescriber, status="decided", outcome="approved", **moments)
    make_visit(patient, prescriber, starts_at=NOON + timedelta(hours=36))
    found = waits(NOON, NOON + 11 * DAY)
    assert (found.applications, found.waiting) == (2, 1)
    assert (found.decision.median, found.decision.worst) == (2 * DAY, 10 * DAY)
    assert found.visit.median == timedelta(hours=36)
    assert waits(NOON + timedelta(seconds=1), NOON + 11 * DAY).applications == 1


def cancel(visit, *, before, reason):
    at = visit.starts_at - before
    StatusChange.objects.create(
        subject=label_of(visit), before="booked", after="cancelled", at=at, actor="x", reason_code=reason
    )


def test_visits_check_ins_events_and_refunds(patient, prescriber, product, administrator):
    """One figure of each, from rows at both sides of every limit."""
    at = timezone.now() - 20 * DAY
    for number, status in enumerate(
        ("completed", "no_show", "booked", "cancelled", "cancelled", "cancelled", "cancelled")
    ):
        make_visit(patient, prescriber, starts_at=at + number * DAY, status=status)
    early, late, ours, _never_booked = patient.appointments.filter(status="cancelled").order_by("starts_at")
    cancel(early, before=timedelta(hours=24), reason="cancelled_by_patient")
    cancel(late, before=timedelta(hours=23, minutes=59), reason="cancelled_by_patient")
    cancel(ours, before=timedelta(hours=1), reason="cancelled_by_clinic")
    session = dose(chart_of(patient, at), prescriber, product, at)
    about = {"patient": patient, "policy_version": "2026.1"}
    due = {"due_at": at, "second_reminder_at": at + DAY, "follow_up_at": at + 2 * DAY}
    for number, answered in enumerate((DAY, DAY + timedelta(seconds=1), None)):
        status = "open" if answered is None else "answered"
        moment = None if answered is None else at + answered
        CheckIn.objects.create(
            kind="month", day=(at + number * DAY).date(), status=status, answered_at=moment, **about, **due
        )
    # Nobody could answer these: the treatment ended first. Whoever had a later one to answer could.
    for number, (hours, reason) in enumerate(((47, "treatment_ended"), (49, "discharged"), (47, "overtaken")), 3):
        row = CheckIn.objects.create(kind="month", day=(at + number * DAY).date(), status="closed", **about, **due)
        StatusChange.objects.create(
            subject=label_of(row), before="open", after="closed", at=at + timedelta(hours=hours), actor="x",
            reason_code=reason,
        )  # fmt: skip
    reported = {"patient": patient, "reporter": patient.user, "onset_at": at, "known_at": at, "session": session}
    for number, (status, look) in enumerate((("reported", at), ("dismissed", None), ("resolved", None))):
        AdverseEvent.objects.create(token=f"{number:032x}", status=status, look_due_at=look, **reported)
    charge = Charge.objects.create(patient=patient, purpose="evaluation", amount_cents=14900, status="paid", paid_at=at)
    Refund.objects.create(charge=charge, amount_cents=14900, reason_code="declined", next_attempt_at=at)
    Alert.objects.create(patient=patient, kind="session_held", dedupe_key="a", about="x", opened_at=at)
    counted = tables.read(None, timezone.now(), POLICY)
    found = {figure.key: figure for figure in tables.figures(counted, POLICY, exact=True)}
    [row] = found["visits"].rows
    assert row[1:] == (5, rules.Rate(1, 5), rules.Rate(1, 5), 2)
    [row] = found["check-ins"].rows
    assert row[1:] == (rules.Rate(1, 5), rules.Rate(1, 5), rules.Rate(3, 5), 0)
    assert [row[1] for row in found["events"].rows[1:]] == [rules.PerThousand(1, 1), rules.PerThousand(1, 1), 1]
    assert found["refunds"].rows[0][:2] == ("A clinician declined", 1)
    assert "1 payments" in found["refunds"].says
    assert found["alerts"].rows[0][:2] == ("Session held at the readiness check", 1)
    page = cast.signed_in(administrator).get("/admin/practice/?period=all").content.decode()
    office = {figure.key: figure.rows for figure in tables.figures(counted, POLICY, exact=False)}
    assert [row[1] for row in office["events"][1:]] == [Hidden(), Hidden(), Hidden()], "and so does one event"
    assert [row[1:] for row in office["refunds"]] == [(Hidden(),) * 4] * 2, "nor who was declined, by their refund"
    assert "Session held" not in page, (
        "one alert of a kind points to somebody of whom the office knows that there was one"
    )
    assert not any(word in page for word in (patient.mrn, "Robin", "Example", "patient@"))


def test_the_file_has_the_numbers_of_the_page_and_leaves_an_event(patient, administrator, prescriber):
    client, clinician = cast.signed_in(administrator), cast.signed_in(prescriber.user)

    def stages(of):
        answer = of.get("/admin/practice/export/?period=all&figure=stages")
        rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
        return {row[1]: row[3] for row in rows[1:]}

    assert stages(client)["Signed up, nothing begun"] == "not shown"
    assert stages(clinician)["Signed up, nothing begun"] == "1"
    event = AuditEvent.objects.filter(action="practice.exported").latest("id")
    assert (event.facts["figures"], event.facts["period"]) == (["stages"], "all")
    assert event.facts["rows"] == len(Stage) + 1


@contextmanager
def slow():
    """Somebody holds a table that the figures read, so that counting takes longer than a page waits."""
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE treatment_adverseevent IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.rollback()
        other.close()


def test_a_large_practice_is_counted_ahead_and_told_each_reader_as_they_may_know_it(
    administrator, prescriber, patient, monkeypatch
):
    """A page waits for no query that takes long; what the worker kept is told with its moment, and to nobody more."""
    office, clinician = cast.signed_in(administrator), cast.signed_in(prescriber.user)
    with slow(), monkeypatch.context() as patched:
        patched.setattr(keeping, "MOMENT_MS", 20)
        assert "The figures are being counted" in office.get("/admin/practice/").content.decode()
        assert office.get("/admin/practice/export/").url == "/admin/practice/?period=4-weeks"
    assert keeping.count_ahead(now=clock.now()) == 0, "a small practice is counted when somebody asks"
    assert "That is when they were counted" not in office.get("/admin/practice/").content.decode()
    monkeypatch.setattr(keeping, "SLOW_SECONDS", 0)
    try:
        assert keeping.count_ahead(now=clock.now()) == len(rules.Period)
        page = office.get("/admin/practice/?period=all").content.decode()
        assert "That is when they were counted" in page
        assert "not shown" in page
        assert "not shown" not in clinician.get("/admin/practice/").content.decode()
    finally:
        cache.delete_many([keeping.key_of(period) for period in rules.Period])
