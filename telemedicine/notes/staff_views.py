"""The note as its clinician writes it: keep, check, sign; and as the care team reads it, with what was added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.accounts.stepup import fresh_second_factor
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import Conflict, RuleViolation
from telemedicine.models import Appointment, VisitNote
from telemedicine.notes import access, selectors, services, withholding
from telemedicine.notes.comparing import differences
from telemedicine.notes.content import measured
from telemedicine.notes.forms import NoteForm, initial_of, opened_again
from telemedicine.notes.gathered import Around, around
from telemedicine.notes.printing import note_pdf
from telemedicine.notes.risk import choices_of, grace, named_as, waits
from telemedicine.notes.rules.codes import instead, suggest
from telemedicine.notes.rules.templates import DEALT_WITH, missing
from telemedicine.notes.rules.writing import is_late, may_write, minutes_between
from telemedicine.notes.wording import TITLES, code_words, heading_of, named_words, not_raised

clinician_page = staff_with(Permission.VIEW_CLINICAL)


@clinician_page
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The draft. Saving goes on here; "check" goes on to the page that signs."""
    visit = access.visit_to_note(request.user, pk)
    if not may_write(status=visit.status, started_at=visit.started_at):
        messages.error(request, _("The note opens when the visit begins. There is none for a missed or cancelled one."))
        return redirect("admin:appointment", visit.pk)
    note, now = selectors.note_of(visit), clock.now()
    if request.method == "POST":
        return _save(request, visit, note, now)
    if note is not None and note.status == VisitNote.Status.SIGNED:
        return redirect("admin:signed_note", note.pk)
    return _writing(request, visit, note, now)


def _form(visit: Appointment, note: VisitNote | None, found: Around, data: Any = None) -> NoteForm:
    seen = services.seen_visit(visit, found, note.billing if note else {})
    took = minutes_between(visit.started_at, found.until) if visit.started_at and found.end_is_known else None
    return NoteForm(
        data,
        template=services.template_of(visit),
        seen=seen,
        cleared=[
            (named_as(hold, level), named_words(hold, level, visit.clinician.zone)) for hold, level in choices_of(visit)
        ],
        initial=initial_of(note, seen=seen, minutes=took),
    )


