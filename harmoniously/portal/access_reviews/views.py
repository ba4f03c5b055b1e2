"""Access reviews: who opened what, who may open anything, and what somebody found about it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.models import EmergencyAccess
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AccessReview
from harmoniously.core.audit.review_models import ItemKind, Verdict
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal.access_reviews import selectors, services
from harmoniously.portal.access_reviews.forms import BeginForm, FindingForm, usual

PAGE = 50
MARKS = {
    "no_second_factor": gettext_lazy("No second factor"),
    "never_used": gettext_lazy("Never used"),
    "dormant": gettext_lazy("Not signed in for 90 days"),
    **{kind.value: kind.label for kind in EmergencyAccess.Kind},
}
TONES = {Verdict.RIGHT: "success", Verdict.FOLLOW_UP: "caution", Verdict.NOT_ALLOWED: "danger"}


@staff_with(Permission.VIEW_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: StaffRequest) -> HttpResponse:
    """The reviews that were made, when the next one is due, and beginning one."""
    if request.method == "POST":
        return _begin(request, BeginForm(request.POST))
    last, now = selectors.last_finished(), clock.now()
    last_day = clock.today(clock.PRACTICE_ZONE, last.until) if last else None
    return _list(request, BeginForm(initial=usual(last_day, clock.today(clock.PRACTICE_ZONE, now))))


def _list(request: StaffRequest, form: BeginForm, status: int = 200, refused: str = "") -> HttpResponse:
    now, found = clock.now(), selectors.reviews()
    record(actor=request.user, action="access_reviews.viewed", now=now)
    due = next((row.next_due_at for row in found if row.next_due_at), None)
    context = {
        "title": _("Access reviews"),
        "reviews": found,
        "open": next((row for row in found if row.finished_at is None), None),
        "due": due,
        "overdue": due is not None and due <= now,
        "form": form,
        "refused": refused,
        "zone": clock.PRACTICE_ZONE,
    }
    return render(request, "staff/access_reviews.html", context, status=status)


def _begin(request: StaffRequest, form: BeginForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, form, status=422)
    zone = ZoneInfo(clock.PRACTICE_ZONE)
    since = datetime.combine(form.cleaned_data["since"], time(), zone)
    until = datetime.combine(form.cleaned_data["until"] + timedelta(days=1), time(), zone)
    try:
        review = services.begin(since=since, until=until, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        return _list(request, form, status=409 if isinstance(refusal, Conflict) else 422, refused=refusal.message)
    messages.success(request, _("The review is open. Look at each thing and say what you found."))
    return redirect("admin:access_review", review.pk)


def _review(pk: UUID) -> AccessReview:
    found = selectors.review_of(pk)
    if found is None:
        raise Http404
    return found


@staff_with(Permission.VIEW_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One review, a kind of thing at a time; what is ticked gets one finding."""
    found = _review(pk)
    kind = _kind(request)
    if request.method != "POST":
        return _page(request, found, kind)
    known = [str(key) for key in selectors.items_of(found, kind).values_list("pk", flat=True)]
    form = FindingForm(request.POST, known=known)
    if not form.is_valid():
        return _page(request, found, kind, form, status=422)
    given = form.cleaned_data
    items = {UUID(key) for key in given["items"]}
    if given["others"] and kind is ItemKind.OPENING:
        items |= selectors.others_of(found, kind, items)
    about = {"review": found, "items": items, "verdict": Verdict(given["verdict"]), "words": given["words"]}
    try:
        number = services.judge(**about, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, found, kind, form, status=status, refused=refusal.message)
    words = ngettext("%(number)s finding is written down.", "%(number)s findings are written down.", number)
    messages.success(request, words % {"number": number})
    return redirect(f"{request.path}?kind={kind.value}")


def _kind(request: StaffRequest) -> ItemKind:
    chosen = request.GET.get("kind", "")
    return ItemKind(chosen) if chosen in ItemKind else ItemKind.EMERGENCY


def _page(
    request: StaffRequest,
    found: AccessReview,
    kind: ItemKind,
    form: FindingForm | None = None,
    *,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    record(actor=request.user, action="access_review.viewed", now=clock.now(), subject=found, kind=kind.value)
    page = Paginator(selectors.items_of(found, kind), PAGE).get_page(request.GET.get("page"))
    ticked = set(request.POST.getlist("items"))
    rows = [_row(item, request, ticked, is_done=found.finished_at is not None) for item in page]
    context: dict[str, Any] = {
        "title": _("Access review"),
        "review": found,
        "kind": kind,
        "kinds": [
            {"title": one.label, "url": f"{request.path}?kind={one.value}", "active": one is kind} for one in ItemKind
        ],
        "page": page,
        "people": selectors.people_in(found, kind),
        "rows": rows,
        "takes": any(row["takes"] for row in rows),
        "form": form or FindingForm(known=[], initial={"verdict": Verdict.RIGHT}),
        "standing": selectors.standing(found, request.user),
        "refused": refused,
        "zone": clock.PRACTICE_ZONE,
    }
    return render(request, "staff/access_review.html", context, status=status)


def _row(item: Any, request: StaffRequest, ticked: set[str], *, is_done: bool) -> dict[str, Any]:
    findings = list(item.findings.all())
    newest = findings[0] if findings else None
    return {
        "item": item,
        "role": Role(item.role).label,
        "marks": [MARKS.get(mark, mark) for mark in item.marks],
        "own": item.person_id == request.user.pk,
        "takes": item.person_id != request.user.pk and not (is_done and newest),
        "finding": newest,
        "tone": TONES[Verdict(newest.verdict)] if newest else "",
        "earlier": findings[1:],
        "ticked": str(item.pk) in ticked,
    }


@staff_with(Permission.VIEW_AUDIT)
@require_POST
def finish(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Say that a review is done."""
    found = _review(pk)
    try:
        services.finish(review=found, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, found, _kind(request), status=status, refused=refusal.message)
    due = clock.day_words(found.next_due_at, clock.PRACTICE_ZONE) if found.next_due_at else ""
    messages.success(request, _("The review is done. The next one is due on %(day)s.") % {"day": due})
    return redirect("admin:access_reviews")
