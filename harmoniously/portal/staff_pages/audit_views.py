"""The audit trail, for whoever answers for privacy: search, file, and the proof that it is whole.

What is looked for may name a person, so that it is posted and never stands in an address.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit import checking
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.core.common.csv_export import MOST_ROWS, csv_response
from harmoniously.portal.staff_pages import audit_selectors
from harmoniously.portal.staff_pages.audit_forms import CheckForm, SearchForm
from harmoniously.portal.staff_pages.audit_selectors import Search

PAGE = 100
FILE_HEAD = ("When (UTC)", "Who", "Role", "Action", "Record", "Row", "Address", "Request")


@staff_with(Permission.VIEW_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def trail(request: StaffRequest) -> HttpResponse:
    """Who did or saw what, newest first; posted with what is looked for. The history of a row links here by its key."""
    given = request.POST if request.method == "POST" else {"row": _key(request.GET.get("subject", ""))}
    form = SearchForm(given)
    if not form.is_valid():
        return _page(request, form, Search(), before=None, status=422)
    return _page(request, form, form.search, before=form.cleaned_data["before"])


def _page(
    request: StaffRequest, form: SearchForm, search: Search, *, before: int | None, status: int = 200
) -> HttpResponse:
    rows, older = audit_selectors.page_of(search, before=before, size=PAGE) if status == 200 else ([], None)
    audit.record(actor=request.user, action="audit_trail.viewed", now=clock.now(), searched=search.asked)
    context: dict[str, Any] = {
        "title": _("Audit trail"),
        "rows": rows,
        "form": form,
        "asked": [bound for bound in form if bound.name != "before"],
        "searched": bool(search.asked),
        "older": older,
        "newer": before is not None,
    }
    return render(request, "staff/audit_trail.html", context, status=status)


def _key(text: str) -> str:
    """A key as the trail writes it; anything else is no key."""
    try:
        return str(UUID(text))
    except ValueError:
        return text if text.isdigit() else ""


@staff_with(Permission.VIEW_AUDIT)
@require_POST
def export(request: StaffRequest) -> Any:
    """The same events as a file; more than a file may hold are refused before anything is read."""
    form, now = SearchForm(request.POST), clock.now()
    if not form.is_valid():
        return _page(request, form, Search(), before=None, status=422)
    rows = audit_selectors.events(form.search)
    number = rows[: MOST_ROWS + 1].count()
    if number > MOST_ROWS:
        form.add_error(None, _("These are more than 50,000 events. Choose fewer days, or one person, and try again."))
        return _page(request, form, form.search, before=None, status=422)
    audit.record(actor=request.user, action="audit_trail.exported", now=now, rows=number, searched=form.search.asked)
    return csv_response(f"audit-trail-{now:%Y-%m-%d}", FILE_HEAD, audit_selectors.for_file(rows[:number]))


@staff_with(Permission.VIEW_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: StaffRequest) -> HttpResponse:
    """Whether the trail is as it was written: some of it at once, all of it in the background."""
    form = CheckForm(request.POST or None)
    if request.method != "POST":
        audit.record(actor=request.user, action="audit_trail.checks_viewed", now=clock.now())
        return _checks(request, form)
    if not form.is_valid():
        return _checks(request, form, status=422)
    scope = form.cleaned_data["scope"]
    if scope == "all":
        checking.ask_for_all(by=request.user, now=clock.now())
        messages.success(request, _("The check goes on in the background. Load this page anew for its result."))
        return redirect("admin:audit_check")
    return _checked(request, form, scope)


def _checked(request: StaffRequest, form: CheckForm, scope: str) -> HttpResponse:
    now = clock.now()
    if scope == "newest":
        found = checking.check_newest(by=request.user, now=now)
    elif scope == "practice":
        found = checking.check_practice(by=request.user, now=now)
    else:
        patient = audit_selectors.record_of(form.cleaned_data["record"])
        if patient is None:
            form.add_error("record", _("There is no such record. Check the number."))
            return _checks(request, form, status=422)
        found = checking.check_record(patient=patient, by=request.user, now=now)
    return _checks(request, form, wrong=audit_selectors.named(found[0]), number=found[1])


def _checks(request: StaffRequest, form: CheckForm, status: int = 200, **result: Any) -> HttpResponse:
    rows = audit_selectors.checks()
    shown = next((row for row in rows if row.found), None)
    context: dict[str, Any] = {
        "title": _("Is the trail whole?"),
        "form": form,
        "checks": rows,
        "broken": shown,
        "faults": audit_selectors.named(shown.found) if shown else [],
        "zone": clock.PRACTICE_ZONE,
        **result,
    }
    return render(request, "staff/audit_check.html", context, status=status)
