"""The patient's documents: what there is, send one, replace, take back, download."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import receiving, uploads
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from intake.guards import unless_help_comes_first
from intake.requests import access, handing, papers, selectors
from intake.requests.forms import PaperForm
from intake.requests.models import Paper, PaperKind, PaperStatus
from intake.selectors import current_submission, latest_decision, route_of

DATE_PROBLEMS = {"undated", "future", "old"}


@require_safe
@unless_help_comes_first
def index(request: PatientRequest) -> HttpResponse:
    """Everything that was sent, and what may be sent."""
    own_page(request, "papers")
    submission = current_submission(request.patient)
    used = route_of(submission).used if submission else {}
    found = list(selectors.papers_of(request.patient))
    kinds = [
        {
            "title": kind.label,
            "url": reverse("intake:paper_add", args=[selectors.number_of(kind)]),
            "useful": useful,
            "sent": any(row.kind == kind for row in found),
        }
        for kind, useful in selectors.fitting_kinds(used)
    ]
    given = {
        "papers": found,
        "kinds": kinds,
        "stopped": taken_back(request.patient, Activity.HAND_IN, clock.now()),
        "zone": request.patient.zone,
        "back": reverse("intake:start" if submission else "portal:home"),
    }
    return render(request, "intake/requests/papers.html", given)


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def add(request: PatientRequest, slug: str) -> HttpResponse:
    """Send a document of one kind."""
    kind = selectors.kind_of(slug)
    if kind is None:
        raise Http404
    return _send(request, kind, None)


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def replace(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Send a newer one in place of a document."""
    old = access.paper_for(request.user, pk)
    if request.method != "POST" and PaperStatus.REPLACED not in Paper.MOVES[old.status]:
        return redirect("intake:papers")
    return _send(request, PaperKind(old.kind), old)


def _send(request: PatientRequest, kind: PaperKind, old: Paper | None) -> HttpResponse:
    form = PaperForm(kind)
    if request.method == "POST":
        form = PaperForm(kind, request.POST, request.FILES)
        if take(request, kind, form, old):
            messages.success(request, _("Your document arrived. Only the people who work on your case can open it."))
            decided = latest_decision(request.patient)
            return redirect("intake:outcome" if decided and kind_counts(kind) else "intake:papers")
    stopped = taken_back(request.patient, Activity.HAND_IN, clock.now())
    given = {"form": form, "kind": kind, "replacing": old, "stopped": stopped, "back": reverse("intake:papers")}
    return render(request, "intake/requests/send.html", given, status=422 if form.is_bound else 200)


def kind_counts(kind: PaperKind) -> bool:
    """Whether a document of this kind is among the facts of a decision."""
    return selectors.takes_pdf(kind)


def take(request: PatientRequest, kind: PaperKind, form: PaperForm, old: Paper | None = None) -> bool:
    """Keep what was sent; with what is wrong in the form, False."""
    if receiving.was_too_large(request):
        form.is_valid()
        form.errors.pop("file", None)
        form.add_error("file", uploads.words_for("size"))
        return False
    if not form.is_valid():
        return False
    given = form.cleaned_data
    about: dict[str, Any] = {"patient": request.patient, "by": request.user, "now": clock.now(), "replaces": old}
    try:
        handing.paper(kind=kind, file=given["file"], dated=given.get("dated"), token=given["token"], **about)
    except RuleViolation as refusal:
        form.add_error("dated" if refusal.code in DATE_PROBLEMS else "file", refusal.message)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def remove(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Ask before a document is taken back, then do it."""
    paper = access.paper_for(request.user, pk)
    if request.method == "POST":
        try:
            papers.remove(paper=paper, by=request.user, now=clock.now())
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Taken back. The file is erased."))
        return redirect("intake:papers")
    if not paper.removable:
        raise Http404
    return render(request, "intake/requests/remove.html", {"paper": paper, "back": reverse("intake:papers")})


@require_safe
@unless_help_comes_first
def download(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One's own document."""
    return attachment(access.paper_for(request.user, pk))


def attachment(paper: Paper) -> HttpResponse:
    """The file, to be saved and never shown by our own pages; 404 when it was erased."""
    if paper.upload.erased_at is not None:
        raise Http404
    upload = paper.upload
    response = HttpResponse(uploads.content_of(upload), content_type=upload.media_type)
    response["Content-Disposition"] = f'attachment; filename="{upload.file_name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
