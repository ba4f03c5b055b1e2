"""What the author of a signed note adds to it: written, checked, signed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import StaffRequest
from harmoniously.core.accounts.stepup import fresh_second_factor
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict
from telemedicine.models import NoteAmendment, VisitNote
from telemedicine.notes import access, amending, selectors, withholding
from telemedicine.notes.forms import AmendForm
from telemedicine.notes.staff_views import clinician_page


@clinician_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write what is added and why; then it is shown as it will be signed."""
    note = access.own_note_for(request.user, pk)
    waiting = selectors.unsigned_amendment_of(note)
    if request.method != "POST":
        initial = {"reason": waiting.reason, "words": waiting.words} if waiting else None
        return _amending(request, note, AmendForm(initial=initial), waiting)
    form, seen = AmendForm(request.POST), request.POST.get("seen", "")
    if not form.is_valid():
        return _amending(request, note, form, waiting, seen=seen, status=422)
    try:
        amending.write(note=note, seen=seen, by=request.user, now=clock.now(), **form.cleaned_data)
    except amending.AmendedElsewhere as conflict:
        return _amending(request, note, form, conflict.row, status=409, conflict=conflict)
    return redirect("admin:check_amendment", note.pk)


def _amending(
    request: StaffRequest,
    note: VisitNote,
    form: AmendForm,
    waiting: NoteAmendment | None,
    *,
    seen: str | None = None,
    status: int = 200,
    conflict: amending.AmendedElsewhere | None = None,
) -> HttpResponse:
    """The boxes; in a conflict both versions, and the next press is one against what stands there now."""
    context = {
        "title": _("Add an amendment"),
        "note": note,
        "patient": note.patient,
        "held": withholding.standing_of(note),
        "form": form,
        "seen": amending.seen_of(waiting) if seen is None else seen,
        "conflict": conflict,
    }
    return render(request, "telemedicine/notes/amend.html", context, status=status)


@clinician_page
@require_safe
def check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Exactly what will be signed."""
    return _checking(request, access.own_note_for(request.user, pk))


def _checking(request: StaffRequest, note: VisitNote, *, status: int = 200, conflict: str = "") -> HttpResponse:
    row = selectors.unsigned_amendment_of(note)
    if row is None:
        return redirect("admin:signed_note", note.pk)
    context = {
        "title": _("Check and sign"),
        "note": note,
        "patient": note.patient,
        "row": row,
        "seen": amending.seen_of(row),
        "conflict": conflict,
        "zone": note.author.zone,
    }
    return render(request, "telemedicine/notes/check_amendment.html", context, status=status)


@clinician_page
@fresh_second_factor
@require_POST
def sign(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The signature under what is added."""
    note = access.own_note_for(request.user, pk)
    try:
        row = amending.sign(note=note, seen=request.POST.get("seen", ""), by=request.user, now=clock.now())
    except Conflict as refusal:
        return _checking(request, note, status=409, conflict=refusal.message)
    if row is not None:
        messages.success(request, _("Added. It stands under the note with today's date."))
    return redirect("admin:signed_note", note.pk)
