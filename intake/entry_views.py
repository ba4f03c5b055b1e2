"""The entries of a list page: add, change, remove."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.switching import was_switched
from harmoniously.core.questions import flow
from harmoniously.core.questions.flow import is_unfinished
from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.specs import PARTIAL, Page
from intake import conflicts, selectors, services
from intake.conflicts import CHOOSING, EDIT, LATER
from intake.guards import DraftRequest, handed_in, reread, with_draft
from intake.hints import typed_urgent, very_high
from intake.page_views import (
    context_of,
    earlier_stands,
    entry_url,
    needs_help,
    not_saved,
    page_or_404,
    page_url,
    query_of,
    show,
    start_url,
    unreachable,
    version_of,
    what,
)
from intake.trial_form import TrialForm


def _list_page_or_404(request: DraftRequest, slug: str) -> tuple[Page, flow.Route]:
    spec = page_or_404(slug)
    route = selectors.route_of(request.draft)
    if spec.repeat is None or (request.method != "POST" and not route.reachable(spec)):
        raise Http404
    return spec, route


def _entry(route: flow.Route, spec: Page, entry: UUID) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = route.used.get(spec.key, {}).get("items", [])
    return next((item for item in items if item["id"] == entry.hex), None)


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def add(request: DraftRequest, slug: str) -> HttpResponse:
    """A new entry. Its id comes with the form, so that posting twice adds one."""
    spec, route = _list_page_or_404(request, slug)
    if request.method != "POST":
        form = form_for(spec, context=context_of(request, route))
        return _show_entry(request, spec, route, form, uuid4())
    try:
        entry = UUID(request.POST.get("entry", ""))
    except ValueError as error:
        raise Http404 from error
    return _save_entry(request, spec, route, entry)


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def change(request: DraftRequest, slug: str, entry: UUID) -> HttpResponse:
    """An entry that is there."""
    spec, route = _list_page_or_404(request, slug)
    stored = _entry(route, spec, entry)
    if stored is None and not (request.method == "POST" and services.was_removed(request.draft, spec, entry)):
        raise Http404
    if request.method != "POST":
        return _show_entry(
            request, spec, route, form_for(spec, context=context_of(request, route), stored=stored), entry
        )
    return _save_entry(request, spec, route, entry)


def _show_entry(
    request: DraftRequest, spec: Page, route: flow.Route, form: AnswersForm, entry: UUID, **extra: Any
) -> HttpResponse:
    back = page_url(spec, query_of(request))
    # A reading that is urgent is told so at once, also while something else about it is still to be mended.
    urgent = typed_urgent(spec, form)
    return show(request, spec, route, form, entry=entry, entry_back=back, urgent=urgent, **extra)


def _save_entry(request: DraftRequest, spec: Page, route: flow.Route, entry: UUID) -> HttpResponse:
    if not route.reachable(spec):
        return unreachable(request, route)
    form = form_for(spec, context=context_of(request, route), data=request.POST)
    choosing = CHOOSING in request.POST and form.is_valid()
    if was_switched(request, form):
        return _stale(request, spec, form, entry) if choosing else _show_entry(request, spec, route, form, entry)
    if typed_urgent(spec, form) and LATER in request.POST:
        messages.warning(request, very_high())
    if not form.is_valid() and LATER in request.POST:
        return _leave(request, spec, route, form, entry)
    if not form.is_valid():
        return _show_entry(request, spec, route, form, entry, status=422)
    if EDIT in request.POST:
        return _show_entry(request, spec, route, form, entry)
    try:
        opened = {"version": _opened(request, spec, route, form, entry)}
        saved = services.save_entry(entry=entry, given=form.answers(), **what(request, spec) | opened)
    except services.StalePage:
        return _stale(request, spec, form, entry)
    except services.HandedIn:
        return handed_in(request)
    except RuleViolation as refusal:
        form.add_error(None, refusal.message)
        return _show_entry(request, spec, route, form, entry, status=422)
    return _saved(request, spec, form, entry, saved)


def _leave(request: DraftRequest, spec: Page, route: flow.Route, form: AnswersForm, entry: UUID) -> HttpResponse:
    """Save and return later in the middle of an entry: what is right so far is kept, and named as not finished."""
    given = form.unfinished()
    if not given or spec.repeat is None:
        return not_saved(request)
    opened = {"version": _opened(request, spec, route, form, entry)}
    try:
        saved = services.save_unfinished_entry(entry=entry, given=given, **what(request, spec) | opened)
    except services.HandedIn:
        return handed_in(request)
    except RuleViolation:
        return not_saved(request)
    if needs_help(request, saved):
        return redirect("intake:crisis")
    kept = _entry(selectors.route_of(saved.submission), spec, entry)
    if kept is not None and is_unfinished(spec, kept):
        text = _("Saved, but not complete yet: %(name)s. You can finish it when you come back.")
        messages.info(request, text % {"name": spec.repeat.line(kept)})
    else:
        earlier_stands(request)
    return redirect(start_url(request))


def _opened(request: DraftRequest, spec: Page, route: flow.Route, form: AnswersForm, entry: UUID) -> int:
    """The version that a change was made from. Somebody who went back from an entry of which only the name is known
    and names another medicine overwrites nothing."""
    there = _entry(route, spec, entry)
    named = there is not None and is_unfinished(spec, there) and not there.get(PARTIAL)
    if isinstance(form, TrialForm) and form.naming and named:
        return request.draft.version
    return version_of(request)


def _saved(request: DraftRequest, spec: Page, form: AnswersForm, entry: UUID, saved: services.Saved) -> HttpResponse:
    if needs_help(request, saved):
        return redirect("intake:crisis")
    if LATER in request.POST:
        return redirect(start_url(request))
    if isinstance(form, TrialForm) and form.naming:
        return redirect(entry_url(request, spec, entry))
    return redirect(page_url(spec, query_of(request)))


def _stale(request: DraftRequest, spec: Page, form: AnswersForm, entry: UUID) -> HttpResponse:
    fresh = reread(request)
    if fresh is None:
        return handed_in(request)
    route = selectors.route_of(fresh)
    if not route.reachable(spec):
        return unreachable(request, route)
    there = _entry(route, spec, entry)
    keep_url = page_url(spec, query_of(request))
    return conflicts.choose(request, fresh, spec, form, there=there, keep_url=keep_url)


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def remove(request: DraftRequest, slug: str, entry: UUID) -> HttpResponse:
    """Ask before an entry is taken off a list, then do it; one that is gone already is no error."""
    spec, route = _list_page_or_404(request, slug)
    back = page_url(spec, query_of(request))
    changed = False
    if request.method == "POST":
        try:
            services.remove_entry(entry=entry, **what(request, spec))
        except services.HandedIn:
            return handed_in(request)
        except services.StalePage:
            changed = True
        else:
            messages.success(request, _("Removed from your list."))
            return redirect(back)
    stored = _entry(route, spec, entry)
    if stored is None or spec.repeat is None:
        raise Http404
    given = {"line": spec.repeat.line(stored), "back": back, "version": request.draft.version, "changed": changed}
    return render(request, "intake/remove.html", given, status=409 if changed else 200)
