"""The check-in of the day after: short pages, remembered one by one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import PatientRequest, patient_only
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.questions.instruments import CSSRS_SINCE_LAST, SuicideRisk
from treatment import access, services, words
from treatment.forms import MoodForm, RatingsForm, SafetyForm
from treatment.models import CheckIn
from treatment.services import checkins
from treatment.services.safety import risk_of

PAGES = tuple(checkins.PAGES)
TITLES = {
    "body": gettext_lazy("Since your session: how did your body feel?"),
    "head": gettext_lazy("Since your session: head, senses and sleep"),
    "bladder": gettext_lazy("Since your session: your bladder"),
    "mood": gettext_lazy("Your mood"),
    "safety": gettext_lazy("Your safety"),
}
WHY = {
    "body": gettext_lazy("Most effects pass within hours. If one stays or is strong, a clinician wants to know."),
    "head": gettext_lazy("Some of these can mean that the next session should wait."),
    "bladder": gettext_lazy("Early signs are easy to miss and easy to act on."),
    "mood": gettext_lazy("Every change counts, also for the worse."),
    "safety": gettext_lazy("We ask everyone, every time. Your answers stay with your care team."),
}


@require_safe
@patient_only
def check_in(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Go on where it was left."""
    row = access.check_in_for(request.user, pk)
    if row.status == CheckIn.Status.ANSWERED:
        return redirect("treatment:check_in_sent", pk=row.pk)
    if clock.now() < row.due_at:
        context = {"check_in": row, "zone": row.session.zone}
        return render(request, "treatment/check_in_early.html", context)
    return redirect("treatment:check_in_page", pk=row.pk, page=checkins.missing_page(row) or PAGES[-1])


def _form(row: CheckIn, page: str, data: Any) -> forms.Form:
    stored = row.answers.get(page, {})
    if page == "mood":
        return MoodForm(data, stored=stored)
    if page == "safety":
        return SafetyForm(data)
    return RatingsForm(checkins.PAGES[page], data, stored=stored)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_only
def page(request: PatientRequest, pk: UUID, page: str) -> HttpResponse:
    """One page; the last one sends the check-in."""
    if page not in PAGES:
        raise Http404
    row = access.check_in_for(request.user, pk)
    # Safety answers count also when another tab was faster.
    says_how_safe = request.method == "POST" and page == "safety"
    if (row.status == CheckIn.Status.ANSWERED or clock.now() < row.due_at) and not says_how_safe:
        return redirect("treatment:check_in", pk=row.pk)
    form = _form(row, page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _save(request, row, page, form)
    at = PAGES.index(page)
    context = {
        "form": form,
        "check_in": row,
        "page": page,
        "title": TITLES[page],
        "why": WHY[page],
        "number": at + 1,
        "total": len(PAGES),
        "before": PAGES[at - 1] if at else "",
        "last": at + 1 == len(PAGES),
        "instrument": CSSRS_SINCE_LAST if page == "safety" else None,
    }
    return render(request, "treatment/check_in_page.html", context, status=422 if request.method == "POST" else 200)


def _save(request: PatientRequest, row: CheckIn, page: str, form: forms.Form) -> HttpResponse:
    answers = form.answers() if isinstance(form, SafetyForm) else form.cleaned_data
    crisis = page == "safety" and risk_of(answers) is SuicideRisk.HIGH
    now = clock.now()
    try:
        row, _risk = services.save_page(check_in=row, page=page, answers=answers, by=request.user, now=now)
        missing = checkins.missing_page(row)
        if missing is None:
            services.answer_check_in(check_in=row, by=request.user, now=now)
    except RuleViolation as refusal:
        if crisis:
            return redirect("portal:crisis")
        messages.info(request, refusal.message)
        return redirect("treatment:check_in", pk=row.pk)
    if crisis:
        return redirect("portal:crisis")
    if missing is None:
        return redirect("treatment:check_in_sent", pk=row.pk)
    after = PAGES[PAGES.index(page) + 1] if page != PAGES[-1] else missing
    return redirect("treatment:check_in_page", pk=row.pk, page=after)


@require_safe
@patient_only
def sent(request: PatientRequest, pk: UUID) -> HttpResponse:
    """Thank you, and what happens with the answers."""
    row = access.check_in_for(request.user, pk)
    if row.status != CheckIn.Status.ANSWERED:
        return redirect("treatment:check_in", pk=row.pk)
    flags = [words.stored_text(item["code"], item["facts"], for_staff=True) for item in row.flags]
    context = {"check_in": row, "flagged": bool(flags), "zone": row.session.zone}
    return render(request, "treatment/check_in_sent.html", context)
