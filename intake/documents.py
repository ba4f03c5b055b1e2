"""What a signed document of the intake prints as: a template and its data."""

from dataclasses import asdict
from typing import Any

from harmoniously.core.common import clock
from harmoniously.core.documents.models import SignedDocument
from intake.consents import KINDS, parse


def printable(document: SignedDocument) -> tuple[str, dict[str, Any]]:
    """Template name and data (JSON only) of a signed consent, or of the signed answers."""
    patient = document.patient
    content = document.content
    data: dict[str, Any] = {
        "record": patient.mrn,
        "name": patient.legal_name,
        "signature": content["signature"],
        "signed_at": clock.describe(document.signed_at, patient.zone),
        "year": document.signed_at.year,
        "version": document.version,
        "sha256": document.sha256,
    }
    kind = document.kind.removeprefix("consent.")
    if kind in KINDS:
        data["title"], blocks = parse(content["text"])
        data["blocks"] = [asdict(block) for block in blocks]
        return "consent", data
    return "answers", {**data, "sections": content["sections"]}
