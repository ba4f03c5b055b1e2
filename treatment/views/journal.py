"""The patient's journal: write, read, share entry by entry, delete, take along."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.accounts.sessions import does_not_extend_session
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access, journal_prompts
from treatment.journal_export import as_text
from treatment.journal_forms import EntryForm
from treatment.models import JournalEntry
from treatment.selecting import journal as selectors
from treatment.services import journal as services

PAGE = 20


@require_safe
@patient_only
def journal(request: PatientRequest) -> HttpResponse:
    """Every entry, newest first, and ways to begin a new one."""
    own_page(request, "journal")
    page = Paginator(selectors.entries_of(request.patient), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    shared = selectors.shares_of(rows, clock.now())
    context = {
        "page": page,
        "rows": [{"entry": row, "prompt": _prompt_of(row), "shared": shared.get(row.pk, [])} for row in rows],
        "prompts": journal_prompts.grouped(),
        "zone": request.patient.zone,
    }
    return render(request, "treatment/journal/journal.html", context)


def _prompt_of(entry: JournalEntry) -> Any:
    found = journal_prompts.prompt_of(entry.prompt, entry.prompts_version)
    return found.text if found else ""


def _form(
    request: PatientRequest, data: Any = None, *, initial: Any = None, entry: JournalEntry | None = None
) -> EntryForm:
    sessions = list(selectors.sessions_to_write_about(request.patient))
    if entry is not None and entry.session is not None and entry.session not in sessions:
        sessions.append(entry.session)  # cancelled since: the entry stays about it
    return EntryForm(data, sessions=sessions, initial=initial)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def write(request: PatientRequest) -> HttpResponse:
    """A new entry; its token makes a page that is sent twice one entry."""
    if request.method == "POST":
        return _save(request, None)
    own_page(request, "journal")
    initial = {
        "token": uuid4(),
        "edit": uuid4(),
        "base": 0,
        "prompt": request.GET.get("prompt", "")[:24],
        "session": request.GET.get("about", ""),
    }
    unsaved = selectors.unsaved_of(request.patient)
    return _writing(request, _form(request, initial=initial), None, unsaved=unsaved)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def edit(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Go on with an entry: with what was kept of it while it was written, where there is something."""
    entry = access.journal_entry_for(request.user, pk, deleted=request.method == "POST")
    if request.method == "POST":
        return _save(request, entry)
    initial = {
        "token": entry.token,
        "edit": uuid4(),
        "base": entry.version,
        "prompt": entry.prompt,
        "session": str(entry.session_id or ""),
        "text": entry.newest,
    }
    return _writing(request, _form(request, initial=initial, entry=entry), entry)


def _writing(
    request: PatientRequest, form: EntryForm, entry: JournalEntry | None, *, status: int = 200, **extra: Any
) -> HttpResponse:
    code = form["prompt"].value() or ""
    version = entry.prompts_version if entry else journal_prompts.CURRENT
    prompt = journal_prompts.prompt_of(code, version)
    context = {
        "form": form,
        "entry": entry,
        "prompt": prompt.text if prompt else "",
        "shared": selectors.shares_of([entry], clock.now()).get(entry.pk, []) if entry else [],
        "zone": request.patient.zone,
        **extra,
    }
    return render(request, "treatment/journal/write.html", context, status=status)


def _save(request: PatientRequest, entry: JournalEntry | None) -> HttpResponse:
    data = request.POST.dict()
    if "as_new" in data:  # keep both: what stands in the box becomes an entry of its own
        data |= {"token": data["as_new"], "base": "0"}
        entry = None
    form = _form(request, data, entry=entry)
    if not form.is_valid():
        return _writing(request, form, entry, status=422)
    token = entry.token if entry else form.token_given
    try:
        saved = services.save_entry(
            patient=request.patient,
            token=token,
            words=form.words(),
            page=form.page(),
            by=request.user,
            now=clock.now(),
        )
    except services.WrittenElsewhere as conflict:
        return _both(request, form, conflict.entry)
    except RuleViolation as refusal:
        form.add_error("text", refusal.message)
        return _writing(request, form, entry, status=422)
    if selectors.shares_of([saved], clock.now()):
        messages.success(request, _("Your entry is saved, also for whom you share it with."))
    else:
        messages.success(request, _("Your entry is saved. Only you can read it, unless you share it."))
    if suggests_crisis(saved.text):
        # Of an entry that is not shared nobody is told: it is private. Where help is, everybody sees.
        return redirect("intake:crisis")
    return redirect("treatment:journal_entry", pk=saved.pk)