def _writing(
    request: StaffRequest,
    visit: Appointment,
    note: VisitNote | None,
    now: datetime,
    *,
    form: NoteForm | None = None,
    found: Around | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    found = found or around(visit, now)
    form = form or _form(visit, note, found)
    template = services.template_of(visit)
    context = {
        "title": _("Note: %(title)s") % {"title": TITLES[visit.kind]},
        "visit": visit,
        "note": note,
        "patient": visit.patient,
        "held": withholding.standing_of(note) if note else None,
        "form": form,
        "measured": measured(template, found, visit.clinician.zone),
        "suggested": [code_words(one) for one in suggest(form.seen)],
        "instead": [code_words(one) for one in instead(form.seen)],
        "is_late": found.ended_at is not None and is_late(ended_at=found.until, now=now),
        "going_on": found.ended_at is None,
        "zone": visit.clinician.zone,
        "not_raised": not_raised(note, visit.clinician.zone, has_cleared=DEALT_WITH in form.fields) if note else "",
        "grace": grace(),
        "unsaved": status != 200,
        "conflict": status == 409,
        **extra,
    }
    return render(request, "telemedicine/notes/write.html", context, status=status)


def _save(request: StaffRequest, visit: Appointment, note: VisitNote | None, now: datetime) -> HttpResponse:
    found = around(visit, now)
    form = _form(visit, note, found, request.POST)
    form.is_valid()
    shown: dict[str, Any] = {"form": form, "found": found}
    if not form.is_marked:
        return _writing(request, visit, note, now, status=422, problem=_("Open this page again, then save."), **shown)
    # First of all, and whatever becomes of the rest: of two tabs, or of a field that is wrong.
    _raise(request, visit, form, now)
    try:
        kept = services.keep(visit=visit, written=form.written(note), page=form.page, by=request.user, now=now)
    except services.WrittenElsewhere as conflict:
        return _both(request, visit, conflict, found, now, refused=form.errors.get("risk_level"))
    except RuleViolation as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return _writing(request, visit, note, now, status=status, problem=refusal.message, **shown)
    if form.errors:
        return _writing(request, visit, kept, now, status=422, **shown)
    return _go_on(request, visit, kept, now, **shown)


def _raise(request: StaffRequest, visit: Appointment, form: NoteForm, now: datetime) -> None:
    """Stop the treatment and alert, where that was pressed; what keeps it from happening stands at the choice."""
    if request.POST.get("do") != "raise":
        return
    try:
        services.raise_risk(visit=visit, level=form.risk_said, by=request.user, now=now)
    except RuleViolation as refusal:
        form.add_error("risk_level", refusal.message)
    else:
        messages.success(request, _("Raised: nothing ships and no session begins, and whoever is on call is alerted."))


def _go_on(
    request: StaffRequest, visit: Appointment, kept: VisitNote, now: datetime, *, form: NoteForm, found: Around
) -> HttpResponse:
    """After saving: stay, or on to the page that signs once nothing is missing."""
    if request.POST.get("do") != "check":
        if request.POST.get("do") != "raise":
            messages.success(request, _("Saved. Only you can read it until you sign."))
        return returning.onward(request, "admin:visit_note", visit.pk)
    left = missing(form.template, kept.sections)
    for name in left:
        form.add_error(name, _("%(name)s: this is needed before you sign.") % {"name": heading_of(name)})
    if left:
        return _writing(request, visit, kept, now, form=form, found=found, status=422)
    return returning.onward(request, "admin:check_note", visit.pk)


def _both(
    request: StaffRequest,
    visit: Appointment,
    conflict: services.WrittenElsewhere,
    found: Around,
    now: datetime,
    *,
    refused: Any,
) -> HttpResponse:
    """What was typed here stays in the boxes; beside it both versions of every field that differs.

    From here on only a press writes: what the other page wrote is not overwritten while somebody still reads it.
    """
    note = conflict.note
    again = opened_again(request.POST, note)
    form = _form(visit, note, found, again)
    form.is_valid()
    if refused:
        form.add_error("risk_level", list(refused))
    extra = {"differing": differences(form, again, note), "problem": conflict.message, "elsewhere": True}
    return _writing(request, visit, note, now, form=form, found=found, status=409, **extra)


@clinician_page
@require_POST
def keep(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the page sends by itself after somebody typed. Typing is something that a person does: it keeps the session.

    The page never sends what did not change, so an open page that nobody writes on is signed out like any other.
    """
    visit = access.visit_to_note(request.user, pk, action="visitnote.written")
    note, now = selectors.note_of(visit), clock.now()
    form = _form(visit, note, around(visit, now), request.POST)
    form.is_valid()
    if not form.is_marked:
        return JsonResponse({"state": "refused"}, status=422)
    try:
        kept = services.keep(visit=visit, written=form.written(note), page=form.page, by=request.user, now=now)
    except Conflict:
        return JsonResponse({"state": "elsewhere"}, status=409)
    except RuleViolation as refusal:
        return JsonResponse({"state": "refused", "why": refusal.message}, status=422)
    said = _("Saved at %(time)s.") % {"time": clock.hour_words(now, visit.clinician.zone)}
    if form.errors:
        said += " " + _("Not saved as typed: %(names)s.") % {"names": ", ".join(form.left_out)}
    beside = not_raised(kept, visit.clinician.zone, has_cleared=DEALT_WITH in form.fields)
    return JsonResponse({"state": "kept", "said": said, "whole": not form.errors, "beside": beside})


@clinician_page
@require_safe
def check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Exactly what will be signed."""
    visit = access.visit_to_note(request.user, pk)
    note = selectors.note_of(visit)
    if note is not None and note.status == VisitNote.Status.SIGNED:
        return redirect("admin:signed_note", note.pk)
    return _checking(request, visit, clock.now())


def _checking(
    request: StaffRequest, visit: Appointment, now: datetime, *, status: int = 200, conflict: str = ""
) -> HttpResponse:
    try:
        ready = services.ready(visit=visit, by=request.user, now=now)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:visit_note", visit.pk)
    context = {
        "title": _("Check and sign"),
        "visit": visit,
        "note": ready.note,
        "held": withholding.standing_of(ready.note),
        "patient": visit.patient,
        "content": ready.content,
        "seen": ready.seen,
        "conflict": conflict,
        "stops": waits(ready.note, visit),
        "has_code": bool(ready.note.billing.get("codes")),
        "zone": visit.clinician.zone,
    }
    return render(request, "telemedicine/notes/check.html", context, status=status)


@clinician_page
@fresh_second_factor
@require_POST
def sign(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The signature, with a second factor used in the last five minutes."""
    visit, now = access.visit_to_note(request.user, pk), clock.now()
    try:
        note = services.sign(visit=visit, seen=request.POST.get("seen", ""), by=request.user, now=now)
    except Conflict as refusal:
        return _checking(request, visit, now, status=409, conflict=refusal.message)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:visit_note", visit.pk)
    if withholding.standing_of(note) is None:
        messages.success(request, _("Signed. The patient can read it now, and so can everybody who cares for them."))
    else:
        messages.success(request, _("Signed. Everybody who cares for the patient can read it; the patient not yet."))
    return returning.done(request, note.patient_id, "admin:signed_note", note.pk)


# What is signed


@clinician_page
@require_safe
def signed(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A signed note with its amendments."""
    note = access.signed_note_for(request.user, pk)
    own = note.author.user_id == request.user.pk
    context = {
        "title": note.content["title"],
        "note": note,
        "patient": note.patient,
        "amendments": selectors.amendments_of(note),
        "own": own,
        "held": withholding.standing_of(note),
        "waiting": own and selectors.unsigned_amendment_of(note) is not None,
        "zone": note.author.zone,
    }
    return render(request, "telemedicine/notes/signed.html", context)


@clinician_page
@require_safe
def signed_pdf(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The same as PDF."""
    return note_pdf(access.signed_note_for(request.user, pk, action="visitnote.printed"))
