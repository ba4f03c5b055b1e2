"""What a signed document of the intake prints as: a template and its data."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse

from harmoniously.core.common import clock
from harmoniously.core.documents import pdf
from harmoniously.core.documents.consents.texts import SUMMARY, parse
from harmoniously.core.documents.models import ConsentKind, SignedDocument


def printable(document: SignedDocument) -> tuple[str, dict[str, Any]]:
    """Template name and data (JSON only) of a signed consent, of one taken back, or of the signed answers."""
    content = document.content
    data = _frame(document)
    group, _dot, _name = document.kind.partition(".")
    if group == "consent":
        title, summary, blocks = parse(content["text"])
        return "consent", {
            **data,
            "title": title,
            "summary_title": SUMMARY,
            "summary": list(summary),
            "blocks": [asdict(block) for block in blocks],
            "questions": content.get("comprehension", []),
        }
    if group == "withdrawal":
        kind = ConsentKind(document.kind.partition(".")[2])
        return "withdrawal", {
            **data,
            "title": f"Taken back: {content.get('heading') or kind.label}",
            "heading": content.get("heading") or str(kind.label),
            "effects": content.get("effects", []),
        }
    return "answers", {**data, "sections": content["sections"]}


def as_pdf(document: SignedDocument) -> HttpResponse:
    """The document as a file; its name says neither what it is nor whose."""
    template, data = printable(document)
    response = HttpResponse(pdf.render(template, data), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="harmoniously-{document.signed_at:%Y-%m-%d}.pdf"'
    return response


def _frame(document: SignedDocument) -> dict[str, Any]:
    """Who signed what, when and from where: the same on every document."""
    patient, content = document.patient, document.content
    zone = content.get("zone") or patient.zone
    return {
        "record": patient.mrn,
        "name": patient.legal_name,
        "signature": content["signature"],
        "signed_at": clock.describe(document.signed_at, zone),
        "year": clock.local(document.signed_at, zone).year,
        "zone": zone,
        "ip": content.get("ip", ""),
        "version": document.version,
        "text_sha256": content.get("text_sha256", ""),
        "sha256": document.sha256,
    }