def _both(request: PatientRequest, form: EntryForm, entry: JournalEntry) -> HttpResponse:
    """Both texts: the one in the box, and the one that another device wrote meanwhile."""
    again = {**form.data, "base": str(entry.version), "edit": str(uuid4()), "turn": "0"}
    gone = entry.deleted_at is not None
    extra = {"gone": gone, "other": "" if gone else entry.newest, "as_new": uuid4(), "conflict": True}
    return _writing(request, _form(request, again, entry=entry), entry, status=409, **extra)


@require_POST
@does_not_extend_session
@patient_only
def keep(request: PatientRequest) -> HttpResponse:
    """What the page sends by itself while somebody writes. It counts as nothing that a person did (BUG-05)."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return JsonResponse({"state": "refused"}, status=422)
    try:
        services.keep_draft(
            patient=request.patient,
            token=form.token_given,
            words=form.words(),
            page=form.page(),
            by=request.user,
            now=clock.now(),
        )
    except services.WrittenElsewhere:
        return JsonResponse({"state": "elsewhere"}, status=409)
    except RuleViolation as refusal:
        return JsonResponse({"state": "refused", "why": refusal.message}, status=422)
    return JsonResponse({"state": "kept"})


@require_safe
@patient_only
def entry(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One entry, with whom it is shared, and who has read it."""
    row = access.journal_entry_for(request.user, pk)
    if row.saved_at is None:
        return redirect("treatment:journal_edit", pk=row.pk)
    shared = selectors.shares_of([row], clock.now()).get(row.pk, [])
    context = {
        "entry": row,
        "prompt": _prompt_of(row),
        "shared": shared,
        "therapists": [] if shared else selectors.therapists_of(request.patient, clock.now()),
        "readers": selectors.readers_of(row),
        "zone": request.patient.zone,
    }
    return render(request, "treatment/journal/entry.html", context)


@require_POST
@patient_only
def share(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Share one entry with one therapist."""
    row = access.journal_entry_for(request.user, pk)
    now = clock.now()
    chosen = request.POST.get("therapist", "")
    clinician = next((one for one in selectors.therapists_of(request.patient, now) if str(one.pk) == chosen), None)
    if clinician is None:
        messages.error(request, _("Choose a therapist who cares for you now. Nothing was shared."))
        return redirect("treatment:journal_entry", pk=row.pk)
    try:
        services.share_entry(entry=row, clinician=clinician, by=request.user, now=now)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        words = _("Shared with %(name)s. You can take it back at any time.")
        messages.success(request, words % {"name": clinician.display_name})
        if suggests_crisis(row.text):
            return redirect("intake:crisis")
    return redirect("treatment:journal_entry", pk=row.pk)


@require_POST
@patient_only
def take_back(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Nobody else reads this entry any more."""
    row = access.journal_entry_for(request.user, pk)
    services.take_back(entry=row, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. From now on only you can read this entry."))
    return redirect("treatment:journal_entry", pk=row.pk)


@require_POST
@patient_only
def drop_draft(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Go back to the saved text."""
    row = access.journal_entry_for(request.user, pk)
    try:
        services.drop_draft(entry=row, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The entry is as you saved it last."))
    return redirect("treatment:journal_entry", pk=row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def delete(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Ask once, then remove every word of it."""
    posted = request.method == "POST"
    row = access.journal_entry_for(request.user, pk, deleted=posted)
    if posted:
        services.delete_entry(entry=row, by=request.user, now=clock.now())
        messages.success(request, _("The entry is deleted. Its words are gone for good."))
        return redirect("treatment:journal")
    context = {
        "entry": row,
        "zone": request.patient.zone,
        "shared": selectors.shares_of([row], clock.now()).get(row.pk, []),
    }
    return render(request, "treatment/journal/delete.html", context)


@require_safe
@patient_only
def export(request: PatientRequest) -> HttpResponse:
    """The whole journal as one text file."""
    own_page(request, "journal_file")
    rows = list(selectors.entries_of(request.patient))
    text = as_text(rows, shared=selectors.shares_of(rows, clock.now()), zone=request.patient.zone, now=clock.now())
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="journal.txt"'
    return response
