"""The audit trail, for whoever answers for privacy."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.portal.staff_pages import audit_selectors

PAGE = 100


@staff_with(Permission.VIEW_AUDIT)
@require_safe
def trail(request: StaffRequest) -> HttpResponse:
    """Who did or saw what, newest first; by record, by person, or by part of a name of a row."""
    now = clock.now()
    query = request.GET.get("q", "").strip()[:100]
    subject = request.GET.get("subject", "").strip()[:100]
    page = Paginator(audit_selectors.events(query, _key(subject)), PAGE).get_page(request.GET.get("page"))
    audit.record(actor=request.user, action="audit_trail.viewed", now=now, page=page.number, searched=bool(query))
    rows = audit_selectors.with_names(page)
    context = {"title": _("Audit trail"), "page": page, "rows": rows, "query": query, "subject": subject}
    return render(request, "staff/audit_trail.html", context)


def _key(text: str) -> str:
    """A key as the trail writes it; anything else is no key."""
    try:
        return str(UUID(text))
    except ValueError:
        return text if text.isdigit() else ""
