"""Letters and permissions as files. Their names say neither what they are nor whose."""

from typing import Any

from django.http import HttpResponse

from harmoniously.core.common import clock
from harmoniously.core.documents.pdf import render
from treatment.models import Transfer


def letter_pdf(letter: dict[str, Any]) -> HttpResponse:
    """A letter as it was kept."""
    return _file(render("letter", letter))


def authorization_pdf(transfer: Transfer) -> HttpResponse:
    """The signed permission with its evidence."""
    document, patient = transfer.document, transfer.patient
    content = document.content
    data = {
        "record": patient.mrn,
        "lines": content["text"],
        "signature": content["signature"],
        "signed_at": clock.describe(document.signed_at, patient.zone),
        "year": clock.local(document.signed_at, patient.zone).year,
        "zone": content["zone"],
        "version": document.version,
        "sha256": document.sha256,
    }
    return _file(render("authorization", data))


def _file(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="letter.pdf"'
    return response
