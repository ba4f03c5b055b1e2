"""A referral goes out only as the patient read and signed it; nobody else learns where somebody is sent (I7, I9)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.services import close_follow_up
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.notifications.models import Notification
from harmoniously.nonprod.seeding.directory import fill_directory
from intake.models import Facility
from telemedicine.models import Elsewhere, Referral
from tests.cast import NOON, signed_in, take_into_care
from tests.pdf_text import words_of

pytestmark = pytest.mark.django_db

WHY = "Qzwhy needs a monitored setting"


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


@pytest.fixture
def written(at_noon, patient, prescriber):
    """A letter to a clinic that the patient was asked to sign, and the prescriber's browser."""
    fill_directory(NOON.date())
    Facility.objects.filter(name="Harbor Mind Clinic").update(insurance=["medicaid"])
    take_into_care(patient, prescriber)
    Patient.objects.filter(pk=patient.pk).update(state="CA")
    staff, address = signed_in(prescriber.user), page("patient_referrals", patient.pk)
    entered = {"kind": "iv", "given_on_0": "5", "given_on_1": "3", "given_on_2": "2026", "token": uuid4()}
    for _twice in range(2):
        told = {**entered, "dose": "40 mg as told", "place": "Qzplace", "course": "Qzcourse"}
        assert staff.post(page("elsewhere", patient.pk), told).status_code == 302
    look = {"need": "clinic_esketamine", "state": "CA", "insurance": "medicaid", "token": uuid4()}
    found = staff.post(address, {**look, "search": "yes"}).content.decode()
    assert "Harbor Mind Clinic" in found
    assert "Cypress Infusion" not in found
    assert "No place found" in staff.post(address, {**look, "search": "yes", "insurance": "veterans"}).content.decode()
    assert staff.post(address, look).status_code == 422
    place = Facility.objects.get(name="Harbor Mind Clinic")
    whole = {**look, "facility": place.pk, "reason": WHY, "parts": ["elsewhere"]}
    first, second = (staff.post(address, whole) for _twice in range(2))
    assert first.url == second.url
    for sent, given, words in (
        (address, whole, {"reason": "Qzother"}),
        (page("elsewhere", patient.pk), told, {"dose": "80"}),
    ):
        other_words_are_not_lost(staff, sent, {**given, **words}, *words.values())
    return Referral.objects.get(), staff


def other_words_are_not_lost(staff, address, given, words):
    """I9: an old tab with other words reads that they are not written, keeps them, and may send them as another."""
    kept = (Referral.objects.count(), Elsewhere.objects.count())
    shown = staff.post(address, given)
    assert (shown.status_code in (409, 422), words in shown.content.decode()) == (True, True)
    assert "already" in shown.content.decode()
    assert str(given["token"]) not in shown.content.decode()
    assert (Referral.objects.count(), Elsewhere.objects.count()) == kept


def asked_again(desk, coordinator, row):
    """Asked again on another day, clicked twice; then once more for a day whose task a colleague has closed (I9)."""
    # Without a day somebody asks in two weeks all the same; a day that is over is none.
    assert desk.post(page("referral_outcome", row.pk), {"status": "sent"}).status_code == 302
    task = FollowUp.objects.filter(kind="referral").exclude(state="closed").get()
    assert NOON + timedelta(days=13) < task.due_at < NOON + timedelta(days=15)
    past = {"status": "sent", "ask_on_0": "11", "ask_on_1": "1", "ask_on_2": "2026"}
    assert desk.post(page("referral_outcome", row.pk), past).status_code == 422
    again = {"status": "appointment", "ask_on_0": "12", "ask_on_1": "4", "ask_on_2": "2026"}
    open_tasks = FollowUp.objects.filter(kind="referral").exclude(state="closed")
    for _twice in range(2):
        assert desk.post(page("referral_outcome", row.pk), again).status_code == 302
        task = open_tasks.get()
        assert task.due_at > NOON + timedelta(days=29)
    close_follow_up(follow_up=task, by=coordinator, now=NOON, note="Called.")
    assert desk.post(page("referral_outcome", row.pk), again).status_code == 302
    assert open_tasks.count() == 1


