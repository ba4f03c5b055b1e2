"""The note of a visit as its patient reads it: the same words that the clinician signed (45 CFR 171).

Unless it is held back (`withholding`): then that there is one, and what they can do.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from telemedicine.notes import access, selectors, withholding
from telemedicine.notes.printing import note_pdf


@patient_only
@require_safe
def note(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One signed note with what was added to it."""
    row = access.signed_note_for(request.user, pk)
    held = withholding.standing_of(row)
    if held is not None:
        context = {"note": row, "held": held, "clinic_phone": settings.CLINIC_PHONE}
        return render(request, "telemedicine/note_held_back.html", context)
    context = {"note": row, "amendments": selectors.amendments_of(row), "patient": row.patient}
    return render(request, "telemedicine/note.html", context)


@patient_only
@require_safe
def pdf(request: PatientRequest, pk: UUID) -> HttpResponse:
    """The same to keep."""
    row = access.signed_note_for(request.user, pk, action="visitnote.printed")
    if withholding.standing_of(row) is not None:
        return redirect("telemedicine:note", row.pk)
    return note_pdf(row)
