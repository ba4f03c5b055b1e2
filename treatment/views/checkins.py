"""Check-ins: what waits, and each of them as short pages that are remembered one by one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.audit.doors import own_page
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST, INSTRUMENTS, SuicideRisk
from treatment import access, services, words
from treatment.check_in_forms import answers_of, form_for
from treatment.check_in_names import MINUTES, TITLES
from treatment.check_in_words import HEADS, LATER
from treatment.forms import SafetyForm
from treatment.models import CheckIn
from treatment.rules import check_pages
from treatment.rules.check_pages import SAFETY, Page
from treatment.rules.rhythm import Kind
from treatment.selecting import check_ins as selecting
from treatment.selecting.discharge import discharge_of
from treatment.services import checkins
from treatment.services.safety import risk_of

SHOWN_BEFORE = 10


@require_safe
@patient_only
def check_ins(request: PatientRequest) -> HttpResponse:
    """Everything that waits for an answer, in one list, and what was sent before."""
    own_page(request, "check_ins")
    due = selecting.check_ins_due(request.patient, clock.now())
    sent = selecting.check_ins_of(request.patient).filter(status="answered")[:SHOWN_BEFORE]
    context = {
        "due": [{"row": row, "title": TITLES[Kind(row.kind)], "text": MINUTES[Kind(row.kind)]} for row in due],
        "sent": [{"row": row, "title": TITLES[Kind(row.kind)]} for row in sent],
        "zone": request.patient.zone,
        "ended": not due and discharge_of(request.patient) is not None,
    }
    return render(request, "treatment/check_ins.html", context)


@require_safe
@patient_only
def check_in(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Go on where it was left."""
    row, now = access.check_in_for(request.user, pk), clock.now()
    if row.status == CheckIn.Status.ANSWERED:
        return redirect("treatment:check_in_sent", pk=row.pk)
    later = selecting.next_day_of(row, now)
    if later is not None:
        return redirect("treatment:check_in", pk=later.pk)
    if row.status == CheckIn.Status.CLOSED:
        messages.info(request, words.CHECK_IN_OVER)
        return redirect("treatment:check_ins")
    if now < row.due_at:
        context = {"check_in": row, "zone": row.zone, "later": LATER[Kind(row.kind)]}
        return render(request, "treatment/check_in_early.html", context)
    page = checkins.missing_page(row, now) or checkins.pages_of(row, now)[-1]
    return redirect("treatment:check_in_page", pk=row.pk, page=page.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def page(request: PatientRequest, pk: UUID, page: str) -> HttpResponse:
    """One page; the last one sends the check-in."""
    row, now = access.check_in_for(request.user, pk), clock.now()
    pages = checkins.pages_of(row, now)
    spec = next((one for one in pages if one.slug == page), None)
    # An old tab: what somebody says of their safety counts also where it is not asked any more.
    old_tab = spec is None and page == SAFETY and request.method == "POST"
    spec = check_pages.SAFETY_PAGE if old_tab else spec
    if spec is None:
        raise Http404
    # What may be a danger counts also when another tab was faster, or the check-in is over.
    is_open = row.status == CheckIn.Status.OPEN and now >= row.due_at
    if request.method != "POST" and not is_open:
        return redirect("treatment:check_in", pk=row.pk)
    stored = checkins.answers_that_count(row, now).get(spec.key, {})
    form = form_for(spec, request.POST if request.method == "POST" else None, stored=stored)
    if request.method == "POST":
        if form.is_valid():
            return _save(request, row, spec, answers_of(form))
        if _half_answered(request, row, form):
            return redirect("intake:crisis")
        if old_tab or not is_open:
            return redirect("treatment:check_in", pk=row.pk)
    context = _context(row, spec, pages, form)
    return render(request, "treatment/check_in_page.html", context, status=422 if request.method == "POST" else 200)


def _half_answered(request: PatientRequest, row: CheckIn, form: forms.Form) -> bool:
    """A safety page that lacks an answer: what was said already is acted on; whether it leads to the crisis page."""
    if not isinstance(form, SafetyForm):
        return False
    now = clock.now()
    risk = services.half_answered(check_in=row, answers=form.answers(), by=request.user, now=now)
    return risk is SuicideRisk.HIGH


def _context(row: CheckIn, page: Page, pages: tuple[Page, ...], form: forms.Form) -> dict[str, Any]:
    at = pages.index(page)
    instrument = INSTRUMENTS.get(page.instrument) or (CSSRS_SINCE_LAST if page.key == SAFETY else None)
    title, why = HEADS.get(page.key, (TITLES[Kind(row.kind)], ""))
    return {
        "form": form,
        "check_in": row,
        "page": page,
        "title": title,
        "why": why,
        "number": at + 1,
        "total": len(pages),
        "before": pages[at - 1].slug if at else "",
        "last": at + 1 == len(pages),
        "instrument": instrument,
        "one": len(form.fields) == 1,
        "after_item": page.key == SAFETY and row.kind == Kind.SCORES,
    }


def _save(request: PatientRequest, row: CheckIn, page: Page, answers: dict[str, Any]) -> HttpResponse:
    now = clock.now()
    refusal = None
    try:
        row, risk = services.save_page(check_in=row, page=page.key, answers=answers, by=request.user, now=now)
        if checkins.missing_page(row, now) is None:
            row, _flags = services.answer_check_in(check_in=row, by=request.user, now=now)
    except RuleViolation as error:
        refusal = error
        risk = checkins.risk_on(page.key, answers)
    if risk is SuicideRisk.HIGH:
        return redirect("intake:crisis")
    if checkins.needs_help(page.key, answers):
        messages.error(request, words.CALL_NOW)
        return redirect("treatment:help", pk=row.session_id)
    if refusal is not None:
        messages.info(request, refusal.message)
        return redirect("treatment:check_in", pk=row.pk)
    if page.key == "pressure" and checkins.is_urgent(row):
        messages.error(request, words.stored_text("reading_emergency", {}))
    if row.status == CheckIn.Status.ANSWERED:
        return redirect("treatment:check_in_sent", pk=row.pk)
    pages = checkins.pages_of(row, now)
    if page not in pages:
        return redirect("treatment:check_in", pk=row.pk)
    after = check_pages.after(pages, page, checkins.answers_that_count(row, now))
    return redirect("treatment:check_in_page", pk=row.pk, page=after.slug if after else page.slug)


def _tells_of_hard_thoughts(row: CheckIn) -> bool:
    """Whether its safety page said anything but no: then help is named, whatever the level (policy section 4)."""
    said = row.answers.get(SAFETY)
    return isinstance(said, dict) and risk_of(said) is not SuicideRisk.NONE


@require_safe
@patient_only
def sent(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Thank you, what happens with the answers, and what else waits."""
    row = access.check_in_for(request.user, pk)
    if row.status != CheckIn.Status.ANSWERED:
        return redirect("treatment:check_in", pk=row.pk)
    others = selecting.check_ins_due(request.patient, clock.now())
    following = others[0] if others else None
    context = {
        "check_in": row,
        "flagged": row.flagged,
        "hard": _tells_of_hard_thoughts(row),
        "held": active_hold(request.patient) is not None,
        "zone": row.zone,
        "next": following,
        "next_title": TITLES[Kind(following.kind)] if following else "",
        "next_text": MINUTES[Kind(following.kind)] if following else "",
        "scores": row.kind == Kind.SCORES,
    }
    return render(request, "treatment/check_in_sent.html", context)