def test_the_letter_is_what_was_chosen_read_and_signed_and_only_that_goes_out(
    written, patient, other_patient, coordinator
):
    row, staff = written
    client, stranger = signed_in(patient.user), signed_in(other_patient.user)
    own = reverse("telemedicine:referral", args=[row.pk])
    assert [section["code"] for section in row.letter["sections"]] == ["reason", "elsewhere"]
    assert Elsewhere.objects.count() == 1
    assert staff.get(page("referral_letter", row.pk)).status_code == 404, "not signed"
    sending = {"ask_on_0": "11", "ask_on_1": "20", "ask_on_2": "2026"}
    assert staff.post(page("referral", row.pk), sending).status_code == 422
    assert "A letter for other care waits" in client.get("/home/").content.decode()
    shown = client.get(own).content.decode()
    for words in (WHY, "Qzplace", "Qzcourse", "Harbor Mind Clinic"):
        assert words in shown
    for signature, digest, status in (("Somebody Else", row.letter_sha256, 422), (patient.legal_name, "0" * 64, 422)):
        assert client.post(own, {"signature": signature, "shown": digest}).status_code == status
    assert stranger.get(own).status_code == stranger.post(own, {"shown": row.letter_sha256}).status_code == 404
    given = {"signature": patient.legal_name.upper(), "shown": row.letter_sha256}
    for _twice in range(2):
        assert client.post(own, given).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.document.kind) == ("allowed", "authorization.referral")
    letter = staff.get(page("referral_letter", row.pk))
    text = words_of(letter.content)
    assert letter.content.startswith(b"%PDF-")
    assert "Qzwhy" in text
    assert "PHQ" not in text
    for _twice in range(2):
        assert staff.post(page("referral", row.pk), sending).status_code == 302
    # The coordinator learns whom to ask and when, and neither where nor why.
    task = FollowUp.objects.get(kind="referral")
    assert task.due_at > NOON + timedelta(days=15)
    desk = signed_in(coordinator)
    seen = desk.get(page("referral_outcome", row.pk)).content.decode()
    assert patient.display_name in seen
    for secret in ("Harbor", "sketamine", "Qzwhy", "Qzplace", "Qzcourse"):
        assert secret not in seen + str(Notification.objects.values()) + str(FollowUp.objects.values())
        assert secret not in "".join(AuditEvent.objects.values_list("payload", flat=True))
    for name in ("referral", "referral_letter"):
        assert desk.get(page(name, row.pk)).status_code == 403
    asked_again(desk, coordinator, row)
    assert desk.post(page("referral_outcome", row.pk), {"status": "attended"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, FollowUp.objects.exclude(state="closed").count()) == ("attended", 0)
    assert client.post(reverse("telemedicine:referral_take_back", args=[row.pk])).status_code == 302
    assert staff.get(page("referral_letter", row.pk)).status_code == 404, "taken back: printed no more"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row(r.*)::text, row(e.*)::text FROM telemedicine_referral r, telemedicine_elsewhere e")
        assert not any(
            word in part for part in cursor.fetchone() for word in ("Harbor", "Qzwhy", "Qzplace", "sketamine")
        )


def test_what_was_taken_back_before_it_was_sent_never_goes_out(written, patient):
    row, staff = written
    client, own = signed_in(patient.user), reverse("telemedicine:referral", args=[row.pk])
    given = {"signature": patient.legal_name, "shown": row.letter_sha256}
    client.post(own, given)
    for _twice in range(2):
        assert client.post(reverse("telemedicine:referral_take_back", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert staff.get(page("referral_letter", row.pk)).status_code == 404
    assert (
        staff.post(page("referral", row.pk), {"ask_on_0": "11", "ask_on_1": "20", "ask_on_2": "2026"}).status_code
        == 422
    )
    assert client.post(own, given).status_code == 422
    assert not FollowUp.objects.filter(kind="referral").exists()
