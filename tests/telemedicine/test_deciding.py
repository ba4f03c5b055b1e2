"""A decision in two steps: looked at as the patient will read it, confirmed, undone within ten seconds, carried out."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from billing.models import Refund
from harmoniously.core.accounts.models import Licence
from harmoniously.core.alerts.models import FollowUp, SafetyHold
from harmoniously.core.audit.models import AuditEvent, StatusChange
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.rounds import RowsFailed
from harmoniously.core.notifications.dispatch import claim as claim_messages
from harmoniously.core.notifications.models import Notification
from intake.models import Facility, Refusal
from telemedicine.conversation.services import Words, reply
from telemedicine.models import Appointment, InPersonVisit, Message, Referral, Review, Verdict
from telemedicine.reviews import case_file, handing, selectors, services
from telemedicine.reviews.deciding import preview, starting
from telemedicine.reviews.deciding import services as deciding
from telemedicine.reviews.rules.triage import Urgency
from telemedicine.reviews.telling import answered
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import case_queue, make_decision, make_paid, make_visit, mark_on
from treatment.models import Chart

pytestmark = pytest.mark.django_db
REASON = "Two adequate trials failed; blood pressure is controlled."
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DECLINED = {"reason": REASON, "words": "Your heart needs a check first.", "more": {"again": 91, "letter": None}}
IN_PERSON = {"reason": REASON, "words": "The law asks for it.", "more": {"place": "Bay Clinic", "we_call": True}}


@pytest.fixture
def case(patient, prescriber):
    """A claimed and paid case; the first visit is still to come."""
    made = make_decision(patient)
    make_paid(patient)
    make_visit(patient, prescriber, starts_at=NOON + timedelta(days=1), status="booked")
    services.claim(decision=made, by=prescriber.user, now=NOON)
    return made


@pytest.fixture
def seen(patient, prescriber):
    """The same after the first visit."""
    made = make_decision(patient)
    make_paid(patient)
    make_visit(patient, prescriber)
    services.claim(decision=made, by=prescriber.user, now=NOON)
    return made


def write(case, prescriber, kind="decline", **told: Any) -> Verdict:
    told = told or DECLINED
    return deciding.write(decision=case, kind=kind, by=prescriber.user, now=NOON, **told)


def confirmed(case, prescriber, kind="decline", **told: Any) -> Verdict:
    row = write(case, prescriber, kind, **told)
    mark = preview.shown(row, NOON).mark
    return deciding.confirm(verdict=row, seen=mark, by=prescriber.user, now=NOON)


def licence(clinician, case):
    Licence.objects.create(clinician=clinician, state=case.patient.state, number="1", expires_on=date(2030, 12, 31))


def left() -> tuple[int, int, int, int]:
    """What a refusal sets in motion: messages, refunds, cancelled visits, refusals on record."""
    cancelled = Appointment.objects.filter(status="cancelled").count()
    return Notification.objects.count(), Refund.objects.count(), cancelled, Refusal.objects.count()


def test_nothing_leaves_before_the_ten_seconds_are_over(case, prescriber):
    before = left()
    row = confirmed(case, prescriber)
    for second in (0, 9, 10):
        deciding.sweep(now=NOON + second * SECOND)
        assert not deciding.carry_out(verdict=row, now=NOON + second * SECOND)
        assert claim_messages("email", row.pk, at=NOON + second * SECOND, size=10) == []
        assert left() == before, second
    assert selectors.told_to(case.patient) == (None, None)
    assert deciding.sweep(now=NOON + 11 * SECOND) == 1
    assert [after - was for was, after in zip(before, left(), strict=True)] == [2, 1, 1, 1]
    assert deciding.sweep(now=NOON + 12 * SECOND) == 0
    assert [Review.objects.get().decided_at, Verdict.objects.get().status] == [NOON, "in_effect"]


@pytest.mark.parametrize(("second", "undone"), [(0, True), (9, True), (10, True), (11, False)])
def test_ten_seconds_and_no_more(case, prescriber, second, undone):
    row = confirmed(case, prescriber)
    act = {"verdict": row, "by": prescriber.user, "now": NOON + second * SECOND}
    if not undone:
        with pytest.raises(Conflict, match="ten seconds are over"):
            deciding.undo(**act)
        return
    before = left()
    deciding.undo(**act)
    deciding.undo(**act)  # a second click
    deciding.sweep(now=NOON + 60 * SECOND)
    assert left() == before
    assert (Review.objects.get().status, Verdict.objects.get().status) == ("claimed", "undone")
    moves = StatusChange.objects.filter(subject__startswith="telemedicine.verdict").values_list("after", flat=True)
    assert list(moves) == ["confirmed", "undone"]
    assert AuditEvent.objects.filter(action="verdict.undone").count() == 1
    confirmed(case, prescriber)  # and it can be decided anew


def test_what_has_taken_effect_is_not_undone_even_within_the_time(case, prescriber):
    row = confirmed(case, prescriber)
    assert deciding.carry_out(verdict=row, now=NOON + SECOND, at_once=True)
    with pytest.raises(Conflict):
        deciding.undo(verdict=row, by=prescriber.user, now=NOON + 2 * SECOND)
    assert not deciding.carry_out(verdict=row, now=NOON + 20 * SECOND)
    assert Refund.objects.count() == 1


def test_only_who_wrote_it_confirms_or_undoes_it(case, prescriber, other_prescriber):
    row = write(case, prescriber)
    with pytest.raises(PermissionDenied):
        deciding.confirm(verdict=row, seen=preview.shown(row, NOON).mark, by=other_prescriber.user, now=NOON)
    row = confirmed(case, prescriber)
    with pytest.raises(PermissionDenied):
        deciding.undo(verdict=row, by=other_prescriber.user, now=NOON)
    with pytest.raises(Conflict, match="just decided"):
        services.give_back(decision=case, by=prescriber.user, now=NOON)
    with pytest.raises(Conflict, match="just decided"):
        write(case, prescriber, "approve", reason=REASON)


def test_a_page_from_before_the_case_was_handed_over_decides_nothing(case, prescriber, other_prescriber):
    licence(other_prescriber, case)
    row = write(case, prescriber, "ask", words="Since when do you take it?", more={"days": 14})
    handing.hand_over(decision=case, to=other_prescriber, by=prescriber.user, now=NOON)
    with pytest.raises(Conflict, match="has this case"):
        deciding.confirm(verdict=row, seen=preview.shown(row, NOON).mark, by=prescriber.user, now=NOON)
    assert not Verdict.objects.filter(status="confirmed").exists()


@time_machine.travel(NOON, tick=False)
def test_a_case_that_waits_for_the_patient_is_not_left_in_nobodys_hands(case, prescriber, prescriber_client):
    services.ask(decision=case, question="Since when?", form_token=case.pk, by=prescriber.user, now=NOON)
    with pytest.raises(Conflict, match="Hand it over"):
        services.give_back(decision=case, by=prescriber.user, now=NOON)
    assert Review.objects.get().status == "asked"
    for page in (reverse("admin:case", args=[case.patient_id]), reverse("admin:review_queue")):
        body = prescriber_client.get(page).content.decode()
        assert "Give back<" not in body and "Give the case back" not in body
        assert reverse("admin:work_item", args=["application", case.pk]) in body


@time_machine.travel(NOON, tick=False)
def test_what_somebody_had_who_left_can_be_claimed_from_the_page(case, prescriber, other_prescriber):
    address, words = reverse("admin:case", args=[case.patient_id]), "Claim this case"
    licence(other_prescriber, case)
    colleague = cast.signed_in(other_prescriber.user)
    assert words not in colleague.get(address).content.decode()
    type(prescriber.user).objects.filter(pk=prescriber.user_id).update(is_active=False)
    assert words in colleague.get(address).content.decode()
    assert "Claim<" in colleague.get(reverse("admin:review_queue")).content.decode()


def test_what_changed_since_the_preview_is_not_decided_unread(case, patient, prescriber):
    row = write(case, prescriber)
    mark = preview.shown(row, NOON).mark
    make_visit(patient, prescriber, starts_at=NOON + timedelta(days=3), status="booked")
    with pytest.raises(Conflict, match="changed since you looked"):
        deciding.confirm(verdict=row, seen=mark, by=prescriber.user, now=NOON)
    newer = write(case, prescriber)
    with pytest.raises(Conflict, match="written anew"):
        deciding.confirm(verdict=row, seen=preview.shown(row, NOON).mark, by=prescriber.user, now=NOON)
    mark = preview.shown(newer, NOON).mark
    make_decision(patient, at=NOON + SECOND)
    with pytest.raises(Conflict, match="changed their answers"):
        deciding.confirm(verdict=newer, seen=mark, by=prescriber.user, now=NOON)
    assert not Review.objects.filter(status="decided").exists()


def test_what_became_impossible_in_the_ten_seconds_does_not_happen_and_says_so(seen, patient, prescriber):
    row = confirmed(seen, prescriber, "approve", reason=REASON, words="", more={"resolved": []})
    SafetyHold.objects.create(patient=patient, level="high", about="test", opened_at=NOON)
    assert not deciding.carry_out(verdict=row, now=NOON + 11 * SECOND)
    row = Verdict.objects.get()
    assert (row.status, "high suicide risk" in row.failure) == ("failed", True)
    assert (Chart.objects.count(), Review.objects.get().status) == (0, "claimed")


def test_what_newer_answers_overtook_is_said_on_their_case_to_whoever_decided(case, patient, prescriber):
    confirmed(case, prescriber)
    make_decision(patient, at=NOON + 5 * SECOND)
    deciding.sweep(now=NOON + 11 * SECOND)
    assert Review.objects.get().status != "decided"
    other = cast.make_clinician("casey@example.com")
    now = NOON + 12 * SECOND
    [own, others] = [
        case_file.build(selectors.case_of(patient.pk, person.user, now), person.user, now).verdict
        for person in (prescriber, other)
    ]
    assert ("changed their answers" in own.failure, others) == (True, None)


def test_what_fails_each_time_is_given_up_and_the_case_can_be_decided(case, prescriber):
    """A decision that can neither take effect nor be undone would keep the case for ever."""
    row = confirmed(case, prescriber, "ask", words="Which dose do you take now?", more={"days": 3})
    row.more = {}  # what cannot be read any more
    row.save(update_fields=["more"])
    due = NOON + 10 * SECOND
    for wait, status in ((timedelta(minutes=10) - SECOND, "confirmed"), (timedelta(minutes=10), "failed")):
        with pytest.raises(RowsFailed):
            deciding.sweep(now=due + wait)
        row.refresh_from_db()
        assert row.status == status
    assert "Nothing was changed" in row.failure
    assert (Message.objects.count(), deciding.sweep(now=due + timedelta(hours=1))) == (0, 0)
    assert confirmed(case, prescriber).status == "confirmed"


def test_what_would_be_refused_is_refused_before_it_is_previewed(case, prescriber):
    with pytest.raises(RuleViolation, match="first visit has not taken place"):
        write(case, prescriber, "approve", reason=REASON)
    with pytest.raises(RuleViolation, match="reason"):
        write(case, prescriber, "decline", reason="no", words="No.")
    with pytest.raises(RuleViolation, match="under 4000"):  # with the day by which it is to be answered
        write(case, prescriber, "ask", words="?" * 3990, more={"days": 3})


def test_the_preview_is_what_the_patient_then_reads_in_their_language(seen, patient, prescriber, patient_client):
    patient.user.language = "es"
    patient.user.save()
    words = starting.chosen("decline", "heart")
    assert words is not None
    told = {"reason": REASON, "words": words.in_language("es"), "more": {"again": 91, "letter": None}}
    row = write(seen, prescriber, "decline", **told)
    shown = preview.shown(row, NOON)
    assert (shown.language, "Qué pasa ahora" in shown.html) == ("es", True)
    assert any("$149.00 goes back" in line for line in shown.follows)
    deciding.confirm(verdict=row, seen=shown.mark, by=prescriber.user, now=NOON)
    deciding.sweep(now=NOON + 11 * SECOND)
    with time_machine.travel(NOON + 12 * SECOND, tick=False):
        page = cast.signed_in(patient.user).get(reverse("telemedicine:decision")).content.decode()
    read = " ".join(page.split())
    row.refresh_from_db()
    assert preview.shown(row, NOON).follows == shown.follows, "also once the money has gone back"
    missing = [line.strip() for line in shown.html.splitlines() if line.strip() and " ".join(line.split()) not in read]
    assert missing == []


def test_a_question_carries_its_day_and_comes_back_when_it_passes(case, patient, patient_client, prescriber):
    row = confirmed(case, prescriber, "ask", words="Which dose do you take now?", more={"days": 3})
    deciding.sweep(now=NOON + 11 * SECOND)
    assert Message.objects.get().body.endswith("Please answer by Saturday 7 November, 11:59 pm Pacific (PST).")
    assert "Your prescriber has a question" in patient_client.get(reverse("telemedicine:decision")).content.decode()
    due = Review.objects.get().answer_due_at
    reminder = Notification.objects.get(about=f"question:{row.review_id}")
    assert (reminder.template, due - reminder.due_at) == ("action_needed", timedelta(days=1, hours=13, minutes=59))

    def rung(at):
        return case_queue(prescriber.user, at).get().rung

    assert rung(due - SECOND) == Urgency.WITH_PATIENT
    assert rung(due + SECOND) < Urgency.WAITING


def test_who_answered_is_not_reminded_nor_asked_again(case, patient, patient_client, prescriber):
    row = confirmed(case, prescriber, "ask", words="Which dose do you take now?", more={"days": 3})
    deciding.sweep(now=NOON + 11 * SECOND)
    keys = [str(row.review_id)]
    assert answered(keys, NOON) == set()
    later = {"by": patient.user, "now": NOON + timedelta(hours=1)}
    asked, pages = "Your prescriber has a question", ("portal:home", "telemedicine:decision")
    assert all(asked in patient_client.get(reverse(page)).content.decode() for page in pages)
    reply(thread=Message.objects.get().thread, words=Words("Ten milligrams.", case.pk), **later)
    assert answered(keys, NOON) == set(keys)
    assert not any(asked in patient_client.get(reverse(page)).content.decode() for page in pages)


def test_a_visit_in_person_stands_until_it_is_recorded(seen, patient, prescriber, patient_client):
    confirmed(seen, prescriber, "in_person", **IN_PERSON)
    deciding.sweep(now=NOON + 11 * SECOND)
    assert Review.objects.get().status == "in_person"
    assert FollowUp.objects.filter(kind="in_person", state="open").count() == 1
    assert case_queue(prescriber.user, NOON).get().rung == Urgency.WITH_PATIENT
    home = patient_client.get(reverse("portal:home")).content.decode()
    told = patient_client.get(reverse("telemedicine:decision")).content.decode()
    assert "A visit in person comes first" in home
    assert all(words in told for words in ("Bay Clinic", "The law asks for it.", "We call you"))
    assert REASON not in told
    assert Refund.objects.count() == 0
    approve = {"decision": seen, "reason": REASON, "by": prescriber.user, "now": NOON}
    with pytest.raises(RuleViolation, match="visit in person was required"):
        services.approve(**approve)
    met = {"decision": seen, "where": "Dr Fay Example, Bay Clinic", "by": prescriber.user, "now": NOON}
    for day in (NOON.date() + timedelta(days=1), NOON.date() - timedelta(days=366)):
        with pytest.raises(RuleViolation, match="day of the visit"):
            deciding.record_in_person(on=day, **met)
    for _click in range(2):
        deciding.record_in_person(on=NOON.date(), **met)
    assert (Review.objects.get().status, FollowUp.objects.filter(state="open").count()) == ("claimed", 0)
    assert services.approve(**approve).outcome == "approved"


def test_newer_answers_do_not_make_a_visit_in_person_unnecessary(seen, patient, prescriber):
    confirmed(seen, prescriber, "in_person", **IN_PERSON)
    deciding.sweep(now=NOON + 11 * SECOND)
    about = {"by": prescriber.user, "now": NOON + timedelta(hours=1)}
    newer = make_decision(patient, at=about["now"])
    services.claim(decision=newer, **about)
    with pytest.raises(RuleViolation, match="visit in person was required"):
        services.approve(decision=newer, reason=REASON, **about)
    anew = {**IN_PERSON, "more": {"place": "Hill Clinic", "we_call": True}}
    row = deciding.write(decision=newer, kind="in_person", **anew, **about)
    assert "Hill Clinic" in preview.shown(row, about["now"]).html
    deciding.confirm(verdict=row, seen=preview.shown(row, about["now"]).mark, **about)
    deciding.carry_out(verdict=row, now=about["now"], at_once=True)
    told = selectors.told_to(patient)[1]
    assert (told.place, Review.objects.get(decision=newer).status) == ("Hill Clinic", "in_person"), "what was looked at"
    assert FollowUp.objects.filter(state="open").count() == 1
    services.decline(decision=newer, reason=REASON, words="No.", again_after=0, **about)
    assert not InPersonVisit.objects.filter(ended_at__isnull=True).exists()
    assert FollowUp.objects.filter(state="open").count() == 0


def test_a_referral_opens_its_letter_and_its_prescriber_can_send_it(case, patient, prescriber):
    place = Facility.objects.create(
        name="Bay Clinic",
        kinds=["therapy"],
        street="1 Test Way",
        city="Testville",
        state="CA",
        zip="90001",
        phone="+14155550132",
        checked_on=NOON.date(),
    )
    told = {**DECLINED, "more": {"again": 0, "letter": {"facility": str(place.pk), "need": "therapy"}, "why": ""}}
    row = confirmed(case, prescriber, "refer", **told)
    assert any("letter to Bay Clinic" in line for line in preview.shown(row, NOON).follows)
    deciding.sweep(now=NOON + 11 * SECOND)
    letter = Referral.objects.get()
    assert letter.letter["sections"][0]["rows"][0][1] == REASON
    assert patient.care_relations.filter(clinician=prescriber, until__isnull=True).exists()
    assert Refund.objects.count() == 1


def test_the_pages_from_the_words_to_the_undo(case, patient, prescriber):
    with time_machine.travel(NOON, tick=False) as clock:
        client = cast.signed_in(prescriber.user)
        own = "Not at home now, <b>sorry</b>."
        form = {"decision": case.pk, "outcome": "declined", "reason": REASON, "words": own}
        url = reverse("admin:decline_case", args=[patient.pk])
        filled = client.post(url, {**form, "start": "heart", "fill": "1"}).content.decode()
        assert "raises blood pressure" in filled
        assert REASON in filled
        written = client.post(url, form)
        shown = client.get(written.url)
        assert "Not at home now, &lt;b&gt;sorry&lt;/b&gt;." in shown.content.decode()
        assert client.post(f"{written.url}confirm/", {"seen": "other"}).status_code == 409
        for _click in range(2):
            assert client.post(f"{written.url}confirm/", {"seen": mark_on(shown)}).status_code == 302
        assert "Until then you can take it back" in client.get(written.url).content.decode()
        clock.move_to(NOON + 9 * SECOND)
        back = client.post(f"{written.url}undo/")
        assert "Not at home now" in client.get(back.url).content.decode()
        colleague = cast.signed_in(cast.make_clinician("second@example.com").user)
        assert colleague.get(written.url).status_code == 404
    assert translation.get_language() == "en"
