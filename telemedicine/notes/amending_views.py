"""What the author of a signed note adds to it: written, checked, signed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import StaffRequest
from harmoniously.core.accounts.stepup import fresh_second_factor
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.models import NoteAmendment, VisitNote
from telemedicine.notes import access, amending, selectors, withholding
from telemedicine.notes.forms import AmendForm, opened_again, opened_with
from telemedicine.notes.staff_views import clinician_page


@clinician_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write what is added and why; then it is shown as it will be signed. Both boxes empty throw it away."""
    note, now = access.own_note_for(request.user, pk), clock.now()
    newest = selectors.newest_amendment_of(note)
    waiting = newest if newest is not None and newest.signed_at is None else None
    if request.method != "POST":
        kept = {"reason": waiting.reason, "words": waiting.words} if waiting else {}
        return _amending(request, note, AmendForm(initial={**kept, **opened_with(newest)}), waiting)
    draft = AmendForm(request.POST, draft=True)
    if not draft.is_valid():
        if draft.is_marked:
            return _amending(request, note, draft, waiting, status=422)
        again = AmendForm(opened_again(request.POST, newest), draft=True)
        return _amending(request, note, again, waiting, status=422, problem=_("Nothing was saved. Press again."))
    try:
        if waiting is not None and draft.is_empty:
            amending.throw_away(note=note, page=draft.page, by=request.user, now=now)
            messages.success(request, _("Nothing is added. What was not signed is thrown away."))
            return redirect("admin:signed_note", note.pk)
        # First of all, whatever is missing: also of what another tab wrote somebody learns before anything else.
        amending.write(note=note, **draft.said, page=draft.page, by=request.user, now=now)
    except amending.AmendedElsewhere as conflict:
        again = AmendForm(opened_again(request.POST, conflict.newest), draft=True)
        return _amending(request, note, again, conflict.row, status=409, conflict=conflict)
    form = AmendForm(request.POST)
    if not form.is_valid():
        return _amending(request, note, form, selectors.unsigned_amendment_of(note), status=422)
    return redirect("admin:check_amendment", note.pk)


def _amending(
    request: StaffRequest,
    note: VisitNote,
    form: AmendForm,
    waiting: NoteAmendment | None,
    *,
    status: int = 200,
    problem: str = "",
    conflict: amending.AmendedElsewhere | None = None,
) -> HttpResponse:
    """The boxes; in a conflict both versions, and the next press is one against what stands there now."""
    context = {
        "title": _("Add an amendment"),
        "note": note,
        "patient": note.patient,
        "held": withholding.standing_of(note),
        "form": form,
        "waiting": waiting,
        "problem": problem,
        "conflict": conflict,
        "unsaved": status != 200,
        "zone": note.author.zone,
    }
    return render(request, "telemedicine/notes/amend.html", context, status=status)


@clinician_page
@require_POST
def keep(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the page sends by itself after somebody typed, as the page of a note does."""
    note, now = access.own_note_for(request.user, pk, action="noteamendment.kept"), clock.now()
    form = AmendForm(request.POST, draft=True)
    if not form.is_valid():
        return JsonResponse({"state": "refused"}, status=422)
    try:
        amending.write(note=note, **form.said, page=form.page, by=request.user, now=now)
    except Conflict:
        return JsonResponse({"state": "elsewhere"}, status=409)
    said = _("Saved at %(time)s. Only you can read it until you sign.")
    return JsonResponse({"state": "kept", "said": said % {"time": clock.hour_words(now, note.author.zone)}})


@clinician_page
@require_safe
def check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Exactly what will be signed."""
    return _checking(request, access.own_note_for(request.user, pk))


def _checking(request: StaffRequest, note: VisitNote, *, status: int = 200, conflict: str = "") -> HttpResponse:
    row = selectors.unsigned_amendment_of(note)
    if row is None:
        return redirect("admin:signed_note", note.pk)
    if not amending.is_whole(row):
        messages.error(request, _("Write what you add, and why."))
        return redirect("admin:amend_note", note.pk)
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
    except RuleViolation:
        return _checking(request, note)
    if row is not None:
        messages.success(request, _("Added. It stands under the note with today's date."))
    return redirect("admin:signed_note", note.pk)
