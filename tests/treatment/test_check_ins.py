"""Check-ins between and after doses: opened once, remembered on every device, acted on at once, read by a clinician."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from harmoniously.core.alerts.models import Alert, FollowUp, SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.notifications.models import Notification
from harmoniously.core.questions.models import Assessment
from tests import cast
from tests.treatment.conftest import ENDING, START, refused, shown
from treatment import services
from treatment.models import CheckIn, Vital
from treatment.selecting.check_ins import check_ins_due
from treatment.selecting.stops import stops_of
from treatment.services import check_in_opening, discharging

DAY = timedelta(days=1)


def page(row, slug):
    return reverse("treatment:check_in_page", args=[row.pk, slug])


def kinds(case, now):
    return [row.kind for row in check_ins_due(case.patient, now)]


def alerts(kind):
    return Alert.objects.filter(kind=kind).count()


def test_item_9_opens_the_safety_questions_at_once_and_half_an_answer_is_enough_for_help(case, other_client, at):
    """Policy 4, UX-13, I3: one question a page, from two devices; item 9 protects before anything else is said."""
    session, _end = case.completed()
    row = CheckIn.objects.get(kind="scores")
    assert (row.due_at, row.instruments, row.facts["why"]) == (session.check_in.due_at, ["phq9", "gad7"], "never")
    at(row.due_at + timedelta(minutes=1))
    phone, tablet = cast.signed_in(case.patient.user), cast.signed_in(case.patient.user)
    listed = phone.get(reverse("treatment:check_ins")).content
    assert (b"How are you after your session?" in listed, b"Your questionnaires" in listed) == (True, True)
    assert b"How are you now?" not in listed
    for name in ("check_in", "check_in_sent"):
        assert other_client.get(reverse(f"treatment:{name}", args=[row.pk])).status_code == 404
    assert other_client.post(page(row, "1"), {"answer": "0"}).status_code == 404

    assert phone.post(page(row, "1"), {}).status_code == 422
    for slug in range(1, 8):
        answer = phone.post(page(row, str(slug)), {"answer": "1"})
        assert answer["Location"] == page(row, str(slug + 1))
    resumed = tablet.get(reverse("treatment:check_in", args=[row.pk]))
    assert resumed["Location"] == page(row, "8")
    tablet.post(page(row, "8"), {"answer": "skip"})
    assert (alerts("check_in_flag"), active_hold(case.patient)) == (0, None)
    assert tablet.post(page(row, "9"), {"answer": "1"})["Location"] == page(row, "safety")
    assert (alerts("check_in_flag"), active_hold(case.patient).level) == (1, "incomplete")
    # Taken back: the questions stay, and so does the protection.
    assert tablet.post(page(row, "9"), {"answer": "0"})["Location"] == page(row, "safety")
    assert active_hold(case.patient).level == "incomplete"
    assert tablet.post(page(row, "safety"), {"wish_dead": "yes"}).status_code == 422
    assert alerts("suicide_risk_high") == 0
    half = tablet.post(page(row, "safety"), {"suicidal_thoughts": "yes", "plan": "yes"})
    assert urlsplit(half["Location"]).path == reverse("intake:crisis")
    assert (alerts("suicide_risk_high"), SafetyHold.objects.get(patient=case.patient).level) == (1, "high")
    row.refresh_from_db()
    assert {flag["code"] for flag in row.flags} == {"self_harm_item", "risk_high"}


def answered(case, row, phq9, now, last=1):
    """All pages but the last at once, the last one and the sending by the service."""
    items = [min(3, max(0, phq9 - 3 * place)) for place in range(8)] + [0]
    row.answers = {f"phq9_{at}": {"answer": n} for at, n in enumerate(items, 1)}
    row.answers |= {f"gad7_{at}": {"answer": 1} for at in range(1, 7)}
    row.save(update_fields=["answers"])
    user = case.patient.user
    services.save_page(check_in=row, page="gad7_7", answers={"answer": last}, by=user, now=now)
    return services.answer_check_in(check_in=row, by=user, now=now)


def test_a_week_later_the_scores_are_asked_once_and_a_worse_one_waits_for_the_prescriber(case, other_prescriber, at):
    """Policy 3 and 9, I8: 5 points worse stops sessions until a prescriber has read both numbers."""
    case.scored(START, 10)
    case.completed()
    case.scored(START + 3 * DAY, 12)  # no step is big, and the way from before the first dose is
    week = START + 10 * DAY
    assert [services.tick(now=week - DAY)["opened"], kinds(case, week - DAY)[-1:]] == [0, ["day"]]
    assert [services.tick(now=week + timedelta(minutes=step))["opened"] for step in range(3)] == [1, 0, 0]
    row = CheckIn.objects.get(kind="scores")
    assert check_in_opening.open_due(patient=case.patient, by=case.patient.user, now=week) == []
    assert (row.due_at.hour, row.facts["why"]) == (17, "weekly"), "nine in the morning in Los Angeles, in winter"
    assert Notification.objects.filter(template="check_in_due", due_at=row.due_at).count() == 1
    now = row.due_at + timedelta(minutes=5)
    row, flags = answered(case, row, 15, now)
    assert services.answer_check_in(check_in=row, by=case.patient.user, now=now)[0].answered_at == now
    assert [item.code for item in flags.serious] == ["phq9_worse"]
    assert row.scores == {"phq9": {"before": 12, "lowest": 10, "now": 15}, "gad7": {"before": None, "now": 7}}
    assert Assessment.objects.filter(patient=case.patient, instrument="phq9").count() == 3
    assert (alerts("check_in_flag"), ("sign_to_review" in stops_of(case.patient, now=START))) == (1, True)

    at(now + timedelta(hours=1))
    mine, theirs = cast.signed_in(case.prescriber.user), cast.signed_in(other_prescriber.user)
    address = reverse("admin:check_in", args=[row.pk])
    queue = [client.get(reverse("admin:review_queue")).content.decode() for client in (mine, theirs)]
    assert [address in page for page in queue] == [True, False]
    assert "PHQ-9 went from 10 to 15" in queue[0]
    assert theirs.get(address).status_code == 404
    assert theirs.post(reverse("admin:read_check_in", args=[row.pk])).status_code == 404
    read, stood = reverse("admin:read_check_in", args=[row.pk]), "open0"
    for seen in (stood, ""):  # a page made before the flag came, and none
        mine.post(read, {"seen": seen})
        assert "sign_to_review" in stops_of(case.patient, now=START)
    for _click in range(2):
        assert mine.post(read, {"seen": shown(mine, address)}).status_code == 302
    assert AuditEvent.objects.filter(action="checkin.reviewed").count() == 1
    assert "sign_to_review" not in stops_of(case.patient, now=START)
    assert address not in mine.get(reverse("admin:review_queue")).content.decode()
    assert b"Read" in mine.get(address).content

    services.tick(now=now + 7 * DAY)
    row = CheckIn.objects.get(kind="scores", status="open")
    _row, flags = answered(case, row, 14, row.due_at, last=None)
    assert [item.code for item in flags.serious] == ["questionnaire_incomplete"], "an open item hides no worsening"


def test_two_hours_after_the_dose_help_is_called_and_the_next_day_takes_over(case, at):
    """Policy 9: call 911, nobody alone before the release; one list, and one task however many are open."""
    session, _invitation, began = case.started()
    row = CheckIn.objects.get(session=session, kind="after")
    at(row.due_at)
    phone = cast.signed_in(case.patient.user)
    for home in ("portal:home", "treatment:home"):
        found = phone.get(reverse(home)).content.decode()
        assert reverse("treatment:check_in", args=[row.pk]) in found, "while the session runs"
    assert reverse("treatment:session", args=[session.pk]) in found, "and the way back to it"
    assert phone.post(page(row, "3"), {"sitter_there": "no"})["Location"] == page(row, "1")
    assert alerts("sitter_check_missed") == 1
    helped = phone.post(page(row, "2"), {"signs": ["chest_pain", "none"]})
    assert helped["Location"] == reverse("treatment:help", args=[session.pk])
    assert alerts("help_pressed") == 1
    assert b"911" in phone.get(helped["Location"]).content
    assert kinds(case, row.due_at) == ["after"]
    next_day = session.check_in.due_at
    assert kinds(case, next_day) == ["day", "scores"]
    services.tick(now=began + timedelta(hours=50))
    services.tick(now=began + timedelta(hours=72))
    assert FollowUp.objects.filter(kind="check_in_overdue").exclude(state="closed").count() == 1
    at(next_day)
    later = cast.signed_in(case.patient.user).get(reverse("treatment:check_in", args=[row.pk]))
    assert later["Location"] == reverse("treatment:check_in", args=[session.check_in.pk])


def test_the_questions_of_the_month_keep_one_reading_and_ring_for_an_urgent_one(case, at):
    """Policy 5 and 9: bladder, substances, blood pressure after 28 days; discharge ends what waits."""
    case.scored(START)
    session, end = case.completed()
    month = end + 28 * DAY
    assert check_in_opening.open_due(patient=case.patient, by=case.patient.user, now=end + 27 * DAY)[0].kind == "scores"
    services.tick(now=month)
    row = CheckIn.objects.get(kind="month")
    at(row.due_at + timedelta(hours=1))
    phone = cast.signed_in(case.patient.user)
    urgent = {"pressure_0": "185", "pressure_1": "95", "heart_rate": "88"}
    assert phone.post(page(row, "5"), {}).status_code == 422
    for _click in range(2):
        assert phone.post(page(row, "5"), urgent).status_code == 302
    assert [(vital.systolic, vital.session_id) for vital in Vital.objects.filter(phase="home")] == [(185, None)]
    assert alerts("blood_pressure") == 1
    phone.post(page(row, "1"), dict.fromkeys(("urinary_frequency", "urinary_pain", "urinary_blood"), "0"))
    phone.post(page(row, "2"), {"craving": "2"})
    phone.post(page(row, "3"), {"ketamine_extra": "no"})
    assert phone.post(page(row, "4"), {"substances": ["alcohol", "none"]}).status_code == 422
    sent = phone.post(page(row, "4"), {"substances": ["none"]})
    assert sent["Location"] == reverse("treatment:check_in_sent", args=[row.pk])
    row.refresh_from_db()
    assert (row.status, {flag["code"] for flag in row.flags}) == ("answered", {"pressure_urgent", "craving"})
    arguments = {"check_in": row, "page": "craving", "answers": {"craving": 0}, "by": case.patient.user}
    assert refused(services.save_page, **arguments, now=row.answered_at) == "answered"

    discharging.discharge(patient=case.patient, ending=ENDING, by=case.prescriber.user, now=month + DAY)
    assert CheckIn.objects.get(kind="scores").status == "closed"
    assert session.check_ins.filter(status="open").count() == 2, "what a dose asks is asked all the same"
    assert not Notification.objects.filter(template="check_in_due", due_at__gt=month, state="pending").exists()


@pytest.mark.parametrize("rows", [0, 1, 120])
def test_the_course_is_readable_with_none_one_and_many_scores_in_few_queries(case, other_patient, rows, at):
    """UX-19: the same few queries whatever the length; the numbers in a table; nothing of another patient."""
    Assessment.objects.bulk_create(
        Assessment(
            patient=patient, instrument="phq9", context="check_in", answers=[0] * 9, total=Decimal(total), band="mild",
            taken_at=START - 7 * step * DAY, created_at=START,
        )
        for patient, total in ((case.patient, 9), (other_patient, 23))
        for step in range(rows)
    )  # fmt: skip
    at(START)
    phone, desk = cast.signed_in(case.patient.user), cast.signed_in(case.prescriber.user)
    for client, address in (
        (phone, reverse("treatment:outcomes")),
        (desk, reverse("admin:outcomes", args=[case.patient.pk])),
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address)
        assert answer.status_code == 200
        assert len(queries) <= 12, [query["sql"][:90] for query in queries]
        body = answer.content.decode()
        assert ("<svg viewBox" in body and "Show as a table" in body) is (rows > 0)
        assert ("Mood (PHQ-9)" in body) is (rows > 0)
        assert ">23<" not in body


def test_an_earlier_answer_about_safety_never_answers_for_a_worse_item_9(case, at):
    """Policy 4, I3: item 9 higher than before, or days later, asks again and protects; an old tab counts as well."""
    case.completed()
    row = CheckIn.objects.get(kind="scores")
    calm = {"wish_dead": "no", "suicidal_thoughts": "no", "behavior": "no"}
    flagged = 0
    for days, said, again in ((0, "1", True), (0, "1", False), (0, "2", True), (10, "2", True), (10, "1", False)):
        moment = row.due_at + days * DAY + timedelta(minutes=1)
        at(moment)
        phone = cast.signed_in(case.patient.user)
        phone.post(page(row, "9"), {"answer": said})
        hold = active_hold(case.patient)
        assert (hold is not None and hold.level == "incomplete") is again, (days, said)
        phone.post(page(row, "safety"), calm)
        assert active_hold(case.patient) is None, (days, said)
        flagged += again and (days, said) != (10, "2")
        assert alerts("check_in_flag") == flagged, (days, said)
    at(moment + 10 * DAY)
    phone = cast.signed_in(case.patient.user)
    assert phone.get(page(row, "safety")).status_code == 404
    assert phone.post(page(row, "safety"), {"wish_dead": "no"}).status_code == 302
    help_now = phone.post(page(row, "safety"), {**calm, "suicidal_thoughts": "yes", "plan": "yes"})
    assert urlsplit(help_now["Location"]).path == reverse("intake:crisis")
    assert SafetyHold.objects.get(patient=case.patient, cleared_at=None).level == "high"
