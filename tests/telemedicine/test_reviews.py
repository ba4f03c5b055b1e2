"""The review: the order of the queue, who may decide, and what a decision does."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from billing.models import Refund
from harmoniously.core.accounts.models import CareRelation, Licence
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.audit.models import AuditEvent, StatusChange
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.consents import services as consents
from harmoniously.core.notifications.models import Notification
from intake.models import EligibilityDecision
from telemedicine.models import Appointment, Message, Review
from telemedicine.reviews import access, case_file, selectors, services
from telemedicine.reviews.deciding import preview
from telemedicine.reviews.deciding import services as deciding
from telemedicine.reviews.rules.triage import Urgency
from telemedicine.work import sources
from telemedicine.work.lines import Reader, lines
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import case_queue, finding, make_decision, make_paid, make_visit
from tests.telemedicine.conftest import pay_evaluation
from tests.treatment.conftest import Case
from treatment.access import prescription_for
from treatment.models import Chart

pytestmark = pytest.mark.django_db
REASON = "Two adequate trials failed; blood pressure is controlled."


def _people(count):
    return [cast.make_patient(f"patient{number}@example.com") for number in range(count)]


def _claimed(patient, prescriber, **decision):
    made = make_decision(patient, **decision)
    services.claim(decision=made, by=prescriber.user, now=NOON)
    return made


def _hold(patient, level):
    return SafetyHold.objects.create(patient=patient, level=level, about="test", opened_at=NOON)


# The queue


def test_danger_comes_first_then_promises_then_the_longest_wait(prescriber):
    held, risky, met, soon, old, new, asked = people = _people(7)
    hour = timedelta(hours=1)
    for number, person in enumerate(people):
        at = NOON - (9 - number) * hour if person is not old else NOON - 99 * hour
        make_decision(person, at=at, risk="moderate" if person is risky else "none")
    _hold(held, "high")
    make_visit(met, prescriber)
    make_visit(soon, prescriber, starts_at=NOON + 20 * hour, status="booked")
    asked_case = selectors.newest_decision(asked)
    services.claim(decision=asked_case, by=prescriber.user, now=NOON)
    services.ask(
        decision=asked_case, question="Which dose exactly?", form_token=uuid.uuid4(), by=prescriber.user, now=NOON
    )

    queue = list(case_queue(prescriber.user, NOON))

    assert [row.patient for row in queue] == [held, risky, met, soon, old, new, asked]
    assert [Urgency(row.rung) for row in queue] == [
        Urgency.CRISIS,
        Urgency.PRIORITY,
        Urgency.DECISION_DUE,
        Urgency.VISIT_SOON,
        Urgency.WAITING,
        Urgency.WAITING,
        Urgency.WITH_PATIENT,
    ]


def test_the_queue_holds_only_patients_in_states_with_a_current_licence(patient, prescriber):
    make_decision(patient)
    assert case_queue(prescriber.user, NOON).count() == 1
    Licence.objects.filter(clinician=prescriber).update(expires_on=date(2026, 11, 3))
    assert case_queue(prescriber.user, NOON).count() == 0


def test_the_last_day_of_a_licence_counts_in_the_prescribers_zone(patient, prescriber):
    make_decision(patient)
    Licence.objects.filter(clinician=prescriber).update(expires_on=date(2026, 11, 4))
    evening = NOON + timedelta(hours=14)  # 11 pm on 4 November in Los Angeles, 5 November in UTC
    assert case_queue(prescriber.user, evening).count() == 1
    assert case_queue(prescriber.user, evening + timedelta(hours=2)).count() == 0


@pytest.mark.parametrize("outcome", ["crisis", "not_eligible"])
def test_what_the_rules_did_not_put_forward_is_not_in_the_queue(patient, prescriber, outcome):
    make_decision(patient, outcome=outcome)
    assert case_queue(prescriber.user, NOON).count() == 0


def test_a_decided_case_leaves_the_queue_and_newer_answers_bring_it_back(patient, prescriber):
    case = _claimed(patient, prescriber)
    services.decline(decision=case, reason=REASON, words="Not now.", by=prescriber.user, now=NOON)
    assert case_queue(prescriber.user, NOON).count() == 0
    make_decision(patient, at=NOON + timedelta(days=1))
    assert case_queue(prescriber.user, NOON + timedelta(days=1)).count() == 1


# Claiming


def test_claiming_opens_the_care_relation_and_is_recorded_once(patient, prescriber):
    case = make_decision(patient)
    for _click in range(2):
        review = services.claim(decision=case, by=prescriber.user, now=NOON)
    assert (review.status, review.clinician) == ("claimed", prescriber)
    assert CareRelation.objects.filter(patient=patient, clinician=prescriber, until__isnull=True).count() == 1
    assert AuditEvent.objects.filter(action="review.claimed", patient=patient.pk).count() == 1


def test_a_case_that_somebody_has_cannot_be_claimed_decided_or_given_back_by_another(patient, prescriber):
    second = cast.make_clinician("second@example.com", display_name="Dr Second")
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    acts = {
        "claim": lambda: services.claim(decision=case, by=second.user, now=NOON),
        "give back": lambda: services.give_back(decision=case, by=second.user, now=NOON),
        "approve": lambda: services.approve(decision=case, reason=REASON, by=second.user, now=NOON),
        "decline": lambda: services.decline(decision=case, reason=REASON, words="No.", by=second.user, now=NOON),
    }
    for name, act in acts.items():
        with pytest.raises(Conflict, match="Jordan Sample"):
            act()
        assert Review.objects.get(decision=case).status == "claimed", name


def test_without_a_licence_where_the_patient_is_nobody_claims(patient, other_prescriber):
    with pytest.raises(RuleViolation, match="licence"):
        services.claim(decision=make_decision(patient), by=other_prescriber.user, now=NOON)
    assert not CareRelation.objects.exists()


@pytest.mark.parametrize("role", ["coordinator", "administrator", "therapist"])
def test_only_prescribers_review(patient, role, request):
    person = request.getfixturevalue(role)
    with pytest.raises(PermissionDenied):
        services.claim(decision=make_decision(patient), by=getattr(person, "user", person), now=NOON)


def test_a_case_that_is_given_back_is_free_and_its_care_relation_ends(patient, prescriber):
    case = _claimed(patient, prescriber)
    services.give_back(decision=case, by=prescriber.user, now=NOON + timedelta(minutes=5))
    second = cast.make_clinician("second@example.com")
    assert not CareRelation.objects.filter(clinician=prescriber, until__isnull=True).exists()
    assert services.claim(decision=case, by=second.user, now=NOON).clinician == second


@pytest.mark.parametrize("ending", ["give_back", "decline"])
def test_i7_who_signed_the_order_in_force_keeps_its_page_when_newer_answers_leave_their_hands(
    patient, prescriber, ending
):
    make_visit(patient, prescriber)
    charge = pay_evaluation(patient)
    services.approve(decision=_claimed(patient, prescriber), reason=REASON, by=prescriber.user, now=NOON)
    order = Case(patient, prescriber).signed(now=NOON, pdmp_checked_at=NOON)
    about = {"decision": _claimed(patient, prescriber), "by": prescriber.user, "now": NOON + timedelta(minutes=1)}
    words = {"reason": REASON, "words": "Not now."} if ending == "decline" else {}
    if words:
        written = deciding.write(**about, **words, kind="decline", more={"again": 0, "letter": None})
        assert any("until you stop it" in line for line in preview.shown(written, about["now"]).follows)
    getattr(services, ending)(**about, **words)
    assert prescription_for(prescriber.user, order.pk) == order
    assert not hasattr(charge, "refund")  # I6: it was for the visit that led to the treatment
    page = cast.signed_in(patient.user).get("/visits/decision/").content.decode()
    assert ("stays paid" in page, "goes back to your card" in page) == (ending == "decline", False)


# Asking


def test_a_question_becomes_a_message_and_a_neutral_notice_once(patient, prescriber):
    case, token = _claimed(patient, prescriber), uuid.uuid4()
    for _click in range(2):
        review = services.ask(
            decision=case, question="Which dose exactly?", form_token=token, by=prescriber.user, now=NOON
        )
    assert review.status == "asked"
    assert [message.body for message in Message.objects.filter(patient=patient)] == ["Which dose exactly?"]
    assert Notification.objects.filter(template="message_waiting", recipient=patient.user, channel="email").count() == 1


# Approving


def test_an_approval_opens_the_chart_and_tells_the_patient_once(patient, prescriber):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    for _click in range(2):
        review = services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)
    assert (review.status, review.outcome, review.reason) == ("decided", "approved", REASON)
    assert Chart.objects.get(patient=patient).facts == case.facts
    assert Notification.objects.filter(template="action_needed", about=f"review:{review.pk}").count() == 1
    assert StatusChange.objects.filter(subject__endswith=str(review.pk), after="decided").count() == 1


@pytest.mark.parametrize(
    ("level", "code"),
    [("high", "crisis_hold"), ("moderate", "safety_plan_missing"), ("incomplete", "safety_plan_missing")],
)
def test_a_safety_hold_stops_an_approval(patient, prescriber, level, code):
    case = _claimed(patient, prescriber, risk="moderate")
    make_visit(patient, prescriber)
    _hold(patient, level)
    with pytest.raises(RuleViolation) as refusal:
        services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)
    assert refusal.value.code == code
    assert not Chart.objects.exists()


def test_asvs231_no_approval_without_each_consent_that_treatment_rests_on(patient, prescriber):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    approval = {"decision": case, "reason": REASON, "by": prescriber.user, "now": NOON}
    titles = {"treatment": "The treatment and its risks", "telehealth": "Care by video", "privacy": "Your information"}
    for kind, title in titles.items():
        for broken, code in ((_take_back, "consent_taken_back"), (_supersede, "consent_unsigned")):
            with transaction.atomic():
                broken(patient, kind)
                with pytest.raises(RuleViolation) as refusal:
                    services.approve(**approval)
                assert (refusal.value.code, title in refusal.value.message) == (code, True), kind
                transaction.set_rollback(True)
    assert not Chart.objects.exists()
    _take_back(patient, "payment")  # money never decides care
    assert services.approve(**approval).outcome == "approved"


def _take_back(patient, kind):
    consents.withdraw(patient=patient, kind=kind, effects=[], by=patient.user, now=NOON)


def _supersede(patient, kind):
    """What was signed are the words of an older version."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the trail of consents is append-only
        cursor.execute("UPDATE documents_consentevent SET text_sha256 = repeat('0', 64) WHERE kind = %s", [kind])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_sec15_a_case_without_consent_waits_for_nobody_unless_something_is_owed(patient, prescriber):
    case, doctor = make_decision(patient), prescriber.user

    def shown():
        rows = list(case_queue(doctor, NOON))
        opened = True
        try:
            access.case_for(doctor, patient.pk, NOON)
        except Http404:
            opened = False
        assert bool(rows) == opened  # the door and the queue are of one mind
        return [line.todo for line in lines(sources.ordered(doctor, NOON), Reader(doctor, "UTC", NOON))]

    _take_back(patient, "payment")
    assert shown() == ["Read; the visit comes first"]
    _take_back(patient, "privacy")
    assert shown() == []
    with transaction.atomic():
        _hold(patient, "moderate")
        assert shown() == ["Record contact and a safety plan"]
        transaction.set_rollback(True)
    # Seen, and not decided: the fee waits for a word, and only a refusal can be it.
    make_visit(patient, prescriber)
    make_paid(patient)
    assert "taken back" in shown()[0]
    services.claim(decision=case, by=doctor, now=NOON)
    services.decline(decision=case, reason=REASON, words="You took it back.", by=doctor, now=NOON)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("status", ["booked", "no_show", "cancelled"])
