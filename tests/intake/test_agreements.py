"""Agreements: read, asked about, signed, kept as they were, asked for again (SEC-07, SEC-15, ASVS 2.3.1, BUG-02)."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.documents.consents import selectors, services, texts
from harmoniously.core.documents.consents.rules import Activity, State
from harmoniously.core.documents.models import ComprehensionAnswer, ConsentEvent, SignedDocument
from harmoniously.core.documents.services import is_intact
from tests import cast
from tests.cast import NOON
from tests.intake.walk import make_draft

pytestmark = pytest.mark.django_db
HUB = "/intake/agreements/"
RIGHT = (2, 1, 3, 2, 1)
# Ten minutes before and after midnight of the patient: the new version holds from that day.
BEFORE, AFTER = datetime(2026, 11, 4, 7, 50, tzinfo=UTC), datetime(2026, 11, 4, 8, 10, tzinfo=UTC)


@pytest.fixture
def patient(db: None) -> Patient:
    return cast.make_patient(agreed=False)


def hidden(response: Any) -> dict[str, str]:
    """The hidden fields of the page's form, as a browser would send them back."""
    form = response.context["form"]
    return {field.name: field.value() for field in form.hidden_fields()}


def read_all(client: Client) -> None:
    for kind in texts.KINDS:
        page = client.get(f"{HUB}{kind}/")
        assert client.post(f"{HUB}{kind}/", {**hidden(page), "agree": "on"}).status_code == 302


def answer_all(client: Client) -> None:
    for number, choice in enumerate(RIGHT, start=1):
        url = f"{HUB}questions/{number}/"
        assert client.post(url, {**hidden(client.get(url)), "choice": choice}).status_code == 302


def sign_all(client: Client, name: str = "  robin   EXAMPLE ") -> Any:
    page = client.get(f"{HUB}sign/")
    return client.post(f"{HUB}sign/", {**hidden(page), "signature": name}, REMOTE_ADDR="203.0.113.9")


def states(patient: Patient) -> set[State]:
    return set(selectors.states(selectors.standings(patient, NOON)).values())


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_asvs231_no_step_is_skipped_and_the_signature_keeps_what_was_shown(
    patient: Patient, patient_client: Client, prescriber: Clinician, other_client: Client, at_noon: Any
) -> None:
    client = patient_client
    draft = make_draft(patient)
    # Handing in leads here; the signature and the questions lead back to what comes first.
    assert client.post("/intake/check/")["Location"] == HUB
    for too_early in ("sign/", "questions/1/"):
        assert client.post(HUB + too_early, {"signature": "Robin Example"})["Location"] == f"{HUB}treatment/"
    assert client.post(f"{HUB}telehealth/", {"text": "0" * 64, "agree": "on"}).status_code == 409
    unread = client.post(f"{HUB}treatment/", hidden(client.get(f"{HUB}treatment/")))
    assert unread.status_code == 422 and b"Tick the box" in unread.content
    assert not patient.consent_events.exists()
    read_all(client)
    assert client.get(f"{HUB}sign/")["Location"] == f"{HUB}questions/1/"
    with pytest.raises(services.RuleViolation, match="question is still open"):
        shown = {kind: text.sha256 for kind, text in texts.all_current(NOON.date()).items()}
        services.sign(patient=patient, shown=shown, typed_name="Robin Example", source="x", by=patient.user, now=NOON)

    # A wrong answer explains and asks again; the same click twice is one attempt.
    url = f"{HUB}questions/1/"
    first = {**hidden(client.get(url)), "choice": 1}
    wrong = client.post(url, first)
    assert wrong.status_code == 422 and b"An adult has to be in the home" in wrong.content
    assert client.post(url, first).status_code == 422
    answer_all(client)
    rows = ComprehensionAnswer.objects.order_by("question", "attempt").values_list("question", "attempt", "correct")
    assert list(rows.filter(question="sitter_and_driving")) == [
        ("sitter_and_driving", 1, False),
        ("sitter_and_driving", 2, True),
    ]
    assert rows.count() == 6

    other_name = sign_all(client, "Robin Exampel")
    assert other_name.status_code == 422 and b"Type your full legal name" in other_name.content
    assert sign_all(client)["Location"] == "/intake/check/"
    assert sign_all_twice(client, patient) == 4
    assert states(patient) == {State.CURRENT} and draft.pk

    text = texts.current("treatment", NOON.date())
    event = patient.consent_events.select_related("document").get(kind="treatment", act="signed")
    paper = event.document
    assert paper is not None and is_intact(paper)
    assert (event.text_sha256, event.version, str(event.ip)) == (text.sha256, text.version, "203.0.113.9")
    assert paper.content["text"] == text.text and paper.content["signature"] == "robin EXAMPLE"
    assert (paper.content["ip"], paper.content["zone"]) == ("203.0.113.9", "America/Los_Angeles")
    assert [row["attempts"] for row in paper.content["comprehension"]] == [2, 1, 1, 1, 1]
    open_only_to_who_may(paper, patient, client, other_client, prescriber)


