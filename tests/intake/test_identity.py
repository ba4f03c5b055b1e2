"""A photo of an ID, and the coordinator who compares it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.common.errors import Conflict
from harmoniously.core.documents.cleaning import Cleaned
from intake.requests import handing, papers
from intake.requests.models import Paper, PaperKind
from tests.cast import NOON, make_user, signed_in
from tests.intake.test_requests import DAY, planned

pytestmark = pytest.mark.django_db


def sent(patient: Patient, kind: PaperKind = PaperKind.IDENTITY, dated: date | None = None, **more: Any) -> Paper:
    """A document that went to the practice with answers."""
    made = Cleaned("image/jpeg", b"\xff\xd8\xff", 1)
    paper = papers.keep(patient=patient, kind=kind, made=made, dated=dated, by=patient.user, now=NOON, **more)
    papers.hand_in(patient=patient, by=patient.user, now=NOON)
    return paper


def test_a_photo_id_waits_for_a_coordinator_who_sees_it_and_no_other_document(
    patient: Patient, coordinator: User
) -> None:
    """SEC-02: a coordinator reads nothing clinical. Two who compare it at once say it once."""
    rows, client = FollowUp.objects.filter(kind="identity_check"), signed_in(coordinator)
    letter_of = sent(patient, PaperKind.TREATING_CLINICIAN_LETTER, date(2026, 10, 1))
    assert not rows.exists()
    first = sent(patient)
    photo, page = (reverse(f"admin:identity_{what}", args=[first.pk]) for what in ("photo", "check"))
    assert rows.get().about == f"identity:{first.pk}"
    assert (client.get(page).status_code, client.get(photo)["Content-Type"]) == (200, "image/jpeg")
    for what in ("photo", "check"):
        assert client.get(reverse(f"admin:identity_{what}", args=[letter_of.pk])).status_code == 404
    # Not even where somebody put another document on the list by mistake.
    papers.ask_to_compare(paper=letter_of, by=coordinator, now=NOON)
    assert client.get(reverse("admin:identity_check", args=[letter_of.pk])).status_code == 404
    rows.filter(about=f"identity:{letter_of.pk}").delete()
    assert client.get(reverse("admin:paper", args=[first.pk])).status_code == 404
    assert client.post(page, {"verdict": "another", "words": "no"}).status_code == 422
    client.post(page, {"verdict": "another", "words": "The name cannot be read."})
    first.refresh_from_db()
    assert (first.status, rows.get().state, client.get(photo).status_code) == ("not_accepted", "closed", 404)
    assert planned(patient)[-1].endswith("action_needed")

    second = sent(patient)
    with pytest.raises(Conflict):
        papers.compared(paper=first, by=coordinator, now=NOON + DAY)
    assert papers.compared(paper=second, by=coordinator, now=NOON + DAY)
    assert not papers.compared(paper=second, by=coordinator, now=NOON + 2 * DAY)
    second.refresh_from_db()
    assert (second.compared_by, second.compared_at, rows.count()) == (coordinator, NOON + DAY, 2)
    assert not rows.exclude(state="closed").exists()
    for denied in ({"paper": letter_of, "words": "Not a good letter."}, {"paper": second, "words": "x" * 20}):
        with pytest.raises(PermissionDenied):
            papers.judge(accept=False, by=patient.user, now=NOON, **denied)
    with pytest.raises(PermissionDenied):
        papers.judge(paper=letter_of, accept=False, words="Not a good letter.", by=coordinator, now=NOON)
    with pytest.raises(Conflict):
        papers.compared(paper=letter_of, by=coordinator, now=NOON)


def test_who_was_overtaken_reads_what_happened_and_keeps_their_words(
    patient: Patient, coordinator: User, prescriber: Clinician
) -> None:
    """A page from before a colleague's answer neither overturns it nor says that it was done."""
    colleague = make_user("dana@example.com", Role.COORDINATOR, full_name="Dana Template")
    rows, photo = FollowUp.objects.filter(kind="identity_check"), sent(patient)
    page, another = reverse("admin:identity_check", args=[photo.pk]), {"verdict": "another", "words": "Cannot be read."}
    papers.compared(paper=photo, by=colleague, now=NOON)
    for said in (another, {"verdict": "same"}):
        answer = signed_in(coordinator).post(page, said)
        assert (answer.status_code, b"Dana Template compared this photo already" in answer.content) == (409, True)
        assert (b"Cannot be read." in answer.content) is (said is another)
    assert signed_in(colleague).post(page, {"verdict": "same"}).status_code == 302, "their own second click"
    photo.refresh_from_db()
    assert (photo.status, photo.compared_by, planned(patient)) == ("on_file", colleague, [])

    handing.look_at(paper=photo, accept=False, words=another["words"], by=prescriber.user, now=NOON)
    answer = signed_in(coordinator).post(page, {**another, "words": "The birth date is hidden."})
    assert (answer.status_code, b"the patient was told already" in answer.content) == (409, True)
    handing.look_at(paper=photo, accept=True, words="", by=prescriber.user, now=NOON + DAY)
    assert rows.exclude(state="closed").get().about == photo.about, "it counts after all, so somebody compares it"
    sent(patient, replaces=photo)
    answer = signed_in(coordinator).post(page, another)
    assert (answer.status_code, b"it counts no more" in answer.content) == (409, True)


def test_a_photo_that_gives_way_or_is_taken_back_is_compared_by_nobody(patient: Patient) -> None:
    rows = FollowUp.objects.filter(kind="identity_check")
    photo = sent(patient)
    papers.hand_in(patient=patient, by=patient.user, now=NOON)
    assert rows.get().state == "open"
    newer = sent(patient, replaces=photo)
    assert [(row.about, row.state) for row in rows.order_by("state")] == [
        (f"identity:{photo.pk}", "closed"),
        (f"identity:{newer.pk}", "open"),
    ]
