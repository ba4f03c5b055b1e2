"""The page on which a clinician holds a note back from its patient, and gives it to them."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from telemedicine.models import VisitNote
from telemedicine.notes import access, withholding
from telemedicine.notes.forms import HoldBackForm

USUAL = timedelta(days=14)


@staff_with(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "HEAD", "POST"])
def hold_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Why the patient does not read it for now, and when somebody looks again."""
    note, now = access.note_to_hold_back(request.user, pk), clock.now()
    held = withholding.standing_of(note)
    day = clock.today(note.author.zone, now) + USUAL
    form = HoldBackForm(
        request.POST if request.method == "POST" else None,
        initial={"reason": held.reason if held else "", "review_on": day},
    )
    if form.is_bound and form.is_valid():
        try:
            withholding.hold_back(note=note, by=request.user, now=now, **form.cleaned_data)
        except RuleViolation as refusal:
            form.add_error("review_on" if refusal.code == "review_on" else "reason", refusal.message)
        else:
            messages.success(request, _("Held back. The patient reads that there is a note, and how to ask for it."))
            return _back(note)
    context = {
        "title": _("Hold a note back"),
        "note": note,
        "patient": note.patient,
        "form": form,
        "held": held,
        "draft": note.status == VisitNote.Status.DRAFT,
    }
    status = 422 if form.is_bound else 200
    return render(request, "telemedicine/notes/hold_back.html", context, status=status)


@staff_with(Permission.VIEW_CLINICAL)
@require_POST
def give(request: StaffRequest, pk: UUID) -> HttpResponse:
    """From now on the patient reads it."""
    note = access.note_to_hold_back(request.user, pk)
    withholding.give(note=note, by=request.user, now=clock.now())
    if note.status == VisitNote.Status.SIGNED:
        messages.success(request, _("The patient can read it now."))
    return _back(note)


def _back(note: VisitNote) -> HttpResponse:
    if note.status == VisitNote.Status.DRAFT:
        return redirect("admin:check_note", note.appointment_id)
    return redirect("admin:signed_note", note.pk)
