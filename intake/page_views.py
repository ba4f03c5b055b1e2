"""The question pages: one view for a plain page, three for the entries of a list."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from harmoniously.core.alerts.surfacing import clinician_told
from harmoniously.core.common import clock
from harmoniously.core.common.switching import was_switched
from harmoniously.core.questions import flow
from harmoniously.core.questions.forms import AnswersForm, form_for
from harmoniously.core.questions.specs import PARTIAL, Context, Field, Kind, Page
from intake import conflicts, people, selectors, services
from intake.conflicts import CHOOSING, EDIT, LATER
from intake.guards import ASKED, DraftRequest, handed_in, reread, with_draft
from intake.hints import notes_for
from intake.models import Errand
from intake.pages import INTAKE
from intake.pages.feelings import CSSRS_PAGES, thoughts_of_harm

CHANGE = "change"
CHANGING = f"?{CHANGE}=1"


def page_or_404(slug: str) -> Page:
    page = INTAKE.by_slug(slug)
    if page is None:
        raise Http404
    return page


def page_url(page: Page, query: str = "") -> str:
    """The address of a page; ``query`` keeps it on its errand (query_of, errand_query)."""
    return reverse("intake:page", args=[INTAKE.slug(page)]) + query


def errand_query(errand: Errand) -> str:
    """What keeps a page on an errand."""
    return f"?{ASKED}={errand.request_id}"


def query_of(request: DraftRequest) -> str:
    """The same of a page that is open."""
    if isinstance(request.draft, Errand):
        return errand_query(request.draft)
    return CHANGING if is_changing(request) else ""


def where_it_stopped(route: flow.Route, query: str = "", check: str = "") -> HttpResponse:
    """The first page that needs an answer, or all answers to look through."""
    return redirect(page_url(route.open, query) if route.open else check or reverse("intake:check"))


def check_url(request: DraftRequest) -> str:
    """Where the answers are looked through before they are handed in."""
    if isinstance(request.draft, Errand):
        return reverse("intake:asked_one", args=[request.draft.request_id])
    return reverse("intake:check")


def start_url(request: DraftRequest) -> str:
    """Where one comes from, and comes back to for the rest."""
    return check_url(request) if isinstance(request.draft, Errand) else reverse("intake:start")


def is_changing(request: DraftRequest) -> bool:
    """Whether one page is answered out of the order, and the next is whatever is open."""
    return CHANGE in request.GET or isinstance(request.draft, Errand)


def context_of(request: DraftRequest, route: flow.Route) -> Context:
    return Context(used=route.used, today=clock.today(request.patient.zone, clock.now()))


def version_of(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def page(request: DraftRequest, slug: str) -> HttpResponse:
    """One question page; a list page shows its entries and asks whether there are more."""
    spec = page_or_404(slug)
    route = selectors.route_of(request.draft)
    if not route.reachable(spec):
        return redirect("intake:crisis") if conflicts.told_of_danger(request, spec) else unreachable(request, route)
    if spec.repeat is not None:
        return _list(request, spec, route)
    context = context_of(request, route)
    if request.method != "POST":
        stored = route.used.get(spec.key) or people.known_of(request.patient, spec)
        return show(request, spec, route, form_for(spec, context=context, stored=stored))
    form = form_for(spec, context=context, data=request.POST)
    choosing = CHOOSING in request.POST and form.is_valid()
    if was_switched(request, form):
        return _stale(request, spec, form) if choosing else show(request, spec, route, form)
    if not form.is_valid():
        if LATER in request.POST or conflicts.tells_of_danger(request, spec):
            return _leave(request, spec, form)
        return show(request, spec, route, form, status=422)
    if EDIT in request.POST:
        return show(request, spec, route, form)
    try:
        saved = services.save_page(given=form.answers(), **what(request, spec))
    except (services.StalePage, services.HandedIn) as overtaken:
        if conflicts.told_of_danger(request, spec):
            return redirect("intake:crisis")
        return handed_in(request) if isinstance(overtaken, services.HandedIn) else _stale(request, spec, form)
    return _go_on(request, spec, saved)


def what(request: DraftRequest, spec: Page) -> dict[str, Any]:
    """What every save is told: which page of which draft, as it was when it was opened, by whom and when."""
    return {
        "submission": request.draft,
        "page": spec,
        "version": version_of(request),
        "by": request.patient.user,
        "now": clock.now(),
    }


def unreachable(request: DraftRequest, route: flow.Route) -> HttpResponse:
    """Where it stopped; somebody who posted is told that it was not saved."""
    there = where_it_stopped(route, query_of(request), check_url(request))
    return conflicts.not_asked(request, there["Location"]) if request.method == "POST" else there


def needs_help(request: DraftRequest, saved: services.Saved) -> bool:
    """Whether the page with help comes before anything else; who wrote what may mean danger reads who was told."""
    if saved.alarming:
        messages.warning(request, clinician_told())
    return saved.crisis or saved.alarming


def not_saved(request: DraftRequest) -> HttpResponse:
    """Left in the middle of a page of which nothing could be kept."""
    text = _("The last page was not complete, so it was not saved. Everything before it is.")
    messages.info(request, text)
    return redirect(start_url(request))


def earlier_stands(request: DraftRequest) -> None:
    """Say that half an answer did not take the place of a whole one."""
    text = _("The last page was not complete, so your earlier answers to it stand. Everything else is saved.")
    messages.info(request, text)


def _leave(request: DraftRequest, spec: Page, form: AnswersForm) -> HttpResponse:
    """Save and return later in the middle of a page: what is right so far is kept, the page stays open."""
    given = form.unfinished()
    if not given:
        return redirect("intake:crisis") if conflicts.told_of_danger(request, spec) else not_saved(request)
    try:
        saved = services.save_unfinished(given=given, **what(request, spec))
    except (services.StalePage, services.HandedIn) as overtaken:
        if conflicts.told_of_danger(request, spec):
            return redirect("intake:crisis")
        return handed_in(request) if isinstance(overtaken, services.HandedIn) else not_saved(request)
    # Half a page does not take the place of a whole one, but what it tells is heeded all the same.
    in_danger = needs_help(request, saved) or conflicts.told_of_danger(request, spec)
    if in_danger or thoughts_of_harm(saved.submission.answers):
        return redirect("intake:crisis")
    if saved.submission.answers[spec.key].get(PARTIAL):
        messages.info(request, _("Saved. The last page is not complete yet; what you answered there is kept."))
    else:
        earlier_stands(request)
    return redirect(start_url(request))


def _stale(request: DraftRequest, spec: Page, form: AnswersForm) -> HttpResponse:
    fresh = reread(request)
    if fresh is None:
        return handed_in(request)
    route = selectors.route_of(fresh)
    if not route.reachable(spec):
        return unreachable(request, route)
    after = route.after(spec)
    going_on = check_url(request) if is_changing(request) or after is None else page_url(after)
    return conflicts.choose(request, fresh, spec, form, there=fresh.answers.get(spec.key, {}), keep_url=going_on)


def show(
    request: DraftRequest, spec: Page, route: flow.Route, form: AnswersForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    before = route.before(spec)
    back = check_url(request) if is_changing(request) else page_url(before) if before else start_url(request)
    given = {
        "page": spec,
        "form": form,
        "instrument": None if spec.repeat else spec.fields[0].instrument,
        # What is shown again was opened when it was first shown: what was saved elsewhere since is no less a conflict.
        "version": version_of(request) if request.method == "POST" else request.draft.version,
        "back": back,
        "number": route.pages.index(spec) + 1,
        "total": len(route.pages),
        "section": next(section for section in INTAKE.sections if section.key == spec.section),
        "carries": "answers",
        "opened_by_answer": spec.key == CSSRS_PAGES[0] and thoughts_of_harm(route.used),
        **extra,
    }
    return render(request, "intake/page.html", given, status=status)


def _go_on(request: DraftRequest, spec: Page, saved: services.Saved) -> HttpResponse:
    if needs_help(request, saved):
        return redirect("intake:crisis")
    route = selectors.route_of(saved.submission)
    asks_first = route.open is not None and route.open.key in CSSRS_PAGES and thoughts_of_harm(route.used)
    if LATER in request.POST and not asks_first:
        return redirect(start_url(request))
    _tell(request, saved.change)
    if is_changing(request):
        return where_it_stopped(route, query_of(request), check_url(request))
    after = route.after(spec)
    return redirect(page_url(after) if after else check_url(request))


def _tell(request: DraftRequest, change: flow.Change) -> None:
    if change.opened:
        names = "; ".join(str(title) for title in change.opened)
        text = ngettext(
            "Your answer opens a question: %(names)s", "Your answer opens questions: %(names)s", len(change.opened)
        )
        messages.info(request, text % {"names": names})
    if change.closed:
        names = "; ".join(str(title) for title in change.closed)
        text = _(
            "Because of your answer we no longer use what you told us at: %(names)s. "
            "It is kept in case you change it back."
        )
        messages.info(request, text % {"names": names})
    if change.restored:
        names = "; ".join(str(title) for title in change.restored)
        text = _(
            "Because of your answer we use again what you told us earlier at: %(names)s. "
            "Look whether it is still right."
        )
        messages.info(request, text % {"names": names})


# Lists


def entry_url(request: DraftRequest, spec: Page, entry: UUID, name: str = "intake:entry") -> str:
    """The address of one entry, on the same errand as this request."""
    return reverse(name, args=[INTAKE.slug(spec), entry]) + query_of(request)


def _list(request: DraftRequest, spec: Page, route: flow.Route) -> HttpResponse:
    if spec.repeat is None:
        raise Http404
    stored = route.used.get(spec.key, {})
    items = stored.get("items", [])
    question = Field(
        "more",
        spec.repeat.another if items else spec.repeat.first,
        Kind.YES_NO,
        missing=_("Choose yes or no."),
    )
    asking = replace(spec, fields=(question,), check=None, form=None)
    given = {"more": False} if stored.get("complete") else {}
    context = context_of(request, route)
    notes = notes_for(spec, items, context)
    entries = [
        {
            "line": spec.repeat.line(item),
            "note": note,
            "change_url": entry_url(request, spec, UUID(item["id"])),
            "remove_url": entry_url(request, spec, UUID(item["id"]), "intake:remove"),
        }
        for item, note in zip(items, notes.entries, strict=True)
    ]
    extra: dict[str, Any] = {"entries": entries, "in_all": notes.in_all, "urgent": notes.urgent}
    if request.method != "POST":
        return show(request, spec, route, form_for(asking, context=context, stored=given), **extra)
    form = form_for(asking, context=context, data=request.POST)
    if was_switched(request, form):
        return show(request, spec, route, form, **extra)
    if LATER in request.POST:
        return redirect(start_url(request))
    if not form.is_valid():
        return show(request, spec, route, form, status=422, **extra)
    if form.answers()["more"]:
        return redirect(reverse("intake:add", args=[INTAKE.slug(spec)]) + query_of(request))
    unfinished = [spec.repeat.line(item) for item in flow.unfinished(spec, route.used)]
    if unfinished:
        form.add_error("more", _("First finish or remove: %(names)s.") % {"names": "; ".join(unfinished)})
        return show(request, spec, route, form, status=422, **extra)
    try:
        saved = services.finish_list(complete=True, **what(request, spec))
    except services.StalePage:
        return show(request, spec, route, form, status=409, list_changed=True, version=request.draft.version, **extra)
    except services.HandedIn:
        return handed_in(request)
    return _go_on(request, spec, saved)
