"""An order is checked against what is known today, not only against what was approved (policy sections 5, 7 and 10)."""

from datetime import timedelta

from tests.treatment.conftest import CALM, START, refused
from treatment import policy, said, selectors, services
from treatment.models import DoseSession, Report
from treatment.rules.today import Found
from treatment.said import CaseSaid
from treatment.selecting.picture import picture_of
from treatment.services.orders import computed
from treatment.services.prescriptions import check_prescription
from treatment.services.todays import to_read

DAY = timedelta(days=1)
LATER = START + 40 * DAY


def test_an_old_pressure_asks_for_a_reason_and_one_before_a_session_is_enough(case):
    late = {"now": LATER, "pdmp_checked_at": LATER}
    assert refused(case.draft, **late) == "written_reason_missing"
    assert case.draft(**late, written_reason="Read on the video today: 122/78.").pk


def test_the_reading_before_a_session_counts(case):
    session, end = case.completed()
    services.review_session(session=session, by=case.prescriber.user, now=end)
    later = session.starts_at + 29 * DAY
    draft = case.draft(now=later, pdmp_checked_at=later)
    known = check_prescription(draft, now=later).known
    assert {(row.systolic, row.place) for row in known.pressures} == {
        (120, "readiness"),
        (122, "readiness"),
        (124, "case"),
    }


def test_a_medicine_reported_on_the_day_of_a_session_is_asked_about_until_the_next_order(case):
    sessions = case.planned()
    session = sessions[0]
    answers = {**CALM["today"], "new_medicine": True}
    now = session.starts_at
    services.answer_gate(session=session, page="today", answers=answers, by=case.patient.user, now=now)
    assert Report.objects.get().code == "medicine"
    # Moving the held session begins its gate anew; what was reported stays.
    row = DoseSession.objects.get(pk=session.pk)
    day = sessions[-1].local_day + 4 * DAY
    services.move_session(session=row, day=day, hour=now.time().replace(hour=18), by=case.patient.user, now=now)
    checked = {"now": now + DAY, "pdmp_checked_at": now + DAY}
    assert refused(case.draft, **checked) == "written_reason_missing"
    # A page that showed it has not shown a second one of the same day.
    shown = to_read(picture_of(case.patient, now), case.prescriber, policy.load())
    second = Report.objects.create(patient=case.patient, code="medicine", about="later", at=now, created_at=now)
    stale = {"patient": case.patient, "by": case.prescriber.user, "now": now, "read": shown}
    written = case.order(pdmp_checked_at=now, written_reason="Amoxicillin for a week; no interaction.")
    assert refused(services.draft_prescription, **stale, order=written) == "read_anew"
    second.delete()
    draft = case.draft(**checked, written_reason="Amoxicillin for a week; no interaction.")
    services.sign_prescription(prescription=draft, by=case.prescriber.user, now=now + DAY)
    after = now + 2 * DAY
    assert not check_prescription(case.draft(now=after, pdmp_checked_at=after), now=after).asked


def test_newer_answers_are_handed_in_by_whoever_knows_them(case, monkeypatch):
    opioid = Found("medicine.opioid", "exclude", "Opioid every day.", "policy 7", "Percocet")
    newer = CaseSaid(START + DAY, {"medicines": [{"name": "Percocet"}, {"name": "Paxlovid"}]}, (opioid,), "NV")
    monkeypatch.setattr(said, "_TELLERS", [lambda patient: newer if patient == case.patient else None])
    now = START + 2 * DAY
    draft = case.draft(now=now, pdmp_checked_at=now, written_reason="Half the dose.", units_per_session=1)
    check = check_prescription(draft, now=now)
    codes = {item.code: item.weight.value for item in check.today}
    assert codes == {
        "medicine_new": "refuse",
        "medicine_new_plain": "note",
        "state_differs": "ask",
        "pressure_missing": "ask",
    }
    # A CYP inhibitor on the newer list halves the usual first dose.
    assert (check.usual.low_mg, check.usual.halved_for) == (18, ("cyp_inhibitor",))
    sign = {"prescription": draft, "by": case.prescriber.user, "now": now}
    assert refused(services.sign_prescription, **sign) == "medicine_new"
    # Approved anew, the same answers are the chart's.
    services.open_chart(patient=case.patient, facts=newer.facts, by=case.prescriber.user, now=now)
    again = {item.code for item in check_prescription(draft, now=now).today}
    assert "medicine_new" not in again


def test_what_follows_from_an_order_is_computed(case):
    order = case.order(units_per_session=2, quantity_units=7, first_shipment_units=4)
    found = computed(order, case.prescriber, now=START, policy=policy.load())
    assert (found.mg_per_session, found.sessions, found.total_mg, found.days_supply) == (200, 3, 700, 11)
    assert (found.most_first_units, found.most_refills, str(found.last_fill_day)) == (4, 5, "2027-05-02")


def test_the_decision_keeps_the_facts_it_was_made_from(case):
    """I8."""
    row = case.signed()
    assert row.decision["facts"]["weight_kg"] == "72"
    assert row.decision["facts"]["pressures"] == [
        {"on": "2026-11-01", "systolic": 124, "diastolic": 80, "place": "case"}
    ]
    assert selectors.prescription_in_force(case.patient).decision["today"] == []


def test_a_reason_answers_only_what_was_there_when_it_was_written(case):
    """I8, policy 9: what is reported, measured or paused after the draft is read anew before anything is signed."""
    order = case.signed()
    written = {"now": LATER, "pdmp_checked_at": LATER, "written_reason": "Read on the video today: 122/78."}
    draft, by = case.draft(**written), case.prescriber.user
    sign = {"prescription": draft, "by": by, "now": LATER}
    reported = {"patient": case.patient, "code": "pregnancy", "at": LATER}
    for number in (1, 2):
        Report.objects.create(**reported, about=f"test:{number}")
        assert refused(services.sign_prescription, **sign) == "draft_outdated"
        draft = case.draft(**written)
        assert not check_prescription(draft, now=LATER).unread, number
    pause = {"prescription": order, "reason": "safety", "note": "Blood test first.", "by": by, "now": LATER}
    services.pause_prescription(**pause)
    assert refused(services.sign_prescription, **sign) == "draft_outdated"
    order.refresh_from_db()
    assert order.status == "paused"
    case.draft(**written)
    assert services.sign_prescription(**sign).status == "signed"
