"""A signed note as a file. Its name says neither what it is nor whose."""

from django.http import HttpResponse

from harmoniously.core.documents.pdf import render
from telemedicine.models import VisitNote
from telemedicine.notes.content import dated
from telemedicine.notes.selectors import amendments_of


def note_pdf(note: VisitNote) -> HttpResponse:
    """The note as it was signed, with its signature and everything that was added since."""
    zone, content = note.author.zone, note.content
    data = {
        "record": note.patient.mrn,
        **content,
        "author": str(note.author),
        "signed_at": dated(note.signed_at, zone) if note.signed_at else "",
        "sha256": note.content_sha256,
        "amendments": [
            {
                "heading": dated(row.signed_at, zone) if row.signed_at else "",
                "author": str(row.author),
                "reason": row.reason,
                "words": row.words,
            }
            for row in amendments_of(note)
        ],
    }
    response = HttpResponse(render("note", data), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="visit.pdf"'
    return response
