"""Information that was asked for later: its day, its reminders, and that handing it in decides anew (UX-08, BUG-28)."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.selectors import active_hold, case_held
from harmoniously.core.alerts.services import clear_hold
from harmoniously.core.alerts.work_selectors import follow_ups_due
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.documents.upload_models import Upload
from harmoniously.core.notifications.models import Notification, State
from harmoniously.core.questions.models import Assessment
from intake import approvals, services
from intake.models import EligibilityDecision, Submission
from intake.pages import INTAKE
from intake.requests import handing, papers, rules
from intake.requests.models import Errand, InformationRequest, Paper, PaperKind, mark_of
from intake.selectors import route_of
from tests.cast import NOON, PLAN, take_into_care
from tests.core.documents.test_uploads import letter, picture
from tests.intake.walk import ANSWERS, READING, WELLBUTRIN, ZOLOFT, date_boxes, items, make_draft, url_of

pytestmark = pytest.mark.django_db
HIGH = {**READING, **date_boxes("taken_on", 11, 1, 2026), "pressure_0": "150", "pressure_1": "95"}
BIPOLAR = {
    "conditions_mind": {"codes": ["bipolar"]},
    "condition_times": {"bipolar_0": "3", "bipolar_1": "years"},
    "condition_letters": {"treating_clinician_letter": "asked"},
}
DAY = timedelta(days=1)


def hand_in(patient: Patient, lists: dict[str, Any] | None = None, **answers: Any) -> EligibilityDecision:
    """Hand in answers that need something more."""
    return services.submit(submission=make_draft(patient, lists, **answers), by=patient.user, now=NOON)


def waiting(patient: Patient) -> list[str]:
    return [row.item for row in InformationRequest.objects.filter(patient=patient, status="open")]


def planned(patient: Patient) -> list[str]:
    rows = Notification.objects.filter(recipient=patient.user).exclude(state=State.CANCELLED).order_by("due_at")
    return [f"{row.due_at:%m-%d} {row.template}" for row in rows]


def send(
    patient: Patient, dated: date | None, file: bytes | None = None, kind: str = "treating_clinician_letter"
) -> Paper:
    about = {"patient": patient, "by": patient.user, "now": NOON + DAY}
    return handing.paper(kind=PaperKind(kind), file=io.BytesIO(file or picture()), dated=dated, **about)


def test_ux_08_a_repeated_reading_is_decided_by_itself(patient: Patient) -> None:
    first = hand_in(patient, {"blood_pressure": [HIGH]})
    assert (first.outcome, waiting(patient)) == ("needs_information", ["reading"])
    request = InformationRequest.objects.get(patient=patient)
    late = NOON + 15 * DAY
    assert planned(patient) == ["11-11 action_needed", "11-16 action_needed"]
    assert [row.kind for row in follow_ups_due(late)] == ["information_overdue"]
    assert not follow_ups_due(NOON + 13 * DAY)

    given = {"taken_on": "2026-11-01", "pressure": {"systolic": 124, "diastolic": 80}}
    about = {"request": request, "by": patient.user, "now": NOON + DAY}
    with pytest.raises(RuleViolation, match="later day"):
        handing.reading(given=given, **about)
    second = handing.reading(given={**given, "taken_on": "2026-11-03"}, **about)

    assert second.outcome == "eligible_for_review", second.findings
    assert [row["taken_on"] for row in second.facts["blood_pressure"]] == ["2026-11-01", "2026-11-03"]
    old, new = Submission.objects.filter(patient=patient).order_by("submitted_at")
    assert (old.status, new.status, new.amends, len(old.answers["blood_pressure"]["items"])) == (
        "superseded",
        "submitted",
        old,
        1,
    )
    assert (waiting(patient), planned(patient)) == ([], [])
    assert not follow_ups_due(late)
    assert Assessment.objects.filter(patient=patient, instrument="phq9").count() == 1  # nobody answered it again
    with pytest.raises(Conflict):
        handing.reading(given={**given, "taken_on": "2026-11-03"}, **about)


def test_ux_08_a_reading_that_is_high_again_is_asked_for_again(patient: Patient) -> None:
    hand_in(patient, {"blood_pressure": [HIGH]})
    request = InformationRequest.objects.get(patient=patient)
    again = {"taken_on": "2026-11-04", "pressure": {"systolic": 144, "diastolic": 80}}
    handing.reading(request=request, given=again, by=patient.user, now=NOON + 2 * DAY)

    assert waiting(patient) == ["reading"]
    assert InformationRequest.objects.get(patient=patient, status="open").due_at > request.due_at


def test_i9_what_is_handed_in_beside_an_open_draft_is_in_both(patient: Patient) -> None:
    hand_in(patient, {"blood_pressure": [HIGH]})
    draft = services.amend(patient=patient, reason="changed", by=patient.user, now=NOON)
    Submission.objects.filter(pk=draft.pk).update(version=3)
    draft.refresh_from_db()
    draft.answers = {**draft.answers, "body": {"heart_rate": 81, "height": 170.0, "weight": 70.0}}
    draft.save()
    given = {"taken_on": "2026-11-03", "pressure": {"systolic": 124, "diastolic": 80}}
    request = InformationRequest.objects.get(patient=patient)
    decision = handing.reading(request=request, given=given, by=patient.user, now=NOON + DAY)

    draft.refresh_from_db()
    assert decision.facts["heart_rate"] == 72  # the draft was not handed in
    assert draft.answers["body"]["heart_rate"] == 81
    assert len(draft.answers["blood_pressure"]["items"]) == 2
    assert (draft.status, draft.amends, draft.version) == ("draft", decision.submission, 4)


def test_ux_08_a_letter_is_decided_by_itself_until_a_prescriber_says_that_it_does_not_do(
    patient: Patient, prescriber: Clinician, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hand_in(patient, **BIPOLAR).outcome == "needs_information"
    assert waiting(patient) == ["letter:treating_clinician_letter"]
    for dated in (None, date(2026, 11, 6), date(2026, 8, 6)):  # none, tomorrow, 91 days ago
        with pytest.raises(RuleViolation):
            send(patient, dated)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(services, "resubmit", lambda **_about: 1 / 0)
        send(patient, date(2026, 10, 1))
    assert not Upload.objects.exists()  # the document and its decision are kept together, or not at all
    paper = send(patient, date(2026, 10, 1), letter())

    decision = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert (decision.outcome, waiting(patient)) == ("eligible_for_review", [])
    assert decision.facts["documents"] == [{"kind": "treating_clinician_letter", "dated": "2026-10-01"}]
    paper.handed_in_at = None  # as whoever opened the page before saw it
    with pytest.raises(RuleViolation, match="belongs to your record"):
        papers.remove(paper=paper, by=patient.user, now=NOON)

    take_into_care(patient, prescriber)
    approvals.approve(decision=decision, by=prescriber.user, now=NOON + DAY)
    judge = {"paper": paper, "accept": False, "by": prescriber.user, "now": NOON + 2 * DAY}
    with pytest.raises(RuleViolation, match="few words"):
        handing.look_at(words="no", **judge)
    photo = send(patient, None, kind="identity")
    assert handing.look_at(**{**judge, "paper": photo}, words="The name cannot be read.") is None  # no rule counts it
    again = handing.look_at(words="It is not signed. Please send the signed one.", **judge)
    assert again is not None
    assert (again.outcome, again.facts["documents"]) == ("needs_information", [])
    assert waiting(patient) == ["letter:treating_clinician_letter"]
    assert case_held(patient)  # policy 9: it was approved with that letter
    assert planned(patient)[0] == "11-06 action_needed"  # told at once, then reminded
    assert not patient.signed_documents.filter(signer=prescriber.user).exists()
    accepted = handing.look_at(paper=paper, accept=True, words="", by=prescriber.user, now=NOON + 3 * DAY)
    assert accepted is not None
    assert accepted.outcome == "eligible_for_review"


def test_policy_9_what_arrives_late_asks_again_how_the_patient_is(patient: Patient) -> None:
    """A letter may take a month; a PHQ-9, and a no to a question about suicide, tell of two weeks."""
    first = hand_in(patient, **BIPOLAR)
    assert [row["code"] for row in first.findings if row["about"] == "instrument.phq9"] == []
    about = {"patient": patient, "by": patient.user, "dated": date(2026, 10, 20)}
    with time_machine.travel(NOON + 15 * DAY, tick=False):
        late = {"kind": PaperKind.TREATING_CLINICIAN_LETTER, "file": io.BytesIO(picture()), "now": NOON + 15 * DAY}
        handing.paper(**late, **about)
    decision = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert decision.outcome == "needs_information"
    assert {"answer:phq9", "answer:cssrs_thoughts"} <= set(waiting(patient))
    assert "answer:indications" not in waiting(patient)
    assert active_hold(patient)  # policy 4: unanswered


def test_every_page_that_an_answer_leads_to_exists() -> None:
    assert set(rules.PAGES.values()) <= set(INTAKE.by_key)


@pytest.fixture
def noon() -> Iterator[None]:
    """Pages ask the clock; it stands at NOON."""
    with time_machine.travel(NOON, tick=False):
        yield


def _post_file(client: Client, url: str, data: bytes, name: str = "x.jpg", **also: Any) -> Any:
    return client.post(url, {"file": SimpleUploadedFile(name, data, content_type="text/html"), **also})


@pytest.mark.usefixtures("noon")
def test_bug_28_a_patient_sends_replaces_takes_back_and_downloads(
    patient: Patient, patient_client: Client, other_client: Client
) -> None:
    make_draft(patient)
    index, add = reverse("intake:papers"), reverse("intake:paper_add", args=["1"])
    page = patient_client.get(add).content
    assert b'enctype="multipart/form-data"' in page
    for data, words in ((b"<svg/>", b"cannot read this kind"), (b"", b"empty"), (letter(), b"not a PDF")):
        refused = _post_file(patient_client, add, data)
        assert (refused.status_code, words in refused.content) == (422, True), words
    empty = patient_client.post(add)
    assert (empty.status_code, empty.content.decode().split("</title>")[0].count("Error:")) == (422, 1)
    assert b"too large" in _post_file(patient_client, add, b"\xff\xd8\xff" + bytes(10 * 1024 * 1024)).content

    token = patient_client.get(add).context["form"]["token"].value()
    for _click in range(2):  # I9
        assert _post_file(patient_client, add, picture(), "<script>.html", token=token)["Location"] == index
    first = Paper.objects.get(patient=patient)
    for action in ("paper", "paper_replace", "paper_remove"):
        assert other_client.get(reverse(f"intake:{action}", args=[first.pk])).status_code == 404
    file = patient_client.get(reverse("intake:paper", args=[first.pk]))
    assert file["Content-Type"] == "image/jpeg"
    assert file["Content-Disposition"] == f'attachment; filename="{first.upload.file_name}"'
    assert (file["X-Content-Type-Options"], file["Cache-Control"]) == ("nosniff", "no-store")
    assert "sandbox" in file["Content-Security-Policy"]

    _post_file(patient_client, reverse("intake:paper_replace", args=[first.pk]), picture("PNG"))
    second = Paper.objects.get(patient=patient, status="on_file")
    first.upload.refresh_from_db()
    assert (second.replaces, bytes(first.upload.sealed)) == (first, b"")
    assert patient_client.get(reverse("intake:paper", args=[first.pk])).status_code == 404
    patient_client.post(reverse("intake:paper_remove", args=[second.pk]))
    assert b"Nothing yet" in patient_client.get(index).content
    told = AuditEvent.objects.filter(patient=patient.pk, action__startswith="paper.").values_list("action", flat=True)
    assert {"paper.sent", "paper.viewed", "paper.refused", "paper.replaced", "paper.removed"} <= set(told)


@pytest.mark.usefixtures("noon")
def test_ux_08_each_thing_has_its_short_page_that_says_what_now_when_it_is_late(
    patient: Patient, patient_client: Client, prescriber: Clinician, prescriber_client: Client
) -> None:
    unknown = {"pregnancy_possible": {"can_become_pregnant": "yes", "breastfeeding": "no"}}
    hand_in(
        patient, {"blood_pressure": [HIGH]}, **BIPOLAR, **unknown, pregnancy={"pregnant": "unknown", "trying": "no"}
    )
    pages = {row.item: reverse("intake:asked_one", args=[row.pk]) for row in InformationRequest.objects.all()}
    assert set(pages) == {"reading", "letter:treating_clinician_letter", "pregnancy_test"}
    listed = patient_client.get(reverse("intake:asked")).content.decode()
    assert all(url in listed for url in pages.values())
    mark = mark_of(patient.pk, "pregnancy_test")
    InformationRequest.objects.filter(item_mark=mark).update(due_at=NOON - DAY)
    assert b"The day for this has passed" in patient_client.get(pages["pregnancy_test"]).content

    late = {"result": "no", **date_boxes("taken_on", 10, 20, 2026)}
    refused = patient_client.post(pages["pregnancy_test"], late)
    assert (refused.status_code, b"counts for 7 days" in refused.content) == (422, True)
    assert refused.content.decode().split("</title>")[0].count("Error:") == 1
    patient_client.post(pages["pregnancy_test"], {"result": "no", **date_boxes("taken_on", 11, 3, 2026)})
    reading = {**READING, **date_boxes("taken_on", 11, 3, 2026)}
    assert patient_client.post(pages["reading"], reading)["Location"] == reverse("intake:outcome")
    again = patient_client.post(pages["reading"], {**reading, "pressure_0": "190", "pressure_1": "122"}).content
    assert all(words in again for words in (b"You handed this in", b"call 911 now"))  # not kept, and still answered
    assert waiting(patient) == ["letter:treating_clinician_letter"]
    sent = _post_file(
        patient_client, pages["letter:treating_clinician_letter"], letter(), **date_boxes("dated", 10, 1, 2026)
    )
    assert sent["Location"] == reverse("intake:outcome")
    decision = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert decision.outcome == "eligible_for_review", decision.findings
    assert EligibilityDecision.objects.filter(patient=patient).count() == 4

    paper = Paper.objects.get(patient=patient)
    file, judge = reverse("admin:paper", args=[paper.pk]), reverse("admin:judge_paper", args=[paper.pk])
    assert [prescriber_client.get(url).status_code for url in (file, judge)] == [404, 404]
    take_into_care(patient, prescriber)
    case_url = reverse("admin:case", args=[patient.pk])
    case = prescriber_client.get(case_url).content.decode()
    assert file in case
    assert judge in case
    assert prescriber_client.get(file).content.startswith(b"%PDF-")
    rejected = {"verdict": "reject", "words": "The page with the signature is missing."}
    for given in ({"words": "No verdict was sent with it."}, {"verdict": "reject", "words": ""}):
        assert prescriber_client.post(judge, given).status_code == 422
    clicks = [
        prescriber_client.post(judge, given)
        for given in (rejected, rejected, {**rejected, "words": "It is not signed."})
    ]
    assert [click["Location"] for click in clicks] == [case_url, case_url, judge]  # I9: one word, and no opposite
    assert b"Somebody was faster" in prescriber_client.get(judge).content
    assert waiting(patient) == ["letter:treating_clinician_letter"]
    assert b"The page with the signature is missing." in patient_client.get(reverse("intake:papers")).content


def test_an_urgent_reading_of_the_same_day_is_kept_and_answered(patient: Patient) -> None:
    """Policy section 5: 180 or 120 and over is urgent, also in the evening of a day that was too high already."""
    hand_in(patient, {"blood_pressure": [HIGH]})
    request = InformationRequest.objects.get(patient=patient)
    given = {"taken_on": "2026-11-01", "pressure": {"systolic": 190, "diastolic": 122}}
    made = handing.reading(request=request, given=given, by=patient.user, now=NOON)
    assert "blood_pressure.urgent" in {finding["code"] for finding in made.findings}


SKIPPED_PHQ9 = {"phq9": {"_skipped": "on"}}


def errand_of(patient: Patient, item: str) -> tuple[str, str]:
    """The page of one request, and what keeps the pages of its questions on it."""
    asked = InformationRequest.objects.get(patient=patient, item_mark=mark_of(patient.pk, item), status="open")
    return reverse("intake:asked_one", args=[asked.pk]), f"?asked={asked.pk}"


def answer(client: Client, url: str, given: dict[str, Any]) -> Any:
    """Answer one page of an errand as the browser does after opening it."""
    return client.post(url, {"version": client.get(url).context["version"], **given})


@pytest.mark.usefixtures("noon")
def test_ux_08_a_questionnaire_that_is_asked_for_is_only_its_own_pages(
    patient: Patient, patient_client: Client, other_client: Client
) -> None:
    first = hand_in(patient, **SKIPPED_PHQ9)
    assert waiting(patient) == ["answer:phq9"]
    page, query = errand_of(patient, "answer:phq9")
    assert patient_client.get(url_of("phq9") + query)["Location"] == page  # not begun yet
    assert b"<h1>Patient Health Questionnaire-9</h1>" in patient_client.get(page).content
    begun = patient_client.post(page)["Location"]
    assert begun == url_of("phq9") + query
    assert other_client.get(begun).status_code == 404
    assert patient_client.get(url_of("gad7") + query).status_code == 302  # nothing else is asked
    opened = patient_client.get(begun)
    assert (opened.context["number"], opened.context["total"]) == (1, 1)
    assert [bound.value() for bound in opened.context["form"]][:9] == [None] * 9

    # Item 9 opens the questions about suicide, before anything else (policy section 4).
    there = answer(patient_client, begun, items([2] * 8 + [1]))["Location"]
    assert there == url_of("cssrs_thoughts") + query
    assert b"Thank you for telling us" in patient_client.get(there).content
    # Another window with the page as it was: nothing is overwritten silently.
    late = patient_client.post(begun, {"version": opened.context["version"], **items([0] * 9)})
    assert (late.status_code, late.context["keep_url"]) == (409, page)
    there = answer(patient_client, there, ANSWERS["cssrs_thoughts"])["Location"]
    assert answer(patient_client, there, ANSWERS["cssrs_behavior"])["Location"] == page
    check = patient_client.get(page)
    assert {row["change_url"] for row in check.context["answers"]} == {
        url_of(key) + query for key in ("phq9", "cssrs_thoughts", "cssrs_behavior")
    }
    assert EligibilityDecision.objects.count() == 1
    stale = patient_client.post(page, {"version": "1"})
    assert (stale["Location"], EligibilityDecision.objects.count()) == (page, 1)
    row = Errand.objects.get()
    with transaction.atomic():
        with pytest.raises(RuleViolation, match="a while ago"):
            handing.errand(errand=row, version=row.version, by=patient.user, now=NOON + 15 * DAY)
        assert route_of(Errand.objects.get()).open == INTAKE.by_key["phq9"]
        transaction.set_rollback(True)
    for _click in range(2):
        handed_in = patient_client.post(page, {"version": check.context["version"]})
    assert handed_in.status_code in (200, 302)

    second = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert (second.outcome, second.summary["scores"]["phq9"]["total"]) == ("eligible_for_review", 17)
    assert second.submission.amends == first.submission
    assert waiting(patient) == []
    taken = Assessment.objects.filter(patient=patient).values_list("instrument", flat=True)
    assert sorted(taken) == ["cssrs", "cssrs", "gad7", "phq9", "phq9"]  # only what was answered anew
    assert b"not saved" in patient_client.post(begun, items([0] * 9), follow=True).content


@pytest.mark.usefixtures("noon")
def test_i3_danger_on_an_errand_is_danger(patient: Patient, patient_client: Client, prescriber: Clinician) -> None:
    hand_in(patient, cssrs_thoughts={"_skipped": "on"})
    page, _query = errand_of(patient, "answer:cssrs_thoughts")
    there = patient_client.post(page)["Location"]
    there = answer(patient_client, there, {"wish_dead": "yes", "suicidal_thoughts": "yes"})["Location"]
    crisis = answer(patient_client, there, {"method": "no", "intent": "yes", "plan": "no"})
    assert crisis["Location"] == patient_client.get(page)["Location"] == reverse("intake:crisis")
    hold = active_hold(patient)
    assert hold is not None
    assert (hold.level, Alert.objects.filter(patient=patient, kind="suicide_risk_high").count()) == ("high", 1)
    clear_hold(hold=hold, contact_note="Spoke.", safety_plan=PLAN, by=prescriber.user, now=NOON)
    assert patient_client.post(page)["Location"].startswith(url_of("cssrs_thoughts"))  # asked again
    # What was typed on a page whose request was withdrawn meanwhile is heeded too.
    InformationRequest.objects.filter(patient=patient).update(status="withdrawn")
    late = patient_client.post(there, {"method": "no", "intent": "yes", "plan": "no"})
    assert late["Location"] == reverse("intake:crisis")


@pytest.mark.usefixtures("noon")
def test_ux_08_a_list_that_is_asked_for_is_answered_where_it_is(patient: Patient, patient_client: Client) -> None:
    unknown = {**ZOLOFT, "dose": "", "dose_unknown": "on"}
    hand_in(patient, {"antidepressants": [unknown]})
    assert "answer:antidepressants" in waiting(patient)
    page, query = errand_of(patient, "answer:antidepressants")
    listed = patient_client.post(page)["Location"]
    (entry,) = patient_client.get(listed).context["entries"]
    assert answer(patient_client, entry["change_url"], ZOLOFT)["Location"] == listed
    added = listed.replace(query, f"add/{query}")
    form = patient_client.get(added).context
    given = {"version": form["version"], "entry": form["entry"], **WELLBUTRIN}
    assert patient_client.post(added, given)["Location"] == listed
    assert answer(patient_client, listed, {"more": "no"})["Location"] == page
    patient_client.post(page, {"version": patient_client.get(page).context["version"]})
    decision = EligibilityDecision.objects.get(patient=patient, is_current=True)
    assert decision.summary["treatment_resistance"]["status"] == "met"
    assert waiting(patient) == []