def test_the_prescriber_decides_after_the_visit(patient, prescriber, status):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber, status=status)
    with pytest.raises(RuleViolation) as refusal:
        services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)
    assert refusal.value.code == "visit_missing"


def test_a_licence_that_ran_out_since_the_claim_stops_the_approval(patient, prescriber):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    Licence.objects.filter(clinician=prescriber).update(expires_on=date(2026, 11, 3))
    prescriber.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)
    assert refusal.value.code == "no_licence"


def test_missing_information_needs_the_prescribers_word_point_by_point(patient, prescriber):
    points = [finding("blood_pressure.missing", "information"), finding("sitter.missing", "information")]
    case = _claimed(patient, prescriber, outcome="needs_information", findings=points)
    make_visit(patient, prescriber)
    with pytest.raises(RuleViolation, match="missing"):
        services.approve(decision=case, reason=REASON, resolved=["sitter.missing"], by=prescriber.user, now=NOON)
    codes = [point["code"] for point in points]
    review = services.approve(decision=case, reason=REASON, resolved=codes, by=prescriber.user, now=NOON)
    assert review.outcome == "approved"
    event = AuditEvent.objects.get(action="review.approved", patient=patient.pk)
    assert event.facts["resolved"] == sorted(codes)


def test_two_findings_of_one_code_are_both_named_where_they_are_settled():
    """Two opioids, each without how often: whoever ticks the point has read of both."""
    texts = ["tramadol: frequency not given; ask", "codeine: frequency not given; ask"]
    rows = [{"code": "medicine.opioid_frequency", "tier": "information", "clinician_text": text} for text in texts]
    assert case_file.open_points(EligibilityDecision(findings=rows)) == [("medicine.opioid_frequency", " ".join(texts))]


