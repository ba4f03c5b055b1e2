"""Signed documents cannot be changed, and a PDF shows data as text whatever it contains."""

import pytest
from django.db import DatabaseError, transaction

from harmoniously.core.accounts.models import Patient
from harmoniously.core.documents import pdf, services
from harmoniously.core.documents.models import SignedDocument
from tests.cast import NOON
from tests.pdf_text import words_of

MARKUP = '#panic("x") *bold* $x$ `raw` <label> @ref \\ "quote" #read("/etc/passwd") = heading'
CONSENT = {
    "title": "A text",
    "blocks": [{"text": MARKUP, "items": []}, {"text": "", "items": [MARKUP, "two"]}],
    "record": "H-TEST",
    "signature": MARKUP,
    "signed_at": "today",
    "year": 2026,
    "version": "2026.1",
    "sha256": "0" * 64,
}


@pytest.fixture
def document(patient: Patient) -> SignedDocument:
    return services.sign(
        patient=patient, kind="consent.test", version="1", content={"text": "words"}, by=patient.user, now=NOON
    )


@pytest.mark.django_db
def test_sec_07_a_signed_document_is_never_changed(document: SignedDocument) -> None:
    document.version = "2"
    for change in (document.save, document.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()


@pytest.mark.django_db
def test_what_was_signed_can_be_proved(document: SignedDocument) -> None:
    assert services.is_intact(SignedDocument.objects.get(pk=document.pk))
    document.content = {"text": "other words"}
    assert not services.is_intact(document)


def test_data_is_never_markup() -> None:
    made = pdf.render("consent", CONSENT)
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made or b"/StructTreeRoot" in made


@pytest.mark.parametrize("name", ["nothing", "../pdf", "frame/../consent2"])
def test_only_our_own_templates_are_set(name: str) -> None:
    with pytest.raises(pdf.RenderError):
        pdf.render(name, CONSENT)


def test_whatever_somebody_is_called_or_types_can_be_printed() -> None:
    """21 CFR 1306.05: a name that the fonts do not have, or one that turns the line around, breaks no document."""
    names = "José Łukasz Nguyễn יעל \u0641\u0627\u0637\u0645\u0629 王小 นพ \U0001f600"
    said = words_of(pdf.render("consent", {**CONSENT, "signature": names, "title": "Rx \u202egnihton ekaT"}))
    for words in ("José", "Łukasz", "Nguyễn", "[U+738B][U+5C0F]", "[U+1F600]"):
        assert words in said, words
    assert "\u202e" not in said
    assert pdf.render("consent", {**CONSENT, "signature": "W" * 120})
