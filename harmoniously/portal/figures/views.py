"""The practice in figures, for prescribers and administrators; nobody is named on it."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.core.common.csv_export import csv_response
from harmoniously.portal.figures import keeping, tables
from harmoniously.portal.figures.keeping import Counted
from harmoniously.portal.figures.rules import Period
from harmoniously.portal.figures.tables import Figure
from harmoniously.portal.figures.words import least_words
from treatment import policy

PERIODS: dict[Period, Promise] = {
    Period.WEEKS: gettext_lazy("4 weeks"),
    Period.QUARTER: gettext_lazy("3 months"),
    Period.YEAR: gettext_lazy("12 months"),
    Period.ALL: gettext_lazy("All"),
}


@staff_with(Permission.VIEW_PRACTICE)
@require_safe
def practice(request: StaffRequest) -> HttpResponse:
    """Every figure of a period, with its definition, its numbers and a drawing of some of them."""
    now, period = clock.now(), _period(request)
    found = keeping.counted(period, now)
    audit.record(actor=request.user, action="practice.viewed", now=now, period=period.value)
    here = reverse("admin:practice")
    context = {
        "title": _("The practice in figures"),
        "figures": _figures(request, found) if found else [],
        "counted": found,
        "periods": [
            {"title": title, "url": f"{here}?period={key.value}", "active": key is period}
            for key, title in PERIODS.items()
        ],
        "period": period.value,
        "zone": clock.PRACTICE_ZONE,
        "least": "" if can(request.user, Permission.VIEW_CLINICAL) else least_words(),
    }
    return render(request, "staff/practice.html", context)


@staff_with(Permission.VIEW_PRACTICE)
@require_safe
def export(request: StaffRequest) -> Any:
    """The numbers of one figure as a file, or of all of them where none is named; the same numbers as on the page."""
    now, period = clock.now(), _period(request)
    counted = keeping.counted(period, now)
    if counted is None:
        return redirect(f"{reverse('admin:practice')}?period={period.value}")
    found = _figures(request, counted)
    wanted = [figure for figure in found if figure.key == request.GET.get("figure")] or found
    rows = list(chain.from_iterable(figure.plain() for figure in wanted))
    names = [figure.key for figure in wanted]
    audit.record(
        actor=request.user, action="practice.exported", now=now, period=period.value, figures=names, rows=len(rows)
    )
    name = names[0] if len(names) == 1 else "figures"
    return csv_response(f"practice-{name}-{period.value}", tables.FILE_HEAD, rows)


def _figures(request: StaffRequest, counted: Counted) -> list[Figure]:
    """As this reader may know them."""
    return tables.figures(counted.numbers, policy.load(), exact=can(request.user, Permission.VIEW_CLINICAL))


def _period(request: StaffRequest) -> Period:
    """The chosen period; four weeks for anything else."""
    chosen = request.GET.get("period", "")
    return Period(chosen) if chosen in set(Period) else Period.WEEKS