def open_only_to_who_may(
    paper: SignedDocument, patient: Patient, client: Client, other_client: Client, prescriber: Clinician
) -> None:
    """Only the patient and the clinician in care open it (BUG-02)."""
    assert client.get(f"/intake/documents/{paper.pk}/").content.startswith(b"%PDF-")
    assert other_client.get(f"/intake/documents/{paper.pk}/").status_code == 404
    doctor = cast.signed_in(prescriber.user)
    staff = (f"/admin/signed/{paper.pk}/", f"/admin/patients/{patient.pk}/agreements/")
    assert [doctor.get(address).status_code for address in staff] == [404, 404]
    cast.take_into_care(patient, prescriber, NOON - timedelta(days=1))
    assert [doctor.get(address).status_code for address in staff] == [200, 200]


def sign_all_twice(client: Client, patient: Patient) -> int:
    """Post the signature again, as a second click does; how many signatures there are."""
    shown = {f"text_{kind}": text.sha256 for kind, text in texts.all_current(NOON.date()).items()}
    assert client.post(f"{HUB}sign/", {**shown, "signature": "Robin Example"}).status_code == 302
    return patient.consent_events.filter(act="signed").count()


def test_sec07_what_was_agreed_to_or_answered_is_never_changed(patient: Patient) -> None:
    cast.agree(patient)
    ComprehensionAnswer.objects.create(
        patient=patient, version="2026.2", question="sitter", attempt=1, choice=1, correct=False, at=NOON
    )
    for rows, change in (
        (ConsentEvent.objects.all(), {"act": "withdrawn"}),
        (ComprehensionAnswer.objects.all(), {"correct": True}),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            rows._raw_delete("default")


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> texts.ConsentText:
    """A version of the treatment text that holds from the day of NOON."""
    root = tmp_path / "texts"
    shutil.copytree(texts.ROOT, root)
    folder = root / "2099.1"
    folder.mkdir()
    asked = (root / "2026.2" / "version.toml").read_text().partition("[[questions]]")
    changes = '[changes]\ntreatment = ["It names one more risk."]\n\n'
    (folder / "version.toml").write_text(f"effective = 2026-11-04\n\n{changes}[[questions]]{asked[2]}")
    older = (root / "2026.2" / "treatment.md").read_text()
    (folder / "treatment.md").write_text(older + "\nOne more risk is known.\n")
    monkeypatch.setattr(texts, "ROOT", root)
    return texts.current("treatment", NOON.date())


def test_sec15_a_new_version_asks_again_and_an_old_tab_signs_nothing(
    patient: Patient, patient_client: Client, newer: texts.ConsentText, at_noon: Any
) -> None:
    at_noon.move_to(BEFORE)
    read_all(patient_client)
    old_tab = hidden(patient_client.get(f"{HUB}treatment/"))
    answer_all(patient_client)
    old_signing = hidden(patient_client.get(f"{HUB}sign/"))

    at_noon.move_to(AFTER)
    refused = patient_client.post(f"{HUB}sign/", {**old_signing, "signature": "Robin Example"}, follow=True)
    assert refused.redirect_chain[-1][0] == f"{HUB}treatment/"
    assert b"One more risk is known." in refused.content
    stale = patient_client.post(f"{HUB}treatment/", {**old_tab, "agree": "on"})
    assert stale.status_code == 409 and b"One more risk is known." in stale.content
    assert not SignedDocument.objects.exists()

    # Signed in the old words on the day before: the new ones are asked for, and only those.
    at_noon.move_to(BEFORE)
    assert sign_all(patient_client).status_code == 302
    assert selectors.in_force(patient, Activity.DOSE, BEFORE)
    at_noon.move_to(AFTER)
    assert selectors.missing(patient, Activity.DOSE, AFTER) == ("treatment",)
    assert selectors.in_force(patient, Activity.BOOKING, AFTER)
    page = patient_client.get(f"{HUB}treatment/")
    assert b"It names one more risk." in page.content and b"One more risk is known." in page.content
    assert patient_client.get(HUB).context["stopped"]
    patient_client.post(f"{HUB}treatment/", {**hidden(page), "agree": "on"})
    answer_all(patient_client)
    assert sign_all(patient_client)["Location"] == HUB
    assert states(patient) == {State.CURRENT}
    first, second = SignedDocument.objects.filter(kind="consent.treatment").order_by("signed_at")
    assert (second.version, second.replaces_id) == (newer.version, first.pk)
    assert SignedDocument.objects.count() == 5
