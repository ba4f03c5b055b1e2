"""The case of somebody in treatment: what it shows of the course, to whom, and the way back to it (UX-19)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from harmoniously.core.accounts.models import CareRelation
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock, returning
from harmoniously.core.common.encryption import EncryptedJSONField, Sealed
from telemedicine.reviews import possible, selectors
from telemedicine.reviews.course import course_of
from telemedicine.reviews.past import steps
from telemedicine.reviews.taken import lines
from tests.security.crawl import counted
from tests.security.history import undone
from treatment.models import CheckIn, Prescription
from treatment.services import ending

pytestmark = pytest.mark.django_db
DAMAGED = (
    "treatment.CheckIn", "treatment.AdverseEvent", "treatment.RefillRequest", "telemedicine.Message",
    "telemedicine.Review", "telemedicine.Elsewhere", "telemedicine.Referral", "intake.Paper",
)  # fmt: skip


def case_of(world):
    return reverse("admin:case", args=[world.patient.pk])


def body_of(world, who="prescriber_in"):
    response = world.client(who).get(case_of(world))
    return response.content.decode() if response.status_code == 200 else ""


def decision_of(world):
    return selectors.case_of(world.patient.pk, world.life.clinician.user, world.life.now)


def test_the_course_of_a_treatment_stands_on_the_case(world):
    """UX-19: sessions with dose, form and pressure, the newest note and messages, what can be done."""
    body = body_of(world)
    for words in ("100 mg", "Lozenge", "126/80", "Last messages", "Last notes", "Every decision", "Pause the treat"):
        assert words in body, words
    assert 'class="chart__marker"' in body, "the sessions are marked on the charts"


def test_without_care_a_case_tells_nothing_of_the_treatment(world):
    """SEC-03: a licence opens an application that waits, never sessions, notes or messages."""
    known = course_of(world.patient, reads=False)
    assert known.sessions == known.of("messages") == known.of("notes") == known.of("moves") == []
    decided = " ".join(step.what for step in steps(decision_of(world), known))
    assert "Prescribed" not in decided
    assert "Request for the next supply" not in decided


def test_one_query_reads_the_whole_course(world):
    with counted() as asked:
        course = course_of(world.patient, reads=True)
        lines(course)
        steps(decision_of(world), course)
    assert len(asked) == 2, "the course, and the decision"


def test_every_decision_stands_with_who_and_why(world):
    """One history: the rules, the review, the order, the refused supply, then a pause and its end."""
    order, by, now = Prescription.objects.get(patient=world.patient), world.life.clinician.user, world.life.now
    with undone():
        ending.pause_prescription(prescription=order, reason="safety", note="Fever, wait.", by=by, now=now)
        ending.stop_prescription(prescription=order, reason="no_benefit", by=by, now=now + timedelta(minutes=1))
        found = steps(decision_of(world), course_of(world.patient, reads=True))
    told = {step.what.partition(":")[0]: step for step in found}
    assert told["Paused"].why == "Safety. Fever, wait."
    assert told["Treatment stopped"].why == "No benefit"
    assert {told[what].who for what in ("Paused", "Treatment stopped")} == {world.life.clinician.display_name}
    assert told["Approved"].why.startswith("Qzreason")
    assert {"Rules", "Prescribed", "Request for the next supply"} <= told.keys()
    assert [step.at for step in found] == sorted((step.at for step in found), reverse=True)


def test_a_flag_that_nobody_read_is_told_beside_its_session(world):
    row = CheckIn.objects.get(session=world.done, kind="day")
    with undone():
        row.flags = [{"code": "mood_worse", "facts": {}}]
        row.flagged, row.flagged_at = True, world.life.now + timedelta(hours=1)
        row.save(update_fields=["flags", "flagged", "flagged_at"])
        course = course_of(world.patient, reads=True)
        [line] = [one for one in lines(course) if one.key == world.done.pk]
    assert (line.flags, line.unread) == (["Mood is worse than before the session"], True)


def test_what_cannot_be_read_is_said_and_keeps_nothing_else_from_anybody(world):
    """One damaged text must not close the case, or the queue, in front of whoever needs the rest."""
    day = CheckIn.objects.filter(session=world.done, kind="day")
    with undone():
        day.update(flagged=True, flagged_at=world.life.now)
        for label in DAMAGED:
            model = apps.get_model(label)
            sealed = [one.name for one in model._meta.fields if isinstance(one, EncryptedJSONField)]
            assert model.objects.filter(patient=world.patient).update(**dict.fromkeys(sealed, Sealed("v1:lost:"))), (
                label
            )
        pages = [case_of(world), reverse("admin:review_queue")]
        case, queue = (world.client("prescriber_in").get(page).content.decode() for page in pages)
        waiting = possible.waiting(course_of(world.patient, reads=True), world.life.now)
    assert case.count("This cannot be read now. Tell an administrator.") >= len(DAMAGED)
    assert all(words in case for words in ("Last messages", "Adverse events", "126/80"))
    assert {one.tone for one in waiting if "cannot be read" in one.why} == {"danger"}
    assert "This cannot be read now" in queue


def test_an_action_leads_back_to_the_case_it_was_taken_from(world):
    order = Prescription.objects.get(patient=world.patient)
    given = {"pause-reason": "safety", "pause-note": "Fever, wait."}
    address = reverse("admin:pause_prescription", args=[order.pk])
    with undone():
        assert world.client("prescriber_in").post(address, {**given, "back": "case"}).url == case_of(world)
    with undone():
        elsewhere = world.client("prescriber_in").post(address, {**given, "back": "https://evil.example/"}).url
    assert elsewhere == reverse("admin:prescription_detail", args=[order.pk])


@pytest.mark.parametrize("word", ["", "//evil.example", "case/..", "case-<b>", "case-x?y", "case\n", "casex"])
def test_only_a_known_word_leads_back(word, rf):
    """No address in the parameter: nothing that is written into a link can lead anywhere else."""
    assert returning.word_of(rf.get("/", {"back": word})) == ""


def test_a_page_that_was_opened_from_the_case_leads_back_to_its_part(world):
    page = reverse("admin:dose_session", args=[world.done.pk])
    opened = world.client("prescriber_in").get(page, {"back": "case-sessions-title"}).content.decode()
    assert f'href="{case_of(world)}#sessions-title"' in opened
    assert 'name="back" value="case-sessions-title"' in opened or "Reviewed" in opened
    assert case_of(world) not in world.client("prescriber_in").get(page).content.decode()


def test_care_that_ended_closes_the_treatment_again(world):
    with undone():
        CareRelation.objects.filter(patient=world.patient).update(until=clock.now())
        assert "Last messages" not in body_of(world)


def test_the_print_view_says_whose_it_is_who_printed_it_and_where_help_is(world):
    """UX-12, SEC-06: paper leaves the house, so that the trail tells it apart from a look at the screen."""
    with undone():
        response = world.client("prescriber_in").get(reverse("admin:print_case", args=[world.patient.pk]))
        assert AuditEvent.objects.filter(patient=world.patient.pk).first().action == "case.printed"
    head = response.content.decode().partition("<thead")[2].partition("</thead>")[0]
    for words in (world.patient.mrn, world.life.clinician.user.display_name, "Printed ", "call or text 988", "911"):
        assert words in head, words


def test_nothing_on_the_print_view_acts(world):
    """What is printed is read: no form, no action."""
    body = world.client("prescriber_in").get(reverse("admin:print_case", args=[world.patient.pk])).content.decode()
    assert 'method="post"' not in body.partition("<main")[2]
