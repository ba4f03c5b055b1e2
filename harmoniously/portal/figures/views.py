"""The practice in figures, for prescribers and administrators; nobody is named on it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from redis import RedisError

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit import services as audit
from harmoniously.core.common import clock
from harmoniously.core.common.csv_export import csv_response
from harmoniously.portal.figures import rules, tables
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


# What took longer than this to count is kept for a while: the figures of a large practice change slowly.
SLOW_SECONDS = 2.0
KEPT_SECONDS = 600
Counted = tuple[list[Figure], datetime]


def _counted(request: StaffRequest, period: Period, now: datetime) -> Counted:
    """The figures of a period as this reader may know them, and when they were counted."""
    today, exact = clock.today(clock.PRACTICE_ZONE, now), can(request.user, Permission.VIEW_CLINICAL)
    key = key_of(period, today, exact=exact)
    kept = _kept(key)
    if kept is not None and kept[1] <= now:
        return kept
    began = time.monotonic()
    found = tables.figures(rules.begins(period, today, clock.PRACTICE_ZONE), now, policy.load(), exact=exact)
    if time.monotonic() - began > SLOW_SECONDS:
        _keep(key, (found, now))
    return found, now


def key_of(period: Period, today: date, *, exact: bool) -> str:
    """Under which name figures are kept: never one reader's for another."""
    return f"figures:{period.value}:{today}:{'exact' if exact else 'office'}:{get_language()}"


def _kept(key: str) -> Counted | None:
    try:
        found: Counted | None = cache.get(key)
    except RedisError:
        return None
    return found


def _keep(key: str, found: Counted) -> None:
    """Without Redis they are counted anew each time."""
    with suppress(RedisError):
        cache.set(key, found, KEPT_SECONDS)


@staff_with(Permission.VIEW_PRACTICE)
@require_safe
def practice(request: StaffRequest) -> HttpResponse:
    """Every figure of a period, with its definition, its numbers and a drawing of some of them."""
    now, period = clock.now(), _period(request)
    since = rules.begins(period, clock.today(clock.PRACTICE_ZONE, now), clock.PRACTICE_ZONE)
    found, at = _counted(request, period, now)
    audit.record(actor=request.user, action="practice.viewed", now=now, period=period.value)
    here = reverse("admin:practice")
    context = {
        "title": _("The practice in figures"),
        "figures": found,
        "periods": [
            {"title": title, "url": f"{here}?period={key.value}", "active": key is period}
            for key, title in PERIODS.items()
        ],
        "period": period.value,
        "since": since,
        "now": at,
        "zone": clock.PRACTICE_ZONE,
        "least": "" if can(request.user, Permission.VIEW_CLINICAL) else least_words(),
    }
    return render(request, "staff/practice.html", context)


@staff_with(Permission.VIEW_PRACTICE)
@require_safe
def export(request: StaffRequest) -> Any:
    """The numbers of one figure as a file, or of all of them where none is named; the same numbers as on the page."""
    now, period = clock.now(), _period(request)
    found, _at = _counted(request, period, now)
    wanted = [figure for figure in found if figure.key == request.GET.get("figure")] or found
    rows = list(chain.from_iterable(figure.plain() for figure in wanted))
    names = [figure.key for figure in wanted]
    audit.record(
        actor=request.user, action="practice.exported", now=now, period=period.value, figures=names, rows=len(rows)
    )
    name = names[0] if len(names) == 1 else "figures"
    return csv_response(f"practice-{name}-{period.value}", tables.FILE_HEAD, rows)


def _period(request: StaffRequest) -> Period:
    """The chosen period; four weeks for anything else."""
    chosen = request.GET.get("period", "")
    return Period(chosen) if chosen in set(Period) else Period.WEEKS
