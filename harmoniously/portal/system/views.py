"""How the service itself stands, for administrators: figures of machines, nothing of a person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.portal.system import checks, rules


@staff_with(Permission.VIEW_SYSTEM)
@require_safe
def health(request: StaffRequest) -> HttpResponse:
    """Every figure with its limit, how it stands and what to do; it opens also while the broker is away."""
    now = clock.now()
    groups = checks.everything(now)
    wrong = [check for group in groups for check in group.checks if check.amiss]
    context = {
        "title": _("System health"),
        "groups": groups,
        "wrong": wrong,
        "tone": rules.worst(check.standing for check in wrong),
        "now": now,
        "zone": clock.PRACTICE_ZONE,
    }
    return render(request, "staff/system_health.html", context)
