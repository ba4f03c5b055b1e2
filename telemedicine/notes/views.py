"""The note of a visit as its patient reads it: the same words that the clinician signed (45 CFR 171)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from telemedicine.notes import access, selectors
from telemedicine.notes.printing import note_pdf


@patient_only
@require_safe
def note(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One signed note with what was added to it."""
    row = access.signed_note_for(request.user, pk)
    context = {"note": row, "amendments": selectors.amendments_of(row), "patient": row.patient}
    return render(request, "telemedicine/note.html", context)


@patient_only
@require_safe
def pdf(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The same to keep."""
    return note_pdf(access.signed_note_for(request.user, pk, action="visitnote.printed"))