def test_newer_answers_are_never_decided_unseen(patient, prescriber):
    old = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    make_decision(patient, at=NOON + timedelta(minutes=1), risk="moderate")
    with pytest.raises(Conflict, match="changed their answers"):
        services.approve(decision=old, reason=REASON, by=prescriber.user, now=NOON)
    assert not Chart.objects.exists()


def test_claiming_the_newer_answers_ends_the_review_of_the_older(patient, prescriber):
    old = _claimed(patient, prescriber)
    new = make_decision(patient, at=NOON + timedelta(minutes=1))
    services.claim(decision=new, by=prescriber.user, now=NOON)
    assert Review.objects.get(decision=old).status == "replaced"


# Declining and referring


@pytest.mark.parametrize(("refer", "outcome"), [(False, "declined"), (True, "referred")])
def test_nobody_pays_for_a_refusal(patient, prescriber, refer, outcome):
    case = _claimed(patient, prescriber)
    paid = make_paid(patient)
    visit = make_visit(patient, prescriber, starts_at=NOON + timedelta(days=2), status="booked")
    for _click in range(2):
        review = services.decline(
            decision=case, reason=REASON, words="Another way is safer.", refer=refer, by=prescriber.user, now=NOON
        )
    assert (review.outcome, review.words_to_patient) == (outcome, "Another way is safer.")
    assert Refund.objects.get(charge=paid).amount_cents == paid.amount_cents
    assert Appointment.objects.get(pk=visit.pk).status == "cancelled"
    assert Notification.objects.filter(template="action_needed", about=f"review:{review.pk}").count() == 1
    assert not CareRelation.objects.filter(patient=patient, until__isnull=True).exists()


def test_a_decision_stands_and_the_opposite_one_is_a_conflict(patient, prescriber):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    services.approve(decision=case, reason=REASON, by=prescriber.user, now=NOON)
    with pytest.raises(Conflict, match="already decided"):
        services.decline(decision=case, reason=REASON, words="No.", by=prescriber.user, now=NOON)
    assert not Refund.objects.exists()


def test_a_decision_needs_a_written_reason(patient, prescriber):
    case = _claimed(patient, prescriber)
    make_visit(patient, prescriber)
    with pytest.raises(RuleViolation, match="reason"):
        services.approve(decision=case, reason="   ok   ", by=prescriber.user, now=NOON)


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "decided"},
        {"status": "claimed", "clinician": None, "claimed_at": None},
        {"status": "lost"},
    ],
)
def test_the_database_refuses_half_a_decision(patient, prescriber, broken):
    case = _claimed(patient, prescriber)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(decision=case).update(**broken)


def test_the_trail_of_a_decision_names_no_reason(patient, prescriber):
    case = _claimed(patient, prescriber)
    services.decline(decision=case, reason="canary-reason-text", words="canary-words", by=prescriber.user, now=NOON)
    assert not AuditEvent.objects.filter(payload__contains="canary").exists()
