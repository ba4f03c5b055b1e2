"""Conversations between a patient and the care team."""

from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import Alert, AlertKind, FollowUp
from harmoniously.core.alerts.presenting import next_step
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.notifications.models import Notification, State
from harmoniously.portal.staff_context import counts
from telemedicine.conversation import selectors, services, staff_services
from telemedicine.conversation.chasing import chase
from telemedicine.conversation.services import Words
from telemedicine.models import HandOver, Message, Thread
from tests.cast import NOON, make_clinician, make_patient, signed_in, take_into_care

pytestmark = pytest.mark.django_db

TOKEN = UUID(int=7)
WORDS = "I slept badly, may I move the visit?"
HOUR = timedelta(hours=1)


def begin(patient, by, body=WORDS, topic="health", token=None, now=NOON):
    return services.begin(patient=patient, topic=topic, words=Words(body, token or uuid4()), by=by, now=now)


def reply(thread, by, body=WORDS, token=None, now=NOON):
    return services.reply(thread=thread, words=Words(body, token or uuid4()), by=by, now=now)


def waiting(user, now=NOON):
    return selectors.waiting_for(user, now).count()


def text(response):
    return " ".join(response.content.decode().split())


def test_what_is_written_is_sealed_sent_once_and_audited_without_words(patient):
    """I7, I9, SEC-05"""
    message = begin(patient, patient.user, token=TOKEN)
    assert begin(patient, patient.user, token=TOKEN).pk == message.pk
    assert reply(message.thread, patient.user, token=TOKEN).pk == message.pk
    assert (Message.objects.count(), Thread.objects.count()) == (1, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM telemedicine_message WHERE id = %s", [message.pk])
        assert "slept" not in cursor.fetchone()[0]
    events = AuditEvent.objects.filter(patient=patient.pk)
    assert {"message.sent", "thread.begun"} <= set(events.values_list("action", flat=True))
    assert "slept" not in "".join(events.values_list("payload", flat=True))
    for body in ("", "  \n ", "x" * 4001):
        with pytest.raises(RuleViolation):
            reply(message.thread, patient.user, body)


def test_who_may_read_and_write_what(patient, prescriber, other_prescriber, other_patient, coordinator, administrator):
    """I7: clinicians in care everything, coordinators what is not about health, everybody else nothing."""
    health = begin(patient, patient.user).thread
    bill = begin(patient, patient.user, topic="bill").thread
    take_into_care(patient, prescriber)
    for user, may in ((prescriber.user, {health, bill}), (coordinator, {bill}), (administrator, set())):
        assert set(selectors.visible_to(user, NOON)) == may
        for thread in {health, bill} - may:
            for verb in (services.open_thread, staff_services.close, staff_services.reopen):
                with pytest.raises(PermissionDenied):
                    verb(thread=thread, by=user, now=NOON)
            with pytest.raises(PermissionDenied):
                staff_services.hand_over(thread=thread, to=user, note="x", by=user, now=NOON)
    for stranger in (other_prescriber.user, other_patient.user, administrator):
        assert not selectors.visible_to(stranger, NOON)
        with pytest.raises(PermissionDenied):
            reply(bill, stranger)
    with pytest.raises(PermissionDenied):
        begin(patient, coordinator)
    care_relation_close(patient=patient, clinician=prescriber, now=NOON + HOUR)
    with pytest.raises(PermissionDenied):
        services.open_thread(thread=health, by=prescriber.user, now=NOON + 2 * HOUR)


def test_a_patient_is_told_once_until_they_read(patient, coordinator, prescriber):
    """I4: also when the second message stands in another conversation."""
    take_into_care(patient, prescriber)
    bill = begin(patient, coordinator, topic="bill").thread
    health = begin(patient, prescriber.user, now=NOON + timedelta(minutes=5)).thread
    told = Notification.objects.filter(template="message_waiting")
    assert told.count() == 1
    assert "slept" not in str(told.values())
    services.open_thread(thread=bill, by=patient.user, now=NOON + timedelta(minutes=10))
    assert told.get().state == State.PENDING, "one is still unread"
    services.open_thread(thread=health, by=patient.user, now=NOON + timedelta(minutes=11))
    assert told.get().state == State.CANCELLED
    reply(bill, coordinator, now=NOON + HOUR)
    assert told.filter(state=State.PENDING).count() == 1


def test_unread_counts_are_right_for_patient_team_and_whoever_answers(
    patient, prescriber, other_prescriber, coordinator
):
    team, mine = prescriber.user, other_prescriber.user
    take_into_care(patient, prescriber)
    message = begin(patient, patient.user)
    thread = message.thread
    assert thread.assigned_to == team, "the one prescriber who cares"
    take_into_care(patient, other_prescriber)
    assert (waiting(team), waiting(mine), waiting(coordinator)) == (1, 0, 0)
    services.open_thread(thread=thread, by=mine, now=NOON)
    message.refresh_from_db()
    assert message.read_at is None, "a colleague who looks in reads it for nobody"
    staff_services.hand_over(thread=thread, to=mine, note="Yours, you know her.", by=team, now=NOON)
    assert (waiting(team), waiting(mine)) == (0, 1)
    services.open_thread(thread=thread, by=mine, now=NOON)
    assert (waiting(team), waiting(mine)) == (0, 0)
    thread.refresh_from_db()
    assert thread.waiting_since == NOON, "read is not answered"
    reply(thread, mine, "Come on Friday.")
    thread.refresh_from_db()
    assert (thread.waiting_since, selectors.unread_for_patient(patient)) == (None, 1)
    services.open_thread(thread=thread, by=patient.user, now=NOON)
    assert selectors.unread_for_patient(patient) == 0
    handed_to_the_whole_team(thread, mine, team, NOON + HOUR / 4)
    staff_services.hand_over(thread=thread, to=mine, note="Back to you.", by=team, now=NOON + HOUR / 2)
    # Whoever leaves the care team has nothing in hand any more: the whole team is asked.
    reply(thread, patient.user, now=NOON + HOUR)
    care_relation_close(patient=patient, clinician=other_prescriber, now=NOON + HOUR)
    assert (waiting(team, NOON + 2 * HOUR), waiting(mine, NOON + 2 * HOUR)) == (1, 0)
    # What was read and is handed over is new for whom it goes to.
    services.open_thread(thread=thread, by=team, now=NOON + 2 * HOUR)
    assert waiting(team, NOON + 2 * HOUR) == 0
    with pytest.raises(RuleViolation):
        staff_services.hand_over(thread=thread, to=mine, note="Left the team", by=team, now=NOON + 2 * HOUR)
    with pytest.raises(RuleViolation):
        staff_services.hand_over(thread=thread, to=coordinator, note="Not for you", by=team, now=NOON + 2 * HOUR)
    is_asked_whoever_is_left(thread, team, other_prescriber)


def is_asked_whoever_is_left(thread, alone, colleague):
    """Nobody hands to a team of themselves; what went to somebody who leaves unread comes back to who is left."""
    later, last = NOON + 3 * HOUR, NOON + 4 * HOUR
    with pytest.raises(RuleViolation) as refused:
        staff_services.hand_over(thread=thread, to=None, note="Anybody?", by=alone, now=later)
    assert refused.value.code == "alone"
    for to in (None, colleague.user):
        take_into_care(thread.patient, colleague, later)
        staff_services.hand_over(thread=thread, to=to, note=f"For {to}", by=alone, now=later)
        assert (waiting(alone, later), waiting(colleague.user, later)) == (0, 1)
        care_relation_close(patient=thread.patient, clinician=colleague, now=last)
        assert waiting(alone, last) == 1, to
        services.open_thread(thread=thread, by=alone, now=last)
        assert waiting(alone, last) == 0, "who is asked has opened it"
    # Care ends with the role: nothing is in the hands of who cannot read it, and nobody is offered to them.
    User.objects.filter(pk=alone.pk).update(role="administrator")
    assert selectors.colleagues(thread, last) == []
    assert selectors.beyond(make_clinician("new@example.com").user, last).filter(pk=thread.pk).exists()
    User.objects.filter(pk=alone.pk).update(role="prescriber")


def handed_to_the_whole_team(thread, by, colleague, now):
    """What was read and goes to everybody waits for everybody until one of them opens it; a second click is one."""
    for _twice in range(2):
        staff_services.hand_over(thread=thread, to=None, note="Who can?", by=by, now=now)
    assert (HandOver.objects.filter(to=None).count(), waiting(by), waiting(colleague)) == (1, 0, 1)
    staff_services.close(thread=thread, by=by, now=now)
    assert waiting(colleague) == 0, "nothing is listed as open, so nothing is counted"
    staff_services.reopen(thread=thread, by=by, now=now)
    services.open_thread(thread=thread, by=colleague, now=now)
    assert waiting(colleague) == 0


def test_what_turns_out_to_be_about_health_leaves_the_coordinators(at_noon, patient, prescriber, coordinator):
    thread = begin(patient, patient.user, topic="visit").thread
    take_into_care(patient, prescriber)
    client, note = signed_in(coordinator), "She describes side effects."
    address = f"/admin/messages/{thread.pk}/"
    assert WORDS in text(client.get(address))
    given = {"to": "clinicians", "note": note}
    for _twice in range(2):
        assert client.post(f"{address}hand-over/", given).url == "/admin/messages/"
    assert client.get(address).status_code == 404
    listed = text(client.get("/admin/messages/"))
    assert "Waiting for a clinician" in listed
    assert patient.display_name in listed
    assert address not in listed
    assert "My health" not in listed.split("Waiting for a clinician")[1]
    assert HandOver.objects.get().to == prescriber.user
    assert note in text(signed_in(prescriber.user).get(address))
    own = signed_in(patient.user)
    assert note not in text(own.get(f"/messages/{thread.pk}/"))


def test_closing_and_going_on(patient, coordinator):
    thread = begin(patient, patient.user, topic="account").thread
    with pytest.raises(RuleViolation):
        staff_services.close(thread=thread, by=coordinator, now=NOON)
    services.open_thread(thread=thread, by=coordinator, now=NOON)
    shown = thread.messages.get().pk
    later = reply(thread, patient.user, now=NOON + HOUR / 2)
    services.open_thread(thread=thread, by=coordinator, now=NOON + HOUR / 2)
    with pytest.raises(RuleViolation):
        staff_services.close(thread=thread, by=coordinator, now=NOON + HOUR, shown=shown)
    for _twice in range(2):
        staff_services.close(thread=thread, by=coordinator, now=NOON + HOUR, shown=later.pk)
    thread.refresh_from_db()
    assert (thread.status, thread.waiting_since) == ("closed", None)
    reply(thread, patient.user, now=NOON + HOUR)
    thread.refresh_from_db()
    assert (thread.status, thread.waiting_since) == ("open", NOON + HOUR)


def test_what_nobody_answers_by_the_promised_day_stands_on_the_worklist(patient, coordinator, prescriber):
    """NOON is a Wednesday: the answer is promised for Thursday. Nothing of the words, and an answer ends it."""
    take_into_care(patient, prescriber)
    bill = begin(patient, patient.user, topic="bill").thread
    health = begin(patient, patient.user).thread
    rows = FollowUp.objects.filter(kind="message_unanswered")
    for hours, count in ((35, 0), (36, 2), (60, 2)):  # Friday begins 36 hours after noon
        chase(now=datetime(2026, 11, 4, 12, tzinfo=ZoneInfo(patient.zone)) + hours * HOUR)
        assert rows.count() == count, hours
    groups = {row.about: row for row in rows}
    assert set(groups) == {f"unanswered:{bill.pk}", f"unanswered_health:{health.pk}"}
    steps = {about: next_step(row).url for about, row in groups.items()}
    assert steps[f"unanswered:{bill.pk}"] == f"/admin/messages/{bill.pk}/"
    assert str(health.pk) not in steps[f"unanswered_health:{health.pk}"]
    later = NOON + 60 * HOUR
    # Whoever writes without having read the question has not answered it.
    reply(bill, coordinator, now=later)
    assert rows.exclude(state="closed").count() == 2
    services.open_thread(thread=bill, by=coordinator, now=later)
    reply(bill, coordinator, now=later)
    assert [row.about for row in rows.exclude(state="closed")] == [f"unanswered_health:{health.pk}"]
    # Asked anew it waits anew.
    reply(bill, patient.user, now=later)
    chase(now=later + 7 * 24 * HOUR)
    assert rows.filter(about=f"unanswered:{bill.pk}").exclude(state="closed").count() == 1


def test_words_that_may_mean_danger_reach_a_clinician_and_the_writer_sees_help(at_noon, patient, prescriber):
    """I3: the message is kept, the alert rings, the page shows help first; once, however often the form is sent."""
    client = signed_in(patient.user)
    given = {"topic": "bill", "body": "I don’t want\nto live anymore", "form_token": TOKEN}
    for _twice in range(2):
        response = client.post("/messages/new/", given, follow=True)
        assert "Call 988" in text(response)
        assert "It is kept and sent" in text(response)
    message, alert = Message.objects.get(), Alert.objects.get()
    assert (alert.kind, alert.rings, alert.patient) == (AlertKind.CRISIS_WORDS, True, patient)
    assert Notification.objects.filter(template="staff_alert", recipient=prescriber.user).exists()
    assert "live" not in str(Notification.objects.values()) + str(FollowUp.objects.values())
    staff = signed_in(prescriber.user)
    address = f"/admin/messages/{message.thread_id}/"
    assert address not in text(staff.get(f"/admin/alerts/{alert.pk}/"))
    alerts.acknowledge(alert=alert, by=prescriber.user, now=NOON, note="I call now.")
    assert address in text(staff.get(f"/admin/alerts/{alert.pk}/"))
    assert "to live anymore" in text(staff.get(address))
    # An old tab that says something else with the same token: a message of its own, once, and it rings.
    for _twice in range(2):
        client.post("/messages/new/", {**given, "body": "I want to die"})
    assert (Message.objects.count(), Alert.objects.count()) == (2, 2)
    # What is too long to be sent rings as well, once until somebody takes it.
    for _twice in range(2):
        long = {**given, "body": "I want to die " * 300}
        refused = client.post("/messages/new/", long)
        assert (refused.status_code, "could not be saved" in text(refused)) == (422, True)
    assert Message.objects.count() == 2
    unsaved = Alert.objects.get(about=f"patient:{patient.pk}")
    alerts.acknowledge(alert=unsaved, by=prescriber.user, now=NOON, note="I call now.")
    assert "The words are not here: they could not be saved" in text(staff.get(f"/admin/alerts/{unsaved.pk}/"))


def test_a_prescriber_takes_what_nobody_reads(at_noon, patient, prescriber, therapist, coordinator):
    thread = begin(patient, patient.user).thread
    for somebody in (coordinator, therapist.user):
        assert signed_in(somebody).post(f"/admin/messages/{thread.pk}/take/").status_code == 404
    client = signed_in(prescriber.user)
    assert WORDS not in text(client.get("/admin/messages/"))
    assert counts(prescriber.user, NOON)["messages"] == 1, "whoever is to take it is told that it waits"
    for _twice in range(2):
        assert client.post(f"/admin/messages/{thread.pk}/take/").url == f"/admin/messages/{thread.pk}/"
    assert WORDS in text(client.get(f"/admin/messages/{thread.pk}/"))
    assert (waiting(prescriber.user), counts(prescriber.user, NOON)["messages"]) == (0, 0)
    # Answered first, then found to be about health: it waits for whoever takes it all the same.
    alone = make_patient("alone@example.com")
    bill = begin(alone, alone.user, topic="bill").thread
    services.open_thread(thread=bill, by=coordinator, now=NOON)
    reply(bill, coordinator)
    staff_services.hand_over(thread=bill, to=None, note="Chest pain?", by=coordinator, now=NOON, health=True)
    for somebody, words in ((coordinator, "Waiting for a clinician"), (prescriber.user, f"{bill.pk}/take/")):
        assert words in text(signed_in(somebody).get("/admin/messages/"))
    assert client.post(f"/admin/messages/{bill.pk}/take/").status_code == 302


def test_a_file_is_cleaned_opened_by_the_team_only_and_never_shown_inline(
    at_noon, patient, other_patient, prescriber, other_prescriber
):
    """BUG-28"""
    picture = BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    client = signed_in(patient.user)

    def send(content, token):
        upload = SimpleUploadedFile("my diagnosis.html", content, "text/html")
        given = {"topic": "health", "body": WORDS, "form_token": token, "file": upload}
        return client.post("/messages/new/", given)

    refused = send(b"<script>alert(1)</script>", uuid4())
    assert (refused.status_code, Message.objects.count()) == (422, 0)
    assert WORDS in text(refused)
    for _twice in range(2):
        assert send(picture.getvalue(), TOKEN).status_code == 302
    kept = Message.objects.get().file
    own = client.get(f"/messages/files/{kept.pk}/")
    assert own["Content-Disposition"].startswith('attachment; filename="harmoniously-')
    assert own["Content-Type"] == "image/jpeg"
    assert own["Content-Security-Policy"] == "default-src 'none'; sandbox"
    take_into_care(patient, prescriber)
    for user, status in ((prescriber.user, 200), (other_prescriber.user, 404)):
        assert signed_in(user).get(f"/admin/messages/files/{kept.pk}/").status_code == status
    assert signed_in(other_patient.user).get(f"/messages/files/{kept.pk}/").status_code == 404


# Pages


def test_a_patient_writes_reads_and_sees_what_was_read(at_noon, patient, other_patient, prescriber):
    client = signed_in(patient.user)
    assert client.post("/messages/new/", {"topic": "health", "body": " ", "form_token": TOKEN}).status_code == 422
    page = text(client.get("/messages/new/"))
    assert page.index("data-not-watched") < page.index("<textarea")
    assert page.index("by the end of Thursday 5 November") < page.index("<textarea"), "NOON is a Wednesday"
    given = {"topic": "health", "body": "<script>alert(1)</script>", "form_token": TOKEN}
    assert client.post("/messages/new/", given).status_code == 302
    thread = Thread.objects.get()
    address = f"/messages/{thread.pk}/"
    shown = text(client.get(address))
    assert "&lt;script&gt;alert" in shown
    assert "<script>alert" not in shown
    assert shown.index("data-not-watched") < shown.index("<textarea")
    assert "Not read yet" in text(client.get("/messages/sent/"))
    take_into_care(patient, prescriber)
    staff = signed_in(prescriber.user)
    at, first = f"/admin/messages/{thread.pk}/", thread.messages.get()
    assert f'name="shown" value="{first.pk}"' in text(staff.get(at))
    second = reply(thread, patient.user, "Another thing", now=NOON + HOUR)
    answer = {"body": "Yes, you may.", "form_token": uuid4(), "shown": first.pk}
    assert staff.post(at, answer).status_code == 302
    thread.refresh_from_db()
    second.refresh_from_db()
    assert (thread.waiting_since, second.read_at) == (NOON + HOUR, None), "came after the page: it still waits"
    staff.get(at)
    assert "Yes, you may." in text(staff.get("/admin/messages/sent/"))
    assert "1 new" in text(client.get("/messages/"))
    assert "Yes, you may." in text(client.get(address))
    assert "Not read yet" not in text(client.get("/messages/sent/"))
    stranger = signed_in(other_patient.user)
    assert stranger.get(address).status_code == 404
    assert "Yes, you may." not in text(stranger.get("/messages/")) + text(stranger.get("/messages/sent/"))


def test_a_switch_keeps_the_message_that_one_writes(at_noon, patient):
    """UX-23"""
    client = signed_in(patient.user)
    assert 'form="message" formaction="/language/"' in text(client.get("/messages/new/"))
    given = {"body": WORDS, "form_token": TOKEN, "carry": "/messages/new/", "language": "es"}
    page = client.post("/language/", given, follow=True)
    assert (page.status_code, WORDS in text(page), Message.objects.count()) == (200, True, 0)


def test_long_conversations_are_paged(at_noon, patient):
    thread = begin(patient, patient.user, "message number 0", now=NOON - timedelta(days=40)).thread
    rows = [
        Message(
            patient=patient,
            thread=thread,
            author=patient.user,
            from_patient=True,
            body=f"message number {number}",
            sent_at=NOON - timedelta(days=40 - number),
            form_token=uuid4(),
        )
        for number in range(1, 35)
    ]
    Message.objects.bulk_create(rows)
    client, address = signed_in(patient.user), f"/messages/{thread.pk}/"
    newest, oldest = text(client.get(address)), text(client.get(f"{address}?page=2"))
    assert "message number 34" in newest
    assert "message number 4 " not in newest
    assert "message number 0" in oldest
