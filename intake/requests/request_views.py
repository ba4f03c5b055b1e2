"""What the practice waits for: a list, and for each thing a short page that takes it and has the case decided anew."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.switching import was_switched
from harmoniously.core.questions.forms import form_for
from harmoniously.core.questions.specs import Context, Page
from intake import conflicts, services
from intake.guards import unless_help_comes_first
from intake.hints import typed_urgent, very_high
from intake.models import Errand
from intake.page_views import errand_query, page_url, version_of, where_it_stopped
from intake.pages import INTAKE, health
from intake.requests import access, errands, handing, selectors
from intake.requests.forms import PaperForm, TestForm
from intake.requests.models import InformationRequest, PaperKind, RequestStatus
from intake.requests.paper_views import take
from intake.requests.rules import Ask
from intake.selectors import answers_in_words, latest_decision, route_of

# Pages of the questionnaire that are handed in by themselves; the others, and what an answer opens, are an errand.
SHORT = ("condition_times", "substance_problems", "substance_remission", "sitter", "pregnancy_possible", "pregnancy")


@require_safe
@unless_help_comes_first
def index(request: PatientRequest) -> HttpResponse:
    """Everything that is waited for, with its day."""
    own_page(request, "information_requests")
    given = {"waiting": selectors.waiting_list(request.patient, clock.now()), "zone": request.patient.zone}
    return render(request, "intake/requests/index.html", given)


@require_http_methods(["GET", "HEAD", "POST"])
@unless_help_comes_first
def one(request: PatientRequest, pk: UUID) -> HttpResponse:
    """One thing that is asked: why, until when, and the form for it."""
    asked = access.request_for(request.user, pk)
    if asked.status != RequestStatus.OPEN:
        _heed(request, asked)
        return _show(request, asked, None)
    return PAGES[Ask(asked.item.partition(":")[0])](request, asked)


def _heed(request: PatientRequest, asked: InformationRequest) -> None:
    """A reading that needs help now is answered, also when nobody waits for it any more and it is not kept."""
    if request.method == "POST" and asked.item == Ask.READING:
        page = health.BLOOD_PRESSURE
        if typed_urgent(page, form_for(page, context=_context(request), data=request.POST)):
            messages.warning(request, very_high())


def _show(request: PatientRequest, asked: InformationRequest, form: Form | None, **extra: Any) -> HttpResponse:
    given = {
        "asked": asked,
        "title": selectors.title_of(asked),
        "form": form,
        "zone": request.patient.zone,
        "overdue": asked.status == RequestStatus.OPEN and asked.due_at < clock.now(),
        "back": reverse("intake:asked"),
        "carries": "" if form is None or extra.get("sends_file") else "answers",
        **extra,
    }
    return render(request, "intake/requests/one.html", given, status=422 if form is not None and form.errors else 200)


def _handed_in(request: PatientRequest) -> HttpResponse:
    messages.success(request, _("Thank you, it arrived. We looked at your case again; this is your result now."))
    return redirect("intake:outcome")


def _overtaken(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    """It was closed meanwhile: handed in by the first click, or withdrawn, and then nothing arrived."""
    asked.refresh_from_db(fields=["status"])
    withdrawn = asked.status == RequestStatus.WITHDRAWN
    return conflicts.handed_in(request, asked) if withdrawn else _handed_in(request)


def _try(
    request: PatientRequest, asked: InformationRequest, form: Form, field: str, do: Callable[[], Any], **shown: Any
) -> HttpResponse:
    """Do it and lead to the new result; a refusal stands at its field. What was handed in meanwhile is no error."""
    try:
        do()
    except Conflict:
        _heed(request, asked)
        return _overtaken(request, asked)
    except RuleViolation as refusal:
        form.add_error(field if field in form.fields else None, refusal.message)
        return _show(request, asked, form, **shown)
    return _handed_in(request)


def _by(request: PatientRequest, asked: InformationRequest) -> dict[str, Any]:
    return {"request": asked, "by": request.user, "now": clock.now()}


def _context(request: PatientRequest) -> Context:
    decision = latest_decision(request.patient)
    used = route_of(decision.submission).used if decision else {}
    return Context(used=used, today=clock.today(request.patient.zone, clock.now()))


def _reading(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    page, context = health.BLOOD_PRESSURE, _context(request)
    if request.method != "POST":
        return _show(request, asked, form_for(page, context=context), fragment=page.template)
    form = form_for(page, context=context, data=request.POST)
    if was_switched(request, form) or not form.is_valid():
        return _show(request, asked, form, fragment=page.template, urgent=typed_urgent(page, form))
    given = form.answers()
    return _try(
        request,
        asked,
        form,
        "taken_on",
        lambda: handing.reading(given=given, **_by(request, asked)),
        fragment=page.template,
    )


def _test(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    form = TestForm(request.POST or None)
    if was_switched(request, form) or not form.is_valid():
        return _show(request, asked, form)
    pregnant, day = form.cleaned_data["result"] == "yes", form.cleaned_data["taken_on"]
    return _try(
        request,
        asked,
        form,
        "taken_on",
        lambda: handing.pregnancy_test(pregnant=pregnant, taken_on=day, **_by(request, asked)),
    )


def _letter(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    kind = PaperKind(asked.item.partition(":")[2])
    if request.method != "POST":
        return _show(request, asked, PaperForm(kind), sends_file=True)
    form = PaperForm(kind, request.POST, request.FILES)
    if take(request, kind, form):
        return _handed_in(request)
    return _show(request, asked, form, sends_file=True)


def _answer(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    page = INTAKE.by_key[asked.page_key]
    if page.key not in SHORT or errands.of_request(asked) is not None:
        return _errand(request, asked)
    context = _context(request)
    if request.method != "POST":
        return _show(request, asked, form_for(page, context=context, stored=context.used.get(page.key)))
    form = form_for(page, context=context, data=request.POST)
    if was_switched(request, form) or not form.is_valid():
        return _show(request, asked, form)
    given = form.answers()
    try:
        handing.answer(page=page, given=given, **_by(request, asked))
    except Conflict:
        return _overtaken(request, asked)
    except RuleViolation as refusal:
        if refusal.code == "open":
            return _opens_more(request, asked, page, given)
        form.add_error(None, refusal.message)
        return _show(request, asked, form)
    return _handed_in(request)


def _opens_more(request: PatientRequest, asked: InformationRequest, page: Page, given: dict[str, Any]) -> HttpResponse:
    """A short page whose answer opens questions: it is kept, and they are asked."""
    now = clock.now()
    errand = errands.begin(asked=asked, now=now)
    try:
        services.save_page(submission=errand, page=page, given=given, version=errand.version, by=request.user, now=now)
    except services.HandedIn:
        return _overtaken(request, asked)
    except services.StalePage as refusal:  # another window answered this page first; it is shown there
        messages.warning(request, refusal.message)
    else:
        messages.info(request, _("Your answer opens another question. Answer it, then hand in."))
    return _go_on(errands.begin(asked=asked, now=now))


def _go_on(errand: Errand) -> HttpResponse:
    check = reverse("intake:asked_one", args=[errand.request_id])
    return where_it_stopped(route_of(errand), errand_query(errand), check)


def _errand(request: PatientRequest, asked: InformationRequest) -> HttpResponse:
    """A list or a questionnaire: its own pages one after the other, then a look at these answers, then hand in."""
    errand = errands.of_request(asked)
    if request.method == "POST":
        if errand is not None and "version" in request.POST:
            return _hand_in(request, errand)
        return _go_on(errands.begin(asked=asked, now=clock.now()))
    if errand is None:
        return _show(request, asked, None, errand=True)
    route = route_of(errand)
    if route.open is not None:
        return _show(request, asked, None, errand=True, begun=errand.version > 0)
    rows = [row for _section, found in answers_in_words(errand) for row in found if row.page in route.pages]
    query = errand_query(errand)
    answers = [{"label": row.label, "lines": row.lines, "change_url": page_url(row.page, query)} for row in rows]
    return _show(request, asked, None, errand=True, answers=answers, complete=True, version=errand.version)


def _hand_in(request: PatientRequest, errand: Errand) -> HttpResponse:
    version = version_of(request)
    try:
        handing.errand(errand=errand, version=version, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        if refusal.code == "done":
            return _overtaken(request, errand.request)
        messages.warning(request, refusal.message)
        return redirect("intake:asked_one", errand.request_id)
    return _handed_in(request)


PAGES: dict[Ask, Callable[[PatientRequest, InformationRequest], HttpResponse]] = {
    Ask.READING: _reading,
    Ask.PREGNANCY_TEST: _test,
    Ask.LETTER: _letter,
    Ask.ANSWER: _answer,
}
